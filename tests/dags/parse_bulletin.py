"""Prints as JSON what a fresh process finds in the bulletin's DAG file, and what its task says of `AS_OF`, if that is
given; run as `python -m tests.dags.parse_bulletin`."""

import json
import os
import sys
from datetime import UTC, datetime


def main() -> None:
    from dags import quarterly_bulletin as module

    found = module.quarterly_bulletin()
    heavy = ("polars", "pandera", "great_expectations", "deltalake", "xlsxwriter", "altair")
    moments = {
        "last second of the quarter": datetime(2020, 12, 31, 15, 59, 59, tzinfo=UTC),
        "midnight after it": datetime(2020, 12, 31, 16, tzinfo=UTC),
        "the schedule": datetime(2021, 1, 4, 22, 30, tzinfo=UTC),
        "a late run": datetime(2021, 3, 31, 1, tzinfo=UTC),
    }
    told = {
        "dag": [found.dag_id, found.timetable.expression, str(found.timetable.timezone), found.catchup],
        "tasks": {task.task_id: task.retries for task in found.tasks},
        "heavy": [name for name in heavy if name in sys.modules],
        "days": {name: str(module.quarter_end(None, moment)) for name, moment in moments.items()},
        "given": str(module.quarter_end("2020-09-30", moments["a late run"])),
    }
    if as_of := os.environ.get("AS_OF"):
        try:
            told["made"] = found.get_task("make").python_callable(params={"as_of": as_of}, logical_date=moments["the schedule"])
        except Exception as error:
            told["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(told))


if __name__ == "__main__":
    main()
