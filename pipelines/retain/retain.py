"""Dropping figures of nights that no rule keeps: the database first, in one sealed transaction, then the files.

Kept dates show afterwards exactly what they showed. A version that no kept date shows goes; the span of another begins and
ends at kept dates. Findings keep all their versions: tasks and the dates of later findings follow from them night by night.
Of the runs of a dropped date stays what the ledgers are proven by: dossier, policies, the sealed list, ledgers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.database.seals import DROPPED, canonical, seal
from pipelines.database.standing import Publication, published_after
from pipelines.database.tables import FIGURES, METADATA, valid_at, versions_of
from pipelines.retain.dropped import Dropped, read_dropped
from pipelines.retain.kept import RULE, choose_dropped
from pipelines.store import clock, keys
from pipelines.store.runs import objects_of, runs_of
from pipelines.store.store import Store

_WORKING = tuple(sorted({keys.AUDIT, *keys.UNTIL_PUBLISHED, *keys.UNTIL_NEXT, *keys.TOLD}))
_TABLES = tuple(name for name in FIGURES if name != "findings")
_PUBLICATIONS, _RUNS = METADATA.tables["publications"], METADATA.tables["runs"]


@dataclass(frozen=True)
class Retained:
    """What was dropped, or would be: the rows of `dropped_dates`; rows of versions, and files, that were removed."""

    dates: tuple[Dropped, ...]
    versions: int
    files: int


def retain(engine: sa.Engine, home: Store, nights: int, *, only_tell: bool = False) -> Retained:
    """Drop what `nights` days, and the rules that keep dates for good, do not keep; the home's lock is held.

    Repeated, also after a kill, it ends the same: what the database says was dropped has its files removed. With
    `only_tell` nothing is changed.
    """
    if only_tell:
        with engine.connect() as connection:
            would = _describe(connection, home, choose_dropped(connection, home, nights), nights)
        return Retained(tuple(would), 0, sum(row.file_count for row in would))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # no night publishes meanwhile
            connection.exec_driver_sql("LOCK TABLE publications IN EXCLUSIVE MODE")
        dropped = _describe(connection, home, choose_dropped(connection, home, nights), nights)
        versions = _drop_figures(connection, dropped) if dropped else 0
    with engine.connect() as connection:
        gone = _runs_of_dates(connection, home, [row.as_of for row in read_dropped(connection)])
    files = 0
    for run in gone:
        files += len(_working_files(home, run))
        for prefix in _WORKING:
            objects_of(home, run).drop(prefix)
    return Retained(tuple(dropped), versions, files)


def _drop_figures(connection: sa.Connection, dropped: Sequence[Dropped]) -> int:
    """Take the dates out of the database and seal that they were; return how many rows of versions went."""
    days, rows = [row.as_of for row in dropped], [row._asdict() for row in dropped]
    gone = _drop_versions(connection, days)
    connection.execute(sa.delete(_PUBLICATIONS).where(_PUBLICATIONS.c.as_of.in_(days)))
    connection.execute(sa.insert(METADATA.tables["dropped_dates"]), rows)
    seal(connection, DROPPED, f"{days[0]}—{days[-1]}", {"dropped_dates": rows})
    return gone


def _describe(connection: sa.Connection, home: Store, chosen: Sequence[Publication], nights: int) -> list[Dropped]:
    at = clock.now().isoformat(timespec="seconds")
    digests = dict(connection.execute(sa.select(_RUNS.c.run_id, _RUNS.c.result_digest)).all())
    rows = []
    for day, run_id in chosen:
        own = _runs_of_dates(connection, home, [day])
        files = {f"runs/{run}/{key}": objects_of(home, run).at(key).sha256 for run in own for key in _working_files(home, run)}
        digest = hashlib.sha256(canonical(files).encode()).hexdigest()
        shown = sum(_count(connection, valid_at(versions_of(name), day), name) for name in _TABLES)
        rule = RULE.format(nights=nights)
        rows.append(Dropped(day, run_id, at, nights, rule, digests.get(run_id) or "", shown, len(files), digest))
    return rows


def _count(connection: sa.Connection, condition: sa.ColumnElement[bool], name: str) -> int:
    query = sa.select(sa.func.count()).select_from(versions_of(name)).where(condition)
    return int(connection.execute(query).scalar_one())


def _runs_of_dates(connection: sa.Connection, home: Store, days: Sequence[date]) -> list[str]:
    """The runs of these dates that have files, but for held ones, which may be released yet."""
    ended = sa.select(_RUNS.c.run_id).where(_RUNS.c.as_of.in_(days), _RUNS.c.status.in_(("published", "failed")))
    known = set(connection.execute(ended).scalars())
    return [run for run in runs_of(home) if run in known]


def _working_files(home: Store, run_id: str) -> list[str]:
    store = objects_of(home, run_id)
    return [key for prefix in _WORKING for key in store.list(prefix)]


def _drop_versions(connection: sa.Connection, days: Sequence[date]) -> int:
    """Take the dates out of the versions of all figure tables but findings; return how many rows went."""
    gone = 0
    for first, kept in _gaps(connection, days):
        for name in _TABLES:
            t = versions_of(name)
            begins = sa.and_(t.c.valid_from >= first, t.c.valid_from < kept)
            ends = sa.and_(t.c.valid_to >= first, t.c.valid_to < kept)
            gone += connection.execute(sa.delete(t).where(begins, t.c.valid_to <= kept)).rowcount
            for condition, column in ((begins, "valid_from"), (ends, "valid_to")):
                connection.execute(sa.update(t).where(condition).values({column: kept}))
    return gone


def _gaps(connection: sa.Connection, days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Runs of dropped dates that follow each other: the first of them, and the kept date after the last."""
    dropped, first = set(days), None
    for day in days:
        first = first or day
        if (after := published_after(connection, day)) not in dropped:
            yield first, after
            first = None
