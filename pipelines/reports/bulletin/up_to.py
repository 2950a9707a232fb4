"""What came up to a day and how it stands on as_of: by division, by level of institution, and institution by institution.

A bulletin has it where it is asked for (`vbp bulletin --arrears-accepted-to`), of each section that says so (`UpTo`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.added_up import having, sums_of, within
from pipelines.reports.bulletin.listing import SUM, Cell, Head, Headline, Listing, list_rows
from pipelines.reports.bulletin.subject import Subject
from pipelines.reports.bulletin.summary import PLACES, as_yuan, head_of, place_of, read_names, values_of
from pipelines.reports.bulletin.sums import Key, with_all
from schemas.declared import SHOWN
from schemas.reports import REPORTS
from schemas.section import Section, UpTo
from schemas.spellings import LEVELS, first_spellings

_LEVELS = {**first_spellings(LEVELS), "": "未定等级"}


class _Row(NamedTuple):
    """The sums of an institution, with its division and level."""

    division: str
    level: str
    institution: str
    sums: Counter[str]


def list_up_to(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """The listings of the sections that say up to when, each ending with its sum."""
    sections = ((s, s.up_to) for shown in SHOWN.values() for s in shown.sections or ())
    return [listing for section, up_to in sections if up_to for listing in _list(connection, subject, section, up_to)]


def _list(connection: sa.Connection, subject: Subject, section: Section, up_to: UpTo) -> Iterator[Listing]:
    rows, table, columns = (
        _read(connection, subject, section, up_to),
        REPORTS[section.table],
        [e.column for e in section.entries],
    )
    zh = f"{subject.up_to} 及以前验收的{section.titles[0]}"
    en = f"{section.titles[1]}, accepted up to {subject.up_to}"
    note = (f"截至 {subject.as_of}。{section.note[0]}", f"As of {subject.as_of}. {section.note[1]}")
    heads = [head_of(entry, table.column(entry.column)) for entry in section.entries]
    owed = heads[columns.index(up_to.owed)]
    level = Head("机构等级", "level", "text")
    total: Counter[str] = Counter()
    by_level: dict[str, Counter[str]] = defaultdict(Counter)
    by_division: dict[Key, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for sums in (total, by_level[row.level], by_division[row.division,]):
            sums.update(row.sums)
        by_division[row.division,][f"of_{row.level}"] += row.sums[up_to.owed]
    levels = [value for value in _LEVELS if value in by_level]
    names = {name: read_names(connection, name) for name in PLACES}

    found = with_all(
        {key: dict.fromkeys((f"of_{v}" for v in levels), 0) | sums for key, sums in by_division.items()}, places=True
    )
    divisions: list[list[Cell]] = [
        [*place_of(code, names["jurisdiction"]), *values_of(section, sums), *(as_yuan(int(sums[f"of_{v}"])) for v in levels)]
        for (code,), sums in found.items()
    ]
    of_levels = [Head(f"其中{_LEVELS[v]}{owed.zh}", f"{v or 'no level'}: {owed.en}", owed.kind) for v in levels]
    told = Headline((f"{zh}（元）", f"{en} (yuan)"), as_yuan(total[up_to.owed]), owed.kind)
    places = [*PLACES["jurisdiction"], *heads, *of_levels]
    yield list_rows(f"{section.code}_divisions", zh, en, places, divisions, note, headline=told)

    whole: list[Cell] = [SUM, *values_of(section, total)]
    ranks = [[_LEVELS[value], *values_of(section, by_level[value])] for value in levels]
    yield list_rows(f"{section.code}_levels", f"{zh}（按机构等级）", f"{en}, by level", [level, *heads], [*ranks, whole], note)

    owing = sorted(rows, key=lambda row: (-row.sums[up_to.owed], row.institution))
    institutions: list[list[Cell]] = [
        [r.institution, names["institution"].get(r.institution, r.institution), _LEVELS[r.level], *values_of(section, r.sums)]
        for r in owing
    ]
    each = [*PLACES["institution"], level, *heads]
    yield list_rows(
        f"{section.code}_institutions",
        f"{zh}（按医疗机构）",
        f"{en}, by institution",
        each,
        [*institutions, ["", SUM, "", *whole[1:]]],
        note,
    )


def _read(connection: sa.Connection, subject: Subject, section: Section, up_to: UpTo) -> list[_Row]:
    """The institutions with rows up to the month of the day, in the order of division and code."""
    assert subject.up_to is not None
    t, n = METADATA.tables[section.table], METADATA.tables["institution_names"]
    columns = [entry.column for entry in section.entries]
    by = (t.c.jurisdiction_code, sa.func.coalesce(n.c.level, ""), t.c.institution_code)
    query = (
        sa.select(*by, *sums_of(t, columns))
        .select_from(t.outerjoin(n, n.c.institution_code == t.c.institution_code))
        .where(t.c.as_of == subject.as_of, t.c[up_to.month] <= f"{subject.up_to:%Y-%m}", *having(t, section.where))
        .where(within(t.c.jurisdiction_code, subject.scope))
        .group_by(*by)
        .order_by(t.c.jurisdiction_code, t.c.institution_code)
    )
    return [
        _Row(division, level, institution, Counter(dict(zip(columns, sums, strict=True))))
        for division, level, institution, *sums in connection.execute(query)
    ]
