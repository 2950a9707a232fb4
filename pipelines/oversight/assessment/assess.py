"""Assess a year: the last published figures of it, scored, and kept under a number of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.seals import reseal
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.oversight.assessment.components import Assessed, sum_components
from pipelines.oversight.assessment.score import score
from pipelines.oversight.sealed import number_of, seal_rows
from pipelines.past.past_run import PastRun, find_run
from pipelines.policy.policies import Policies, load_policies
from pipelines.store.store import Store
from schemas.reports import REPORTS

Record = dict[str, Any]

_SCORES, _PUBLICATIONS = METADATA.tables["assessment_scores"], METADATA.tables["publications"]
_CONTENT = [c for c in REPORTS["assessment_scores"].column_names if c not in ("assessment_id", "recorded_at")]


@dataclass(frozen=True)
class Assessment:
    """An assessment: its number, date and run, since when commitments count, its rows as in `assessment_scores`, whether it
    is new, and what must be said (Chinese).
    """

    assessment_id: str
    as_of: date
    run_id: str
    since: date
    rows: Sequence[Record]
    is_new: bool
    remarks: Sequence[str]


def assess_year(
    engine: sa.Engine, home: Store, overlay: Path | None, year: int, *, at: datetime, prefix: str = ""
) -> Assessment:
    """Assess the institutions (whose division begins with `prefix`) by the last published date of the year.

    Assessed again with the same outcome it is the assessment that stands already; another outcome comes as a new one
    beside it. UsageError where nothing was published in the year.
    """
    policies = load_policies(overlay)
    with at_one_moment(engine) as connection:
        as_of, since = _dates_of(connection, year)
        run = find_run(connection, home, overlay, as_of=as_of)
        found = sum_components(connection, run, year, since, prefix)
    rows = [_make_row(assessed, run, year, policies) for assessed in found]
    told = [c for c in _CONTENT if c != "components" or any(row[c] for row in rows)]
    assessment_id = number_of(str(year), seal_rows(rows, told))
    rows = [row | {"assessment_id": assessment_id, "recorded_at": at.isoformat()} for row in rows]
    with engine.begin() as connection:
        known = sa.select(sa.func.count()).where(_SCORES.c.assessment_id == assessment_id)
        is_new = bool(rows) and not connection.execute(known).scalar_one()
        if is_new:
            connection.execute(sa.insert(_SCORES), rows)
            own = {"assessment_id": assessment_id}
            reseal(connection, "assessment", assessment_id, assessment_scores=own)
    return Assessment(assessment_id, as_of, run.run_id, since, rows, is_new, run.remarks)


def _dates_of(connection: sa.Connection, year: int) -> tuple[date, date]:
    """The last published date of the year, and that of the year before (without one its last day)."""
    found = []
    for y in (year, year - 1):
        of_year = _PUBLICATIONS.c.as_of.between(date(y, 1, 1), date(y, 12, 31))
        found.append(connection.execute(sa.select(sa.func.max(_PUBLICATIONS.c.as_of)).where(of_year)).scalar_one())
    if found[0] is None:
        raise UsageError(f"{year} 年没有发布过数字，无法考核；请先运行 vbp run --as-of {year}-12-31")
    return found[0], found[1] or date(year - 1, 12, 31)


def _make_row(assessed: Assessed, run: PastRun, year: int, policies: Policies) -> Record:
    policy = policies.resolve("assessment_weights", assessed.jurisdiction_code, run.as_of)
    assert isinstance(policy.value, list)
    weights = {name: int(points) for name, _, points in (member.partition("=") for member in policy.value)}
    return {
        "year": year,
        "as_of": run.as_of,
        "run_id": run.run_id,
        "jurisdiction_code": assessed.jurisdiction_code,
        "institution_code": assessed.institution_code,
        "institution_name": assessed.name,
        **score(assessed, weights),
        "policy_id": policy.id,
    }
