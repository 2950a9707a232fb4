"""Prints as JSON what a fresh process finds in the DAG file; run as `python -m tests.dags.parse`."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from airflow.sdk import dag, task


@dag(schedule=None)
def _bare() -> None:
    @task
    def nothing() -> None: ...

    nothing()


def _describe(found: Any) -> dict[str, Any]:
    tasks = {
        t.task_id: {
            "mapped": t.is_mapped,
            "trigger_rule": t.trigger_rule.value,
            "retries": t.retries,
            "upstream": sorted(t.upstream_task_ids),
        }
        for t in found.tasks
    }
    return {
        "dag_id": found.dag_id,
        "cron": found.timetable.expression,
        "timezone": str(found.timetable.timezone),
        "catchup": found.catchup,
        "max_active_runs": found.max_active_runs,
        "as_of": found.params["as_of"],
        "tasks": tasks,
        "ask": _describe_request(found.get_task("ask")),
    }


def _describe_request(ask: Any) -> dict[str, Any]:
    hours = ask.response_timeout.total_seconds() / 3600
    return {"options": ask.options, "defaults": ask.defaults, "hours": hours, "fields": list(ask.params)}


def _days(as_of_date: Any) -> dict[str, str]:
    last_second, midnight = datetime(2020, 12, 31, 15, 59, 59), datetime(2020, 12, 31, 16)
    night = datetime(2020, 12, 31, 18)
    moments = {
        "last second of 12-31 in Shanghai": last_second.replace(tzinfo=UTC),
        "midnight in Shanghai": midnight.replace(tzinfo=UTC),
        "a minute before the schedule": (night - timedelta(minutes=1)).replace(tzinfo=UTC),
        "the schedule, 02:00 in Shanghai": night.replace(tzinfo=UTC),
        "last minute of the UTC day": datetime(2020, 12, 31, 23, 59, tzinfo=UTC),
        "noon in Shanghai": datetime(2021, 1, 1, 12, tzinfo=timezone(timedelta(hours=8))),
    }
    days = {name: str(as_of_date(None, moment)) for name, moment in moments.items()}
    return days | {"given": str(as_of_date("2019-02-28", night.replace(tzinfo=UTC)))}


def main() -> None:
    _bare()  # pays for what Airflow imports late
    started = time.process_time()
    from dags import nightly_compliance as module

    seconds = time.process_time() - started
    heavy = ("polars", "pandera", "great_expectations", "deltalake")
    print(
        json.dumps(
            {
                "seconds": seconds,
                "heavy": [name for name in heavy if name in sys.modules],
                "dag": _describe(module.nightly_compliance()),
                "days": _days(module.as_of_date),
            }
        )
    )


if __name__ == "__main__":
    main()
