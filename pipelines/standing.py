"""How a run stands in the ledger of the report database. Needs no Polars: Airflow's own processes ask too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from pipelines.publish import ledger
from pipelines.publish.database import open_database
from pipelines.runs import Run


def standing(run: Run) -> str | None:
    """Return `running`, `published`, `held` or `failed`; None for a run that the ledger does not know."""
    with _database(run) as engine, engine.connect() as connection:
        return ledger.status_of(connection, run.run_id)


def fail_open(run: Run, message: str) -> None:
    """Enter that the run failed, and why, unless it has ended already: published, held or failed stands."""
    with _database(run) as engine:
        if standing(run) == "running":
            ledger.record_failure(engine, run.run_id, message)


@contextmanager
def _database(run: Run) -> Iterator[sa.Engine]:
    engine = open_database(run.database_url)
    try:
        yield engine
    finally:
        engine.dispose()
