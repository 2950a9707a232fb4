"""The measures that are followed through the year, and in what words a measure tells of which rows it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipelines.reports.beside import shown_table
from schemas.declared import MEASURES
from schemas.measure import Measure
from schemas.reports import REPORTS
from schemas.table import Quotient

Key = tuple[str, ...]
"""The code of a measure, and the values of the columns that it keeps apart."""


class Series(NamedTuple):
    """A line through the published dates: its measure, the key of the figure that stands for it, its titles."""

    measure: Measure
    key: Key
    titles: tuple[str, str]


def list_series() -> list[Series]:
    """The measures that are followed, each by the one group that stands where there is room for one."""
    found = []
    for measure in (m for m in MEASURES.values() if "trend" in m.shown):
        values = [measure.first[name] for name in measure.apart]
        titles = [(measure.title_zh, measure.title_en), *value_words(measure, values)[len(measure.where) :]]
        together = ("·".join(zh for zh, _ in titles), ", ".join(en for _, en in titles))
        found.append(Series(measure, (measure.code, *values), together))
    return found


def value_words(measure: Measure, values: Sequence[str]) -> list[tuple[str, str]]:
    """The words of which rows a figure is: those it always has, and these `values` of what it keeps apart."""
    table = REPORTS[measure.table]
    chosen = dict(measure.where) | dict(zip(measure.apart, values, strict=True))
    return [(table.column(name).spoken.get(value, value), value.replace("_", " ")) for name, value in chosen.items()]


def quotient_of(measure: Measure) -> Quotient:
    """What a measure is the quotient of; ValueError where its column does not say so."""
    of = shown_table(measure.table).column(measure.column).of
    if of is None:
        raise ValueError(f"measure {measure.code}: {measure.table}.{measure.column} is no quotient")
    return of
