"""The DAG `quarterly_bulletin`: the bulletin of a quarter, in the month after its end at 06:30 Shanghai time, on the day
that the policy `bulletin_day` says (the 5th).

The date is the last day of the quarter before the day of the run (or the parameter `as_of`, any published date). Making
the bulletin freezes it: later nights of the date write restatements only. Where the date is not published yet the task
fails at once and says so; clear it when the night has been released. Made again, it says the same.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from pipelines.night.in_airflow import for_good
from pipelines.policy.policies import load_policies
from pipelines.settings import Settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = load_policies(Settings().policies).resolve("bulletin_day", "", datetime.now(SHANGHAI).date()).value
_log = logging.getLogger("quarterly_bulletin")


def quarter_end(given: str | None, moment: datetime) -> date:
    """The day a bulletin speaks of: the one `given` (ISO), else the last quarter's end before `moment` in Shanghai."""
    if given:
        return date.fromisoformat(given)
    day = moment.astimezone(SHANGHAI).date()
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)


@dag(
    schedule=CronTriggerTimetable(f"30 6 {DAY} 1,4,7,10 *", timezone="Asia/Shanghai", run_immediately=timedelta(hours=1)),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
    params={"as_of": Param(None, type=["null", "string"], format="date", description="统计截止日（季末）")},
    description="季度通报：工作簿、网页与 PDF，并冻结该季末的数字",
    doc_md=__doc__,
)
def quarterly_bulletin() -> None:
    """Wire the one task; it waits, by trying again, while a night is at work on the home."""

    @task
    def make(params: Any = None, dag_run: Any = None, logical_date: datetime | None = None) -> str:
        from pipelines.reports.bulletin import make_bulletin  # uses Polars

        as_of = quarter_end(params["as_of"], logical_date or dag_run.run_after)
        with for_good():
            made = make_bulletin(Settings(), as_of, _log.info, is_quarter=True)
        for remark in made.remarks:
            _log.warning(remark)
        return str(made.workbook)

    make()


quarterly_bulletin()
