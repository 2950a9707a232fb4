"""The DAG `nightly_compliance`: the steps of `pipelines.night.steps`, daily at 02:00 Shanghai time.

Settings come from the environment (`VBP_HOME` …). Sources are pulled first; one that fails stops no night. Only ids and
numbers pass between tasks: what a step makes lies in the home, so that any worker may do any task. What has portions
(`pipelines.night.plan`) is mapped over them. A step tried again does its work again; `begin` tried again opens a new
run, so a failed night is cleared from `begin` on. When a gate holds the run, `ask` waits for a person, twelve hours at
most, and `release` does what was answered; `vbp release` may come first. First unpaused, it waits for its next hour
(`run_immediately`): a start date would have it do a day of before it was installed.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import CronTriggerTimetable, Param, TriggerRule, chain, dag, task

from pipelines.alarms.settings import check_variables
from pipelines.night.after import after_night
from pipelines.night.held import KEEP, NOTE, RELEASE, describe_held, needs_answer, settle_held
from pipelines.night.in_airflow import begin_night, do_pull, do_step, for_good, list_sources, record_failure, refuse_unwritten
from pipelines.night.status import standing
from pipelines.settings import Settings
from pipelines.store.runs import load_run

# What uses Polars is imported in the tasks: a process that has used it must not fork, and Airflow forks.
SHANGHAI = ZoneInfo("Asia/Shanghai")
_log = logging.getLogger("nightly_compliance")


def as_of_date(given: str | None, moment: datetime) -> date:
    """The day a run speaks of: the one `given` (ISO), else the day before `moment` on Shanghai's calendar."""
    return date.fromisoformat(given) if given else moment.astimezone(SHANGHAI).date() - timedelta(days=1)


@dag(
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(hours=1)),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=Settings().tasks_at_once,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "on_failure_callback": record_failure},
    params={"as_of": Param(None, type=["null", "string"], format="date", description="统计截止日")},
    user_defined_macros={"describe_held": describe_held},
    description="带量采购履约监测夜间批处理",
    doc_md=__doc__,
)
def nightly_compliance() -> None:
    """Wire the steps of a night; `night` is the id of its run, `portion` what of a step a task does."""

    @task(trigger_rule=TriggerRule.ALL_DONE)  # a source that fails is told, and stops no night
    def begin(params: Any = None, dag_run: Any = None, logical_date: datetime | None = None) -> str:
        from pipelines.night.begin import make_ready

        as_of = as_of_date(params["as_of"], logical_date or dag_run.run_after)
        with for_good():
            check_variables()
            make_ready(Settings(), as_of)
            return begin_night(as_of, dag_run.run_id)

    @task
    def step(name: str, night: str, portion: str = "") -> None:
        do_step(name, night, *filter(None, [portion]))

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def list_portions(wave: str, night: str) -> list[str]:
        from pipelines.night import steps as nightly

        return nightly.list_portions(load_run(Settings(), night), wave)

    @task.short_circuit
    def publish(night: str) -> bool:
        if standing(load_run(Settings(), night)) == "running":  # else published or held by an earlier try
            do_step("publish", night)
        with for_good():
            is_held = needs_answer(Settings(), night)
        refuse_unwritten(after_night(Settings(), night), is_held)
        return is_held  # else nobody is asked

    @task
    def release(night: str, answer: Any) -> None:
        with for_good():
            settle_held(Settings(), night, answer, _log.info)

    pull = task(task_id="pull", on_failure_callback=None, map_index_template="{{ task.op_kwargs['named'] }}")(do_pull)
    night = begin()
    pull.expand(named=task(list_sources)()) >> night
    skippable = step.override(trigger_rule=TriggerRule.NONE_FAILED)  # nothing of what comes before may be there to do

    def mapped(wave: str, name: str, after: Any) -> Any:
        listed = list_portions.override(task_id=f"list_{wave}")(wave, night)
        after >> listed
        named = skippable.override(task_id=wave, map_index_template="{{ task.op_kwargs['portion'][:200] }}")
        return named.partial(name=name, night=night).expand(portion=listed)

    validated = skippable.override(task_id="validate")("validate", night)
    waves = {"compute_parts": "compute_parts", "compute": "compute", "resting_parts": "compute_parts", "resting": "compute"}
    ask = HITLOperator(
        task_id="ask",
        subject="带量采购监测被扣留，是否放行？",
        options=[RELEASE, KEEP],
        defaults=KEEP,
        body="{{ describe_held(ti.xcom_pull(task_ids='begin')) }}",
        response_timeout=timedelta(hours=12),
        params={NOTE: Param(None, type=["null", "string"], title="放行理由", description="记入运行台账")},
    )
    chain(
        mapped("validate_parts", "validate_parts", mapped("ingest", "ingest", night)),
        validated,
        *(mapped(wave, name, validated) for wave, name in waves.items()),
        skippable.override(task_id="stage")("stage", night),
        step.override(task_id="audit")("audit", night),
        *(publish(night), ask, release(night, ask.output)),
    )


NIGHT = nightly_compliance()
