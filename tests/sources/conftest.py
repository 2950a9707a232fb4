"""A home with a landing zone to pull into, and servers to pull from, each begun when it is asked for first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.settings import Settings
from pipelines.sources.described import Source, read_sources
from pipelines.sources.pull import Pulled, pull
from tests.begun import migrated
from tests.sources.servers import PASSWORD, HttpServer, SftpServer, s3_server


class Pulls:
    """A landing zone, and pulls into it; `taken()` is what lies there: path → content, each pull's folder by its number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(home=folder / "home", landing=folder / "landing", policies=folder / "policies")
        for name in ("home", "landing", "policies"):
            (folder / name).mkdir()
        (folder / "home" / "compliance.db").write_bytes(migrated())

    def describe(self, kind: str, /, name: str = "cixi", dataset: str = "deliveries", **more: Any) -> Source:
        """The one source of `sources.toml`, written and read."""
        given = {"name": name, "dataset": dataset, "kind": kind, "retry_seconds": 0, "timeout_seconds": 5, **more}
        lines = [f"{key} = {_toml(value)}" for key, value in given.items()]
        (self.folder / "policies" / "sources.toml").write_text("[[source]]\n" + "\n".join(lines), encoding="utf-8")
        [source] = read_sources(self.settings.policies)
        return source

    def pull(self, source: Source, **more: Any) -> Pulled:
        return pull(self.settings, source, "test", lambda _: None, **more)

    def counts(self, source: Source, **more: Any) -> tuple[int, int, int, int]:
        """new, known, waiting, failed"""
        came = self.pull(source, **more)
        return came.new, came.known, came.waiting, came.failed

    def taken(self) -> dict[str, bytes]:
        landing = self.settings.landing
        stamps = sorted({p.relative_to(landing).parts[2] for p in landing.rglob("*") if p.is_file()})
        return {
            "/".join((str(stamps.index(parts[2]) + 1), *parts[3:])): path.read_bytes()
            for path in sorted(landing.rglob("*"))
            if path.is_file() and (parts := path.relative_to(landing).parts)
        }

    def read(self, query: str) -> list[tuple[Any, ...]]:
        engine = open_database(self.settings.database_url)
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(sa.text(query))]
        engine.dispose()
        return rows


def _toml(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


@pytest.fixture
def pulls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulls:
    monkeypatch.setenv("CIXI_SECRET", PASSWORD)
    return Pulls(tmp_path)


@pytest.fixture(scope="module")
def _sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    server = SftpServer(tmp_path_factory.mktemp("sftp"))
    yield server
    server.close()


@pytest.fixture
def sftp(_sftp: SftpServer, tmp_path: Path) -> SftpServer:
    """A server with an empty folder."""
    _sftp.root = tmp_path / "remote"
    _sftp.root.mkdir()
    _sftp.drop_after, _sftp.grow, _sftp.opened = [], set(), []
    return _sftp


@pytest.fixture
def http() -> Iterator[HttpServer]:
    server = HttpServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """Address of an S3 server that lives as long as the test session."""
    with s3_server() as address:
        yield address


def put(folder: Path, name: str, content: str | bytes = "a,b\n1,2\n", day: int = 1) -> Path:
    """A file as it lies there since a day of 2020."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (1_577_800_000 + day * 86_400,) * 2)
    return path
