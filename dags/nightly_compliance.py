"""The DAG `nightly_compliance`: the steps of `pipelines.nightly`, daily at 02:00 Shanghai time.

Settings come from the environment (`VBP_HOME`, `VBP_LANDING` …). Only run ids, names and counts pass between
tasks; what a step makes lies in the run's folder. A step tried again does its work again; `begin` tried again
opens a new run, so a failed night is cleared from `begin` on, and a held one by `vbp release`.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowFailException

from pipelines.after_night import after_night
from pipelines.errors import UsageError
from pipelines.runs import load_run, lock, read_json
from pipelines.settings import Settings
from pipelines.standing import fail_open, standing

# What uses Polars is imported in the tasks: a process that has used it must not fork, and Airflow forks.
SHANGHAI = ZoneInfo("Asia/Shanghai")
_log = logging.getLogger("nightly_compliance")


def as_of_date(given: str | None, moment: datetime) -> date:
    """The day a run speaks of: the one `given` (ISO), else the day before `moment` on Shanghai's calendar."""
    return date.fromisoformat(given) if given else moment.astimezone(SHANGHAI).date() - timedelta(days=1)


def record_failure(context: Any) -> None:
    """Enter in the run ledger why a task failed for good, and tell those who have to know."""
    failed, error = context["ti"], context.get("exception")
    _log.error(f"任务 {failed.task_id} 未完成：{error}")
    if night := failed.xcom_pull(task_ids="begin") or "":
        fail_open(load_run(Settings(), night), f"任务 {failed.task_id}：{type(error).__name__}: {error}")
    after_night(Settings(), night, error)


def _step(name: str, night: str, *more: str) -> Any:
    """Do one step of an open run, holding its home together with the run's other tasks."""
    from pipelines import nightly

    with lock(Settings().home, shared=True):
        return getattr(nightly, name)(nightly.take_up(Settings(), night), *more, _log.info)


@dag(
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai"),
    start_date=datetime(2019, 1, 1, tzinfo=SHANGHAI),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=2,  # Polars takes every core already: more at once only takes memory
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "on_failure_callback": record_failure},
    params={"as_of": Param(None, type=["null", "string"], format="date", description="统计截止日")},
    description="带量采购履约监测夜间批处理",
    doc_md=__doc__,
)
def nightly_compliance() -> None:
    """Wire the steps of a night; `night` is the id of its run, `part` the dataset or indicator of a step."""

    @task
    def begin(params: Any = None, dag_run: Any = None, logical_date: datetime | None = None) -> str:
        from pipelines import nightly

        as_of = as_of_date(params["as_of"], logical_date or dag_run.run_after)
        with lock(Settings().home):
            try:
                return nightly.begin(Settings(), as_of, _log.info).run_id
            except UsageError as error:
                raise AirflowFailException(str(error)) from error  # trying again does not mend it

    @task
    def list_datasets(night: str) -> list[str]:
        from pipelines import nightly

        return nightly.datasets_to_ingest(load_run(Settings(), night))

    @task
    def list_indicators() -> list[str]:
        from pipelines.indicators.indicator import all_indicators

        return list(all_indicators())

    @task
    def step(name: str, night: str, part: str = "") -> None:
        _step(name, night, *filter(None, [part]))

    @task
    def publish(night: str) -> None:
        run = load_run(Settings(), night)
        if (status := standing(run)) == "running":  # else an earlier try or `vbp release` was here
            status = _step("publish", night)
        if status == "held":
            results = read_json(run.file("audit.json"))["results"]
            failed = "；".join(r["check_id"] for r in results if r["status"] == "failed")
            remedy = f"核实后放行：vbp release {night} --note 理由"
            raise AirflowFailException(f"运行 {night} 被扣留，上次的数字不变。未通过：{failed}。{remedy}")
        if status != "published":
            raise AirflowFailException(f"运行 {night} 的状态是 {status}，不能发布；请从 begin 起重新运行")
        after_night(Settings(), night)

    night = begin()
    ingest = step.override(task_id="ingest", map_index_template="{{ task.op_kwargs['part'] }}")
    validate = step.override(task_id="validate", trigger_rule=TriggerRule.NONE_FAILED)  # no new file: skipped
    compute = step.override(task_id="compute", map_index_template="{{ task.op_kwargs['part'] }}")
    (
        ingest.partial(name="ingest", night=night).expand(part=list_datasets(night))
        >> validate("validate", night)
        >> compute.partial(name="compute", night=night).expand(part=list_indicators())
        >> step.override(task_id="stage")("stage", night)
        >> step.override(task_id="audit")("audit", night)
        >> publish(night)
    )


nightly_compliance()
