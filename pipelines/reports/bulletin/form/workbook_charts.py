"""The charts of the workbook: native ones, drawn from the cells of the summary, so that they change with a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.reports.bulletin.form.workbook import Book
from pipelines.reports.bulletin.listing import Chart, Listing, Series, is_sum

_SIZE = {"width": 920, "height": 380}
_ROWS_OF_A_CHART = 20
_FONT = {"name": "Microsoft YaHei", "size": 9}
_LINES = {"visible": True, "line": {"color": "#E3E6EA"}}


def draw_charts(made: Book, page: Any, listings: Sequence[Listing]) -> None:
    """Draw what the summary holds, two charts to a printed page."""
    page.hide_gridlines(2)
    drawn = [(listing, listing.chart) for listing in listings if listing.chart and listing.total]
    _lay_out_print(page, len(drawn))
    for number, (listing, chart) in enumerate(drawn):
        draw = _draw_rates if chart.kind == "rates" else _draw_parts
        page.insert_chart(number * _ROWS_OF_A_CHART, 0, draw(made, listing, chart), {"object_position": 2})


def _lay_out_print(page: Any, charts: int) -> None:
    """Two whole charts to a landscape A4 page: at this scale it holds 1,250 by 830 pixels."""
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    page.set_print_scale(80)
    page.set_h_pagebreaks([number * _ROWS_OF_A_CHART for number in range(2, max(charts, 3), 2)])


def _draw_rates(made: Book, listing: Listing, chart: Chart) -> Any:
    columns, line = made.book.add_chart({"type": "column"}), None
    for series in chart.series:
        drawn = _series(made, listing, series)
        if not series.is_mark:
            columns.add_series(drawn | {"gap": 60})
            continue
        line = line or made.book.add_chart({"type": "line"})
        fill = {"color": series.colour}
        marker = {"type": "diamond", "size": 9, "fill": fill, "border": fill}
        line.add_series(drawn | {"line": {"none": True}, "marker": marker})
    if line is not None:
        columns.combine(line)
    _finish(columns, listing, chart)
    columns.set_y_axis({"num_format": "0%", "min": 0, "major_gridlines": _LINES})
    return columns


def _draw_parts(made: Book, listing: Listing, chart: Chart) -> Any:
    is_share = chart.kind == "shares"
    kind = {"type": "bar", "subtype": "percent_stacked"} if is_share else {"type": "column", "subtype": "stacked"}
    drawn = made.book.add_chart(kind)
    for series in chart.series:
        drawn.add_series(_series(made, listing, series, without_sum=True) | {"gap": 60})
    _finish(drawn, listing, chart)
    if is_share:
        drawn.set_x_axis({"num_format": "0%", "major_gridlines": _LINES})
        drawn.set_y_axis({"reverse": True, "num_font": _FONT})
    else:
        drawn.set_y_axis({"num_format": "#,##0", "major_gridlines": _LINES})
    return drawn


def _series(made: Book, listing: Listing, series: Series, *, without_sum: bool = False) -> dict[str, Any]:
    where, column = made.places[listing.name], series.place
    summed = sum(map(is_sum, listing.rows())) if without_sum else 0
    last = max(where.last - summed, where.first)
    return {
        "name": listing.heads[column].zh.removesuffix("（元）"),
        "categories": [where.sheet, where.first, 1, last, 1],
        "values": [where.sheet, where.first, column, last, column],
        "fill": {"color": series.colour},
        "border": {"none": True},
    }


def _finish(drawn: Any, listing: Listing, chart: Chart) -> None:
    title = chart.titles[0] or listing.zh
    drawn.set_title({"name": title, "name_font": _FONT | {"size": 12, "bold": True}, "overlay": False})
    drawn.set_legend({"position": "bottom", "font": _FONT})
    drawn.set_x_axis({"num_font": _FONT})
    drawn.set_size(_SIZE)
