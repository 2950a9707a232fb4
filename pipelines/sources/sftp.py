"""Files below a folder of an SFTP server that shows the host key we know."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.errors import VbpError, conceal
from pipelines.sources.described import SftpSource
from pipelines.sources.offer import ChangingError, Offer, TransientError, Write, as_mark, is_taken, told

_BLOCK = 1 << 20
_FORGED = timedelta(days=1)
"""Times are whole seconds, and copies may keep them: the same size and time are believed of a file read so long after."""


@dataclass(frozen=True)
class _File:
    """A file as the server lists it; its path in bytes, whatever they mean there."""

    path: bytes
    size: int
    modified: int


@dataclass
class Sftp:
    """A server, reached when it is asked first, and again after a connection broke. `close` it."""

    source: SftpSource
    secret: str
    user: str
    settle_seconds: int = 0
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _connection: Any = None
    _client: Any = None

    def offers(self) -> Generator[Offer]:
        """Every file below the folder that a pattern takes, by its path; links to folders are not followed."""
        root = os.fsencode(self.source.folder).rstrip(b"/") or b"/"
        now = datetime.now(UTC)
        for file in sorted(self._ask(self._list(root)), key=lambda f: f.path):
            name = os.fsdecode(file.path.removeprefix(root).lstrip(b"/"))
            if is_taken(name, self.source.pattern):
                modified = datetime.fromtimestamp(file.modified, UTC)
                yield Offer(
                    told(name),
                    name,
                    lambda write, file=file: self._ask(self._read(file, write)),  # type: ignore[misc]
                    as_mark(file.size, modified),
                    file.size,
                    modified + _FORGED,
                    is_waiting=now - modified < timedelta(seconds=self.settle_seconds),
                )

    def close(self) -> None:
        """Hang up."""
        self._hang_up()
        self._runner.close()

    async def _list(self, root: bytes) -> list[_File]:
        client, found, folders = await self._reach(), [], [root]
        while folders:
            folder = folders.pop()
            async for entry in client.scandir(folder):
                if entry.filename in (b".", b".."):
                    continue
                path, attrs = folder.rstrip(b"/") + b"/" + entry.filename, entry.attrs
                mode = _mode_of(attrs)
                if stat.S_ISLNK(mode):
                    attrs = await self._follow(client, path)
                    mode = _mode_of(attrs) if attrs else 0
                elif stat.S_ISDIR(mode):
                    folders.append(path)
                if stat.S_ISREG(mode):
                    found.append(_File(path, attrs.size or 0, attrs.mtime or 0))
        return found

    async def _follow(self, client: Any, path: bytes) -> Any:
        import asyncssh

        try:
            return await client.stat(path)
        except asyncssh.SFTPError:  # a link that leads nowhere
            return None

    async def _read(self, file: _File, write: Write) -> None:
        import asyncssh

        client, got = await self._reach(), 0
        try:
            async with client.open(file.path, "rb") as content:
                while block := await content.read(_BLOCK):
                    write(block)
                    got += len(block)
            after = await client.stat(file.path)
        except asyncssh.SFTPNoSuchFile as error:
            raise ChangingError("读取前被移走；留待下次") from error
        if (after.size or 0, after.mtime or 0) != (file.size, file.modified):
            raise ChangingError("读取期间还在写入；留待下次")
        if got != file.size:
            raise TransientError(f"只收到 {got} 字节，应为 {file.size}")

    async def _reach(self) -> Any:
        """The client of a connection that stands; nobody is trusted but the holder of one of the host keys."""
        import asyncssh

        if self._client is None:
            own = self.source
            key = own.key_file and asyncssh.read_private_key(own.key_file, self.secret or None)
            self._connection = await asyncssh.connect(
                own.host,
                own.port,
                username=self.user,
                password=None if key else self.secret,
                client_keys=[key] if key else None,
                known_hosts=([asyncssh.import_public_key(k) for k in own.host_keys], [], []),
                agent_path=None,
                config=None,
                connect_timeout=own.timeout_seconds,
                login_timeout=own.timeout_seconds,
                keepalive_interval=max(own.timeout_seconds // 3, 1),
                keepalive_count_max=3,
            )
            self._client = await self._connection.start_sftp_client(path_encoding=None)
        return self._client

    def _ask(self, question: Any) -> Any:
        """The answer of the server; a connection that broke is hung up, so that the next question makes another."""
        try:
            return self._runner.run(question)
        except VbpError:
            raise
        except Exception as error:
            told = _tell(error, self.source)
            if isinstance(told, TransientError):
                self._hang_up()
            raise told from error

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None


def _mode_of(attrs: Any) -> int:
    """The mode of an entry; of a server that says nothing of modes what it says of kinds, and a file where it says nothing."""
    import asyncssh

    if attrs.permissions is not None:
        return int(attrs.permissions)
    return stat.S_IFDIR if attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY else stat.S_IFREG


def _tell(error: Exception, source: SftpSource) -> VbpError:
    """A fault of the server in words; what may pass is a TransientError."""
    import asyncssh

    said = conceal(next(iter(str(error).splitlines()), type(error).__name__))[:200]
    match error:
        case asyncssh.HostKeyNotVerifiable() | asyncssh.KeyExchangeFailed():
            return VbpError(
                f"{source.host} 出示的主机公钥不在 host_keys 之中，没有登录：对方换了密钥，或有人冒充；"
                "请向对方核实新的公钥，再改 host_keys，不要直接照抄"
            )
        case asyncssh.PermissionDenied():
            return VbpError(f"{source.host} 拒绝登录；请核对 user 与口令（或 key_file）（{said}）")
        case asyncssh.KeyImportError() | asyncssh.KeyEncryptionError():
            return VbpError(f"密钥无法读取；请核对 host_keys、key_file 及其口令（{said}）")
        case asyncssh.SFTPNoSuchFile() | asyncssh.SFTPNoSuchPath():
            return VbpError(f"找不到文件夹 {source.folder}；请核对 folder（{said}）")
        case asyncssh.SFTPPermissionDenied():
            return VbpError(f"没有读取权限；请对方开放 folder 及其中文件的读取权限（{said}）")
        case FileNotFoundError() | PermissionError() if source.key_file:
            return VbpError(f"key_file {source.key_file} 无法读取；请核对路径与权限")
    return TransientError(f"连接 {source.host} 失败或中途断开（{said}）")
