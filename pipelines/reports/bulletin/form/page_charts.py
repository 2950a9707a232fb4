"""The charts of the pages, as SVG that needs no script: the same rows as the charts of the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.reports.bulletin.form.palette import AGES, PARTS, RATES
from pipelines.reports.bulletin.listing import Listing, Row, is_sum

_FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_WIDTH = 620
_MOST = 40
_COLOURS = {
    "progress_lot": RATES, "progress_jurisdiction": RATES, "summary_ageing": AGES, "summary_invoice": PARTS,
}  # fmt: skip


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
        colours = _COLOURS.get(listing.name)
        rows = [row for row in listing.rows() if not is_sum(row)][:_MOST] if colours else []
        if not colours or not rows:
            continue
        values = _spread(listing, rows, colours)
        if not values:
            continue
        if colours is RATES:
            chart = _draw_progress(values, len(rows))
        else:
            chart = _draw_parts(values, colours, len(rows), is_share=colours is PARTS)
        heads = [listing.heads[listing.place(name)] for name in colours]
        keys = (
            Key(h.zh.removesuffix("（元）"), h.en, colour)
            for h, colour in zip(heads, colours.values(), strict=True)
        )
        drawn[listing.name] = Drawing(_draw(chart), tuple(keys))
    return drawn


def _spread(listing: Listing, rows: Sequence[Row], colours: Mapping[str, str]) -> list[dict[str, Any]]:
    """One value per row and column: who (the name of division or lot), what (the column), how much."""
    places = {name: listing.place(name) for name in colours}
    return [
        {"who": str(row[1]), "what": name, "order": number, "value": float(value)}
        for row in rows
        for number, (name, place) in enumerate(places.items())
        if isinstance(value := row[place], int | float | Decimal)
    ]


def _draw_progress(values: list[dict[str, Any]], rows: int) -> Any:
    import altair as alt

    x = alt.X("value:Q", axis=alt.Axis(title=None, format=".0%"))
    colour = _colour(RATES)
    bars, marks = ([v for v in values if (v["order"] < 2) == is_bar] for is_bar in (True, False))
    bar = alt.Chart(alt.InlineData(values=bars)).mark_bar(height={"band": 0.85}).encode(
        x=x, y=_who(), yOffset=alt.YOffset("what:N", sort=None), color=colour
    )  # fmt: skip
    tick = alt.Chart(alt.InlineData(values=marks)).mark_tick(thickness=3, opacity=1, height={"band": 0.9}).encode(
        x=x, y=_who(), color=colour
    )  # fmt: skip
    return (bar + tick).properties(width=_WIDTH, height=max(70, 44 * rows))


def _draw_parts(
    values: list[dict[str, Any]], colours: Mapping[str, str], rows: int, *, is_share: bool
) -> Any:
    import altair as alt

    axis = alt.Axis(title=None, format=".0%" if is_share else ",.0f")
    x = alt.X("value:Q", stack="normalize" if is_share else "zero", axis=axis)
    bars = alt.Chart(alt.InlineData(values=values)).mark_bar()
    encoded = bars.encode(x=x, y=_who(), color=_colour(colours), order=alt.Order("order:Q"))
    return encoded.properties(width=_WIDTH, height=max(60, 28 * rows))


def _who() -> Any:
    import altair as alt

    return alt.Y("who:N", sort=None, axis=alt.Axis(title=None, labelLimit=220))


def _colour(colours: Mapping[str, str]) -> Any:
    import altair as alt

    return alt.Color(
        "what:N", legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values()))
    )


def _draw(chart: Any) -> str:
    import vl_convert

    quiet = {"font": _FONT, "background": "white", "aria": False}
    spec = (
        chart.configure(**quiet)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#e3e6ea", domainColor="#9aa0a8", labelColor="#30363d", labelFontSize=12)
    )
    return str(vl_convert.vegalite_to_svg(spec.to_dict()))
