"""What a kill left behind: half-written files, working files of runs that are no more, rows staged by them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.publish.stage import empty_staging
from pipelines.store import keys
from pipelines.store.runs import objects_of, runs_of
from pipelines.store.shown import hold_site
from pipelines.store.store import Store

_NEEDED_BY_NEXT = ("text", "records", keys.SHARES)
_NEEDED_BY_RELEASE = ("changes", keys.OF_BASE, "reports", "sums", "totals")
_HALF_WRITTEN = (
    "*.part",
    "archive/*/*.part",
    "batches/*/*.part",
    "alarms/*.part",
    "alarms/unsent/*.part",
    "returns/*.part",
    "runs/*/*.part",
    "runs/*/*/*.part",
    "runs/*/causes_*",
)
_HALF_SHOWN = ("site/**/*.part", "site/bulletin/*/vbp_*")
_SCRATCH = "verify_*"


def clear_leftovers(engine: sa.Engine, home: Path, run_id: str) -> None:
    """Remove what runs other than `run_id` left that ended without an end; the home's lock is held.

    What stands keeps all of its files, what is held keeps those that a release needs. Every run keeps what it says of
    itself (its dossier and the like).
    """
    runs, publications = METADATA.tables["runs"], METADATA.tables["publications"]
    with engine.begin() as connection:
        stand = set(connection.execute(sa.select(publications.c.run_id)).scalars())
        held = set(connection.execute(sa.select(runs.c.run_id).where(runs.c.status == "held")).scalars())
        staged = connection.execute(sa.select(METADATA.tables["staging_run"].c.run_id)).scalar()
        if staged is not None and staged not in held:
            empty_staging(connection)

    def remove(path: Path) -> None:
        store.drop(path.relative_to(home).as_posix())

    store = Store(home)
    for run in runs_of(home):
        if run not in stand | {run_id}:
            for prefix in _NEEDED_BY_NEXT + (() if run in held else _NEEDED_BY_RELEASE):
                objects_of(home, run).drop(prefix)
    for path in (path for pattern in _HALF_WRITTEN for path in home.glob(pattern)):
        remove(path)
    with suppress(BlockingIOError), hold_site(home, wait=False):
        for path in (path for pattern in _HALF_SHOWN for path in home.glob(pattern)):
            remove(path)
    for path in home.glob(_SCRATCH):
        with suppress(OSError), at_work(path, alone=True):
            remove(path)


@contextmanager
def at_work(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold a scratch folder, so that no night takes it for a leftover; BlockingIOError where it is held and `alone`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)
