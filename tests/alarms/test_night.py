"""What is new about a run is its difference against the run before it, on both databases."""

import pytest

from pipelines.alarms.night import read_night
from pipelines.publish.database import open_database
from tests.alarms.conftest import DAY, Ledger


@pytest.fixture
def ledger(migrated_database_url):
    engine = open_database(migrated_database_url)
    yield Ledger(engine)
    engine.dispose()


def night(ledger, run_id):
    with ledger.engine.connect() as connection:
        return read_night(connection, run_id)


def news(ledger, run_id):
    return [p.check_id for p in night(ledger, run_id).problems if p.is_new]


def test_of_the_first_run_everything_is_new(ledger):
    ledger.run("R1", checks=[("GROWN", "warning", 2), ("FINE", "passed", 0)])
    assert news(ledger, "R1") == ["GROWN"]


def test_a_check_is_new_when_it_fails_now_or_more_often_or_worse(ledger):
    ledger.run("R1", checks=[("SAME", "warning", 2), ("GROWN", "warning", 2), ("WORSE", "warning", 2)])
    ledger.run(
        "R2",
        checks=[
            ("SAME", "warning", 2),
            ("GROWN", "warning", 3),
            ("WORSE", "failed", 2),
            ("NEW", "warning", 1),
        ],
    )
    assert news(ledger, "R2") == ["WORSE", "GROWN", "NEW"]


def test_less_is_no_news(ledger):
    ledger.run("R1", checks=[("SHRUNK", "warning", 2), ("GONE", "warning", 2)])
    ledger.run("R2", checks=[("SHRUNK", "warning", 1)])
    assert news(ledger, "R2") == []


def test_the_run_before_is_published_or_held_and_a_failed_one_has_found_nothing(ledger):
    ledger.run("R1", "held", checks=[("SAME", "warning", 2)])
    ledger.run("R2", "failed")
    ledger.run("R3", checks=[("SAME", "warning", 2)])
    assert news(ledger, "R3") == []


def test_a_refused_file_is_new_once(ledger):
    ledger.run("R1", refused=["invoices/old.csv"])
    ledger.run("R2", refused=["invoices/new.csv", "invoices/old.csv"])
    assert night(ledger, "R2").refused == {"invoices/new.csv": "invoices/new.csv：缺少必填列"}


def test_rejected_rows_are_counted_by_dataset_and_reason(ledger):
    ledger.run("R1", rejected=[("payments", "bad_date")])
    ledger.run(
        "R2", rejected=[("payments", "bad_date"), ("payments", "bad_date"), ("invoices", "bad_number")]
    )
    found = [(r.dataset, r.rows, r.reasons) for r in night(ledger, "R2").rejected]
    assert found == [("invoices", 1, {"bad_number": 1}), ("payments", 2, {"bad_date": 2})]


def test_what_an_interrupted_run_left_is_told_by_the_next(ledger):
    ledger.run("R1")
    ledger.run("KILLED", "failed", note="中断", rejected=[("payments", "bad_date")])
    ledger.run("R2", checks=[("rule:payments:bad_date:x", "warning", 1)])
    assert night(ledger, "R2").interrupted == ["KILLED"]
    assert [(r.rows, r.reasons) for r in night(ledger, "R2").rejected] == [(1, {"bad_date": 1})]


def test_restatements_are_counted_by_date_and_table(ledger):
    ledger.run("R1", restated=["overdue_fen", "paid_fen"])
    assert night(ledger, "R1").restated == [(DAY, "payment_timeliness", 2)]


def test_an_unknown_run_is_none(ledger):
    assert night(ledger, "R9") is None
