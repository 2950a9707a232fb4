"""What a section of the bulletin is: sums and rates of a report table side by side, for each place and altogether.

An indicator declares its own in `SHOWN` of `pipelines/indicators/<code>/shown.py`; where it says nothing, `default_sections`
makes one of its measures. Titles, notes and words are pairs: Chinese and English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.measure import Measure, Place
from schemas.table import Quotient, ReportTable

Level = Literal["jurisdiction", "institution", "lot"]
Titles = tuple[str, str]
NO_TITLES: Titles = ("", "")
COLOURS = ("#2F5D9B", "#9DB7D9", "#2E7D4F", "#B9BEC6")
"""Of the rates of a section that names none."""


@dataclass(frozen=True)
class Entry:
    """A column of a section: the sum of the table's `column`, or the quotient of sums that the column, or here `of`, says.

    The column may be one that stands beside those of the table (`Beside`). Titles are its own where none are given.
    """

    column: str
    titles: Titles = NO_TITLES
    of: Quotient | None = None


@dataclass(frozen=True)
class Bars:
    """How a section is drawn: for each place bars of the entries that have `colours`, those of `marks` as marks across them.

    `rates` stand beside each other, `amounts` upon each other, `shares` upon each other up to 100 %.
    """

    kind: Literal["rates", "amounts", "shares"]
    colours: Mapping[str, str]
    marks: tuple[str, ...] = ()
    titles: Titles = NO_TITLES


@dataclass(frozen=True)
class Tile:
    """The rate of all places that stands first on the page, and in small the one `beside` it with its words (`封顶 {}`).

    `at` are the values of `apart` whose rate it is.
    """

    column: str
    titles: Titles
    beside: str = ""
    words: Titles = NO_TITLES
    at: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UpTo:
    """What came up to a day, of rows by months: `month` is the column that says which ('YYYY-MM'), `owed` the one of money
    that is told for each level of institution too.
    """

    month: str
    owed: str


@dataclass(frozen=True)
class Section:
    """Sums of the rows of `table` that have the values of `where`, by place at each of `levels` and by the columns of `apart`,
    whose rows are never added up together; rates stand beside the sums that they are quotients of.

    With `spread`, a column of the table, rows are counted: first an entry for each of its values, of whose counts the rates
    of `entries` are made. One with `up_to` stands only in a bulletin that is asked for what came up to a day, with the sums of
    the rows up to then.
    """

    code: str
    table: str
    titles: Titles
    entries: tuple[Entry, ...]
    where: Mapping[str, str] = field(default_factory=dict)
    apart: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ("jurisdiction", "institution")
    spread: str = ""
    note: Titles = NO_TITLES
    bars: Bars | None = None
    tile: Tile | None = None
    up_to: UpTo | None = None


def default_sections(
    tables: Sequence[ReportTable], measures: Sequence[Measure], place: Place = "bulletin"
) -> Iterator[Section]:
    """A section for the measures of the same rows: what they are quotients of, then the rates, the first on a tile."""
    by_name = {table.name: table for table in tables}
    rows: dict[tuple[Any, ...], list[Measure]] = {}
    for measure in measures:
        if place in measure.shown:
            rows.setdefault((measure.table, tuple(measure.where.items()), measure.apart), []).append(measure)
    for (name, where, apart), own in rows.items():
        table = by_name[name]
        rates = [(m, of) for m in own if (of := table.column(m.column).of)]
        parts = dict.fromkeys(part for _, of in rates for part in of.columns)
        formulas = (f"{m.title_zh} = {table.formula(of)[0]}" for m, of in rates)
        shares = [m.column for m, _ in rates if table.column(m.column).is_share]
        yield Section(
            "_".join((name, *dict(where).values())),
            name,
            (table.title_zh, name.replace("_", " ").capitalize()),
            (*map(Entry, parts), *(Entry(m.column, (m.title_zh, m.title_en)) for m, _ in rates)),
            dict(where),
            apart,
            _levels_of(table),
            note=("；".join(formulas), "Rates are quotients of the sums beside them."),
            bars=Bars("rates", dict(zip(shares, COLOURS, strict=False))) if shares else None,
            tile=Tile(own[0].column, (own[0].title_zh, own[0].title_en), at=own[0].first),
        )


def _levels_of(table: ReportTable) -> tuple[Level, ...]:
    """The levels whose rows the table has or its rows can be added up to."""
    known = {name.removesuffix("_code") for name in table.column_names}
    if table.rolled_up:
        known = set(table.column(table.rolled_up[0]).spoken)
    elif "institution" in known:
        known |= {"jurisdiction"}
    levels: tuple[Level, ...] = ("jurisdiction", "institution")
    return tuple(level for level in levels if level in known)
