"""How many staged rows fail each check: all conditions of a table counted in one pass over it."""

from collections.abc import Sequence

import sqlalchemy as sa

from pipelines.audit.expectations import Check
from pipelines.database.tables import METADATA

_TALLY = METADATA.tables["staging_tally"]


def tally(engine: sa.Engine, checks: Sequence[Check]) -> tuple[dict[str, int], dict[str, int | None]]:
    """Count per check_id what it looks at, and what fails it; write the latter to `staging_tally`.

    What could not be counted, because its query does not run, has None, and looks at the rows staged.
    """
    applied: dict[str, int] = {}
    failing: dict[str, int | None] = {}
    for table in dict.fromkeys(check.table for check in checks):
        of_table = [check for check in checks if check.table == table]
        rows, counted = _count_conditions(engine, table, [check for check in of_table if check.condition])
        failing |= counted
        for check in of_table:
            if not check.condition:
                failing[check.check_id] = _count(engine, f"SELECT COUNT(*) FROM ({check.failing}) AS failing")
            looked_at = _count(engine, check.applied) if check.applied else rows
            applied[check.check_id] = rows if looked_at is None else looked_at
    with engine.begin() as connection:
        connection.execute(sa.delete(_TALLY))
        counts = [{"check_id": check_id, "failing": count} for check_id, count in failing.items()]
        connection.execute(sa.insert(_TALLY), counts)
    return applied, failing


def _count_conditions(
    engine: sa.Engine, table: str, checks: Sequence[Check]
) -> tuple[int, dict[str, int | None]]:
    """Number of staged rows, and of those that meet each check's condition."""
    sums = [f"COALESCE(SUM(CASE WHEN {check.condition} THEN 1 ELSE 0 END), 0)" for check in checks]
    try:
        with engine.connect() as connection:
            query = sa.text(_plain(f"SELECT {', '.join(['COUNT(*)', *sums])} FROM staging_{table}"))
            rows, *counts = connection.execute(query).one()
        return int(rows), {check.check_id: int(n) for check, n in zip(checks, counts, strict=True)}
    except sa.exc.DBAPIError:
        return _count(engine, f"SELECT COUNT(*) FROM staging_{table}") or 0, {
            c.check_id: None for c in checks
        }


def _count(engine: sa.Engine, query: str) -> int | None:
    try:
        with engine.connect() as connection:
            return int(connection.execute(sa.text(_plain(query))).scalar_one())
    except sa.exc.DBAPIError:
        return None  # the audit runs the query once more and reports what is wrong with it


def _plain(query: str) -> str:
    return query.replace("{{", "{").replace("}}", "}")
