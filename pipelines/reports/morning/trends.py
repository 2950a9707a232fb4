"""Trend charts of the last runs, as SVG that needs no script.

A chart holds digits only: its title, its legend and their translation stand in the page around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from pipelines.reports.followed import Key, list_series
from pipelines.reports.morning.nights import Night
from pipelines.reports.morning.totals import Headline

TONES = {"good": "#2e7d4f", "warn": "#9a5b00", "bad": "#b3261e", "idle": "#6b7280"}
_COLOURS = ("#2f5d9b", "#8a4f9e", "#00796b", "#b3261e", "#9a5b00", "#6b7280", "#c2417d", "#4d7a1f")
_SIZE = {"width": 430, "height": 130}


class Line(NamedTuple):
    """A line through the published dates: the key of its figure, its titles in Chinese and English, its colour."""

    key: Key
    titles: tuple[str, str]
    colour: str


def list_lines() -> list[Line]:
    """The measures that are followed, in colours that come round again."""
    return [Line(series.key, series.titles, _COLOURS[number % len(_COLOURS)]) for number, series in enumerate(list_series())]


def draw_trends(nights: Sequence[Night], headlines: Mapping[date, Headline], breaks: Sequence[date] = ()) -> dict[str, str]:
    """SVG by chart: `read` (rows), `rejected` (%), `minutes` per run, `rates` (%) per published date.

    `breaks` are days on which the running lots change: the first date from each on is marked in `rates`.
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
    rates = [
        {"run": f"{day:%Y-%m-%d}", "series": line.key[0], "rate": float(100 * value)}
        for day, headline in sorted(headlines.items())
        for line in list_lines()
        if line.key in headline and (value := headline[line.key].value) is not None
    ]
    return {
        "read": _draw(_bars(runs, "read", ",d")),
        "rejected": _draw(_bars(runs, "rejected", ",.2~f")),
        "minutes": _draw(_bars(runs, "minutes", ",.2~f")),
        "rates": _draw(_lines(rates, mark_breaks(sorted(headlines), breaks))),
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


def _lines(rates: Sequence[Mapping[str, Any]], marked: Sequence[date]) -> Any:
    import altair as alt

    scale = alt.Scale(zero=False, nice=True)
    lines = (
        alt.Chart(alt.InlineData(values=list(rates)))
        .mark_line(point={"size": 18})
        .encode(
            x=_run_axis("slice(datum.value, 5)"),
            y=alt.Y("rate:Q", scale=scale, axis=alt.Axis(title=None, format=",.2~f", tickCount=4)),
            color=_colour("series", {line.key[0]: line.colour for line in list_lines()}),
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
