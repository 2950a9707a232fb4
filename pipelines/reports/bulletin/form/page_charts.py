"""The charts of the pages, as SVG that needs no script: the same rows as the charts of the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.reports.bulletin.listing import Chart, Listing, Row, is_sum

_FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_WIDTH = 620
_MOST = 40


@dataclass(frozen=True)
class Key:
    """What a colour of a chart stands for, in Chinese and English."""

    zh: str
    en: str
    colour: str


@dataclass(frozen=True)
class Drawing:
    """A chart without its legend, which stands in the page in both languages."""

    svg: str
    keys: tuple[Key, ...]


def draw_pages(listings: Sequence[Listing]) -> dict[str, Drawing]:
    """Charts by name of the listing they show; one that has no rows is not drawn, of a long one the first forty rows."""
    drawn = {}
    for listing in listings:
        chart = listing.chart
        rows = [row for row in listing.rows() if not is_sum(row)][:_MOST] if chart else []
        values = _spread(listing, chart, rows) if chart else []
        if not chart or not values:
            continue
        svg = _draw(_draw_rates(chart, values, len(rows)) if chart.kind == "rates" else _draw_parts(chart, values, len(rows)))
        heads = [(listing.heads[series.place], series.colour) for series in chart.series]
        drawn[listing.name] = Drawing(svg, tuple(Key(h.zh.removesuffix("（元）"), h.en, c) for h, c in heads))
    return drawn


def _spread(listing: Listing, chart: Chart, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One value per row and column: who (the name of division or lot), what (the column), how much."""
    apart = next(place for place, head in enumerate(listing.heads) if head.kind != "text")
    return [
        {
            "who": " ".join(map(str, row[1:apart])),
            "what": listing.heads[series.place].en,
            "order": number,
            "is_mark": series.is_mark,
            "value": float(value),
        }
        for row in rows
        for number, series in enumerate(chart.series)
        if isinstance(value := row[series.place], int | float | Decimal)
    ]


def _draw_rates(chart: Chart, values: list[dict[str, Any]], rows: int) -> Any:
    import altair as alt

    x = alt.X("value:Q", axis=alt.Axis(title=None, format="~%"))
    bars, marks = ([v for v in values if v["is_mark"] == is_mark] for is_mark in (False, True))
    drawn = (
        alt.Chart(alt.InlineData(values=bars))
        .mark_bar(height={"band": 0.85})
        .encode(x=x, y=_who(), yOffset=alt.YOffset("what:N", sort=None), color=_colour(chart, values))
    )
    if marks:
        drawn += (
            alt.Chart(alt.InlineData(values=marks))
            .mark_tick(thickness=3, opacity=1, height={"band": 0.9})
            .encode(x=x, y=_who(), color=_colour(chart, values))
        )
    return drawn.properties(width=_WIDTH, height=max(70, 44 * rows))


def _draw_parts(chart: Chart, values: list[dict[str, Any]], rows: int) -> Any:
    import altair as alt

    is_share = chart.kind == "shares"
    axis = alt.Axis(title=None, format=".0%" if is_share else ",.0f")
    x = alt.X("value:Q", stack="normalize" if is_share else "zero", axis=axis)
    bars = alt.Chart(alt.InlineData(values=values)).mark_bar()
    encoded = bars.encode(x=x, y=_who(), color=_colour(chart, values), order=alt.Order("order:Q"))
    return encoded.properties(width=_WIDTH, height=max(60, 28 * rows))


def _who() -> Any:
    import altair as alt

    return alt.Y("who:N", sort=None, axis=alt.Axis(title=None, labelLimit=220))


def _colour(chart: Chart, values: list[dict[str, Any]]) -> Any:
    import altair as alt

    names = {v["order"]: v["what"] for v in values}
    colours = {name: chart.series[number].colour for number, name in sorted(names.items())}
    return alt.Color("what:N", legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values())))


def _draw(chart: Any) -> str:
    import vl_convert

    quiet = {"font": _FONT, "background": "white", "aria": False}
    spec = (
        chart.configure(**quiet)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#e3e6ea", domainColor="#9aa0a8", labelColor="#30363d", labelFontSize=12)
    )
    return str(vl_convert.vegalite_to_svg(spec.to_dict()))
