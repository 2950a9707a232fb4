"""The sums of a bulletin, by place and altogether: what rates are made of, read from the figure tables once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.added_up import having, within
from pipelines.reports.beside import read_beside, shown_table
from pipelines.reports.bulletin.subject import Subject
from pipelines.views.divisions import find_wholes
from schemas.reports import REPORTS
from schemas.section import Level, Section

Number = int | float
Sums = Mapping[str, Number]
Key = tuple[str, ...]
ALL = ""
"""Stands for all of the bulletin together, in the place of a code."""


def sum_section(connection: sa.Connection, subject: Subject, section: Section, level: Level) -> dict[Key, Sums]:
    """Sums of a section's columns, of one with `spread` the rows with each of its values, by (code of the level, *apart).

    A scope has no lots: no lot is told apart by division.
    """
    if level == "lot" and subject.scope:
        return {}
    t, spread = METADATA.tables[section.table], [section.spread] if section.spread else []
    source, place, conditions = _find_rows(section, level, subject.scope)
    by = (place, *(t.c[name] for name in (*section.apart, *spread)))
    beside = {c.name for c in shown_table(section.table).columns} - set(REPORTS[section.table].column_names)
    parts = ["rows"] if spread else list(parts_of(section))
    names = [name for name in parts if name not in beside]
    added = [sa.func.count()] if spread else [_add_up(t.c[name]) for name in names]
    query = sa.select(*by, *added).select_from(source).where(t.c.as_of == subject.as_of, *conditions).group_by(*by)
    found: dict[Key, dict[str, Number]] = {}
    for row in connection.execute(query):
        key = tuple(map(str, row[: len(by)]))
        found[key] = dict.fromkeys(parts, 0) | {n: v or 0 for n, v in zip(names, row[len(by) :], strict=True)}
    if spread:
        found = _spread(found, REPORTS[section.table].column(section.spread).spoken)
    if names != parts:
        _add_beside(connection, subject, section, level, found)
    return with_all(found, places=level == "jurisdiction")


def _find_rows(
    section: Section, level: Level, scope: Sequence[str]
) -> tuple[sa.FromClause, sa.ColumnElement[str], list[sa.ColumnElement[bool]]]:
    """Where the rows of a section at a level stand, the code of their place, and which they are; the division of a row is its
    own, else that of its institution.
    """
    report, t, names = (REPORTS[section.table], METADATA.tables[section.table], METADATA.tables["institution_names"])
    conditions = having(t, section.where)
    code, institution = t.c.get(f"{level}_code"), t.c.get("institution_code")
    if report.rolled_up:
        conditions.append(t.c[report.rolled_up[0]] == level)
        code = institution = t.c[report.rolled_up[1]]
    own = code if level == "jurisdiction" else t.c.get("jurisdiction_code")
    if own is not None or level == "lot":
        inside = [within(own, scope)] if own is not None else []
        assert code is not None
        return t, code, [*conditions, *inside]
    division = names.c.jurisdiction_code
    source = t.outerjoin(names, names.c.institution_code == institution)
    place = code if code is not None else sa.func.coalesce(division, "-")
    return source, place, [*conditions, within(division, scope)]


def parts_of(section: Section) -> dict[str, None]:
    """The columns that a section adds up, those of which its rates are quotients among them."""
    table = shown_table(section.table)
    parts: dict[str, None] = {}
    for entry in section.entries:
        of = entry.of or table.column(entry.column).of
        parts |= dict.fromkeys(of.columns if of else (entry.column,))
    return parts


def _add_up(column: sa.Column[int]) -> sa.ColumnElement[int]:
    summed = sa.func.sum(column)
    return sa.cast(summed, sa.BigInteger) if isinstance(column.type, sa.Integer) else summed


def _spread(found: Mapping[Key, Sums], words: Mapping[str, str]) -> dict[Key, dict[str, Number]]:
    by_place: dict[Key, dict[str, Number]] = {}
    for (*key, value), sums in found.items():
        by_place.setdefault(tuple(key), dict.fromkeys(words, 0))[value] = sums["rows"]
    return by_place


def _add_beside(
    connection: sa.Connection, subject: Subject, section: Section, level: Level, found: Mapping[Key, dict[str, Number]]
) -> None:
    """Add what stands beside the rows of the section's table, by its key."""
    frame, rolled_up = read_beside(connection, section.table, subject.as_of), REPORTS[section.table].rolled_up
    assert frame is not None
    wanted = dict(section.where) | ({rolled_up[0]: level} if rolled_up else {})
    code = rolled_up[1] if rolled_up else f"{level}_code"
    for row in frame.iter_rows(named=True):
        sums = found.get((row[code], *(row[name] for name in section.apart)))
        if sums is not None and all(row[name] == value for name, value in wanted.items()):
            for name in sums.keys() & row.keys():
                sums[name] += row[name] or 0


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
    query = sa.select(place, t.c.rule_code, *sums).where(t.c.as_of == subject.as_of, within(place, subject.scope))
    names = ("open", "excused", "cured", "amount_fen")
    return with_all(
        {
            (str(code), str(rule)): dict(zip(names, (int(n or 0) for n in found), strict=True))
            for code, rule, *found in connection.execute(query.group_by(place, t.c.rule_code))
        },
        places=True,
    )


def with_all(found: Mapping[Key, Sums], *, places: bool = False) -> dict[Key, Sums]:
    """Add, under `ALL`, the sums over all; of `places` before that those of cities and provinces as a whole.

    In the order of the keys, sums last.
    """
    belongs: dict[str, list[str]] = defaultdict(list)
    if places:
        for city, codes in find_wholes(key[0] for key in found).items():
            for code in codes:
                belongs[code].append(city)
    whole: dict[Key, dict[str, Number]] = {}
    for key, sums in found.items():
        for code in (*belongs[key[0]], ALL):
            added = whole.setdefault((code, *key[1:]), dict.fromkeys(sums, 0))
            for name, value in sums.items():
                added[name] += value
    last = sorted(whole, key=lambda key: (key[0] == ALL, key))
    return {**{key: found[key] for key in sorted(found)}, **{key: whole[key] for key in last}}
