"""What of runs goes: what none needs any more once one is published; what a kill left behind: half-written files, working files
of runs that are no more, rows staged by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import sqlalchemy as sa

from pipelines.database.open import opened
from pipelines.database.standing import standing
from pipelines.database.tables import METADATA
from pipelines.indicators import all_indicators
from pipelines.publish.sealed_files import drop_told_again
from pipelines.publish.stage import empty_staging
from pipelines.store import keys
from pipelines.store.local import Local
from pipelines.store.runs import Run, objects_of, runs_of
from pipelines.store.shown import hold_site
from pipelines.store.store import Store

_NEEDED_BY_RELEASE = {"changes", keys.OF_BASE, "reports", "sums", "totals", keys.LISTED}
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


def tidy(run: Run) -> None:
    """Remove what a published run needs no more. Of the run that stands records and sums stay until the next
    one is published, which carries them on, and so do report files that are whole: that one may be compared with them. Of
    runs before it stays what the ledgers are proven by, and what the audit said as long as their pages do (`reports/morning`); a
    held one keeps what a release reads.
    """
    from pipelines.engine.compute import whole_answer  # what publishes needs none of what computes

    runs = METADATA.tables["runs"]
    with opened(run.database_url) as engine, engine.connect() as connection:
        stands = standing(connection, run.as_of)
        held = set(connection.execute(sa.select(runs.c.run_id).where(runs.c.status == "held")).scalars())
        at_work = set(connection.execute(sa.select(runs.c.run_id).where(runs.c.status == "running")).scalars())
    keep = stands.run_id if stands else run.run_id
    for prefix in keys.UNTIL_PUBLISHED:
        run.store.drop(prefix)
    # A held run may be older than an indicator.
    own = [i for code, i in all_indicators().items() if run.store.has(keys.notes(code))]
    drop_told_again(run.home, run.run_id)
    partial = [i for i in own if not whole_answer(i, run.store)]
    for name in [table for i in partial for table in (*i.tables, "findings")]:
        run.store.drop(keys.report(name))
    for other in runs_of(run.home):
        if other in at_work:  # a later one, where this process slept
            continue
        beside = run.beside(other)
        carried_on = set(keys.UNTIL_NEXT) if other != keep else set()
        told = set(keys.TOLD) if other not in {keep, run.run_id} | held else set()
        for prefix in (carried_on | told).intersection(beside.folders()):
            beside.drop(prefix)


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
            for prefix in {*keys.UNTIL_PUBLISHED, *keys.UNTIL_NEXT} - (_NEEDED_BY_RELEASE if run in held else set()):
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
