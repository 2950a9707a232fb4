"""How people are shown an indicator: tables of the terminal's headline, figures, sheets and charts of the site's pages, and
sections of the bulletin.

An indicator may say so in `SHOWN` of `pipelines/indicators/<code>/shown.py`; what it does not say follows from its report
tables and measures (`filled_in`). Where a title is a pair it is Chinese and English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from schemas.form import Form
from schemas.measure import Measure
from schemas.section import NO_TITLES, Section, Titles, default_sections
from schemas.table import Column, ReportTable, title_en_of

Level = Literal["institution", "jurisdiction", "all"]
LEVELS: tuple[Level, ...] = ("institution", "jurisdiction", "all")
_TIMES = ("month", "quarter", "year", "_on")


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
    `lines`: a line for each of `columns` over the newest rows; `points`: the first of `columns` across, the second up, coloured
    by the value of `look`, which is a key of `looks` (colour and shape). `label` are columns that name an entry; entries with
    a value of `without` are left out.
    """

    kind: Literal["stacked", "lying", "lines", "points"]
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
    `mark` has for a rate the column marked on its bar. `alone` is the title of a page of its own for the rows of all.
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
    chart: Chart | None = None


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


def filled_in(code: str, shown: Shown, tables: Sequence[ReportTable], measures: Sequence[Measure]) -> Shown:
    """What an indicator says of itself, and for what it does not say its default."""
    by_name = {table.name: table for table in tables}
    own = list(measures)
    if shown.beside:
        own.insert([m.code for m in own].index(shown.beside.after) + 1, shown.beside.measure)
    titles = (tables[0].title_zh if tables else code, title_en_of(code))
    return replace(
        shown,
        code=code,
        measures=tuple(own),
        titles=titles if shown.titles == NO_TITLES else shown.titles,
        headlines=tuple(_headlines(tables, measures)) if shown.headlines is None else shown.headlines,
        figures=tuple(_figures(by_name, measures)) if shown.figures is None else shown.figures,
        sheets=tuple(_sheets(tables, measures)) if shown.sheets is None else shown.sheets,
        sections=tuple(default_sections(tables, measures)) if shown.sections is None else shown.sections,
    )


def _headlines(tables: Sequence[ReportTable], measures: Sequence[Measure]) -> Iterator[Headline]:
    """The default sections of the measures, over all places."""
    by_name = {table.name: table for table in tables}
    for section in default_sections(tables, measures, "headline"):
        columns = [by_name[section.table].column(entry.column) for entry in section.entries]
        lines = (("合计", tuple(column.name for column in columns)),)
        headings = ("范围", *(c.title_zh + (f"（{c.units[0]}）" if c.units else "") for c in columns))
        yield Headline(section.table, section.titles[0], headings, lines, section.apart, section.where)


def _figures(tables: Mapping[str, ReportTable], measures: Sequence[Measure]) -> Iterator[Figure]:
    for measure in measures:
        if "summary" in measure.shown:
            chosen, beyond = split_first(measure)
            table = tables[measure.table]
            of = table.column(measure.column).of
            yield Figure(
                measure.code,
                measure.table,
                measure.column,
                (measure.title_zh, measure.title_en),
                dict(measure.where) | chosen,
                beyond,
                (),
                note=table.formula(of) if of else NO_TITLES,
            )


def split_first(measure: Measure) -> tuple[dict[str, str], dict[str, str]]:
    """The values that a measure's one figure has: for every page, and for those beyond a single institution."""
    everywhere = {column: value for column, value in measure.first.items() if column not in measure.own}
    return everywhere, {column: value for column, value in measure.first.items() if column not in everywhere}


def _sheets(tables: Sequence[ReportTable], measures: Sequence[Measure]) -> Iterator[Sheet]:
    """Of a table with measures their sums and rates; the rows of any other stand on the pages of institutions, or where it has
    none of divisions and of all.
    """
    for table in tables:
        own = [measure for measure in measures if measure.table == table.name]
        titles = (table.title_zh, title_en_of(table.name))
        place = {"as_of", "run_id", "institution_code", "jurisdiction_code", *(table.rolled_up or ())}
        if table.alternatives:
            place.add(table.alternatives.column)
        if table.rolled_up or not own:
            levels = levels_of(table)
            if "institution_code" in table.column_names:
                levels = LEVELS[:1]
            elif not table.rolled_up:
                place.discard("jurisdiction_code")
            columns = tuple(name for name in table.column_names if name not in place)
            order = tuple(name for name in table.key if name not in place)
            yield Sheet(table.name, table.name, titles, columns, order=order, levels=levels, has_filter=True)
        else:
            yield _measured(table, own, titles, place)


def _measured(table: ReportTable, own: Sequence[Measure], titles: Titles, place: set[str]) -> Sheet:
    """The sums of a table and their rates by the rest of its key, the newest first, with lines of the measures."""
    alike = all(measure.where == own[0].where for measure in own)
    where = {name: (value,) for name, value in own[0].where.items() if alike and name not in place}
    by = tuple(name for name in table.key if name not in place | where.keys())
    columns = [c.name for c in table.columns if c.name in by or c.adds_up or c.of]
    followed = [measure.column for measure in own if "trend" in measure.shown]
    lines = tuple(name for name in followed if table.column(name).units == table.column(followed[0]).units)
    chart = None
    if lines and len(by) == 1:
        across = table.column(by[0])
        titles_of = (f"{own[0].title_zh}（按{across.title_zh}）", f"{own[0].title_en}, by {across.title_en.lower()}")
        chart = Chart("lines", titles_of, lines, by, 24)
    order = tuple(f"-{name}" if name.endswith(_TIMES) else name for name in by)
    return Sheet(table.name, table.name, titles, tuple(columns), by, where, order, levels_of(table), chart=chart)


def levels_of(table: ReportTable) -> tuple[Level, ...]:
    """The levels at which rows of a table can be told apart or added up."""
    if table.rolled_up:
        return LEVELS
    return tuple(level for level in LEVELS if level == "all" or f"{level}_code" in table.column_names)


def check_codes(found: Mapping[str, Shown]) -> None:
    """ValueError where two figures, or two sheets, have the same code: they name columns, files and charts of one page."""
    figures = [figure.code for shown in found.values() for figure in shown.all_figures()]
    sheets = [sheet.code for shown in found.values() for sheet in shown.all_sheets()]
    for what, codes in (("figures", figures), ("sheets", sheets)):
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"{what} that indicators show have the same code: {', '.join(twice)}")
