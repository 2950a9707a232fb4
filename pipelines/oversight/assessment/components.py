"""What a year's score is made of: sums of published figures by institution (rulebook §1 rows 5 and 6), as the components of
the indicators say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import sqlalchemy as sa

from pipelines.engine.explained_rows import records_of
from pipelines.engine.published import Published
from pipelines.oversight.published import open_published, published_institutions, resolve
from pipelines.past.past_run import PastRun
from schemas.component import Component
from schemas.declared import COMPONENTS, MEASURES, declared
from schemas.reports import REPORTS
from schemas.table import Quotient

Record = dict[str, Any]
Sums = Mapping[str, int]


@dataclass(frozen=True)
class Assessed:
    """An institution: where it is, whose it is, for the code of each component its sums for the year (of a sum that is not
    there 0), and what is judged of it beside the score, by column of `assessment_scores`.
    """

    institution_code: str
    jurisdiction_code: str
    name: str | None
    ownership: str
    sums: Mapping[str, Sums]
    judged: Mapping[str, str]


def sum_components(connection: sa.Connection, run: PastRun, year: int, since: date, prefix: str) -> list[Assessed]:
    """The institutions that the published figures of the run's date speak of, by code.

    `since` is the last assessment date. Raises VbpError where the lake does not give what was published.
    """
    divisions = published_institutions(connection, run, prefix)
    sums: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: {code: Counter() for code in COMPONENTS})
    with open_published(connection, run, prefix) as published:
        for component in COMPONENTS.values():
            rows = resolve(component.sums)(published, year, since) if component.sums else _read_rows(component, published, year)
            more = (a.sums for a in declared("ADDED") if a.component == component.code)
            for row in chain(rows, *(resolve(name)(published, year, since) for name in more)):
                own = {name: value for name, value in row.items() if name != "institution_code"}
                sums[row["institution_code"]][component.code].update(own)
        judged = _read_judged(published)
        institutions = {row["institution_code"]: row for row in records_of(published.records(frozenset()), "institutions")}
    return [
        Assessed(
            code,
            divisions[code],
            institutions.get(code, {}).get("name"),
            institutions.get(code, {}).get("ownership", "public"),
            sums[code],
            judged[code],
        )
        for code in sorted(divisions)
    ]


def _read_judged(published: Published) -> Mapping[str, dict[str, str]]:
    """What is judged of each institution, of those without a row too."""
    nothing: dict[str, str] = {}
    found: dict[str, dict[str, str]] = defaultdict(lambda: dict(nothing))
    for judged in declared("JUDGED"):
        nothing |= judged.said({})
        for row in published.rows(judged.table, "1 = 1"):
            found[row["institution_code"]] |= judged.said(row)
    return found


def quotient_of(component: Component) -> Quotient:
    """What is divided by what: sums of the component."""
    measure = MEASURES[component.measure]
    quotient = REPORTS[measure.table].column(measure.column).of
    if quotient is None:
        raise ValueError(f"component {component.code}: {measure.table}.{measure.column} is no quotient")
    return quotient


def names_of(component: Component) -> tuple[str, ...]:
    """The sums that are told of a component, each once."""
    excused = (component.excused,) if component.excused else ()
    return tuple(dict.fromkeys((*component.beside, *quotient_of(component).columns, *excused)))


def _read_rows(component: Component, published: Published, year: int) -> list[Record]:
    """The sums of a component as the rows of its measure's table have them, each with its institution."""
    measure = MEASURES[component.measure]
    table = REPORTS[measure.table]
    values, code = {**measure.first, **measure.where}, "institution_code"
    if code not in table.column_names and table.rolled_up:
        level, code = table.rolled_up
        values[level] = "institution"
    conditions = [f"{column} = '{value}'" for column, value in values.items()]
    if component.month:
        conditions.append(f"CAST({component.month} AS TEXT) LIKE '{year}-%'")
    names = names_of(component)
    return [
        {"institution_code": row[code]} | {name: row[name] or 0 for name in names}
        for row in published.rows(table.name, " AND ".join(conditions) or "1 = 1")
    ]
