"""One address, downloaded whole each time: what a server says of changes is not relied on."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import requests

from pipelines.errors import VbpError
from pipelines.sources.described import HttpSource
from pipelines.sources.offer import Offer, TransientError, Write, told

_BLOCK = 1 << 20
_BUSY = (408, 425, 429, 500, 502, 503, 504)


@dataclass
class Http:
    """An address, asked with the user's password (Basic), or a bearer token where no user is named."""

    source: HttpSource
    secret: str
    user: str

    def offers(self) -> Generator[Offer]:
        """The one file."""
        name = self.source.file_name or unquote(urlsplit(self.source.url).path).rpartition("/")[2] or "download"
        yield Offer(told(name), name, self._read)

    def _read(self, write: Write) -> None:
        own, wait = self.source, self.source.timeout_seconds
        try:
            with requests.Session() as session, session.get(own.url, auth=self._sign, stream=True, timeout=(10, wait)) as reply:
                self._check(reply)
                got = 0
                for block in reply.iter_content(_BLOCK):
                    write(block)
                    got += len(block)
                self._check_length(reply, got)
        except requests.RequestException as error:
            raise TransientError(f"服务器没有答复，或中途断开（{type(error).__name__}）") from error

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Accept-Encoding"] = "identity"
        if self.user:
            return requests.auth.HTTPBasicAuth(self.user.encode(), self.secret.encode())(request)
        if self.secret:
            request.headers["Authorization"] = f"Bearer {self.secret}"
        return request

    def _check(self, reply: requests.Response) -> None:
        if urlsplit(reply.url).scheme == "http" and not self.source.unencrypted:
            raise VbpError("服务器转到了没有加密的地址，没有取；请核对 url")
        if reply.status_code in (401, 403):
            raise VbpError(f"服务器拒绝了口令（{reply.status_code}）；请核对 user 与口令，及其权限")
        if reply.status_code in _BUSY:
            raise TransientError(f"服务器忙或故障（{reply.status_code}）")
        if reply.status_code != 200:
            raise VbpError(f"服务器答复 {reply.status_code}；请核对 url")
        if reply.headers.get("Content-Type", "").startswith("text/html") and not self._asked_for_html:
            raise VbpError("服务器给的是网页（登录页？），不是文件；请核对 url 与口令")

    @property
    def _asked_for_html(self) -> bool:
        name = self.source.file_name or urlsplit(self.source.url).path
        return name.lower().endswith((".html", ".htm", ".xls"))

    @staticmethod
    def _check_length(reply: requests.Response, got: int) -> None:
        said = reply.headers.get("Content-Length")
        if said and not reply.headers.get("Content-Encoding") and int(said) != got:
            raise TransientError(f"只收到 {got} 字节，应为 {said}")
