"""Servers to pull from: SFTP, HTTP and S3, each with the faults that networks and senders have."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh

PASSWORD = "Geheim-Pull-77"


class SftpServer:
    """An SFTP server on a folder. It hangs up after `drop_after` bytes, once for each entry; files of `grow` grow when opened."""

    def __init__(self, root: Path) -> None:
        self.root, self.key = root, asyncssh.generate_private_key("ssh-ed25519")
        self.drop_after: list[int] = []
        self.grow: set[bytes] = set()
        self.opened: list[bytes] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._listen())

    @property
    def host_key(self) -> str:
        return self.key.export_public_key().decode().strip()

    def change_key(self) -> None:
        self._run(self._close())
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self._run(self._listen())

    def close(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)

    async def _close(self) -> None:
        self._listener.close()
        await self._listener.wait_closed()

    async def _listen(self) -> None:
        server = self

        class Login(asyncssh.SSHServer):
            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == ("vbp", PASSWORD)

        class Files(asyncssh.SFTPServer):
            def __init__(self, chan: Any) -> None:
                super().__init__(chan, chroot=os.fsencode(server.root))
                self.chan, self.read_bytes = chan, 0

            def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
                server.opened.append(path)
                if path in server.grow:
                    with (server.root / os.fsdecode(path).lstrip("/")).open("ab") as file:
                        file.write(b"more\n")
                return super().open(path, pflags, attrs)

            def read(self, file_obj: Any, offset: int, size: int) -> Any:
                if server.drop_after and offset + size > server.drop_after[0]:
                    server.drop_after.pop(0)
                    self.chan.get_connection().abort()
                    raise ConnectionResetError
                return super().read(file_obj, offset, size)

        self._listener = await asyncssh.create_server(
            Login, "127.0.0.1", 0, server_host_keys=[self.key], sftp_factory=Files, allow_scp=False
        )
        self.port = self._listener.get_port()


class HttpServer:
    """One file under `/export.csv`. `faults` come first: a status, `cut` (half of the body), `page` (a login page)."""

    def __init__(self) -> None:
        self.content, self.faults, self.asked = b"", [], []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.headers.get("Authorization", ""))
                fault = server.faults.pop(0) if server.faults else 200
                if isinstance(fault, int) and fault != 200:
                    return self.send_error(fault)
                body = b"<html>login</html>" if fault == "page" else server.content
                self.send_response(200)
                self.send_header("Content-Type", "text/html" if fault == "page" else "text/csv")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/export.csv"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


ACCESS, SECRET = "reader", "secret-of-reader"
_IDENTITIES = (
    '{"identities":[{"name":"vbp","credentials":[{"accessKey":"reader","secretKey":"secret-of-reader"}],'
    '"actions":["Admin","Read","List","Write"]}]}'
)


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """Address of a SeaweedFS, a few seconds after it was asked for; a bucket is made by whoever writes into it."""
    folder = Path(tempfile.mkdtemp(prefix="vbp_s3_"))
    (folder / "identities.json").write_text(_IDENTITIES)
    ports = dict(zip(("s3", "master", "volume", "filer"), _free_ports(8), strict=False))
    ports |= dict(zip(("s3.port.grpc", "master.port.grpc", "volume.port.grpc", "filer.port.grpc"), _free_ports(4), strict=True))
    options = [f"-{name if 'port' in name else f'{name}.port'}={port}" for name, port in ports.items()]
    weed = Path(sys.executable).with_name("weed")
    small = ("-volume.max=0", "-master.volumeSizeLimitMB=64", "-master.electionTimeout=500ms")
    only_s3 = ("-s3", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder / 'identities.json'}")
    log = (folder / "log").open("w")
    process = subprocess.Popen(
        [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *only_s3, *small, *options],
        stdout=subprocess.DEVNULL,
        stderr=log,
    )
    try:
        address = f"http://127.0.0.1:{ports['s3']}"
        _wait_for(address, process, folder / "log")
        yield address
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def s3_store(address: str, bucket: str) -> Any:
    from obstore.store import S3Store

    return S3Store(
        bucket,
        endpoint=address,
        region="us-east-1",
        access_key_id=ACCESS,
        secret_access_key=SECRET,
        client_options={"allow_http": True, "timeout": "10s"},
        retry_config={"max_retries": 0},
    )


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    store, until = s3_store(address, "waiting"), time.monotonic() + 60
    while True:
        try:
            store.put("a", b"a")
            return
        except Exception as error:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(log.read_text()[-2000:]) from error
            time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
