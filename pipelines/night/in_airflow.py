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
