"""The sums of a bulletin, by division and altogether: what rates are made of, read from the figure tables once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa

from pipelines.publish.tables import METADATA
from pipelines.reports.bulletin.subject import Subject

Sums = Mapping[str, int]
Key = tuple[str, ...]
Level = Literal["jurisdiction", "institution"]
ALL = ""
"""Stands for all of the bulletin together, in the place of a code."""

VOLUME = ("commitments", "completed", "agreed_fen", "net_fen", "capped_fen")
AGEING = (
    "overdue_0_30_fen",
    "overdue_31_60_fen",
    "overdue_61_90_fen",
    "overdue_91_180_fen",
    "overdue_over_180_fen",
)
PAYMENT = (
    "matured_fen", "on_time_fen", "late_paid_fen", "overdue_fen", "excused_fen", "matured_count", "on_time_count",
    *AGEING,
)  # fmt: skip
INVOICE = tuple(
    f"{part}_{unit}" for unit in ("fen", "count") for part in ("scope", "compliant", "violation", "unverifiable", "exempt")
)  # fmt: skip


def sum_volume(connection: sa.Connection, subject: Subject, level: Level = "jurisdiction") -> dict[Key, Sums]:
    """Sums of running and ended commitments by (division or institution, phase, duty)."""
    t, names = METADATA.tables["agreed_volume_rollup"], METADATA.tables["institution_names"]
    if level == "jurisdiction":
        inside = _within(t.c.code, subject)
    else:
        own = sa.select(names.c.institution_code).where(_within(names.c.jurisdiction_code, subject))
        inside = t.c.code.in_(own) if subject.scope else sa.true()
    wanted = (t.c.level == level, inside)
    return _read(connection, t, (t.c.code, t.c.phase, t.c.duty), VOLUME, subject, *wanted)


def sum_lots(connection: sa.Connection, subject: Subject) -> dict[Key, Sums]:
    """The same by (lot, phase, duty); no lot is told apart by division, so that a scope has none."""
    if subject.scope:
        return {}
    t = METADATA.tables["agreed_volume_rollup"]
    return _read(connection, t, (t.c.code, t.c.phase, t.c.duty), VOLUME, subject, t.c.level == "lot")


def count_statuses(connection: sa.Connection, subject: Subject) -> dict[Key, Sums]:
    """Commitments by (division, status)."""
    t = METADATA.tables["agreed_volume_completion"]
    query = sa.select(t.c.jurisdiction_code, t.c.status, sa.func.count()).where(
        t.c.as_of == subject.as_of, _within(t.c.jurisdiction_code, subject)
    )
    counted = connection.execute(query.group_by(t.c.jurisdiction_code, t.c.status))
    return _with_all({(place, status): {"commitments": int(n)} for place, status, n in counted})


def sum_payments(
    connection: sa.Connection, subject: Subject, level: Level = "jurisdiction"
) -> dict[Key, Sums]:
    """Payables under the applicable due rule by (division or institution,)."""
    t = METADATA.tables["payment_timeliness"]
    wanted = (t.c.due_rule == "applicable", _within(t.c.jurisdiction_code, subject))
    return _read(connection, t, (t.c[f"{level}_code"],), PAYMENT, subject, *wanted)


def sum_invoices(
    connection: sa.Connection, subject: Subject, level: Level = "jurisdiction"
) -> dict[Key, Sums]:
    """Hospital invoice lines by (division or institution,)."""
    t = METADATA.tables["two_invoice_compliance"]
    wanted = _within(t.c.jurisdiction_code, subject)
    return _read(connection, t, (t.c[f"{level}_code"],), INVOICE, subject, wanted)


def sum_findings(connection: sa.Connection, subject: Subject) -> dict[Key, Sums]:
    """Findings by (division, rule): open, excused among them, cured, and the amount of the open ones."""
    t = METADATA.tables["findings"]
    is_open = t.c.state == "open"
    place = sa.func.coalesce(t.c.jurisdiction_code, "-")
    sums = (
        sa.func.sum(sa.case((is_open, 1), else_=0)),
        sa.func.sum(sa.case((sa.and_(is_open, t.c.excuse_id.is_not(None)), 1), else_=0)),
        sa.func.sum(sa.case((t.c.state == "cured", 1), else_=0)),
        sa.cast(sa.func.sum(sa.case((is_open, t.c.amount_fen), else_=0)), sa.BigInteger),
    )
    query = sa.select(place, t.c.rule_code, *sums).where(t.c.as_of == subject.as_of, _within(place, subject))
    names = ("open", "excused", "cured", "amount_fen")
    return _with_all(
        {
            (str(code), str(rule)): dict(zip(names, (int(n or 0) for n in found), strict=True))
            for code, rule, *found in connection.execute(query.group_by(place, t.c.rule_code))
        }
    )


def sum_days(connection: sa.Connection, subject: Subject) -> dict[Key, Sums]:
    """Days gone and days in all of the running commitments of public institutions, by (`lot` or `jurisdiction`, code).

    Time progress of several commitments is Σ days gone ÷ Σ days, as every rate is Σ ÷ Σ.
    """
    t, names = METADATA.tables["agreed_volume_completion"], METADATA.tables["institution_names"]
    by = (t.c.lot_code, t.c.jurisdiction_code, t.c.period_start, t.c.period_end)
    query = (
        sa.select(*by, sa.func.count())
        .join_from(t, names, names.c.institution_code == t.c.institution_code)
        .where(
            t.c.as_of == subject.as_of, t.c.period_start <= subject.as_of, t.c.period_end >= subject.as_of,
            t.c.status != "cancelled", names.c.ownership == "public", _within(t.c.jurisdiction_code, subject),
        )
    )  # fmt: skip
    days: dict[Key, dict[str, int]] = defaultdict(lambda: {"gone": 0, "days": 0})
    for lot, place, start, end, number in connection.execute(query.group_by(*by)):
        for key in (("lot", lot), ("jurisdiction", place), ("jurisdiction", ALL)):
            days[key]["gone"] += number * _days(start, subject.as_of)
            days[key]["days"] += number * _days(start, end)
    return dict(days)


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def _within(column: sa.ColumnElement[str], subject: Subject) -> sa.ColumnElement[bool]:
    return sa.or_(*(column.startswith(p) for p in subject.scope)) if subject.scope else sa.true()


def _read(
    connection: sa.Connection, table: sa.Table, by: Sequence[sa.Column[str]], names: Sequence[str], subject: Subject,
    *wanted: sa.ColumnElement[bool],
) -> dict[Key, Sums]:  # fmt: skip
    added = (sa.cast(sa.func.sum(table.c[name]), sa.BigInteger) for name in names)
    query = sa.select(*by, *added).where(table.c.as_of == subject.as_of, *wanted).group_by(*by)
    found: dict[Key, Sums] = {}
    for row in connection.execute(query):
        values = (int(value or 0) for value in row[len(by) :])
        found[tuple(map(str, row[: len(by)]))] = dict(zip(names, values, strict=True))
    return _with_all(found)


def _with_all(found: Mapping[Key, Sums]) -> dict[Key, Sums]:
    """Add, under the division `ALL`, the sums over all divisions; in the order of the keys, all of them last."""
    whole: dict[Key, dict[str, int]] = {}
    for key, sums in found.items():
        added = whole.setdefault((ALL, *key[1:]), dict.fromkeys(sums, 0))
        for name, value in sums.items():
            added[name] += value
    return {**{key: found[key] for key in sorted(found)}, **{key: whole[key] for key in sorted(whole)}}
