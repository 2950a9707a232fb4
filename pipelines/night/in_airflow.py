"""What the tasks of the DAG share: a step of an open run, its failure, and failures that trying again does not mend."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from pipelines.database import lease
from pipelines.database.open import opened
from pipelines.errors import UsageError, VbpError, describe
from pipelines.night.after import after_night
from pipelines.night.held import is_test
from pipelines.night.status import fail_open
from pipelines.settings import Settings
from pipelines.store.runs import load_run, lock

_log = logging.getLogger("nightly_compliance")


def begin_night(as_of: date, dag_run: str) -> str:
    """Open a run whose tasks share its lease from then on, in processes of their own; return its id."""
    from pipelines.night.begin import begin

    with lock(Settings().home):
        run = begin(Settings(), as_of, _log.info, dag_run=dag_run)
        if not is_test():
            with opened(run.database_url) as engine, engine.begin() as connection:
                lease.share(connection, run.run_id)
    return run.run_id


def do_step(name: str, night: str, *more: str) -> Any:
    """Do one step of `nightly` of an open run, holding its home and its lease together with the run's other tasks."""
    from pipelines.night import steps as nightly

    with lock(Settings().home, shared=True):
        run = nightly.take_up(Settings(), night)
        with opened(run.database_url) as engine:
            with engine.begin() as connection:
                lease.take(connection, night, run.home, alone=False)
            with lease.kept(engine, night):
                return getattr(nightly, name)(run, *more, _log.info)


def list_sources() -> list[str]:
    """The enabled sources of `sources.toml`; none where it cannot be used, which the night says then."""
    from pipelines.sources.described import SourcesError, read_sources

    try:
        return [source.id for source in read_sources(Settings().policies) if source.enabled]
    except SourcesError as error:
        _log.error(str(error))
        return []


def do_pull(named: str) -> None:
    """Pull one source; the task fails where something of it could not be taken, and the night goes on."""
    from airflow.sdk.exceptions import AirflowFailException

    from pipelines.sources.choose import choose
    from pipelines.sources.pull import pull

    [source] = choose(Settings().policies, named)
    done = pull(Settings(), source, "airflow", _log.info, connections=_find_login)
    _log.info(f"{named}：看到 {done.seen}，新取 {done.new}，已有 {done.known}，暂缓 {done.waiting}，失败 {done.failed}")
    if not done.is_good:  # what could be tried again has been
        raise AirflowFailException(f"来源 {named}：{done.error}")


def _find_login(name: str) -> tuple[str, str]:
    from airflow.sdk import BaseHook

    try:
        found = BaseHook.get_connection(name)
    except Exception as error:
        raise UsageError(
            f"没有 Airflow 连接 {name}（{type(error).__name__}）；请在 Airflow 中建立，口令写在 Password 里"
        ) from error
    return found.login or "", found.password or ""


def refuse_unwritten(unwritten: Sequence[str], is_held: bool) -> None:
    """VbpError where pages of a published run could not be written: the task is red, and tried again writes them. Of one that
    is held people are asked first.
    """
    if unwritten and not is_held:
        raise VbpError("；".join(unwritten))


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
