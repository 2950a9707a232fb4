"""The DAG that asks whether yesterday is published: when it asks, and that it turns red and tells."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.alarms.receivers import http_receiver

ROOT = Path(__file__).parents[2]
RUN = """
from airflow.utils.db import upgradedb
upgradedb()
from dags.deadline import deadline
print("STATE", deadline().test().state)
"""


@pytest.fixture(scope="module")
def airflow_home(tmp_path_factory):
    return tmp_path_factory.mktemp("airflow")


def parse(python, home, **variables):
    done = python("tests.dags.parse_deadline", AIRFLOW_HOME=home, AIRFLOW__CORE__LOAD_EXAMPLES="False", **variables)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_it_asks_every_morning_and_parses_without_what_is_heavy(python, airflow_home):
    assert parse(python, airflow_home) == {
        "dag": ["deadline", "0 6 * * *", "Asia/Shanghai", False],
        "tasks": {"check": 2},
        "heavy": [],
    }


def test_it_asks_at_the_hour_of_the_settings(python, airflow_home):
    assert parse(python, airflow_home, VBP_ALARM_DEADLINE="07:30")["dag"][1] == "30 7 * * *"


def test_it_is_wiring_only():
    assert len((ROOT / "dags/deadline.py").read_text("utf-8").splitlines()) <= 120


@pytest.mark.thorough
def test_nothing_published_turns_it_red_and_is_told(airflow_home, airflow_database, tmp_path):
    shutil.copy(airflow_database, airflow_home / "airflow.db")
    (tmp_path / "home" / "alarms").mkdir(parents=True)  # asked before: it is not the day of the installation
    (tmp_path / "home" / "alarms" / "asked_since.json").write_text('"2020-12-31T00:00:00+08:00"')
    with http_receiver() as http:
        variables = {
            "PATH": str(Path(sys.executable).parent),
            "HOME": str(tmp_path),
            "NO_PROXY": "127.0.0.1",
            "AIRFLOW_HOME": str(airflow_home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "VBP_HOME": str(tmp_path / "home"),
            "VBP_ALARM_URLS": f"json://127.0.0.1:{http.port}/",
            "VBP_ALARM_DEADLINE": "00:00",
        }
        done = subprocess.run(
            [sys.executable, "-c", RUN], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=180, check=False
        )
    assert "STATE failed" in done.stdout, done.stdout + done.stderr
    [(_, content)] = http.received
    assert "逾期未发布" in content["title"]
