"""What is new about a run is its difference against the run before it, on both databases."""

import pytest

from pipelines.alarms.night import read_night
from pipelines.database.open import open_database
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
    ledger.run("R1", checks=[("SAME", "warning", 2), ("GROWN", "failed", 2), ("WORSE", "warning", 2)])
    ledger.run("R2", checks=[("SAME", "warning", 2), ("GROWN", "failed", 3), ("WORSE", "failed", 2), ("NEW", "warning", 1)])
    assert news(ledger, "R2") == ["GROWN", "WORSE", "NEW"]


MANY = [f"E{n:02d}" for n in range(25)]


@pytest.mark.parametrize(
    ("before", "now", "is_news"),
    [
        pytest.param((7, "E1"), (9, "E1"), False, id="MORE_RECORDS_OF_THE_SAME"),
        pytest.param((7, "E1"), (9, "E1", "E2"), True, id="ONE_MORE_NAME"),
        pytest.param((7, "E1"), (7, "E2"), True, id="ANOTHER_NAME"),
        pytest.param((7, "E1", "E2"), (9, "E2"), False, id="ONE_NAME_LESS"),
        pytest.param((25, *MANY), (24, *MANY[1:]), False, id="AN_OLD_NAME_MOVES_UP_IN_A_CUT_LIST"),
        pytest.param((25, *MANY), (26, *MANY, "E99"), True, id="ONE_MORE_BEYOND_THE_CUT"),
    ],
)
def test_a_warning_is_new_when_it_names_something_new_not_when_its_count_grows(ledger, before, now, is_news):
    ledger.run("R1", checks=[("unknown_company:payments:payee_code", "warning", *before)])
    ledger.run("R2", checks=[("unknown_company:payments:payee_code", "warning", *now)])
    assert bool(news(ledger, "R2")) == is_news


def test_a_remark_on_another_sheet_is_new_and_says_which(ledger):
    ledger.run("R1", checks=[("sheets_read", "warning", 1, "a.xlsx：可能被截断")])
    ledger.run("R2", checks=[("sheets_read", "warning", 1, "b.xlsx：可能被截断")])
    assert [p.message_zh for p in night(ledger, "R2").problems] == ["b.xlsx：可能被截断"]


def test_a_note_whose_number_grows_is_not_new(ledger):
    ledger.run("R1", checks=[("note:payment:excess", "warning", 1, "超额 3 笔")])
    ledger.run("R2", checks=[("note:payment:excess", "warning", 1, "超额 4 笔")])
    assert news(ledger, "R2") == []


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
    ledger.run("R2", rejected=[("payments", "bad_date"), ("payments", "bad_date"), ("invoices", "bad_number")])
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
