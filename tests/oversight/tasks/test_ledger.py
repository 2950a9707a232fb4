"""The task ledger of each published date."""

import datetime as dt

import pytest

from tests.oversight.tasks.histories import day, do, findings, ledger, publish, terms

OURS = ("医保局", "330282", "R")


def example(nights):
    """That of the rule book: F1 due 12-31, F2 due 01-05, F3 first seen 01-05, F4 cured 01-02, F5 cured 12-31."""
    publish(nights, "12-01", findings("F5", F1=10000))
    publish(nights, "12-06", findings("F2", "F4", "F5", F1=10000))
    publish(nights, "12-31", findings("F2", "F4", F1=10000))
    publish(nights, "01-02", findings("F2", F1=10000))
    publish(nights, "01-05", findings("F2", "F3", F1=10000))


def test_the_worked_example(nights):
    example(nights)
    assert ledger(nights, "01-05") == {OURS: (3, 1, 1, "2020-12-01", 10000, 1)}


def test_a_task_rejected_is_out_until_its_finding_grows(nights):
    example(nights)
    do(nights, "F1", "reject")
    assert ledger(nights, "01-05") == {OURS: (3, 1, 1, "2020-12-01", 10000, 1)}  # what was published stands
    publish(nights, "01-06", findings("F2", "F3", F1=10000))
    assert ledger(nights, "01-06") == {OURS: (2, 0, 1, "2020-12-06", 0, 1)}
    publish(nights, "01-07", findings("F2", "F3", F1=10001))
    assert ledger(nights, "01-07") == {OURS: (3, 0, 2, "2020-12-01", 10001, 1)}


def test_an_act_counts_for_the_date_it_was_done_on_once_that_is_published_again(nights):
    example(nights)
    do(nights, "F1", "close")
    publish(nights, "01-05", findings("F2", "F3", F1=10000))
    assert ledger(nights, "01-05") == {OURS: (2, 1, 0, "2020-12-06", 0, 1)}


def test_an_act_does_not_count_for_earlier_dates(nights):
    example(nights)
    do(nights, "F1", "close")
    publish(nights, "01-02", findings("F2", F1=10000))
    assert ledger(nights, "01-02") == {OURS: (2, 0, 1, "2020-12-01", 10000, 1)}


@pytest.mark.parametrize(("as_of", "overdue"), [("12-30", 0), ("12-31", 0), ("2021-01-01", 1)])
def test_a_task_is_overdue_the_day_after_its_deadline(nights, as_of, overdue):
    publish(nights, "12-01", findings("F"))
    publish(nights, as_of, findings("F"))
    assert ledger(nights, as_of)[OURS][2] == overdue


def test_what_is_due_on_no_day_is_never_overdue(nights):
    publish(nights, "07-01", findings("F"), terms=None)
    publish(nights, "12-31", findings("F"), terms=None)
    assert ledger(nights, "12-31") == {OURS: (1, 0, 0, "2020-07-01", 0, None)}


def test_cured_are_those_of_the_quarter_on_its_end_of_the_quarter_that_ends(nights):
    publish(nights, "09-30", findings("A", "B", "C"))
    publish(nights, "10-01", findings("B", "C"))
    publish(nights, "12-31", findings("C"))
    publish(nights, "01-01", findings("C"))
    assert [ledger(nights, d)[OURS][-1] for d in ("09-30", "10-01", "12-31", "01-01")] == [None, 1, 2, 0]


def test_without_a_date_published_since_the_quarters_end_nobody_knows_what_was_cured(nights):
    publish(nights, "12-30", findings("GONE", "F"))
    publish(nights, "01-02", findings("F"))
    publish(nights, "01-03", findings("F"))
    assert [ledger(nights, d)[OURS][-1] for d in ("12-30", "01-02", "01-03")] == [None, None, 1]


def test_what_was_cured_stands_where_nothing_is_open(nights):
    publish(nights, "12-31", findings(F=500))
    publish(nights, "01-01", [])
    assert ledger(nights, "01-01") == {OURS: (0, 0, 0, None, 0, 1)}


def test_a_finding_cured_twice_in_a_quarter_counts_once(nights):
    for text, rows in (("12-31", findings("F")), ("01-01", []), ("01-02", findings("F")), ("01-03", [])):
        publish(nights, text, rows)
    assert ledger(nights, "01-03") == {OURS: (0, 0, 0, None, 0, 1)}


