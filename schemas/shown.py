"""How people are shown an indicator: tables of the terminal's headline, figures, sheets and charts of the site's pages, and
sections of the bulletin.

An indicator may say so in `SHOWN` of `pipelines/indicators/<code>/shown.py`; what it does not say follows from its report
tables and measures (`schemas.shown_by_default`). Where a title is a pair it is Chinese and English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from schemas.form import Form
from schemas.measure import Measure
from schemas.section import NO_TITLES, Section, Titles
from schemas.table import Column, ReportTable

Level = Literal["institution", "jurisdiction", "all", "product", "enterprise"]
LEVELS: tuple[Level, ...] = ("institution", "jurisdiction", "all")
PARTIES: tuple[Level, ...] = ("product", "enterprise")
"""What is bought, and of whom: they have pages of their own."""


@dataclass(frozen=True)
class Headline:
    """A table of the terminal: sums of the rows of `table` that have the values of `where`, and rates of the sums.

    `lines` are its rows, each with its Chinese word and columns of the table, under the same `headings` (the first stands over
    the words). With `by` there is a row for each of the values of these columns instead. `counted` is a column of a report
    table (`table.column`) whose values are counted below.
    """

    table: str
    title_zh: str
    headings: tuple[str, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    counted: str = ""


@dataclass(frozen=True)
class Figure:
    """A number of each institution and division and of all: a column of `table` (or a sum, `a + b`) over their rows.

    Only rows with the values of `where` count, and beyond a single institution those of `beyond`. It is a column of the
    lists, and with `tile` stands first on its page, in small the figures of these codes and a `note`. `whose` says on
    pages of divisions whose rows they are.
    """

    code: str
    table: str
    column: str
    titles: Titles
    where: Mapping[str, str] = field(default_factory=dict)
    beyond: Mapping[str, str] = field(default_factory=dict)
    tile: tuple[str, ...] | None = None
    whose: Titles = NO_TITLES
    note: Titles = NO_TITLES


@dataclass(frozen=True)
class Chart:
    """A drawing of a sheet's rows.

    `stacked`: a bar of `columns` for each of the newest rows; `lying`: the same across, for the first rows that have any;
    `lines`: a line for each of `columns` over the newest rows; `spans`: for each of the newest rows a rule from the first to the
    last of three `columns` with a tick at the second, prices in yuan; `points`: the first of `columns` across, the second up,
    coloured by the value of `look`, which is a key of `looks` (colour and shape). `label` are columns that name an entry;
    entries with a value of `without` are left out.
    """

    kind: Literal["stacked", "lying", "lines", "points", "spans"]
    titles: Titles
    columns: tuple[str, ...]
    label: tuple[str, ...]
    limit: int | None = None
    look: str = ""
    looks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A table on the site's pages of `levels`: `columns` of the report table `table`, of rows with the values of `where`.

    Its rows are added up by `by`; without it they stand as they are. `order` are columns, `-column` for the greatest first;
    a column with a list of values goes by that list. Of a table that is rolled up `part` names another level of which all
    rows are shown, and `code_parts` the columns (`table.column`) that parts of its code, between slashes, are codes of.
    `mark` has for a rate the column marked on its bar. `alone` is the title of a page of its own for the rows of all. One that is
    `single` has no rows on the pages of cities and provinces as a whole: those of several divisions would not say whose they are.
    """

    code: str
    table: str
    titles: Titles
    columns: tuple[str, ...]
    by: tuple[str, ...] | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    levels: tuple[Level, ...] = LEVELS
    folded: tuple[Level, ...] = ()
    has_filter: bool = False
    part: str = ""
    code_parts: tuple[str, ...] = ()
    mark: Mapping[str, str] = field(default_factory=dict)
    note: Titles = NO_TITLES
    alone: Titles = NO_TITLES
    single: bool = False
    chart: Chart | None = None

    def seen_from(self, party: Level, column: str, titles: Titles = NO_TITLES) -> Sheet:
        """The same on pages of products or companies: whose rows they are stands where the `column` of these stood."""

        def turn(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name.replace(column, "institution_code") for name in names)

        return replace(
            self,
            code=f"{self.code}_of_{party}",
            titles=self.titles if titles == NO_TITLES else titles,
            columns=turn(self.columns),
            by=None if self.by is None else turn(self.by),
            order=turn(self.order),
            levels=(party,),
            folded=(),
            alone=NO_TITLES,
            chart=self.chart and replace(self.chart, label=turn(self.chart.label)),
        )


