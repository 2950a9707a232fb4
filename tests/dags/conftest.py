"""Airflow runs in processes of its own: it reads its configuration when it is imported, and sets up logging."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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
    shared = tmp_path_factory.getbasetemp()
    shared = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "airflow"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "ready").exists():
            done = Command(
                "tests.dags.migrate", AIRFLOW_HOME=shared, AIRFLOW__CORE__LOAD_EXAMPLES="False"
            ).finish()
            assert done.returncode == 0, done.stderr
            (shared / "ready").touch()
    return shared / "airflow.db"


@pytest.fixture(scope="module")
def dag_run(airflow_database: Path) -> Python:
    """As `python`, for a run of the DAG in `VBP_HOME`, whose Airflow is prepared; libraries are imported already."""

    def run(module: str, **variables: object) -> Done:
        home = Path(str(variables["VBP_HOME"])) / "airflow"
        home.mkdir(parents=True)
        shutil.copy(airflow_database, home / "airflow.db")
        return Command(module, **variables).finish()

    return run
