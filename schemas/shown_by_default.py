"""How people are shown what an indicator does not say itself: it follows from its tables and measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from schemas.measure import Measure
from schemas.section import NO_TITLES, Titles, default_sections
from schemas.shown import LEVELS, PARTIES, Chart, Figure, Headline, Level, Sheet, Shown, levels_of, party_of, split_first
from schemas.table import ReportTable, title_en_of

_TIMES = ("month", "quarter", "year", "_on")


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
        sheets=tuple(_with_parties(tables, measures, shown.sheets)),
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


def _with_parties(
    tables: Sequence[ReportTable], measures: Sequence[Measure], declared: Sequence[Sheet] | None
) -> Iterator[Sheet]:
    """The sheets, and of each table whose key names a product or a company one on the pages of these, where none is declared."""
    sheets = list(_sheets(tables, measures) if declared is None else declared)
    yield from sheets
    for table in tables:
        for party in PARTIES:
            is_declared = any(sheet.table == table.name and party in sheet.levels for sheet in sheets)
            if party_of(table, party) in table.key and not is_declared:
                yield _of_party(table, party, any(measure.table == table.name for measure in measures))


def _of_party(table: ReportTable, party: Level, is_measured: bool) -> Sheet:
    """The rows of one product or company as they are; sums of a table with measures by institution."""
    place = {"as_of", "run_id", party_of(table, party)}
    if "institution_code" in table.column_names:
        place.add("jurisdiction_code")
    columns = [column for column in table.columns if column.name not in place]
    by = None
    if is_measured and "institution_code" in table.key:
        by = ("institution_code",)
        columns = [c for c in columns if c.name in by or c.adds_up or c.of]
    if table.alternatives:
        columns = [c for c in columns if c.name != table.alternatives.column]
    order = (
        tuple(f"-{name}" if name.endswith(_TIMES) else name for name in table.key if name not in place) if by is None else by
    )
    names = tuple(column.name for column in columns)
    titles = (table.title_zh, title_en_of(table.name))
    return Sheet(f"{table.name}_of_{party}", table.name, titles, names, by, order=order, levels=(party,), has_filter=True)


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