@dataclass(frozen=True)
class Beside:
    """Columns beside those of `table`, made from the rows of `reads` (tables and their columns) when pages are made.

    `make` takes the rows by table and the published date, and returns the table's key and the columns that are whole
    numbers; rates among `columns` are quotients as in any table. `measure` follows `after` where measures are listed.
    """

    table: str
    columns: tuple[Column, ...]
    reads: Mapping[str, tuple[str, ...]]
    make: Callable[[Mapping[str, Any], date], Any] = field(repr=False)
    measure: Measure
    after: str


@dataclass(frozen=True)
class Breaks:
    """Days on which a rate becomes one of other things: from `starts` on, and after `ends`, of what `named` names.

    Rows of `table` with a value of `without` do not count. `note` stands below the lines that it breaks.
    """

    table: str
    starts: str
    ends: str
    named: str
    note: Titles
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched:
    """An amount on the morning page beside the rates: the sum of a `column` of `table` over all rows, how it moved since the
    date before, and of whom it moved most: one value of the column `of`.
    """

    table: str
    column: str
    titles: Titles
    of: str = "institution_code"


@dataclass(frozen=True)
class Shown:
    """How people are shown an indicator; None is what follows from its tables and measures.

    `whose` says whose rows its sums hold, and `scope` the same as a sentence below the lists.
    """

    titles: Titles = NO_TITLES
    whose: Titles = NO_TITLES
    scope: Titles = NO_TITLES
    headlines: tuple[Headline, ...] | None = None
    figures: tuple[Figure, ...] | None = None
    sheets: tuple[Sheet, ...] | None = None
    sections: tuple[Section, ...] | None = None
    forms: tuple[Form, ...] = ()
    beside: Beside | None = None
    breaks: Breaks | None = None
    watched: tuple[Watched, ...] = ()
    code: str = ""
    measures: tuple[Measure, ...] = ()

    def all_figures(self) -> tuple[Figure, ...]:
        """Its figures, none where it has none."""
        return self.figures or ()

    def all_sheets(self, level: Level | None = None, *, alone: bool = False) -> Iterator[Sheet]:
        """Its sheets of a level; those with a page of their own instead of the page about all."""
        for sheet in self.sheets or ():
            if level is None or (level in sheet.levels and (level == "all" and sheet.alone != NO_TITLES) == alone):
                yield sheet


def split_first(measure: Measure) -> tuple[dict[str, str], dict[str, str]]:
    """The values that a measure's one figure has: for every page, and for those beyond a single institution."""
    everywhere = {column: value for column, value in measure.first.items() if column not in measure.own}
    return everywhere, {column: value for column, value in measure.first.items() if column not in everywhere}


def levels_of(table: ReportTable) -> tuple[Level, ...]:
    """The levels at which rows of a table can be told apart or added up."""
    if table.rolled_up:
        return LEVELS
    return tuple(level for level in LEVELS if level == "all" or f"{level}_code" in table.column_names)


def party_of(table: ReportTable, party: Level) -> str | None:
    """The column that says which product or company a row is about: of those with its codes one of the key, else the first."""
    found = [column.name for column in table.columns if column.refers == party]
    return next((name for name in found if name in table.key), found[0] if found else None)


def check_codes(found: Mapping[str, Shown]) -> None:
    """ValueError where two figures, or two sheets, have the same code: they name columns, files and charts of one page."""
    figures = [figure.code for shown in found.values() for figure in shown.all_figures()]
    sheets = [sheet.code for shown in found.values() for sheet in shown.all_sheets()]
    for what, codes in (("figures", figures), ("sheets", sheets)):
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"{what} that indicators show have the same code: {', '.join(twice)}")
