"""The charts of the pages, as SVG that needs no script: the same rows as the charts of the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.reports.bulletin.listing import Listing
from pipelines.reports.bulletin.palette import AGES, PARTS, RATES

_FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_WIDTH = 620
_MOST = 40


def draw_pages(listings: Sequence[Listing]) -> dict[str, str]:
    """SVG by name of the listing it shows; one that has no rows is not drawn, of a long one the first forty rows."""
    drawn = {}
    for listing in listings:
        rows = [row for row in listing.rows() if "合计" not in row[:2]][:_MOST]
        if not rows:
            continue
        if listing.name.startswith("progress_"):
            drawn[listing.name] = _draw(_progress(_spread(listing, rows, RATES), len(rows)))
        elif listing.name == "summary_ageing":
            drawn[listing.name] = _draw(_parts(_spread(listing, rows, AGES), AGES, listing, len(rows)))
        elif listing.name == "summary_invoice":
            drawn[listing.name] = _draw(
                _parts(_spread(listing, rows, PARTS), PARTS, listing, len(rows), is_share=True)
            )
    return drawn


def _spread(
    listing: Listing, rows: Sequence[Sequence[Any]], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One value per row and column: who (the name of division or lot), what (the column's title), how much."""
    places = {name: listing.place(name) for name in names}
    return [
        {
            "who": str(row[1]),
            "what": listing.heads[place].zh.removesuffix("（元）"),
            "order": number,
            "value": None if row[place] is None else float(row[place]),
        }
        for row in rows
        for number, place in enumerate(places.values())
    ]


def _progress(values: list[dict[str, Any]], rows: int) -> Any:
    import altair as alt

    bars = [v for v in values if v["order"] < 2 and v["value"] is not None]
    marks = [v for v in values if v["order"] == 2 and v["value"] is not None]
    x = alt.X("value:Q", axis=alt.Axis(title=None, format=".0%"))
    y = alt.Y("who:N", sort=None, axis=alt.Axis(title=None, labelLimit=220))
    titles = list(dict.fromkeys(v["what"] for v in values))
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=titles, range=list(RATES.values())),
        legend=alt.Legend(title=None, orient="top", symbolType="square", symbolOpacity=1),
    )
    bar = alt.Chart(alt.InlineData(values=bars)).mark_bar(height={"band": 0.85}).encode(
        x=x, y=y, yOffset=alt.YOffset("what:N", sort=None), color=colour
    )  # fmt: skip
    tick = (
        alt.Chart(alt.InlineData(values=marks))
        .mark_tick(thickness=3, height={"band": 0.9})
        .encode(x=x, y=y, color=colour)
    )
    return (bar + tick).properties(width=_WIDTH, height=max(70, 44 * rows))


def _parts(
    values: list[dict[str, Any]],
    colours: Mapping[str, str],
    listing: Listing,
    rows: int,
    *,
    is_share: bool = False,
) -> Any:
    import altair as alt

    titles = [listing.heads[listing.place(name)].zh.removesuffix("（元）") for name in colours]
    axis = alt.Axis(title=None, format=".0%") if is_share else alt.Axis(title="元", format=",.0f")
    return (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar()
        .encode(
            x=alt.X("value:Q", stack="normalize" if is_share else "zero", axis=axis),
            y=alt.Y("who:N", sort=None, axis=alt.Axis(title=None, labelLimit=220)),
            color=alt.Color(
                "what:N",
                sort=titles,
                scale=alt.Scale(domain=titles, range=list(colours.values())),
                legend=alt.Legend(title=None, orient="top", columns=5, symbolType="square", labelLimit=220),
            ),
            order=alt.Order("order:Q"),
        )
        .properties(width=_WIDTH, height=max(60, 28 * rows))
    )


def _draw(chart: Any) -> str:
    import vl_convert

    quiet = {"font": _FONT, "background": "white", "aria": False}
    spec = (
        chart.configure(**quiet)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#e3e6ea", domainColor="#9aa0a8", labelColor="#30363d", labelFontSize=12)
        .configure_legend(labelFontSize=12)
    )
    return str(vl_convert.vegalite_to_svg(spec.to_dict()))
