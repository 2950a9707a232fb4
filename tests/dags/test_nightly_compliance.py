"""The DAG file: quick and clean to parse, wired as designed, and never on the UTC date."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def parsed(python, tmp_path_factory):
    home = tmp_path_factory.mktemp("airflow")
    done = python("tests.dags.parse", AIRFLOW_HOME=home, AIRFLOW__CORE__LOAD_EXAMPLES="False")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_parsing_costs_little_and_needs_no_polars(parsed):
    assert parsed["heavy"] == []
    assert parsed["seconds"] < 2


def test_it_is_wiring_only():
    assert len((ROOT / "dags/nightly_compliance.py").read_text("utf-8").splitlines()) <= 120


def test_schedule(parsed):
    keys = ("dag_id", "cron", "timezone", "catchup", "max_active_runs", "as_of")
    expected = ("nightly_compliance", "0 2 * * *", "Asia/Shanghai", False, 1, None)
    assert tuple(parsed["dag"][key] for key in keys) == expected


def test_first_unpaused_no_dag_does_a_day_that_was_over(python, tmp_path):
    """Unpaused at ten on January 7: the night of that day, its deadline the morning after, the next quarter's bulletin."""
    done = python("tests.dags.first_runs", AIRFLOW_HOME=tmp_path, AIRFLOW__CORE__LOAD_EXAMPLES="False")
    assert json.loads(done.stdout) == {
        "nightly_compliance": "2021-01-07T18:00:00+00:00",
        "deadline": "2021-01-07T22:00:00+00:00",
        "quarterly_bulletin": "2021-04-04T22:30:00+00:00",
    }


def test_steps_come_in_order(parsed):
    upstream = {name: set(t["upstream"]) for name, t in parsed["dag"]["tasks"].items()}
    assert upstream == {
        "list_sources": set(),
        "pull": {"list_sources"},
        "begin": {"pull"},
        "list_ingest": {"begin"},
        "ingest": {"begin", "list_ingest"},
        "list_validate_parts": {"begin", "ingest"},
        "validate_parts": {"begin", "list_validate_parts"},
        "validate": {"begin", "validate_parts"},
        "list_compute_parts": {"begin", "validate"},
        "list_compute": {"begin", "validate"},
        "list_resting_parts": {"begin", "validate"},
        "list_resting": {"begin", "validate"},
        "compute_parts": {"begin", "list_compute_parts", "validate"},
        "compute": {"begin", "list_compute", "compute_parts"},
        "resting_parts": {"begin", "list_resting_parts", "compute"},
        "resting": {"begin", "list_resting", "resting_parts"},
        "stage": {"begin", "resting"},
        "audit": {"begin", "stage"},
        "publish": {"begin", "audit"},
        "ask": {"publish"},
        "release": {"begin", "ask"},
    }


def test_a_person_is_asked_for_half_a_day_and_silence_publishes_nothing(parsed):
    assert parsed["dag"]["ask"] == {"options": ["放行发布", "不发布"], "defaults": ["不发布"], "hours": 12, "fields": ["note"]}


MAPPED = {"ingest", "validate_parts", "compute_parts", "compute", "resting_parts", "resting"}


def test_what_has_portions_is_mapped(parsed):
    assert {n for n, t in parsed["dag"]["tasks"].items() if t["mapped"]} == {"pull", *MAPPED}


def test_only_what_follows_a_mapped_step_lets_a_skipped_one_through(parsed):
    rules = {name: t["trigger_rule"] for name, t in parsed["dag"]["tasks"].items()}
    lists = {f"list_{name}" for name in MAPPED}
    assert {rules.pop(name) for name in (*MAPPED, *lists, "validate", "stage")} == {"none_failed"}
    assert rules.pop("begin") == "all_done", "a source that fails stops no night"
    assert set(rules.values()) == {"all_success"}


def test_every_step_is_tried_three_times(parsed):
    assert {t["retries"] for t in parsed["dag"]["tasks"].values()} == {2}


@pytest.mark.parametrize(
    ("moment", "as_of"),
    [
        ("last second of 12-31 in Shanghai", "2020-12-30"),
        ("midnight in Shanghai", "2020-12-31"),
        ("a minute before the schedule", "2020-12-31"),
        ("the schedule, 02:00 in Shanghai", "2020-12-31"),
        ("last minute of the UTC day", "2020-12-31"),
        ("noon in Shanghai", "2020-12-31"),
        ("given", "2019-02-28"),
    ],
)
def test_as_of_is_the_day_before_in_shanghai(parsed, moment, as_of):
    assert parsed["days"][moment] == as_of
