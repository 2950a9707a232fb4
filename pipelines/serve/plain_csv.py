"""CSV that leaves the pages: no cell of it is a formula, and spreadsheets read its Chinese."""

from __future__ import annotations

import csv
import io
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from pipelines.views.plain_cell import plain_cell

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[..., Awaitable[None]]

_BYTE_ORDER_MARK = "\ufeff"


def plain_csv(application: Application) -> Application:
    """Wrap an ASGI application so that the CSV it sends holds no formulas; a download begins with the byte order
    mark by which spreadsheets know UTF-8.
    """

    async def wrapped(scope: Message, receive: Any, send: Send) -> None:
        if scope["type"] != "http" or not _is_csv(scope):
            await application(scope, receive, send)
            return
        marked = "_dl" in parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        await application(scope, receive, _neutralise(send, _BYTE_ORDER_MARK if marked else ""))

    return wrapped


def _is_csv(scope: Message) -> bool:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return str(scope["path"]).endswith(".csv") or "csv" in asked.get("_format", [])


def _neutralise(send: Send, head: str) -> Send:
    """Pass on what is sent, whole rows at a time: a cell may hold line breaks, and then its quotes are still open."""
    waiting, is_csv = head, True

    async def passed_on(message: Message) -> None:
        nonlocal waiting, is_csv
        if message["type"] == "http.response.start":
            kinds = [value for name, value in message["headers"] if name.lower() == b"content-type"]
            is_csv = any(kind.startswith((b"text/csv", b"text/plain")) for kind in kinds)
        if message["type"] != "http.response.body" or not is_csv:
            await send(message)
            return
        waiting += message.get("body", b"").decode("utf-8")
        if message.get("more_body") and (waiting.count('"') % 2 or not waiting.endswith("\n")):
            return
        body, waiting = _rewrite(waiting), ""
        await send({**message, "body": body.encode("utf-8")})

    return passed_on


def _rewrite(text: str) -> str:
    out = io.StringIO()
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    rows = csv.reader(io.StringIO(text.removeprefix(mark), newline=""))
    csv.writer(out).writerows([plain_cell(cell) for cell in row] for row in rows)
    return mark + out.getvalue()
