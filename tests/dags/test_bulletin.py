"""The DAG that makes the quarter's bulletin: when, of which day, and that it fails for good where nothing is published."""

import json
from pathlib import Path

import pytest

from pipelines.database.open import migrate, open_database

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def parsed(python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("airflow")
    home = folder / "home"
    engine = open_database(f"sqlite:///{home / 'compliance.db'}")
    migrate(engine)
    engine.dispose()
    variables = {"AIRFLOW_HOME": folder, "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "VBP_HOME": home}
    done = python("tests.dags.parse_bulletin", **variables, AS_OF="2020-12-31")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_it_runs_after_a_quarter_and_parses_without_what_is_heavy(parsed):
    assert parsed["dag"] == ["quarterly_bulletin", "30 6 5 1,4,7,10 *", "Asia/Shanghai", False]
    assert parsed["tasks"] == {"make": 2}
    assert parsed["heavy"] == []


def test_it_speaks_of_the_last_quarter_that_ended_in_shanghai(parsed):
    assert parsed["days"] == {
        "last second of the quarter": "2020-09-30",
        "midnight after it": "2020-12-31",
        "the schedule": "2020-12-31",
        "a late run": "2020-12-31",
    }
    assert parsed["given"] == "2020-09-30"


def test_a_date_that_is_not_published_fails_for_good(parsed):
    assert parsed["error"].startswith("AirflowFailException: ")
    assert "没有发布过数字" in parsed["error"]


def test_it_is_wiring_only():
    assert len((ROOT / "dags/quarterly_bulletin.py").read_text("utf-8").splitlines()) <= 120
