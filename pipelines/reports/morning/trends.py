"""Trend charts of the last runs, as SVG that needs no script.

A chart holds digits only: its title, its legend and their translation stand in the page around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pipelines.reports.followed import Trend, list_trends
from pipelines.reports.morning.nights import Night
from pipelines.reports.morning.totals import Headline

TONES = {"good": "#2e7d4f", "warn": "#9a5b00", "bad": "#b3261e", "idle": "#6b7280"}
COLOURS = ("#2f5d9b", "#8a4f9e", "#00796b", "#b3261e", "#9a5b00", "#6b7280", "#c2417d", "#4d7a1f")
_SIZE = {"width": 430, "height": 130}


def draw_trends(
    nights: Sequence[Night], headlines: Mapping[date, Headline], breaks: Mapping[str, Sequence[date]]
) -> dict[str, str]:
    """SVG by chart: `read` (rows), `rejected` (%), `minutes` per run; per published date what each of `list_trends` follows,
    by its code, shares in percent; empty where there is nothing to follow.

    `breaks` are by indicator the days on which its rates become those of other things: the first date from each on is marked.
    """
    runs = [
        {
            "run": f"{number:04d} {night.as_of:%m-%d}",
            "tone": night.tone,
            "read": night.rows_read,
            "rejected": 100 * night.rows_rejected / night.rows_read
            if night.rows_read and night.rows_rejected is not None
            else None,
            "minutes": None if night.seconds is None else night.seconds / 60,
        }
        for number, night in enumerate(nights)
    ]
    days = sorted(headlines)
    return {
        "read": _draw(_bars(runs, "read", ",d")),
        "rejected": _draw(_bars(runs, "rejected", ",.2~f")),
        "minutes": _draw(_bars(runs, "minutes", ",.2~f")),
        **{
            trend.code: _follow(trend, headlines, mark_breaks(days, breaks.get(trend.indicator.code, ())))
            for trend in list_trends()
        },
    }


def mark_breaks(dates: Sequence[date], breaks: Sequence[date]) -> list[date]:
    """The published dates that are the first from a break on; the first of all has nothing before it to differ from."""
    marked = {next((d for d in dates if d >= day), None) for day in breaks if dates and day > dates[0]}
    return [d for d in dates if d in marked]


def _bars(runs: Sequence[Mapping[str, Any]], field: str, format_: str) -> Any:
    import altair as alt

    return (
        alt.Chart(alt.InlineData(values=[run for run in runs if run[field] is not None]))
        .mark_bar(size=5)
        .encode(
            x=_run_axis("slice(datum.value, 5)"),
            y=alt.Y(f"{field}:Q", axis=alt.Axis(title=None, format=format_, tickCount=4)),
            color=_colour("tone", TONES),
        )
    )


def _follow(trend: Trend, headlines: Mapping[date, Headline], marked: Sequence[date]) -> str:
    scale = 1 if trend.units else 100
    rates = [
        {"run": f"{day:%Y-%m-%d}", "series": line.measure.code, "rate": float(scale * value)}
        for day, headline in sorted(headlines.items())
        for line in trend.series
        if line.key in headline and (value := headline[line.key].value) is not None
    ]
    colours = {line.measure.code: COLOURS[at % len(COLOURS)] for at, line in enumerate(trend.series)}
    return _draw(_lines(rates, colours, marked)) if rates else ""


def _lines(rates: Sequence[Mapping[str, Any]], colours: Mapping[str, str], marked: Sequence[date]) -> Any:
    import altair as alt

    scale = alt.Scale(zero=False, nice=True)
    lines = (
        alt.Chart(alt.InlineData(values=list(rates)))
        .mark_line(point={"size": 18})
        .encode(
            x=_run_axis("slice(datum.value, 5)"),
            y=alt.Y("rate:Q", scale=scale, axis=alt.Axis(title=None, format=",.2~f", tickCount=4)),
            color=_colour("series", colours),
        )
    )
    if not marked:
        return lines
    rules = alt.Chart(alt.InlineData(values=[{"run": f"{day:%Y-%m-%d}"} for day in marked]))
    return lines + rules.mark_rule(color=TONES["idle"], strokeDash=[3, 3]).encode(x=_run_axis("slice(datum.value, 5)"))


def _run_axis(label: str) -> Any:
    import altair as alt

    axis = alt.Axis(title=None, labelExpr=label, labelAngle=0, labelOverlap="greedy", labelSeparation=6, ticks=False)
    return alt.X("run:O", sort=None, axis=axis)


def _colour(field: str, colours: Mapping[str, str]) -> Any:
    import altair as alt

    return alt.Color(f"{field}:N", legend=None, scale=alt.Scale(domain=list(colours), range=list(colours.values())))


def _draw(chart: Any) -> str:
    import vl_convert

    quiet = {"font": "sans-serif", "background": "white", "aria": False}
    spec = (
        chart.properties(**_SIZE)
        .configure(**quiet)
        .configure_view(stroke=None)
        .configure_axis(gridColor="#e3e6ea", domainColor="#9aa0a8", labelColor="#4a5058")
    )
    return str(vl_convert.vegalite_to_svg(spec.to_dict()))
