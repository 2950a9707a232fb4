"""What the tasks of the DAG share: a step of an open run, its failure, and failures that trying again does not mend."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipelines.errors import UsageError, VbpError, describe
from pipelines.night.after import after_night
from pipelines.night.status import fail_open
from pipelines.settings import Settings
from pipelines.store.runs import load_run, lock

_log = logging.getLogger("nightly_compliance")


def do_step(name: str, night: str, *more: str) -> Any:
    """Do one step of `nightly` of an open run, holding its home together with the run's other tasks."""
    from pipelines.night import steps as nightly

    with lock(Settings().home, shared=True):
        return getattr(nightly, name)(nightly.take_up(Settings(), night), *more, _log.info)


@contextmanager
def for_good() -> Iterator[None]:
    """A wrong call, and a run that nobody lets through, fail the task at once, without further tries."""
    from airflow.sdk.exceptions import AirflowFailException

    try:
        yield
    except UsageError as error:
        raise AirflowFailException(str(error)) from error


def record_failure(context: Any) -> None:
    """Enter in the run ledger why a task failed for good, and tell those who have to know."""
    failed, error = context["ti"], context.get("exception")
    if isinstance(getattr(error, "__cause__", None), VbpError):  # what Airflow wrapped to fail at once
        error = error.__cause__
    reason = describe(error) if error else "未记录原因"
    _log.error(f"任务 {failed.task_id} 未完成：{reason}")
    if night := failed.xcom_pull(task_ids="begin") or "":
        fail_open(load_run(Settings(), night), f"任务 {failed.task_id}：{reason}")
    after_night(Settings(), night, error)
