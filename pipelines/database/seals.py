"""Seals: every act that writes what is published says what it wrote, in a chain of hashes.

An act is the end of a run, a bulletin, a list of those to be named, an objection or its decision, an assessment, a
sample, what somebody does about a task. Its seal holds the rows that it wrote into the small tables (`SEALED`), and the
digests of what is many rows: the slices of a run, and the list of files it rests on. Nothing that was merely found is sealed,
or an act would bless what somebody changed before it; the one exception is the first seal of a database that is older than
seals.

Needs no Polars: Airflow's own processes seal too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.errors import VbpError
from pipelines.store.clock import SHANGHAI
from schemas.reports import REPORTS

SEALED: dict[str, tuple[str, ...]] = {
    "runs": ("run_id",),
    "publications": ("as_of",),
    "bulletins": ("as_of", "scope", "workbook_digest"),
    "dropped_dates": ("as_of",),
    "task_actions": ("action_id",),
    "accountability_lists": ("list_id",),
    "accountability_items": ("list_id", "item_id"),
    "assessment_scores": ("assessment_id", "institution_code"),
    "audit_samples": ("sample_id",),
    "audit_sample_members": ("sample_id", "institution_code"),
}
"""Table → its key: every row of these stands in the seal of the act that last wrote it."""

OPENING = "opening"
"""The act of a database that had runs before it had seals: from here on what it found is held to."""

DROPPED = "dropped"
"""The act that drops figures of dates: their publications end with it."""

_SEALS = METADATA.tables["seals"]

Row = Mapping[str, Any]


class Seal(NamedTuple):
    """A seal as it stands; `content` is the JSON text of `rows` and `digests`."""

    seal_no: int
    sealed_at: str
    act: str
    subject: str
    content: str
    previous_hash: str | None
    seal_hash: str


def seal(
    connection: sa.Connection,
    act: str,
    subject: str,
    rows: Mapping[str, Iterable[Row]],
    digests: Mapping[str, Any] | None = None,
) -> str:
    """Append a seal within the caller's transaction, which wrote what it says; return its hash, the chain's new head.

    In: `rows`, table of `SEALED` → whole rows as they now stand; `digests`, whatever names the rest. A database that no
    run has brought up to date yet keeps no seals: its first one will hold what was written, and the head is empty.
    """
    if not _has_seals(connection):
        return ""
    if connection.dialect.name == "postgresql":  # two acts at once are chained one after the other
        connection.exec_driver_sql("LOCK TABLE seals IN EXCLUSIVE MODE")
    last = connection.execute(sa.select(_SEALS).order_by(_SEALS.c.seal_no.desc()).limit(1)).first()
    written = {name: [plain(row) for row in found] for name, found in rows.items()}
    content = canonical({"rows": {n: found for n, found in written.items() if found}, "digests": digests or {}})
    previous = last.seal_hash if last else None
    at = dt.datetime.now(SHANGHAI).isoformat(timespec="microseconds")
    made = Seal(last.seal_no + 1 if last else 1, at, act, subject, content, previous, "")
    made = made._replace(seal_hash=hash_seal(made))
    connection.execute(sa.insert(_SEALS), [made._asdict()])
    return made.seal_hash


def reseal(
    connection: sa.Connection, act: str, subject: str, digests: Mapping[str, Any] | None = None, **keys: Mapping[str, object]
) -> None:
    """Seal the rows of the tables named that have the values given, as they stand: those that the act has just written."""
    rows = {}
    for name, wanted in keys.items():
        table = METADATA.tables[name]
        query = sa.select(table).where(*(table.c[c] == value for c, value in wanted.items()))
        rows[name] = [dict(row) for row in connection.execute(query).mappings()]
    seal(connection, act, subject, rows, digests)


def open_seals(connection: sa.Connection) -> None:
    """Give a database that had runs before it had seals its first one, of all that it holds; else do nothing."""
    runs = METADATA.tables["runs"]
    if connection.execute(sa.select(_SEALS.c.seal_no).limit(1)).first() is not None:
        return
    if connection.execute(sa.select(runs.c.run_id).limit(1)).first() is None:
        return
    from pipelines.database.slices_written import seal_all_written

    everything: dict[str, Mapping[str, object]] = {name: {} for name in SEALED}
    reseal(connection, OPENING, "", seal_all_written(connection), **everything)


def hash_seal(made: Seal) -> str:
    """SHA-256 of the canonical JSON of all columns but seal_hash."""
    columns = made._asdict()
    del columns["seal_hash"]
    return hashlib.sha256(canonical(columns).encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON with sorted keys and without spaces; dates as ISO text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def plain(row: Row) -> dict[str, Any]:
    """A row as a seal holds it: dates as ISO text."""
    return {c: value.isoformat() if isinstance(value, dt.date) else value for c, value in row.items()}


def read_seals(connection: sa.Connection, acts: Sequence[str] = ()) -> list[Seal]:
    """All seals (those of the acts named), the first first; none where the database is older than they are."""
    if not _has_seals(connection):
        return []
    query = sa.select(_SEALS).order_by(_SEALS.c.seal_no)
    if acts:
        query = query.where(_SEALS.c.act.in_(acts))
    return [Seal(*row) for row in connection.execute(query)]


def head_of(connection: sa.Connection, run_id: str = "") -> str:
    """`number-hash` of the last seal (of that run's, if one is named), by which somebody outside can hold the chain;
    empty where there is none.
    """
    if not _has_seals(connection):
        return ""
    query = sa.select(_SEALS.c.seal_no, _SEALS.c.seal_hash).order_by(_SEALS.c.seal_no.desc()).limit(1)
    if run_id:
        query = query.where(_SEALS.c.subject == run_id, _SEALS.c.act.in_(("published", "held", "failed")))
    row = connection.execute(query).first()
    return f"{row.seal_no}-{row.seal_hash}" if row else ""


def _has_seals(connection: sa.Connection) -> bool:
    return sa.inspect(connection).has_table(_SEALS.name)


def sealed_rows(seals: Iterable[Seal]) -> dict[str, dict[tuple[Any, ...], tuple[Seal, dict[str, Any]]]]:
    """Table → key → the seal that last wrote the row, and the row as it was then."""
    found: dict[str, dict[tuple[Any, ...], tuple[Seal, dict[str, Any]]]] = {name: {} for name in SEALED}
    for made in seals:
        for name, rows in json.loads(made.content)["rows"].items():
            for row in rows:
                found.setdefault(name, {})[tuple(row[k] for k in SEALED[name])] = (made, row)
                if made.act == DROPPED:
                    found["publications"].pop((row["as_of"],), None)
    return found


def hold_to_seal(connection: sa.Connection, act: str, name: str, **key: object) -> None:
    """Raise VbpError where a row that is about to be changed is no longer what the last act on it sealed."""
    table = METADATA.tables[name]
    query = sa.select(table).where(*(table.c[c] == value for c, value in key.items()))
    standing = [plain(dict(row)) for row in connection.execute(query).mappings()]
    known = sealed_rows(read_seals(connection, (act, OPENING)))[name]
    for row in standing:
        place = tuple(row[k] for k in SEALED[name])
        was = known.get(place, (None, row))[1]
        if changed := [c for c in was if was[c] != row.get(c)]:
            raise VbpError(
                f"{REPORTS[name].title_zh} {' '.join(map(str, place))} 的 {'、'.join(changed)} 与封存时不同，被改动过；"
                "请先用 vbp verify 查明并恢复，再办理"
            )
