"""Prints as JSON what a fresh process finds in the deadline's DAG file; run as `python -m tests.dags.parse_deadline`."""

import json
import sys


def main() -> None:
    from dags import deadline as module

    found = module.deadline()
    heavy = ("polars", "pandera", "great_expectations", "deltalake", "apprise")
    print(
        json.dumps(
            {
                "dag": [found.dag_id, found.timetable.expression, str(found.timetable.timezone), found.catchup],
                "tasks": {task.task_id: task.retries for task in found.tasks},
                "heavy": [name for name in heavy if name in sys.modules],
            }
        )
    )


if __name__ == "__main__":
    main()
