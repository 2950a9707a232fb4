"""A run and its place: the folder of one night, the lock on the home, the version of the code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from pipelines.errors import VbpError
from pipelines.store.clock import SHANGHAI
from pipelines.store.dossier import Audit, Dossier, Figures, has_dossier, read_dossier, write_dossier
from pipelines.store.local import Local
from pipelines.store.private import privately, require_place
from pipelines.store.store import Store


class HomeBusyError(VbpError):
    """Another process works on the home."""


class Places(Protocol):
    """Where things are, as the settings say it."""

    home: Store
    landing: Path
    settle_seconds: int

    @property
    def database_url(self) -> str:
        """The address of the report tables."""


@dataclass(frozen=True)
class Run:
    """One night: what it reads, for which day, and where its working files are."""

    run_id: str
    as_of: date
    landing: Path
    home: Store
    database_url: str = field(repr=False)
    settle_seconds: int
    started_at: str

    @property
    def store(self) -> Store:
        """The objects of the run."""
        return objects_of(self.home, self.run_id)

    def beside(self, run_id: str) -> Store:
        """The objects of another run of the home."""
        return objects_of(self.home, run_id)

    @property
    def dossier(self) -> Dossier:
        """What its steps have written down."""
        return read_dossier(self.store)

    @property
    def figures(self) -> Figures:
        """What it came to; VbpError for a run that was not put together yet."""
        if (figures := self.dossier.figures) is None:
            raise VbpError(f"运行 {self.run_id} 尚未汇总结果；请从 stage 步骤重新运行")
        return figures

    @property
    def audit(self) -> Audit:
        """What the audit found; VbpError for a run that was not audited yet."""
        if (audit := self.dossier.audit) is None:
            raise VbpError(f"运行 {self.run_id} 尚未审核；请从 audit 步骤重新运行")
        return audit


def objects_of(home: Store, run_id: str) -> Store:
    """The objects of a run of a home."""
    return home.below(f"runs/{run_id}")


def runs_of(home: Store) -> list[str]:
    """The ids of the runs that have objects in a home."""
    return home.folders("runs")


def name_run(settings: Places, as_of: date) -> Run:
    """A run under a new id; nothing is written."""
    started = datetime.now(SHANGHAI)
    return Run(
        run_id=f"{as_of:%Y%m%d}-{started:%Y%m%dT%H%M%S}-{token_hex(3)}",
        as_of=as_of,
        landing=settings.landing.resolve(),
        home=settings.home,
        database_url=settings.database_url,
        settle_seconds=settings.settle_seconds,
        started_at=started.isoformat(timespec="seconds"),
    )


def enter(run: Run) -> None:
    """Write the dossier of a new run, so that other processes can take it up, wherever its home is by then. The database's
    address may hold a password, and does not stand in it.
    """
    write_dossier(
        run.store,
        Dossier(
            run_id=run.run_id,
            as_of=run.as_of,
            started_at=run.started_at,
            settle_seconds=run.settle_seconds,
            landing=_seen_from(run.home, run.landing),
        ),
    )


def load_run(settings: Places, run_id: str) -> Run:
    """Take up a run of the home that was started before; VbpError where there is none of that id.

    Home, landing zone and database are those of the settings: a home that was copied or moved touches no other.
    """
    home = settings.home
    store = objects_of(home, run_id)
    if not has_dossier(store):
        raise VbpError(f"找不到运行 {run_id}：{store} 不存在；请核对运行编号与 --home")
    dossier = read_dossier(store)
    return Run(
        run_id=dossier.run_id,
        as_of=dossier.as_of,
        landing=settings.landing.resolve(),
        home=home,
        database_url=settings.database_url,
        settle_seconds=dossier.settle_seconds,
        started_at=dossier.started_at,
    )


def _seen_from(home: Store, landing: Path) -> str:
    return os.path.relpath(landing, home.folder) if isinstance(home, Local) else str(landing)


@contextmanager
def lock(home: Store, *, shared: bool = False) -> Iterator[None]:
    """Hold the home for one run. The lock goes with the process: a killed run leaves none behind.

    The tasks of one Airflow run hold it together (`shared`), and between them nobody does: that is what the lease is for
    (`database/lease.py`). HomeBusyError for anyone else, which ends with exit status 1. What is written meanwhile is
    private. UsageError where there is no home.
    """
    require_place(home)
    with privately(), ExitStack() as held:
        try:
            held.enter_context(home.hold(shared=shared))
        except BlockingIOError as error:
            raise HomeBusyError(f"{home} 正被另一次运行占用；请等它结束后再试（同一目录同一时间只允许一次运行）") from error
        yield


@cache
def code_version() -> str:
    """Version of the package and a digest of its files (code, cards, words, policies): the same in a checkout and in an image."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    files = (p for folder in ("pipelines", "schemas") for p in (root / folder).rglob("*.*"))
    for path in sorted(p for p in files if p.suffix != ".pyc" and p.is_file()):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('vbp-compliance')}+{digest.hexdigest()[:12]}"
