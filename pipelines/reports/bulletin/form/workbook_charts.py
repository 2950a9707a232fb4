"""The charts of the workbook: native ones, drawn from the cells of the summary, so that they change with a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.reports.bulletin.form.palette import AGES, PARTS, RATES
from pipelines.reports.bulletin.form.workbook import Book
from pipelines.reports.bulletin.listing import Listing, is_sum

_SIZE = {"width": 920, "height": 380}
_ROWS_OF_A_CHART = 20
_FONT = {"name": "Microsoft YaHei", "size": 9}


def draw_charts(made: Book, page: Any, listings: Sequence[Listing]) -> None:
    """Draw what the summary holds: execution against time progress, ageing, the three parts of two-invoice lines."""
    page.hide_gridlines(2)
    _lay_out_print(page)
    by_name = {listing.name: listing for listing in listings}
    line = 0
    for name in ("progress_lot", "progress_jurisdiction"):
        if name in by_name and by_name[name].total:
            chart = _draw_progress(made, by_name[name])
            page.insert_chart(line, 0, chart, {"object_position": 2})
            line += _ROWS_OF_A_CHART
    for name, colours, subtype in (
        ("summary_ageing", AGES, "stacked"),
        ("summary_invoice", PARTS, "percent_stacked"),
    ):
        if by_name[name].total:
            page.insert_chart(
                line, 0, _draw_parts(made, by_name[name], colours, subtype), {"object_position": 2}
            )
            line += _ROWS_OF_A_CHART


def _lay_out_print(page: Any) -> None:
    """Two whole charts to a landscape A4 page: at this scale it holds 1,250 by 830 pixels."""
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.4)
    page.set_print_scale(80)
    page.set_h_pagebreaks([2 * _ROWS_OF_A_CHART])


def _draw_progress(made: Book, listing: Listing) -> Any:
    columns = made.book.add_chart({"type": "column"})
    for name in ("executed", "executed, capped"):
        columns.add_series(_series(made, listing, name, RATES[name]) | {"gap": 60})
    line = made.book.add_chart({"type": "line"})
    colour = RATES["time progress"]
    marker = {"type": "diamond", "size": 9, "fill": {"color": colour}, "border": {"color": colour}}
    line.add_series(
        _series(made, listing, "time progress", colour) | {"line": {"none": True}, "marker": marker}
    )
    columns.combine(line)
    _finish(columns, listing.zh)
    columns.set_y_axis(
        {"num_format": "0%", "min": 0, "major_gridlines": {"visible": True, "line": {"color": "#E3E6EA"}}}
    )
    return columns


def _draw_parts(made: Book, listing: Listing, colours: dict[str, str], subtype: str) -> Any:
    chart = made.book.add_chart(
        {"type": "bar" if subtype == "percent_stacked" else "column", "subtype": subtype}
    )
    for name, colour in colours.items():
        chart.add_series(_series(made, listing, name, colour, without_sum=True) | {"gap": 60})
    titles = {
        "summary_ageing": "逾期未付账龄（元，适用到期规则）",
        "summary_invoice": "两票制三部分（按金额）",
    }
    _finish(chart, titles[listing.name])
    if subtype == "stacked":
        chart.set_y_axis(
            {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E3E6EA"}}}
        )
    else:
        chart.set_x_axis(
            {"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#E3E6EA"}}}
        )
        chart.set_y_axis({"reverse": True, "num_font": _FONT})
    return chart


def _series(
    made: Book, listing: Listing, name: str, colour: str, *, without_sum: bool = False
) -> dict[str, Any]:
    where = made.places[listing.name]
    summed = sum(map(is_sum, listing.rows())) if without_sum else 0
    last = max(where.last - summed, where.first)
    column = listing.place(name)
    return {
        "name": listing.heads[column].zh.removesuffix("（元）"),
        "categories": [where.sheet, where.first, 1, last, 1],
        "values": [where.sheet, where.first, column, last, column],
        "fill": {"color": colour},
        "border": {"none": True},
    }


def _finish(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": _FONT | {"size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": _FONT})
    chart.set_x_axis({"num_font": _FONT})
    chart.set_size(_SIZE)
