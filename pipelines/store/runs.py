"""A run and its place: the folder of one night, the lock on the home, the version of the code."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.errors import DamagedError, VbpError
from pipelines.settings import Settings
from pipelines.store.durable import write_durably
from pipelines.store.private import privately, require_home


@dataclass(frozen=True)
class Run:
    """One night: what it reads, for which day, and where its working files are."""

    run_id: str
    as_of: date
    landing: Path
    home: Path
    database_url: str = field(repr=False)
    settle_seconds: int
    started_at: str

    @property
    def folder(self) -> Path:
        """The working files of the run."""
        return self.home / "runs" / self.run_id

    @property
    def release_begun(self) -> Path:
        """Stands while the run is being released; a kill leaves it standing."""
        return self.folder / "release_begun"

    def file(self, *parts: str) -> Path:
        """A working file of the run; its folder exists."""
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def save(self) -> None:
        """Write the run down so that other processes can take it up, wherever its home is by then: no place stands in it
        but that of the landing zone seen from the home, for people. The database's address may hold a password.
        """
        record = {
            "run_id": self.run_id,
            "as_of": self.as_of.isoformat(),
            "started_at": self.started_at,
            "settle_seconds": self.settle_seconds,
            "landing": os.path.relpath(self.landing, self.home),
        }
        write_json(self.file("run.json"), record)


def new_run(settings: Settings, as_of: date) -> Run:
    """Start a run under a new id; nothing is written but its folder."""
    started = datetime.now(ZoneInfo("Asia/Shanghai"))
    run = Run(
        run_id=f"{as_of:%Y%m%d}-{started:%Y%m%dT%H%M%S}-{token_hex(3)}",
        as_of=as_of,
        landing=settings.landing.resolve(),
        home=settings.home.resolve(),
        database_url=settings.database_url,
        settle_seconds=settings.settle_seconds,
        started_at=started.isoformat(timespec="seconds"),
    )
    run.save()
    return run


def load_run(settings: Settings, run_id: str) -> Run:
    """Take up a run of the home that was started before; VbpError where there is none of that id.

    Home, landing zone and database are those of the settings: a home that was copied or moved touches no other.
    """
    home = settings.home.resolve()
    path = home / "runs" / run_id / "run.json"
    if not path.exists():
        raise VbpError(f"找不到运行 {run_id}：{path.parent} 不存在；请核对运行编号与 --home")
    record = read_json(path)
    return Run(
        run_id=record["run_id"],
        as_of=date.fromisoformat(record["as_of"]),
        landing=settings.landing.resolve(),
        home=home,
        database_url=settings.database_url,
        settle_seconds=record["settle_seconds"],
        started_at=record["started_at"],
    )


@contextmanager
def lock(home: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the home for one run. The lock goes with the process: a killed run leaves none behind.

    The tasks of one Airflow run hold it together (`shared`); anyone else is told and ends with exit status 1. What
    is written meanwhile is private. UsageError where there is no home.
    """
    if not home.is_dir():
        require_home(home)
    with privately(), (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            raise VbpError(
                f"{home} 正被另一次运行占用；请等它结束后再试（同一目录同一时间只允许一次运行）"
            ) from error
        yield


@cache
def code_version() -> str:
    """Version of the package and a digest of its sources, the same in a checkout and in an image."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted(p for folder in ("pipelines", "schemas") for p in (root / folder).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('vbp-compliance')}+{digest.hexdigest()[:12]}"


def write_json(path: Path, content: object) -> None:
    """Write a JSON file whole or not at all, and for good: it is on the disk when this returns."""
    write_durably(path, json.dumps(content, ensure_ascii=False, indent=1))


def read_json(path: Path) -> Any:
    """Read a JSON file; DamagedError where it is none, or is gone."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DamagedError(str(path), "文件不存在") from error
    except ValueError as error:
        raise DamagedError(str(path), f"不是完整的 JSON：{error}") from error
