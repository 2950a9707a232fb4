"""How a run stands in the ledger of the report database. Needs no Polars: Airflow's own processes ask too."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from pipelines.database import ledger
from pipelines.database.open import opened
from pipelines.errors import VbpError, describe
from pipelines.store.runs import Run

_log = logging.getLogger(__name__)


def standing(run: Run) -> str | None:
    """Return `running`, `published`, `held` or `failed`; None for a run that the ledger does not know."""
    with opened(run.database_url) as engine, engine.connect() as connection:
        return ledger.status_of(connection, run.run_id)


def fail_open(run: Run, message: str) -> None:
    """Enter that the run failed, and why, unless it has ended already: published, held or failed stands.

    A database that cannot be reached is no second failure: the line stays `running`, and the next run closes it.
    """
    try:
        with opened(run.database_url) as engine:
            if standing(run) == "running":
                ledger.record_failure(engine, run.run_id, message)
    except (sa.exc.SQLAlchemyError, VbpError) as error:
        _log.error(f"运行 {run.run_id} 的失败未能记入台账，下一次运行会补记为中断：{describe(error)}")
