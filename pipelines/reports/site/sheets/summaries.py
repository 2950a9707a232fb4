"""One row about each institution or jurisdiction, and one about all: what its page shows first, and lists show."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import total_of
from pipelines.reports.added_up import add_up, with_rates_of
from pipelines.reports.beside import shown_table
from pipelines.reports.site.figures import FINDINGS, Figures
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.sheet import PAGE, Heading
from schemas.declared import SHOWN
from schemas.reports import REPORTS, ReportTable
from schemas.shown import PARTIES, Figure, Level, levels_of, party_of
from schemas.table import terms_of

OPEN = Heading("findings", "待处理问题", "Open findings", "count")


def all_figures(level: Level | None = None) -> list[Figure]:
    """The figures of all indicators; those of tables whose rows can be told apart, or added up, at a level: of products and
    companies those whose key names them.
    """
    figures = (figure for shown in SHOWN.values() for figure in shown.all_figures())
    return [figure for figure in figures if level is None or _stands_at(level, REPORTS[figure.table])]


def _stands_at(level: Level, table: ReportTable) -> bool:
    return party_of(table, level) in table.key if level in PARTIES else level in levels_of(table)


def summarize(figures: Figures, level: Level) -> pl.DataFrame:
    """Row per page at a level: `page`, the figures (`field_of`), and the open `findings`, which no product has; null where there
    is nothing to say.
    """
    alike: dict[tuple[object, ...], list[Figure]] = {}
    for figure in all_figures():
        alike.setdefault((figure.table, *figure.where.items(), *figure.beyond.items()), []).append(figure)
    summary = pl.DataFrame({PAGE: figures.pages_at(level)}, {PAGE: pl.String})
    silent: list[Figure] = []
    for own in alike.values():
        if (found := _figures(figures, level, own)) is not None:
            summary = summary.join(found.collect(), on=PAGE, how="left")
        else:
            silent += own
    summary = summary.with_columns(pl.lit(None, pl.Int64).alias(field_of(figure)) for figure in silent)
    findings = figures.at_level(FINDINGS, level)
    if findings is None:
        return summary.sort(PAGE)
    opened = findings.filter(pl.col("state") == "open").group_by(PAGE).agg(findings=pl.len().cast(pl.Int64)).collect()
    return summary.join(opened, on=PAGE, how="left").with_columns(pl.col("findings").fill_null(0)).sort(PAGE)


def _figures(figures: Figures, level: Level, own: list[Figure]) -> pl.LazyFrame | None:
    """The figures of the same rows by page; None where there are none at the level."""
    first = own[0]
    rows = figures.at_level(first.table, level)
    if rows is None or not _stands_at(level, REPORTS[first.table]):
        return None
    chosen = {**first.where, **(first.beyond if level != "institution" else {})}
    rows = rows.filter(pl.col(PAGE).is_not_null(), *(pl.col(name) == value for name, value in chosen.items()))
    table = shown_table(first.table)
    sums = with_rates_of(add_up(rows, table.columns, [PAGE]), table)
    return sums.select(PAGE, *(total_of(terms_of(f.column)).alias(field_of(f)) for f in own))


def field_of(figure: Figure) -> str:
    """The column of a summary that holds a figure."""
    return f"figure_{figure.code}"


def figure_heading(figure: Figure) -> Heading:
    """A figure as a column: its kind and unit are those of what it adds up."""
    name = terms_of(figure.column)[0][1]
    zh, en = figure.titles
    if units := shown_table(figure.table).column(name).units:
        zh, en = f"{zh}（{units[0]}）", f"{en} ({units[1]})"
    return Heading(field_of(figure), zh, en, heading(figure.table, name).kind)


def summary_headings(level: Level) -> list[Heading]:
    """The figures of a summary at a level that are columns of a list: of each indicator the first that stands as a tile, and
    tiles of money; the others stand on the pages that the list leads to. Of products and companies, which have few, all.
    """
    if level in PARTIES:
        return [*map(figure_heading, all_figures(level)), *([] if level == "product" else [OPEN])]
    found: list[Heading] = []
    for shown in SHOWN.values():
        tiles = [figure for figure in shown.all_figures() if figure.tile is not None and figure in all_figures(level)]
        headings = list(map(figure_heading, tiles))
        found += headings[:1] + [heading for heading in headings[1:] if heading.kind == "yuan"]
    return [*found, OPEN]
