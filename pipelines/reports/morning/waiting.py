"""The rejected rows that wait for their sender at the end of a run: why, whose, and for how long."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from pipelines.database.open import METADATA
from pipelines.rejects.ranges import most_common

_REJECTED = METADATA.tables["rejected_records"]
_TOP = 10
BANDS = ((0, "d0"), (7, "d7"), (30, "d30"), (90, "d90"), (None, "over"))
"""Upper ends, in days, of the age bands, and their names; rows of a run unknown to the ledger are `unknown`."""


@dataclass(frozen=True)
class Reason:
    """A reason of one dataset: how many waiting rows have it, how many of them are new, and where one stands."""

    dataset: str
    code: str
    column: str
    message_zh: str
    rows: int
    new: int
    example: str


@dataclass(frozen=True)
class Sender:
    """A folder below a dataset: waiting rows, the new ones of them, and the age in days of the oldest."""

    name: str
    datasets: tuple[str, ...]
    rows: int
    new: int
    oldest: int | None


@dataclass(frozen=True)
class Waiting:
    """Rejected rows open at the end of a run; `came` and `resolved` since the published date before, and `back`: those
    whose waiver is over since then. `waivers_over`: last day → waiting rows whose waiver held until it.
    """

    rows: int
    came: int
    resolved: int
    back: int
    waivers_over: Mapping[date, int]
    bands: Mapping[str, int]
    senders: Sequence[Sender]
    senders_in_all: int
    reasons: Sequence[Reason]


def read_waiting(
    connection: sa.Connection,
    run_id: str,
    dates: Mapping[str, date],
    later: Sequence[str],
    since: Sequence[str],
    compared: date | None,
) -> Waiting:
    """The rejected rows as they stood at the end of the run.

    `dates` has the as_of of every run: a row's age is counted from that of the run that rejected it first.
    `later` are the runs begun afterwards: what they rejected is left out, what they resolved counts as open. New is
    what a run of `since` met first: those after the run of `compared`, the published date before, this one included.
    """
    waits = _waits(later)
    t = _REJECTED
    counted = connection.execute(
        sa.select(t.c.source_path, t.c.dataset, t.c.first_seen_run, sa.func.count())
        .where(waits)
        .group_by(t.c.source_path, t.c.dataset, t.c.first_seen_run)
    ).all()
    bands, rows, new = dict.fromkeys([*(name for _, name in BANDS), "unknown"], 0), 0, 0
    senders: dict[str, list[tuple[str, int, bool, int | None]]] = defaultdict(list)
    for path, dataset, first_seen, count in counted:
        age = _age(dates.get(first_seen), dates[run_id])
        bands[_band(age)] += count
        rows, new = rows + count, new + count * (first_seen in since)
        senders[_sender(path, dataset)].append((dataset, count, first_seen in since, age))
    ranked = sorted((_add_up(name, found) for name, found in senders.items()), key=_most_rows)
    resolved = sa.select(sa.func.count()).where(t.c.resolved_run.in_(since))
    over = _read_waivers_over(connection, waits, dates[run_id])
    return Waiting(
        rows,
        new,
        int(connection.execute(resolved).scalar_one()),
        sum(n for day, n in over.items() if compared is not None and day >= compared),
        over,
        bands,
        ranked[:_TOP],
        len(ranked),
        _read_reasons(connection, since, waits),
    )


def _read_waivers_over(connection: sa.Connection, waits: sa.ColumnElement[bool], as_of: date) -> dict[date, int]:
    day = _REJECTED.c.decided_until
    query = sa.select(day, sa.func.count()).where(waits, day < as_of).group_by(day).order_by(day)
    return {until: int(rows) for until, rows in connection.execute(query)}


def _waits(later: Sequence[str]) -> sa.ColumnElement[bool]:
    t = _REJECTED
    still = sa.or_(t.c.state == "open", t.c.resolved_run.in_(later)) if later else t.c.state == "open"
    return sa.and_(still, t.c.first_seen_run.not_in(later)) if later else still


def _age(first_seen: date | None, today: date) -> int | None:
    return None if first_seen is None else max(0, (today - first_seen).days)


def _band(age: int | None) -> str:
    if age is None:
        return "unknown"
    return next(name for end, name in BANDS if end is None or age <= end)


def _sender(path: str | None, dataset: str) -> str:
    """The folders between dataset and file; empty for a file that lies in the dataset's own folder."""
    folders = (path or "").split("/")[:-1]
    return "/".join(folders[1:] if folders[:1] == [dataset] else folders)


def _add_up(name: str, found: Sequence[tuple[str, int, bool, int | None]]) -> Sender:
    per_dataset: Counter[str] = Counter()
    for dataset, count, _, _ in found:
        per_dataset[dataset] += count
    ages = [age for *_, age in found if age is not None]
    return Sender(
        name,
        tuple(dataset for dataset, _ in per_dataset.most_common()),
        per_dataset.total(),
        sum(count for _, count, is_new, _ in found if is_new),
        max(ages, default=None),
    )


def _most_rows(sender: Sender) -> tuple[int, int, str]:
    return -sender.rows, -(sender.oldest or 0), sender.name


def _read_reasons(connection: sa.Connection, since: Sequence[str], waits: sa.ColumnElement[bool]) -> list[Reason]:
    t = _REJECTED
    each, (code, column, message) = _unnest(connection, t.c.reasons)
    record = sa.distinct(t.c.record_id)
    is_new = sa.case((t.c.first_seen_run.in_(since), t.c.record_id))
    rows = sa.func.count(record).label("rows")
    place = sa.func.coalesce(t.c.source_path, "") + ":" + sa.func.coalesce(sa.cast(t.c.line_no, sa.Text), "")
    query = (
        sa.select(t.c.dataset, code, column, sa.func.min(message), rows, sa.func.count(sa.distinct(is_new)), sa.func.min(place))
        .select_from(t.join(each, sa.true()))
        .where(waits)
        .group_by(t.c.dataset, code, column)
        .order_by(rows.desc(), t.c.dataset, code, column)
        .limit(_TOP)
    )
    found = connection.execute(query).all()
    every: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    texts = sa.select(t.c.dataset, code, column, message, rows).select_from(t.join(each, sa.true())).where(waits)
    for d, c, n, text, count in connection.execute(texts.group_by(t.c.dataset, code, column, message)):
        every[d, c or "", n or ""][text or ""] = int(count)
    told = {which: most_common(of) for which, of in every.items()}
    return [
        Reason(d, c or "", n or "", told.get((d, c or "", n or ""), m or ""), int(k), int(new), e)
        for d, c, n, m, k, new, e in found
    ]


def _unnest(
    connection: sa.Connection, reasons: sa.ColumnElement[str]
) -> tuple[sa.TableValuedAlias, list[sa.ColumnElement[Any]]]:
    """The list of reasons as rows, and code, column and message of each."""
    names = ("code", "column", "message_zh")
    if connection.dialect.name == "sqlite":
        rows = sa.func.json_each(reasons).table_valued("value", name="reason")
        return rows, [sa.func.json_extract(rows.c.value, f"$.{name}") for name in names]
    value: sa.ColumnClause[Any] = sa.column("value", JSONB())
    rows = sa.func.jsonb_array_elements(sa.cast(reasons, JSONB)).table_valued(value, name="reason")
    return rows, [rows.c.value[name].astext for name in names]
