"""A door before an object store: it lets requests through, and when it is shut answers 503 to each of them."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_OF_ONE_STEP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Gate:
    """A server on loopback before another one; open as long as the block, unless it is shut."""

    def __init__(self, behind: str) -> None:
        self.is_shut = False
        self.refused = 0
        place, gate = urlsplit(behind), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if gate.is_shut:
                    gate.refused += 1
                    self._send(503, {}, b"", is_head=False)
                    return
                inner = HTTPConnection(place.hostname, place.port, timeout=60)
                try:
                    # As it was signed: with the name under which the client knows the server.
                    inner.request(self.command, self.path, body, dict(self.headers))
                    found = inner.getresponse()
                    self._send(found.status, dict(found.getheaders()), found.read(), is_head=self.command == "HEAD")
                finally:
                    inner.close()

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

            def _send(self, status: int, headers: dict[str, str], body: bytes, *, is_head: bool) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in _OF_ONE_STEP or (is_head and name.lower() == "content-length"):
                        self.send_header(name, value)
                if not is_head:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Gate:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
