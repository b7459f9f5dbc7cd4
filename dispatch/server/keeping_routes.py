"""What keeps the service itself: readiness, metrics, and the local authority's certificate for tablets."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from dispatch.domain.refusals import Code, Refusal
from dispatch.server.doors import Doors
from dispatch.server.metrics import Metrics
from dispatch.server.problems import RefusedError
from dispatch.server.station import Station
from dispatch.wire.access_bodies import Alive

router = APIRouter()

_CSS: Final = """
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 17px/1.6 system-ui, sans-serif; }
a.load { display: inline-block; padding: .6rem 1.2rem; border: 2px solid; border-radius: .5rem; }
"""
_PAGE: Final = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>135 · CA</title>
<link rel="stylesheet" href="/ca.css"></head><body>
<h1>安装本地证书 · Install the local certificate</h1>
<p>本服务在内网中使用自己的证书颁发机构。每台终端安装一次，浏览器就能确认连接的是本服务。</p>
<p lang="en">In this network the service has a certificate authority of its own. Install it once on each tablet;
then the browser can tell that it talks to this service.</p>
<p><a class="load" href="/ca.crt" download="135-ca.crt">下载证书 · Download (135-ca.crt)</a></p>
<p>Android：设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书。
iPad：打开文件，在“设置”中安装描述文件，再到“通用 → 关于本机 → 证书信任设置”中启用。
安装前请与管理员核对指纹。</p>
<p lang="en">Android: Settings → Security → Encryption and credentials → Install a certificate → CA certificate.
iPad: open the file, install the profile in Settings, then enable it under General → About → Certificate Trust
Settings. Compare the fingerprint with your administrator first.</p>
<p>SHA-256<br><code>FINGERPRINT</code></p></body></html>"""


@router.get("/readyz")
async def readyz(request: Request, response: Response) -> Alive:
    """Whether new work may be sent here (200) or not (503): the desk runs and its log takes facts."""
    station: Station = request.app.state.station
    ready = station.desk.problem is None and not station.desk.stopped.is_set()
    if not ready:
        response.status_code = 503
    return Alive(status="ready" if ready else "not ready")


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Figures in the Prometheus text format."""
    held: Metrics = request.app.state.metrics
    return Response(held.text(request.app.state.station), media_type="text/plain; version=0.0.4; charset=utf-8")


def _authority(request: Request) -> bytes:
    doors: Doors = request.app.state.doors
    if doors.authority is None:
        raise RefusedError(Refusal(Code.NOT_FOUND, "this service has no authority of its own"))
    return doors.authority.read_bytes()


@router.get("/ca.crt", response_class=Response)
async def ca_certificate(request: Request) -> Response:
    """The local authority's certificate, for tablets to install."""
    headers = {"Content-Disposition": 'attachment; filename="135-ca.crt"'}
    return Response(_authority(request), media_type="application/x-x509-ca-cert", headers=headers)


@router.get("/ca", response_class=Response, include_in_schema=False)
async def ca_page(request: Request) -> Response:
    """How to install it, in both languages."""
    from dispatch.adapters.tls import fingerprint  # noqa: PLC0415 (seldom asked for)

    return Response(_PAGE.replace("FINGERPRINT", fingerprint(_authority(request))), media_type="text/html")


@router.get("/ca.css", response_class=Response, include_in_schema=False)
async def ca_style() -> Response:
    """The look of that page, outside of it as the CSP wants it."""
    return Response(_CSS, media_type="text/css")
