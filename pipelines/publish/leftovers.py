"""What a kill left behind: half-written files, working files of runs that are no more, rows staged by them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.publish.stage import empty_staging
from pipelines.store import keys
from pipelines.store.local import Local
from pipelines.store.runs import objects_of, runs_of
from pipelines.store.shown import hold_site
from pipelines.store.store import Store

_NEEDED_BY_NEXT = ("text", keys.JUDGED, "records", keys.SHARES)
_NEEDED_BY_RELEASE = ("changes", keys.OF_BASE, "reports", "sums", "totals", keys.LISTED)
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


def clear_leftovers(engine: sa.Engine, home: Store, run_id: str) -> None:
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

    for run in runs_of(home):
        if run not in stand | {run_id}:
            for prefix in _NEEDED_BY_NEXT + (() if run in held else _NEEDED_BY_RELEASE):
                objects_of(home, run).drop(prefix)
    if isinstance(home, Local):  # nothing is half written in an object store, and what is scratch lies elsewhere
        _clear_disk(home)


def _clear_disk(home: Local) -> None:
    def remove(patterns: Iterable[str]) -> None:
        for path in (path for pattern in patterns for path in home.folder.glob(pattern)):
            home.drop(path.relative_to(home.folder).as_posix())

    remove(_HALF_WRITTEN)
    with suppress(BlockingIOError), hold_site(home, wait=False):
        remove(_HALF_SHOWN)
    home.clear_scratch()
