"""`make run`: the DAG once, for real, on the sample landing zone, then its headline figures.

`python -m dags.run_once` takes `VBP_HOME` (default `var/` of the checkout), `VBP_LANDING` (the sample) and
`VBP_AS_OF` (2020-12-31). Airflow gets a home of its own in `VBP_HOME`, with SQLite; variables `AIRFLOW…` of
the surroundings do not reach it. Exit status as for `vbp run`: 0 published, 1 failed, 3 held, 2 wrong date.

`dag.test()` runs every task in this one process: nothing forks, so nothing can hang on Polars.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from pipelines.errors import UsageError
from pipelines.night.status import standing
from pipelines.reports.terminal.headline import show
from pipelines.reports.terminal.set_aside import set_aside
from pipelines.settings import Settings
from pipelines.store.local import Local
from pipelines.store.runs import load_run

_CHECKOUT = Path(__file__).parents[1]
_EXIT = {"published": 0, "held": 3}


def main() -> int:
    """Run the DAG and show what it found; return the exit status."""
    try:
        settings, as_of = _settle_environment()
        date.fromisoformat(as_of)
    except UsageError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    except ValueError:
        print(f"错误：VBP_AS_OF 的值“{as_of}”不是有效日期，请写作 2020-12-31", file=sys.stderr)
        return 2
    log = Path(os.environ["AIRFLOW_HOME"]) / "run_once.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with set_aside(log, logging.getLogger("nightly_compliance")) as say:
        try:
            run_id = _run_dag(as_of, say)
        except Exception as error:
            logging.getLogger(__name__).exception("the DAG could not be run")
            say(f"错误：{type(error).__name__}: {error}")
            run_id = None
    status = standing(load_run(settings, run_id)) if run_id else None
    if run_id is None or status not in _EXIT:
        print(f"未发布任何数字，上次发布的数字不变。Airflow 的记录：{log}", file=sys.stderr)
        return 1
    show(settings, run_id)
    print(f"Airflow 的记录：{log}")
    if settings.landing == _CHECKOUT / "seeds" / "sample":
        print(f"示例数据（慈溪、聊城的形态，交易为虚构），每处脏数据见 {settings.landing / 'README.zh-CN.md'}")
    return _EXIT[status]


def _settle_environment() -> tuple[Settings, str]:
    """Fill in the defaults and give Airflow its own place; has to come before Airflow is imported."""
    given = {name: value for name, value in os.environ.items() if value}
    settings = Settings(
        home=given.get("VBP_HOME", _CHECKOUT / "var"),
        landing=Path(given.get("VBP_LANDING", _CHECKOUT / "seeds" / "sample")).resolve(),
    )
    if not isinstance(settings.home, Local):
        raise UsageError(f"数据目录 {settings.home} 在对象存储中，而这里 Airflow 与它同放一处；请把 VBP_HOME 设为本机的文件夹")
    own = settings.home.folder / "airflow"
    airflow = sa.URL.create("sqlite", database=str(own / "airflow.db"))
    for name in [n for n in os.environ if n.startswith("AIRFLOW")]:
        del os.environ[name]
    os.environ |= {
        "VBP_HOME": str(settings.home),
        "VBP_LANDING": str(settings.landing),
        "AIRFLOW_HOME": str(own),
        "AIRFLOW__CORE__DAGS_FOLDER": str(_CHECKOUT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow.render_as_string(hide_password=False),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }
    return settings, given.get("VBP_AS_OF", "2020-12-31")


def _run_dag(as_of: str, say: Callable[[str], None]) -> str | None:
    """Bring Airflow's database to its version and run the DAG for a day; return the id of the night's run."""
    say("准备 Airflow …")
    from airflow import settings as airflow
    from airflow.models.xcom import XComModel
    from airflow.utils.db import upgradedb

    from dags.nightly_compliance import nightly_compliance

    upgradedb()
    dag = nightly_compliance()
    for task in dag.tasks:  # somebody is watching: they try again themselves
        task.retries = 0
    dag_run = dag.test(run_conf={"as_of": as_of})
    with airflow.Session() as session:
        begun = XComModel.get_many(run_id=dag_run.run_id, task_ids="begin", dag_ids=dag.dag_id)
        found = session.scalars(begun).first()
        return XComModel.deserialize_value(found) if found else None


if __name__ == "__main__":
    sys.exit(main())
