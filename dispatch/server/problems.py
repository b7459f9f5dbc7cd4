"""Every "no" over HTTP in one form: ``Problem``; no traceback ever reaches a user."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from dispatch.access.refusals import DoorRefusal
from dispatch.domain.refusals import Code, Refusal
from dispatch.wire.bodies import Problem

logger = logging.getLogger(__name__)


class RefusedError(Exception):
    """Raised by a route to answer with a refusal."""

    def __init__(self, refusal: Refusal | DoorRefusal) -> None:
        super().__init__(refusal.sentence())
        self.refusal = refusal


def problem(refusal: Refusal | DoorRefusal, status: int | None = None) -> JSONResponse:
    """A refusal as an HTTP answer."""
    row = refusal.row
    about = f" ({refusal.about})" if refusal.about else ""
    body = Problem(code=refusal.code, number=row.number, message=row.meaning + about, hint=row.hint)
    headers = {}
    if isinstance(refusal, DoorRefusal) and refusal.wait_ms:
        headers["Retry-After"] = str(-(-refusal.wait_ms // 1000))
    return JSONResponse(body.model_dump(), status or row.http, headers)


def install(app: FastAPI) -> None:
    """Give the app its one form of "no"."""

    @app.exception_handler(RefusedError)
    async def refused(_request: Request, error: RefusedError) -> JSONResponse:
        return problem(error.refusal)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first: dict[str, Any] = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        coordinate = {"lat", "lon"} & {str(part) for part in first["loc"]}
        outside = coordinate and first["type"] in {"greater_than_equal", "less_than_equal"}
        code = Code.OUT_OF_RANGE if outside else Code.BAD_REQUEST
        return problem(Refusal(code, f"{where}: {first['msg']}" if where else str(first["msg"])))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        code = Code.NOT_FOUND if error.status_code == 404 else Code.BAD_REQUEST
        about = request.url.path if error.status_code == 404 else str(error.detail)
        return problem(Refusal(code, about), error.status_code)

    @app.exception_handler(ClientDisconnect)
    async def cut(_request: Request, _error: ClientDisconnect) -> JSONResponse:
        """The gate stopped reading a body that came without its length; who really went hears nothing of this."""
        return problem(Refusal(Code.BODY_TOO_LARGE))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(Refusal(Code.DEFECT, f"{request.method} {request.url.path}"))
