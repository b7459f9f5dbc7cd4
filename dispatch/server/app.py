"""The ASGI application: routes, the websocket, the page; and the life of the desk's tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, WebSocket
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from dispatch.server import (
    device_routes,
    keeping_routes,
    passkey_routes,
    people_routes,
    planning_routes,
    problems,
    tablet_routes,
    tracker_routes,
)
from dispatch.server.access import Access
from dispatch.server.doors import Doors
from dispatch.server.gate import AT_THE_GATE, Gate
from dispatch.server.longpoll import Polls
from dispatch.server.longpoll import router as longpoll_router
from dispatch.server.metrics import HopWatch, Metrics
from dispatch.server.positions import router as positions_router
from dispatch.server.recommendation import router as advice_router
from dispatch.server.routes import health_router, router
from dispatch.server.sockets import Connection
from dispatch.server.station import Station
from dispatch.server.watch import keep_checking

PAGES: Final = {
    "/": "index.html",
    "/console": "index.html",
    "/wall": "wall.html",
    "/enrol": "enrol.html",
    "/planner": "planner.html",
    "/tablet": "tablet.html",
    "/tablet-sw.js": "tablet-sw.js",
    "/tablet.webmanifest": "tablet.webmanifest",
    "/tablet-192.png": "tablet-192.png",
    "/tablet-512.png": "tablet-512.png",
    "/admin": "admin.html",
}
"""Where each HTML file of the web client stands; one that was not built has no address."""

# tried one after the other: those of thousands of tablets that come back at once stand first
ROUTERS: Final = (
    device_routes.router,
    longpoll_router,
    router,
    advice_router,
    positions_router,
    tablet_routes.router,
    health_router,
    passkey_routes.router,
    people_routes.router,
    tracker_routes.router,
    keeping_routes.router,
    planning_routes.router,
)

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


class Application:
    """The gate with the routes behind it; ``routes`` is there for whoever wants to walk them."""

    def __init__(self, app: FastAPI, gate: Gate) -> None:
        self.routes = app.routes
        self.app, self._gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything goes through the gate, errors of the framework too."""
        await self._gate(scope, receive, send)


def make_app(
    station: Station,
    page: Path | None,
    access: Access,
    doors: Doors,
    first: Callable[[], Awaitable[None]] | None = None,
) -> Application:
    """The application of one station behind its doors; ``page`` is the built web client's folder.

    ``first`` is done once the desk runs and before the first request is taken.
    """
    metrics = Metrics()
    hops = HopWatch(station, metrics)
    polls = Polls(station, access)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        work = [
            station.desk.run(),
            station.show_peers(),
            station.tick(),
            access.keep_looking(),
            keep_checking(station, access.registry),
        ]
        if station.advisor is not None:
            work.append(station.advisor.follow())
        if station.photo_keeping is not None:
            work.append(station.photo_keeping.run())
        if station.webhooks is not None:
            work.append(station.webhooks.run())
        tasks = [asyncio.create_task(each) for each in work]
        hops.start()
        try:
            if first is not None:
                await first()
            yield
        finally:
            hops.stop()
            await polls.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            access.close()

    app = FastAPI(
        title="135 rapid-response patrol dispatch",
        version="0.1.0",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        responses=AT_THE_GATE,
    )
    app.state.station, app.state.access, app.state.doors, app.state.metrics = station, access, doors, metrics
    app.state.polls = polls
    problems.install(app)

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        """The push stream ``patrol.v1``; who may have it is decided at its hello."""
        await Connection(websocket, station, access.admission(websocket.state.principal)).serve()

    for each in ROUTERS:
        app.include_router(each)
    _add_page(app, page)
    return Application(app, Gate(app, access, doors, metrics))


def _add_page(app: FastAPI, page: Path | None) -> None:
    if page is None or not (page / "index.html").is_file():

        @app.get("/", include_in_schema=False)
        async def no_page() -> Response:
            """Says what to do where the page is not built."""
            return HTMLResponse(_NO_PAGE, 503)

        return
    app.mount("/assets", _Assets(directory=page / "assets"))
    for address, name in PAGES.items():
        if (page / name).is_file():
            _add_file(app, address, page / name)


def _add_file(app: FastAPI, address: str, file: Path) -> None:
    @app.get(address, include_in_schema=False)
    async def html() -> Response:
        """A page of the web client."""
        return FileResponse(file, headers={"Cache-Control": "no-cache"})