def test_a_finding_cured_and_back_is_open_new_and_cured(nights):
    for text, rows in (("12-31", findings("F")), ("01-01", []), ("01-02", findings("F"))):
        publish(nights, text, rows)
    assert ledger(nights, "01-02") == {OURS: (1, 1, 0, "2021-01-02", 0, 1)}


def test_rows_are_apart_by_department_division_and_rule(nights):
    rows = [
        {"finding_id": "A", "rule_code": "R1", "jurisdiction_code": "330282", "amount_fen": 5},
        {"finding_id": "B", "rule_code": "R1", "jurisdiction_code": None, "amount_fen": 7},
        {"finding_id": "C", "rule_code": "R2", "jurisdiction_code": None, "amount_fen": None},
        {"finding_id": "D", "rule_code": "R2", "jurisdiction_code": None, "amount_fen": 9},
    ]
    publish(nights, "12-31", rows, terms(R2="卫健局"))
    today = (1, 1, 0, "2020-12-31")
    assert ledger(nights, "12-31") == {
        ("医保局", "", "R1"): (*today, 7, None),
        ("医保局", "330282", "R1"): (*today, 5, None),
        ("卫健局", "", "R2"): (2, 2, 0, "2020-12-31", 9, None),
    }


def test_who_was_assigned_a_task_has_it_in_the_ledger_and_when_it_is_cured(nights):
    publish(nights, "12-31", findings("F"))
    do(nights, "F", "assign", department="卫健局")
    publish(nights, "01-01", findings("F"))
    publish(nights, "01-02", [])
    theirs = ("卫健局", "330282", "R")
    assert ledger(nights, "01-01") == {theirs: (1, 0, 0, "2020-12-31", 0, 0)}
    assert ledger(nights, "01-02") == {theirs: (0, 0, 0, None, 0, 1)}


def test_ledgers_of_later_dates_follow_one_published_late(nights):
    publish(nights, "12-31", findings("A", "B"))
    publish(nights, "01-03", findings("A"))
    publish(nights, "01-04", findings("A"))
    publish(nights, "01-02", [])
    assert ledger(nights, "01-03") == {OURS: (1, 1, 0, "2021-01-03", 0, 2)}
    assert ledger(nights, "01-04") == {OURS: (1, 0, 0, "2021-01-03", 0, 2)}


def test_a_date_put_in_tells_what_was_cured_since(nights):
    publish(nights, "12-30", findings("A", "B"))
    publish(nights, "01-03", findings("A"))
    publish(nights, "12-31", findings("A", "B"))
    assert ledger(nights, "01-03") == {OURS: (1, 0, 0, "2020-12-30", 0, 1)}


def test_a_later_date_that_follows_knows_the_acts_of_its_own_night(nights):
    publish(nights, "12-31", findings("A"))
    publish(nights, "01-03", findings("A"))
    do(nights, "A", "close")
    publish(nights, "01-02", [])
    assert ledger(nights, "01-03") == {OURS: (1, 1, 0, "2021-01-03", 0, 1)}


def test_a_frozen_date_keeps_its_ledger_and_so_do_those_after_it(nights):
    for text in ("12-30", "12-31", "01-01"):
        publish(nights, text, findings("A"))
    before = [ledger(nights, text) for text in ("12-31", "01-01")]
    with nights.engine.begin() as connection:
        columns = "as_of, scope, workbook_digest, run_id, made_at, is_frozen"
        connection.exec_driver_sql(f"INSERT INTO bulletins ({columns}) VALUES ('2020-12-31', '', 'W', 'N002', '-', 1)")
    do(nights, "A", "close")
    publish(nights, "12-31", findings("B"))
    publish(nights, "12-29", findings("A"))
    assert [ledger(nights, text) for text in ("12-31", "01-01")] == before
    assert ledger(nights, "12-30") == {OURS: (1, 0, 0, "2020-12-29", 0, 0)}


def test_a_ledger_says_its_run_and_stands_once_for_a_date(nights):
    publish(nights, "12-31", findings("A"))
    publish(nights, "12-31", findings("A", "B"))
    assert nights.read("SELECT as_of, run_id, open FROM task_ledger") == [("2020-12-31", "N002", 2)]
    assert day("12-31") == dt.date(2020, 12, 31)
