"""The DAG `deadline`: every morning at `VBP_ALARM_DEADLINE` (06:00, Shanghai), is yesterday published?

Airflow's own `DeadlineAlert` does not fit: it hangs on a DAG run, so that a paused `nightly_compliance`, or one
that was never scheduled, has no deadline to miss; it watches the DAG run and not the publication (a night
released on the command line would still be late, one held would be in time as soon as its run has ended); and
its callbacks need an executor or a triggerer that is up. A DAG of its own sees the report tables only.

First unpaused it waits for its next hour (`run_immediately`; a start date would call for the hour before).

Both live in the same scheduler, which cannot report its own death: let a second machine ask, by cron:

    15 6 * * *  . /etc/vbp-deadline.env && vbp alarm --deadline
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowFailException

from pipelines.alarms.settings import AlarmSettings
from pipelines.settings import Settings

DEADLINE = AlarmSettings().deadline


@dag(
    schedule=CronTriggerTimetable(
        f"{DEADLINE.minute} {DEADLINE.hour} * * *", timezone="Asia/Shanghai", run_immediately=timedelta(hours=1)
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    description="昨日数字到点未发布即告警",
    doc_md=__doc__,
)
def deadline() -> None:
    """Wire the one task; red when the day is overdue."""

    @task
    def check() -> None:
        from pipelines.alarms.deadline import check_deadline
        from pipelines.database.open import opened

        settings = Settings()
        with opened(settings.database_url) as engine:
            late = check_deadline(engine, settings.home, AlarmSettings())
        if late:
            raise AirflowFailException(f"{late.title}\n{late.body}")  # trying again says nothing new

    check()


deadline()
