"""The figures of a bulletin by place and altogether, every rate with its sums: what the indicators declare in their sections."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.beside import shown_table
from pipelines.reports.bulletin import sums
from pipelines.reports.bulletin.listing import SUM, Cell, Chart, Head, Headline, Kind, Listing, Row, Series, list_rows
from pipelines.reports.bulletin.subject import Subject
from pipelines.reports.bulletin.sums import ALL, Sums
from pipelines.views.divisions import name_whole
from pipelines.views.table_book import title_of
from schemas.declared import SHOWN
from schemas.reports import REPORTS, Column
from schemas.section import Entry, Level, Section
from schemas.units import words_of

PLACES: dict[Level, tuple[Head, Head]] = {
    "jurisdiction": (Head("统筹区编码", "division", "text"), Head("统筹区名称", "division name", "text")),
    "institution": (Head("医疗机构编码", "institution", "text"), Head("医疗机构名称", "institution name", "text")),
    "lot": (Head("采购批次编码", "lot", "text"), Head("采购批次名称", "lot name", "text")),
}
_NAMES: dict[Level, str] = {"jurisdiction": "division_names", "institution": "institution_names", "lot": "lot_names"}
_KINDS: dict[str, Kind] = {"fen": "yuan", "count": "count", "integer": "count"}
_DIGITS = 6


def summarize(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """The listings of the summary, each ending with the sum over all divisions of the bulletin: figures, then rows counted by
    their values, then findings.
    """
    own = [(s, level) for s in _sections() for level in s.levels if level != "institution"]
    listings = [_list(connection, subject, *one) for one in sorted(own, key=lambda one: bool(one[0].spread))]
    names = read_names(connection, "jurisdiction")
    return [*listings, _findings(sums.sum_findings(connection, subject), names)]


def compare_institutions(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """The same of every institution, each ending with their sum."""
    return [_list(connection, subject, s, "institution") for s in _sections() if "institution" in s.levels]


def _sections() -> list[Section]:
    return [section for shown in SHOWN.values() for section in shown.sections or () if section.up_to is None]


def _list(connection: sa.Connection, subject: Subject, section: Section, level: Level) -> Listing:
    table, found = shown_table(section.table), sums.sum_section(connection, subject, section, level)
    words = [table.column(name).spoken for name in section.apart]
    names = read_names(connection, level)
    entries = _entries(section)
    heads = [head_of(entry, table.column(entry.column) if not section.spread else None) for entry in entries]
    apart = [Head(table.column(n).title_zh, n.replace("_", " "), "text") for n in section.apart]
    rows = [
        [*place_of(key[0], names), *(w.get(v, v) for w, v in zip(words, key[1:], strict=True)), *values_of(section, v)]
        for key, v in found.items()
        if not (level == "lot" and key[0] == ALL)
    ]
    is_of_institutions = level == "institution"
    suffix = ("（按医疗机构）", ", by institution") if is_of_institutions else ("", "")
    zh, en = (title + more for title, more in zip(section.titles, suffix, strict=True))
    heads = [*PLACES[level], *apart, *heads]
    return list_rows(
        f"{'institutions' if is_of_institutions else 'summary'}_{section.code}",
        zh,
        en,
        heads,
        rows,
        section.note,
        None if is_of_institutions else _chart(section, 2 + len(apart)),
        _headline(section, found) if level == "jurisdiction" else None,
    )


def _entries(section: Section) -> list[Entry]:
    """Those of a section, before them one for each value whose rows are counted."""
    words = REPORTS[section.table].column(section.spread).spoken if section.spread else {}
    counted = (Entry(value, (word, value.replace("_", " "))) for value, word in words.items())
    return [*counted, *section.entries]


def head_of(entry: Entry, column: Column | None) -> Head:
    """How an entry stands over its column."""
    zh, en = entry.titles
    if column is None:
        return Head(zh, en, "rate" if entry.of else "count")
    kind: Kind = "rate" if column.is_share else _KINDS.get(column.type, "quantity")
    zh, en = zh or title_of(column), en or words_of(column.name)
    return Head(*_in_unit((zh, en), column), kind)


def _in_unit(titles: tuple[str, str], column: Column) -> tuple[str, str]:
    """The titles of a quotient that is no share with its unit; others say theirs, or need none."""
    (zh, en), units = titles, column.units if column.of else None
    return (f"{zh}（{units[0]}）", f"{en}, {units[1]}") if units else titles


def values_of(section: Section, found: Sums) -> list[Cell]:
    """The cells of a section's entries, of the sums of its columns."""
    table = shown_table(section.table)
    values: list[Cell] = []
    for entry in _entries(section):
        column = table.column(entry.column) if not section.spread else None
        if of := entry.of or (column and column.of):
            values.append(of.value(found))
        elif column and column.type == "fen":
            values.append(as_yuan(int(found[entry.column])))
        else:
            values.append(found[entry.column])
    return values


