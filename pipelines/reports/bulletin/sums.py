"""The sums of a bulletin, by division, city and altogether: what rates are made of, read from the figure tables once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.bulletin.subject import Subject
from pipelines.reports.time_progress import read_expected
from pipelines.views.divisions import find_wholes

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
    return _read(
        connection,
        t,
        (t.c.code, t.c.phase, t.c.duty),
        VOLUME,
        subject,
        *wanted,
        places=level == "jurisdiction",
    )


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
    return _with_all({(place, status): {"commitments": int(n)} for place, status, n in counted}, places=True)


def sum_payments(
    connection: sa.Connection, subject: Subject, level: Level = "jurisdiction"
) -> dict[Key, Sums]:
    """Payables under the applicable due rule by (division or institution,)."""
    t = METADATA.tables["payment_timeliness"]
    wanted = (t.c.due_rule == "applicable", _within(t.c.jurisdiction_code, subject))
    return _read(
        connection, t, (t.c[f"{level}_code"],), PAYMENT, subject, *wanted, places=level == "jurisdiction"
    )


def sum_invoices(
    connection: sa.Connection, subject: Subject, level: Level = "jurisdiction"
) -> dict[Key, Sums]:
    """Hospital invoice lines by (division or institution,)."""
    t = METADATA.tables["two_invoice_compliance"]
    wanted = _within(t.c.jurisdiction_code, subject)
    return _read(
        connection, t, (t.c[f"{level}_code"],), INVOICE, subject, wanted, places=level == "jurisdiction"
    )


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
        },
        places=True,
    )


def sum_expected(connection: sa.Connection, subject: Subject) -> dict[tuple[str, Key], Sums]:
    """What would be bought by now, in yuan, by level and key as `sum_volume` and `sum_lots` have it.

    Divided by the agreed amount it is the time progress, with the weights of the execution rate.
    """
    frame = read_expected(connection, subject.as_of)
    names = METADATA.tables["institution_names"]
    query = sa.select(names.c.institution_code, names.c.jurisdiction_code)
    place = {str(code): str(division) for code, division in connection.execute(query)}
    found: dict[str, dict[Key, Sums]] = {"institution": {}, "jurisdiction": {}, "lot": {}}
    for level, code, phase, duty, fen in frame.iter_rows():
        where = {"institution": place.get(code, ""), "jurisdiction": code}.get(level, "")
        if level in found and (level == "lot" or _is_within(where, subject)):
            found[level][code, phase, duty] = {"expected_fen": fen or 0}
    summed = {level: _with_all(sums, places=level == "jurisdiction") for level, sums in found.items()}
    return {(level, key): sums for level, keys in summed.items() for key, sums in keys.items()}


def _is_within(place: str, subject: Subject) -> bool:
    return not subject.scope or place.startswith(subject.scope)


def _within(column: sa.ColumnElement[str], subject: Subject) -> sa.ColumnElement[bool]:
    return sa.or_(*(column.startswith(p) for p in subject.scope)) if subject.scope else sa.true()


def _read(
    connection: sa.Connection, table: sa.Table, by: Sequence[sa.Column[str]], names: Sequence[str], subject: Subject,
    *wanted: sa.ColumnElement[bool], places: bool = False,
) -> dict[Key, Sums]:  # fmt: skip
    added = (sa.cast(sa.func.sum(table.c[name]), sa.BigInteger) for name in names)
    query = sa.select(*by, *added).where(table.c.as_of == subject.as_of, *wanted).group_by(*by)
    found: dict[Key, Sums] = {}
    for row in connection.execute(query):
        values = (int(value or 0) for value in row[len(by) :])
        found[tuple(map(str, row[: len(by)]))] = dict(zip(names, values, strict=True))
    return _with_all(found, places=places)


def _with_all(found: Mapping[Key, Sums], *, places: bool = False) -> dict[Key, Sums]:
    """Add, under `ALL`, the sums over all; of `places` before that those of cities and provinces as a whole.

    In the order of the keys, sums last.
    """
    belongs: dict[str, list[str]] = defaultdict(list)
    if places:
        for city, codes in find_wholes(key[0] for key in found).items():
            for code in codes:
                belongs[code].append(city)
    whole: dict[Key, dict[str, int]] = {}
    for key, sums in found.items():
        for code in (*belongs[key[0]], ALL):
            added = whole.setdefault((code, *key[1:]), dict.fromkeys(sums, 0))
            for name, value in sums.items():
                added[name] += value
    last = sorted(whole, key=lambda key: (key[0] == ALL, key))
    return {**{key: found[key] for key in sorted(found)}, **{key: whole[key] for key in last}}
