"""What the charts of a page draw: figures of its own tables, as the browser reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Any

import polars as pl

from pipelines.reports.beside import shown_table
from pipelines.reports.followed import Trend, list_trends
from pipelines.reports.pages.words import words_of
from pipelines.reports.site.breaks import Broken
from pipelines.reports.site.sheets.sheet import PAGE, Filled, Paged
from pipelines.reports.site.sheets.summaries import all_figures
from pipelines.reports.site.sheets.trends import Points
from schemas.declared import SHOWN
from schemas.shown import Chart, Sheet
from schemas.table import Column


def drawn_sheets() -> dict[str, tuple[Sheet, Chart]]:
    """The sheets that have a chart, by their codes."""
    sheets = (sheet for shown in SHOWN.values() for sheet in shown.all_sheets())
    return {sheet.code: (sheet, sheet.chart) for sheet in sheets if sheet.chart}


def chart_rows(sheets: Mapping[str, Filled]) -> dict[str, Paged]:
    """By sheet the rows to draw, of those that have a chart: a label, then the chart's columns; money in fen."""
    drawn = {code: chart for code, (_, chart) in drawn_sheets().items() if code in sheets}
    return {code: Paged(_draw(chart, sheets[code].frame)) for code, chart in drawn.items()}


def chart_data(charts: Mapping[str, Paged], page: str, trends: Points, breaks: Broken, until: str) -> dict[str, Any]:
    """What one page draws, without the charts that have nothing to draw: rows of its sheets, and a picture of the
    `trends` for each of `list_trends`, to the day `until`, unless it is the first, with the `breaks` that lie between.
    """
    data: dict[str, Any] = {name: [row for _, *row in rows.rows(page).rows()] for name, rows in charts.items()}
    data |= {trend.code: _follow(trend, trends, breaks.get(trend.indicator.code, ()), until) for trend in _all_trends()}
    drawn = {name: rows for name, rows in data.items() if rows}
    return drawn | {"until": until} if drawn else {}


@cache
def _all_trends() -> Sequence[Trend]:
    return list_trends()


def chart_looks() -> dict[str, Any]:
    """How each chart is drawn, for the browser: its kind, what its parts are called in both languages, and their looks."""
    looks: dict[str, Any] = {}
    for code, (sheet, chart) in drawn_sheets().items():
        table = shown_table(sheet.table)
        columns = [table.column(name) for name in chart.columns]
        label = table.column(chart.label[0])
        spoken = table.column(chart.look).spoken if chart.look else {}
        looks[code] = {
            "kind": chart.kind,
            "label": [label.title_zh, label.title_en],
            "parts": list(zip(_apart([c.title_zh for c in columns]), _in_words(columns), strict=True)),
            "money": all(c.type == "fen" for c in columns),
            "unit": columns[0].units,
            "values": [
                [value, spoken.get(value, value), value.replace("_", " "), *look] for value, look in chart.looks.items()
            ],
        }
    own = {figure.code: figure.titles for figure in all_figures()}
    looks["compared"] = {"kind": "compared"}
    for trend in list_trends():
        series = [[line.measure.code, *own.get(line.measure.code, line.titles)] for line in trend.series]
        looks[trend.code] = {"kind": "trend", "series": series, "unit": trend.units}
    return looks


def chart_titles() -> dict[str, tuple[str, str]]:
    """What stands above each chart, in Chinese and English."""
    titles = {code: chart.titles for code, (_, chart) in drawn_sheets().items()}
    titles["compared"] = words_of("site")["chart_compared"]
    for trend in list_trends():
        words = words_of("site")["chart_trend"]
        zh, en = (word.format(indicator=title) for word, title in zip(words, trend.indicator.titles, strict=True))
        titles[trend.code] = (zh, en)
    return titles


def _follow(trend: Trend, trends: Points, breaks: Sequence[tuple[str, str, str]], until: str) -> dict[str, Any]:
    points = {line.measure.code: trends[line.measure.code] for line in trend.series if line.measure.code in trends}
    days = [day for line in points.values() for day, _ in line]
    if not days or min(days) >= until:
        return {}
    return {"points": points, "breaks": [entry for entry in breaks if min(days) < entry[0] <= until]}


def _in_words(columns: Sequence[Column]) -> list[str]:
    return [" ".join(words) for words in _apart([column.title_en.split() for column in columns])]


def _apart(titles: Sequence[Any]) -> list[Any]:
    """What is left of titles without what all of them begin and end with; all of it where nothing would be left of one."""
    if len(titles) == 1:
        return list(titles)
    begin = _shared(titles)
    end = _shared([title[begin:][::-1] for title in titles])
    found = [title[begin : len(title) - end] for title in titles]
    return found if all(found) else list(titles)


def _shared(titles: Sequence[Any]) -> int:
    """How many signs or words all of them begin with."""
    return sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, zip(*titles, strict=False)))


def _draw(chart: Chart, rows: pl.DataFrame) -> pl.DataFrame:
    names = [name for column in chart.label for name in (f"{column}_name", column) if name in rows.columns]
    label = pl.concat_str(
        *(pl.coalesce(*(name for name in names if name in (column, f"{column}_name"))) for column in chart.label),
        separator=" · ",
        ignore_nulls=True,
    )
    for name, values in chart.without.items():
        rows = rows.filter(~pl.col(name).is_in(values))
    if chart.kind == "points":
        rows = rows.drop_nulls(chart.columns)
    elif chart.kind == "lying":
        rows = rows.filter(pl.any_horizontal(pl.col(chart.columns) > 0))
    elif chart.kind == "lines":  # a month without a value is a gap; a page without any draws nothing
        rows = rows.filter(pl.any_horizontal(pl.col(chart.columns).is_not_null()).any().over(PAGE))
    if chart.limit is not None:
        rows = rows.filter(pl.int_range(pl.len()).over(PAGE) < chart.limit)
    if chart.kind in ("stacked", "lines", "spans"):  # the newest stand first in the table, last in the chart
        rows = rows.reverse().sort(PAGE, maintain_order=True)
    look = [chart.look] if chart.look else []
    return rows.select(PAGE, label.alias("label"), *chart.columns, *look)
