"""Airflow runs in processes of its own: it reads its configuration when it is imported, and sets up logging."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dags.in_turn import END
from tests.once import made_once
from tests.processes import ROOT, Command

Done = subprocess.CompletedProcess[str]
Python = Callable[..., Done]


@pytest.fixture(scope="module")
def python() -> Python:
    """Run `python -m module` in the checkout with only the given `VBP_…` and `AIRFLOW…` variables, from nothing."""

    def run(module: str, **variables: object) -> Done:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VBP_", "AIRFLOW"))}
        return subprocess.run(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=kept | {name: str(value) for name, value in variables.items()},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def airflow_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Airflow's own database as it is before the first run; the workers of one session share it."""

    def migrate(shared: Path) -> None:
        done = Command("tests.dags.migrate", AIRFLOW_HOME=shared, AIRFLOW__CORE__LOAD_EXAMPLES="False").finish()
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "airflow", migrate) / "airflow.db"


@pytest.fixture(scope="module")
def dag_runs(airflow_database: Path) -> Callable[..., list[Done]]:
    """Run the DAG with the `main` of a module, once for each of the given variables, in one process whose Airflow is
    prepared; libraries are imported already. `VBP_HOME` is another one each time, without an Airflow yet.
    """

    def run(module: str, *calls: dict[str, object]) -> list[Done]:
        for variables in calls:
            home = Path(str(variables["VBP_HOME"])) / "airflow"
            home.mkdir(parents=True)
            shutil.copy(airflow_database, home / "airflow.db")
        given = [json.dumps({name: str(value) for name, value in call.items()}) for call in calls]
        done = Command("tests.dags.in_turn", module, *given).finish()
        assert done.returncode == 0, done.stdout + done.stderr
        said = done.stderr.split(END)
        told = done.stdout.split(END)
        found = []
        for number in range(len(calls)):
            status, _, rest = told[number + 1].partition("\n")
            told[number + 1] = rest
            found.append(Done([], int(status), told[number], said[number]))
        return found

    return run
