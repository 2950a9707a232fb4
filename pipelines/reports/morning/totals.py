"""The measures of published dates: of each what is divided by what, over all rows of its table.

Read from the versions of the figure tables, so that many dates cost one pass and not one each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import versions_of
from pipelines.reports.added_up import at_level, exact, having, read_sums, sums_of
from pipelines.reports.followed import Key, quotient_of, value_words
from schemas.declared import MEASURES, SHOWN
from schemas.measure import Measure
from schemas.reports import REPORTS
from schemas.table import Terms

Sums = Mapping[str, float]


class Ratio(NamedTuple):
    """Σ numerator over Σ denominator, in the unit of both."""

    above: float
    below: float

    @property
    def value(self) -> Fraction | None:
        """The exact quotient, None where the denominator is 0."""
        return Fraction(self.above) / Fraction(self.below) if self.below else None


Headline = Mapping[Key, Ratio]


class Group(NamedTuple):
    """Measures of the same rows under their title in Chinese and English, each with its key."""

    titles: tuple[str, str]
    rows: Sequence[tuple[Key, Measure]]


def read_headlines(connection: sa.Connection, dates: Iterable[date]) -> dict[date, Headline]:
    """The measures of each of these dates, which must be published ones; what has no rows is left out."""
    wanted = sorted(set(dates))
    found: dict[date, dict[Key, Ratio]] = {day: {} for day in wanted}
    alike: dict[object, list[Measure]] = {}
    for measure in MEASURES.values():
        if {"morning", "trend"} & set(measure.shown):
            alike.setdefault((measure.table, measure.apart, tuple(measure.where.items())), []).append(measure)
    for own in alike.values():
        for day, groups in _read_sums(connection, own, wanted).items():
            for values, sums in groups.items():
                found[day].update({(measure.code, *values): _divide(measure, sums) for measure in own})
    return {day: dict(ratios) for day, ratios in found.items()}


def with_beside(connection: sa.Connection, headline: Headline, as_of: date) -> Headline:
    """The measures of a published date with those that stand beside them and are made when a page is."""
    found = dict(headline)
    for measure in (shown.beside.measure for shown in SHOWN.values() if shown.beside):
        of = quotient_of(measure)
        rows = read_sums(connection, measure.table, of.columns, measure.apart, as_of, where=measure.where)
        for row in rows.drop_nulls().iter_rows(named=True):
            found[measure.code, *(row[name] for name in measure.apart)] = _divide(measure, row)
    return found


def list_groups(*headlines: Headline) -> list[Group]:
    """The groups of which one of the headlines has figures, in the order in which indicators declare them; those under one
    title are one.
    """
    keys = {key for headline in headlines for key in headline}
    rows: dict[tuple[str, str], list[tuple[Key, Measure]]] = {}
    for group in _groups(keys):
        rows.setdefault(group.titles, []).extend(group.rows)
    return [Group(titles, own) for titles, own in rows.items()]


def _groups(keys: set[Key]) -> Iterator[Group]:
    for shown in SHOWN.values():
        rows: dict[tuple[object, Key], list[tuple[Key, Measure]]] = {}
        for measure in shown.measures:
            if "morning" in measure.shown:
                for key in sorted((k for k in keys if k[0] == measure.code), key=lambda k: _order(measure, k)):
                    rows.setdefault(((measure.table, tuple(measure.where.items())), key[1:]), []).append((key, measure))
        for own in sorted(rows.values(), key=lambda own: _order(own[0][1], own[0][0])):
            words = value_words(own[0][1], own[0][0][1:])
            parts = [shown.titles, *words, *([shown.whose] if any(shown.whose) else [])]
            yield Group((" · ".join(zh for zh, _ in parts), " · ".join(en for _, en in parts)), own)


def _order(measure: Measure, key: Key) -> list[int]:
    table = REPORTS[measure.table]
    words = [list(table.column(name).spoken) for name in measure.apart]
    return [own.index(value) if value in own else len(own) for own, value in zip(words, key[1:], strict=True)]


def _divide(measure: Measure, sums: Sums) -> Ratio:
    of = quotient_of(measure)
    return Ratio(_total(of.above, sums), _total(of.below, sums))


def _total(terms: Terms, sums: Sums) -> float:
    return sum(sign * sums[name] for sign, name in terms)


def _read_sums(
    connection: sa.Connection, measures: Sequence[Measure], dates: Sequence[date]
) -> dict[date, dict[Key, Counter[str]]]:
    """What measures of the same rows are made of, per date and group: versions with the same life are added in SQL."""
    found: dict[date, dict[Key, Counter[str]]] = {day: defaultdict(Counter) for day in dates}
    if not dates:
        return found
    first = measures[0]
    sums = tuple(dict.fromkeys(name for measure in measures for name in quotient_of(measure).columns))
    v = versions_of(first.table)
    keys = [v.c.valid_from, v.c.valid_to, *(v.c[name] for name in first.apart)]
    rows_at, _ = at_level(REPORTS[first.table], v, "all")
    stands = (v.c.valid_from <= dates[-1], v.c.valid_to > dates[0])
    query = sa.select(*keys, *sums_of(v, sums)).where(rows_at, *having(v, first.where), *stands).group_by(*keys)
    for since, until, *rest in connection.execute(query):
        group = tuple(map(str, rest[: -len(sums)]))
        counts = dict(zip(sums, map(exact, rest[-len(sums) :]), strict=True))
        for day in dates:
            if since <= day < until:
                found[day][group].update(counts)
    return found
