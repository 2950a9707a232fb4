"""Who is answered by `vbp serve`, and what a browser may do with the answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from pipelines.serve.plain_csv import Application

LOCAL = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")
_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        b" connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


def guard(application: Application, host: str, more: Iterable[str] = ()) -> Application:
    """Answer only what is asked under the names of this server, only GET, and none of the program's own insides.

    A page of another site may have its name point here (DNS rebinding): the browser then asks under that name. Answered
    are `LOCAL`, `host`, `more`, and, where `host` is every address of the machine, any address that is a number.
    """
    names = {name.strip("[]").lower() for name in (*LOCAL, host, *more)} - set(_EVERYWHERE)
    is_open = host in _EVERYWHERE

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return

        async def send_on(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in _HEADERS}
                kept = [pair for pair in message["headers"] if pair[0].lower() not in own]
                message = {**message, "headers": [*kept, *_HEADERS]}
            await send(message)

        asked = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        path = str(scope["path"])
        if not _is_ours(asked, names, is_open=is_open):
            refused = f"此地址（{asked[:100]}）不属于本服务；请用启动时显示的地址，或加 --allow-host 后重新启动"
            await _refuse(send_on, 421, refused)
        elif scope["method"] not in ("GET", "HEAD"):
            await _refuse(send_on, 405, "只读：只接受 GET", [(b"allow", b"GET, HEAD")])
        elif path.startswith("/-/") and not path.startswith("/-/static"):
            await _refuse(send_on, 404, "没有这个页面")
        else:
            await application(scope, receive, send_on)

    return wrapped


def _is_ours(asked: str, names: set[str], *, is_open: bool) -> bool:
    name = asked.rpartition("]")[0].lstrip("[") if asked.startswith("[") else asked.partition(":")[0]
    return name.lower().rstrip(".") in names or (is_open and _is_number(name))


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _refuse(send: Any, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    kind = (b"content-type", b"text/plain; charset=utf-8")
    await send({"type": "http.response.start", "status": status, "headers": [*headers, kind]})
    await send({"type": "http.response.body", "body": text.encode()})
