"""The measures that are followed through the year, and in what words a measure tells of which rows it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipelines.reports.beside import shown_table
from schemas.declared import MEASURES, SHOWN
from schemas.measure import Measure
from schemas.reports import REPORTS
from schemas.shown import Shown
from schemas.table import Column, Quotient

Key = tuple[str, ...]
"""The code of a measure, and the values of the columns that it keeps apart."""


class Series(NamedTuple):
    """A line through the published dates: its measure, the key of the figure that stands for it, its titles."""

    measure: Measure
    key: Key
    titles: tuple[str, str]


class Trend(NamedTuple):
    """What one picture follows: the measures of an indicator in the same units (Chinese, English), of shares None."""

    code: str
    indicator: Shown
    units: tuple[str, str] | None
    series: Sequence[Series]


def list_trends() -> list[Trend]:
    """The pictures of all indicators in the order of their codes, their lines as they are declared."""
    found = []
    for indicator in SHOWN.values():
        alike: dict[tuple[str, str] | None, list[Series]] = {}
        for measure in (m for m in indicator.measures if m.code in MEASURES and "trend" in m.shown):
            alike.setdefault(column_of(measure).units, []).append(_as_series(measure))
        for number, (units, series) in enumerate(alike.items(), start=1):
            found.append(Trend(f"trend_{indicator.code}_{number}", indicator, units, series))
    return found


def _as_series(measure: Measure) -> Series:
    """A measure by the one group that stands where there is room for one."""
    values = [measure.first[name] for name in measure.apart]
    titles = [(measure.title_zh, measure.title_en), *value_words(measure, values)[len(measure.where) :]]
    together = ("·".join(zh for zh, _ in titles), ", ".join(en for _, en in titles))
    return Series(measure, (measure.code, *values), together)


def value_words(measure: Measure, values: Sequence[str]) -> list[tuple[str, str]]:
    """The words of which rows a figure is: those it always has, and these `values` of what it keeps apart."""
    table = REPORTS[measure.table]
    chosen = dict(measure.where) | dict(zip(measure.apart, values, strict=True))
    return [(table.column(name).spoken.get(value, value), value.replace("_", " ")) for name, value in chosen.items()]


def column_of(measure: Measure) -> Column:
    """The rate that a measure follows."""
    return shown_table(measure.table).column(measure.column)


def quotient_of(measure: Measure) -> Quotient:
    """What a measure is the quotient of; ValueError where its column does not say so."""
    of = column_of(measure).of
    if of is None:
        raise ValueError(f"measure {measure.code}: {measure.table}.{measure.column} is no quotient")
    return of
