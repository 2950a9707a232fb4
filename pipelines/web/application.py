"""The pages as a web application: who may have what of a home, and how a file comes in."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from contextlib import suppress
from mimetypes import guess_type
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pipelines.alarms.settings import check_variables
from pipelines.errors import UsageError, describe
from pipelines.settings import Settings
from pipelines.store.local import Local
from pipelines.web.check import CheckFailedError, check_file
from pipelines.web.entry import write_entry, write_upload_page
from pipelines.web.login import Login, NotLoggedInError, is_own
from pipelines.web.names import Wanted, folder_of, read_wanted
from pipelines.web.receive import Arriving, CutShortError, TooLargeError, arriving, land
from pipelines.web.shown import find_shown, is_folder

_POLICY = "; ".join(
    (
        "default-src 'self' data: 'unsafe-inline'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "connect-src ",
    )
)
"""Pages have stricter policies of their own. What people wrote into data may stand on a page; nothing there can ask Airflow."""
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": f"{_POLICY}'none'",
}
_MAY_ASK = {"Content-Security-Policy": f"{_POLICY}'self'"}
_MORE = 8 << 20
_DOWNLOADED = (".xlsx", ".csv", ".pdf")

Answer = Callable[[Request], Awaitable[Response]]


def make_application(login: Login, settings: Settings | None = None) -> Starlette:
    """The application over the home and the landing zone of the settings, which the environment fills where none are given.

    Whoever may see the nightly DAG may have `/` (what there is), `/site/…`, `/returns/…`, `/runs/…/audit/failing/…`. Whoever may
    trigger it also `/upload`, and `PUT /check`, `PUT /files` with `dataset`, `sender`, `name` in the query and the file as body.
    UsageError where a variable `VBP_…` does not fit.
    """
    check_variables()
    site = _Site(login, settings or Settings())
    routes = [
        Route("/", site.guarded(site.entry)),
        Route("/upload", site.guarded(site.upload_page, to_send=True)),
        Route("/check", site.guarded(site.check, to_send=True), methods=["PUT"]),
        Route("/files", site.guarded(site.take, to_send=True), methods=["PUT"]),
        Route("/{path:path}", site.guarded(site.show)),
    ]
    return Starlette(routes=routes)


class _Site:
    def __init__(self, login: Login, settings: Settings) -> None:
        self.login, self.settings = login, settings

    def guarded(self, answer: Answer, *, to_send: bool = False) -> Answer:
        """Let in whom Airflow knows and lets: others are shown where to log in, or told that they may not."""

        async def guarded(request: Request) -> Response:
            is_page = request.method in ("GET", "HEAD")
            try:
                request.scope["vbp_user"] = await self.login.name(request, to_send=to_send)
            except NotLoggedInError as error:
                return RedirectResponse(error.login, 302) if is_page else _tell(401, "登录已过期；请重新登录后再传")
            except HTTPException as error:
                wanted = "触发" if to_send else "查看"
                return _tell(
                    error.status_code, f"没有权限：需要在 Airflow 中有{wanted} nightly_compliance 的权限；请联系管理员"
                )
            if not is_page and not is_own(request, self.login.origin()):
                return _tell(403, "请求不是从本站页面发出的（Origin 不符）；请从上传页面操作，或请管理员核对 [api] base_url")
            try:
                response = await answer(request)
            except Exception as error:
                response = _tell(_status_of(error), describe(error))
                await _drain(request, self.limit + _MORE)
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return guarded

    async def entry(self, request: Request) -> Response:
        return HTMLResponse(await run_in_threadpool(write_entry, self.settings))

    async def upload_page(self, request: Request) -> Response:
        return HTMLResponse(await run_in_threadpool(write_upload_page, self.settings), headers=_MAY_ASK)

    async def show(self, request: Request) -> Response:
        asked, home = request.path_params["path"], self.settings.home
        place = await run_in_threadpool(find_shown, home, asked)
        if place is None:
            if await run_in_threadpool(is_folder, home, asked):
                return RedirectResponse(f"{request.url.path}/", 302)
            return _tell(404, "没有这个页面，或已过保留期被清理")
        name = place.key.rpartition("/")[2]
        named = name if PurePosixPath(name).suffix in _DOWNLOADED else None
        if isinstance(home, Local):
            return FileResponse(home.folder / place.key, filename=named)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(named)}"} if named else {}
        kind = guess_type(name)[0] or "application/octet-stream"
        return Response(await run_in_threadpool(place.read), media_type=kind, headers=headers)

    async def check(self, request: Request) -> Response:
        """What the night would say of a file; nothing of it stays."""
        wanted = _wanted(request)
        with TemporaryDirectory(prefix="vbp-web-") as scratch, arriving(Path(scratch), self.limit, wanted.name) as arrival:
            await self._receive(request, arrival)
            return JSONResponse(await run_in_threadpool(check_file, self.settings, arrival.place, wanted.dataset))

    async def take(self, request: Request) -> Response:
        """Take a file in: it lies in the landing zone when this answers."""
        wanted = _wanted(request)
        landing = self.settings.landing.resolve()
        if not landing.is_dir():
            raise UsageError(f"找不到数据目录 {landing}；请管理员核对 VBP_LANDING")
        folder = await run_in_threadpool(folder_of, landing, self.settings.roots, wanted)
        home, user = self.settings.home, request.scope["vbp_user"]
        with arriving(folder, self.limit) as arrival:
            await self._receive(request, arrival)
            upload, is_new = await run_in_threadpool(land, arrival, home, landing, wanted, user)
        return JSONResponse({"path": upload.path, "by": upload.by, "at": upload.at, "sha256": upload.sha256, "is_new": is_new})

    @property
    def limit(self) -> int:
        """Bytes that a file may have."""
        return self.settings.upload_limit_mib << 20

    async def _receive(self, request: Request, arrival: Arriving) -> None:
        said = request.headers.get("content-length", "")
        announced = int(said) if said.isdecimal() else None
        if announced is not None and announced > self.limit:
            raise TooLargeError(self.limit)
        async for block in request.stream():
            await run_in_threadpool(arrival.write, block)
        await run_in_threadpool(arrival.close, announced)


async def _drain(request: Request, most: int) -> None:
    """Let come what is still coming, up to a limit: a proxy that cannot pass on the rest would not pass on the answer either."""
    with suppress(Exception):
        async for block in request.stream():
            most -= len(block)
            if most < 0:
                return


def _wanted(request: Request) -> Wanted:
    return read_wanted(*(request.query_params.get(name, "") for name in ("dataset", "sender", "name")))


def _status_of(error: Exception) -> int:
    if isinstance(error, TooLargeError):
        return 413
    if isinstance(error, UsageError | CutShortError | ClientDisconnect):
        return 400
    if isinstance(error, CheckFailedError):
        return 503
    return 507 if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT) else 500


def _tell(status: int, text: str) -> Response:
    return PlainTextResponse(text, status, headers=_HEADERS)
