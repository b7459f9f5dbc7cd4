"""The ASGI application: routes, the websocket, the page; and the life of the desk's tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, WebSocket
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from dispatch.server import problems
from dispatch.server.gate import Gate
from dispatch.server.positions import router as positions_router
from dispatch.server.recommendation import router as advice_router
from dispatch.server.routes import health_router, router
from dispatch.server.sockets import Connection
from dispatch.server.station import Station

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "worker-src 'self' blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_NO_PAGE: Final = (
    "<!doctype html><meta charset=utf-8><title>135</title><p>网页未构建。The page is not built: "
    "start the service with <code>./run serve</code> or <code>./run demo</code>, which build it."
)


class _Assets(StaticFiles):
    """Hashed file names never change: let browsers keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response


def make_app(station: Station, page: Path | None) -> FastAPI:
    """The application of one station; ``page`` is the built web client's folder."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        work = [station.desk.run(), station.show_peers(), station.tick()]
        if station.advisor is not None:
            work.append(station.advisor.follow())
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield
        finally:
            station.send_all_away()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="135 rapid-response patrol dispatch", version="0.1.0", lifespan=life, docs_url=None, redoc_url=None
    )
    app.state.station = station
    app.add_middleware(Gate)
    problems.install(app)
    app.include_router(router)
    app.include_router(advice_router)
    app.include_router(positions_router)
    app.include_router(health_router)

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        """The push stream ``patrol.v1``."""
        await Connection(websocket, station).serve()

    if page is not None and (page / "index.html").is_file():
        app.mount("/assets", _Assets(directory=page / "assets"))
        index = page / "index.html"

        @app.get("/", include_in_schema=False)
        async def console() -> Response:
            """The first page."""
            return FileResponse(index, headers=_HEADERS | {"Cache-Control": "no-cache"})
    else:

        @app.get("/", include_in_schema=False)
        async def no_page() -> Response:
            """Says what to do where the page is not built."""
            return HTMLResponse(_NO_PAGE, 503)

    return app
