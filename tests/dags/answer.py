"""`make run` with somebody who answers the request of a held run; run as `python -m tests.dags.answer`.

`TEST_ANSWER` is the option chosen, `TEST_NOTE` the note. The answer goes through Airflow's own API
function; the exit status is that of `dags.run_once`.
"""

import os
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

from pipelines.night import held as held_run

USER = SimpleNamespace(get_id=lambda: "7", get_name=lambda: "王值班")


def _find_request(airflow: Any) -> Any:
    """The task that waits, once there is one; before, Airflow's tables may not even exist."""
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import select
    from sqlalchemy.exc import OperationalError

    waiting = select(TaskInstance).where(TaskInstance.state == "awaiting_input")
    while True:
        time.sleep(0.2)
        try:
            with airflow.Session() as session:
                if task := session.scalars(waiting).first():
                    return task
        except OperationalError:
            continue


def _answer() -> None:
    from airflow import settings as airflow
    from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
    from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail

    task = _find_request(airflow)
    answer = UpdateHITLDetailPayload(chosen_options=[os.environ["TEST_ANSWER"]], params_input={"note": os.environ["TEST_NOTE"]})
    with airflow.Session() as session:
        update_hitl_detail(task.dag_id, task.run_id, task.task_id, answer, USER, session)
        session.commit()


def main() -> int:
    from dags import run_once

    held_run.is_test = lambda: False
    threading.Thread(target=_answer, daemon=True).start()
    return run_once.main()


if __name__ == "__main__":
    sys.exit(main())
