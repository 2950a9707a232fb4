"""The frame of a sample: the institutions that the published figures of a date speak of, and the stratum of each."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.oversight.published import published_institutions
from pipelines.past.past_run import PastRun
from schemas.reports.findings import SEVERITIES

_GRAVEST = list(SEVERITIES)


def read_frame(connection: sa.Connection, run: PastRun, prefix: str, stratum_by: str) -> dict[str, tuple[str, str]]:
    """Institution → division and stratum.

    Strata: none; the division; or the gravest open finding (`violation`, `warning`, `signal`, else `no_finding`).
    """
    divisions = published_institutions(connection, run, prefix)
    if stratum_by == "finding":
        gravest = _find_gravest(connection, run)
        return {code: (place, gravest.get(code, "no_finding")) for code, place in divisions.items()}
    return {code: (place, place if stratum_by == "jurisdiction" else "") for code, place in divisions.items()}


def _find_gravest(connection: sa.Connection, run: PastRun) -> dict[str, str]:
    t = METADATA.tables["findings"]
    query = sa.select(t.c.institution_code, t.c.severity).where(t.c.as_of == run.as_of, t.c.state == "open")
    found: dict[str, set[str]] = defaultdict(set)
    for code, severity in connection.execute(query.distinct()):
        found[code].add(severity)
    return {code: min(severities, key=_GRAVEST.index) for code, severities in found.items()}