def _chart(section: Section, offset: int) -> Chart | None:
    if section.bars is None:
        return None
    names, bars = [entry.column for entry in section.entries], section.bars
    series = (Series(offset + names.index(name), colour, name in bars.marks) for name, colour in bars.colours.items())
    return Chart(bars.kind, tuple(series), bars.titles)


def _headline(section: Section, found: Mapping[sums.Key, Sums]) -> Headline | None:
    """The figure of its tile, over all divisions."""
    tile = section.tile
    if tile is None:
        return None
    of_all = found.get((ALL, *(tile.at[name] for name in section.apart)))
    values = dict(zip((e.column for e in _entries(section)), values_of(section, of_all) if of_all else (), strict=False))
    head = (
        Head(*tile.titles, "rate")
        if section.spread
        else head_of(Entry(tile.column, tile.titles), shown_table(section.table).column(tile.column))
    )
    return Headline((head.zh, head.en), values.get(tile.column), head.kind, tile.words, values.get(tile.beside))


def _findings(found: Mapping[sums.Key, Sums], names: Mapping[str, str]) -> Listing:
    words = REPORTS["findings"].column("rule_code").spoken
    heads = (
        *PLACES["jurisdiction"],
        Head("问题", "finding", "text"),
        Head("待处理", "open", "count"),
        Head("其中有备案理由", "excused", "count"),
        Head("已消除", "cured", "count"),
        Head("涉及金额（元）", "amount at stake, yuan", "yuan"),
    )
    rows: list[Row] = [
        [*place_of(code, names), words.get(rule, rule), v["open"], v["excused"], v["cured"], as_yuan(int(v["amount_fen"]))]
        for (code, rule), v in found.items()
    ]
    note = (
        "问题是待核实的信号，不是结论；每条附条款、算法与整改期限。",
        "Findings are signals to be looked into, no verdicts; each names its clause, calculation and deadline.",
    )
    still, excused = (sum(v[name] for key, v in found.items() if key[0] == ALL) for name in ("open", "excused"))
    headline = Headline(("待处理问题", "Open findings"), still, "count", ("其中有备案理由 {}", "{} of them excused"), excused)
    return list_rows("summary_findings", "问题清单（条）", "Findings", heads, rows, note, headline=headline)


def place_of(code: str, names: Mapping[str, str]) -> list[Cell]:
    """Code and name of a division, of a city as a whole, or the word for all."""
    if code == ALL:
        return ["", SUM]
    return [code, names[code] if code in names else name_whole(code, names) if len(code) < _DIGITS else code]


def as_yuan(fen: int) -> Decimal:
    """Fen as a cell of yuan."""
    return Decimal(fen).scaleb(-2)


def read_names(connection: sa.Connection, level: Level) -> dict[str, str]:
    """The names of the codes of a level, as the run of the bulletin knew them."""
    code, name = list(METADATA.tables[_NAMES[level]].columns)[:2]
    return {str(row[0]): str(row[1]) for row in connection.execute(sa.select(code, name))}
