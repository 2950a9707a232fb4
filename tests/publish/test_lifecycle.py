"""Findings: since when, due by when, and one last row when they are gone."""

import datetime as dt
import random

import pytest

D1, D2, D3, D4, D5, D6 = (dt.date(2020, 10, day) for day in range(1, 7))
STAGED = "SELECT COUNT(*) FROM staging_findings"


def finding(*ids):
    return [{"finding_id": finding_id} for finding_id in ids]


def lives(nights, as_of):
    query = f"SELECT finding_id, first_seen, due_on, state FROM findings WHERE as_of = '{as_of}' ORDER BY 1"
    return nights.read(query)


def test_a_new_finding_starts_its_clock(nights):
    nights.run("R1", D1, remedy_days=30, findings=finding("NEW"))
    assert lives(nights, D1) == [("NEW", "2020-10-01", "2020-10-31", "open")]


def test_without_remedy_days_nothing_is_due(nights):
    nights.run("R1", D1, findings=finding("NEW"))
    assert lives(nights, D1) == [("NEW", "2020-10-01", None, "open")]


def test_a_finding_that_stays_is_not_written_again(nights):
    nights.run("R1", D1, remedy_days=9, findings=finding("STAYS"))
    nights.stage("R2", D2, remedy_days=9, findings=finding("STAYS"))
    assert nights.read(STAGED) == [(0,)]
    nights.run("R2", D2, remedy_days=9, findings=finding("STAYS"))
    assert lives(nights, D2) == [("STAYS", "2020-10-01", "2020-10-10", "open")]


def test_a_finding_that_changes_keeps_its_clock(nights):
    nights.run("R1", D1, remedy_days=9, findings=finding("GROWS"))
    nights.run("R2", D2, remedy_days=9, findings=[{"finding_id": "GROWS", "amount_fen": 5}])
    assert lives(nights, D2) == [("GROWS", "2020-10-01", "2020-10-10", "open")]


def test_another_remedy_time_holds_for_all_that_are_open(nights):
    nights.run("R1", D1, remedy_days=9, findings=finding("STAYS"))
    nights.run("R2", D2, remedy_days=1, findings=finding("STAYS"))
    assert lives(nights, D1) == [("STAYS", "2020-10-01", "2020-10-10", "open")]
    assert lives(nights, D2) == [("STAYS", "2020-10-01", "2020-10-02", "open")]


def test_a_gone_finding_is_cured_once(nights):
    nights.run("R1", D1, remedy_days=9, findings=[{"finding_id": "GONE", "amount_fen": 5}])
    nights.run("R2", D2, remedy_days=1)
    nights.run("R3", D3, remedy_days=1)
    assert lives(nights, D2) == [("GONE", "2020-10-01", "2020-10-10", "cured")]
    assert nights.read("SELECT run_id, amount_fen FROM findings WHERE state = 'cured'") == [("R2", 5)]
    assert lives(nights, D3) == []


def test_a_finding_that_comes_back_starts_anew(nights):
    nights.run("R1", D1, findings=finding("BACK"))
    nights.run("R2", D2)
    nights.run("R3", D3, findings=finding("BACK"))
    nights.run("R4", D4, findings=finding("BACK"))
    assert lives(nights, D3) == lives(nights, D4) == [("BACK", "2020-10-03", None, "open")]


def test_only_published_earlier_dates_count(nights):
    nights.run("R1", D1, findings=finding("OLD"))
    nights.run("R3", D3, findings=finding("OLD", "LATER"))
    nights.run("R2", D2, findings=finding("LATER"))
    assert lives(nights, D2) == [("LATER", "2020-10-02", None, "open"), ("OLD", "2020-10-01", None, "cured")]
    assert lives(nights, D3) == [("LATER", "2020-10-02", None, "open"), ("OLD", "2020-10-03", None, "open")]


def test_a_date_published_again_keeps_no_stale_cure(nights):
    nights.run("R1", D1, findings=finding("BACK", "GONE"))
    nights.run("R2", D2)
    nights.run("R3", D2, findings=finding("BACK", "NEW"))
    assert lives(nights, D2) == [
        ("BACK", "2020-10-01", None, "open"),
        ("GONE", "2020-10-01", None, "cured"),
        ("NEW", "2020-10-02", None, "open"),
    ]


def test_a_date_published_again_drops_a_finding_it_had_opened(nights):
    nights.run("R1", D1)
    nights.run("R2", D2, findings=finding("WRONG"))
    nights.run("R3", D2)
    assert lives(nights, D2) == []


def test_a_date_published_again_as_it_was_writes_nothing(nights):
    nights.run("R1", D1, findings=finding("GONE", "STAYS"))
    nights.run("R2", D2, findings=finding("STAYS"))
    before = nights.read("SELECT * FROM findings_versions ORDER BY finding_id, valid_from")
    nights.stage("R3", D2, findings=finding("STAYS"))
    assert nights.read(STAGED) == nights.read("SELECT COUNT(*) FROM leaving_findings") == [(0,)]
    nights.run("R3", D2, findings=finding("STAYS"))
    assert nights.read("SELECT * FROM findings_versions ORDER BY finding_id, valid_from") == before


def freeze(nights, as_of):
    with nights.engine.begin() as connection:
        columns = "as_of, scope, workbook_digest, run_id, made_at, is_frozen"
        connection.exec_driver_sql(f"INSERT INTO bulletins ({columns}) VALUES ('{as_of}', '', 'W', 'R', '-', 1)")


def grown(fen):
    return [{"finding_id": "A", "amount_fen": fen}]


def test_later_dates_follow_a_date_in_which_a_finding_was_gone(nights):
    nights.run("R1", D1, remedy_days=30, findings=finding("STAYS", "GONE"))
    nights.run("R3", D3, remedy_days=9, findings=finding("STAYS"))
    nights.run("R4", D4, remedy_days=9, findings=finding("STAYS"))
    assert nights.run("R2", D2) == 0
    assert lives(nights, D2) == [("GONE", "2020-10-01", "2020-10-31", "cured"), ("STAYS", "2020-10-01", "2020-10-31", "cured")]
    assert lives(nights, D3) == lives(nights, D4) == [("STAYS", "2020-10-03", "2020-10-12", "open")]
    assert nights.read("SELECT COUNT(*) FROM restatements") == [(0,)]
    notes = nights.read("SELECT run_id, note FROM runs WHERE note LIKE '%首次发现日%'")
    assert [(run_id, note[:14]) for run_id, note in notes] == [("R2", "自 2020-10-03 起")]


def test_a_finding_that_the_date_put_in_still_has_is_cured_after_it(nights):
    nights.run("R1", D1)
    nights.run("R3", D3)
    nights.run("R4", D4)
    nights.run("R2", D2, remedy_days=9, findings=[{"finding_id": "WAS", "amount_fen": 5}])
    assert lives(nights, D3) == [("WAS", "2020-10-02", "2020-10-11", "cured")]
    assert nights.read("SELECT as_of, run_id, amount_fen FROM findings WHERE state = 'cured'") == [("2020-10-03", "R3", 5)]
    assert lives(nights, D4) == []


def test_a_finding_opened_by_a_date_put_in_is_older_in_every_later_row_of_its_series(nights):
    for run_id, day, fen in (("R2", D2, 1), ("R3", D3, 1), ("R4", D4, 2)):
        nights.run(run_id, day, remedy_days=9, findings=grown(fen))
    nights.run("R5", D5)
    nights.run("R6", D6, remedy_days=9, findings=grown(2))
    nights.run("R1", D1, remedy_days=9, findings=grown(7))
    for day in (D1, D2, D3, D4):
        assert lives(nights, day) == [("A", "2020-10-01", "2020-10-10", "open")]
    assert lives(nights, D5) == [("A", "2020-10-01", "2020-10-10", "cured")]
    assert lives(nights, D6) == [("A", "2020-10-06", "2020-10-15", "open")]


def test_the_last_row_is_that_of_the_date_put_in(nights):
    nights.run("R1", D1, findings=grown(1))
    nights.run("R3", D3)
    nights.run("R2", D2, findings=grown(2))
    assert nights.read("SELECT as_of, amount_fen FROM findings WHERE state = 'cured'") == [("2020-10-03", 2)]


def test_a_date_published_again_is_followed_like_one_put_in(nights):
    nights.run("R1", D1, findings=finding("WRONG", "BACK"))
    nights.run("R2", D2, findings=finding("WRONG", "BACK"))
    nights.run("R3", D1, findings=finding("BACK"))
    assert lives(nights, D2) == [("BACK", "2020-10-01", None, "open"), ("WRONG", "2020-10-02", None, "open")]


def test_a_frozen_date_and_those_after_it_keep_their_clocks(nights):
    for run_id, day in (("R1", D1), ("R3", D3), ("R4", D4), ("R5", D5)):
        nights.run(run_id, day, remedy_days=9, findings=finding("STAYS"))
    freeze(nights, D4)
    frozen, after = lives(nights, D4), lives(nights, D5)
    nights.run("R2", D2, remedy_days=9)
    assert lives(nights, D3) == [("STAYS", "2020-10-03", "2020-10-12", "open")]
    assert (lives(nights, D4), lives(nights, D5)) == (frozen, after)
    assert frozen == [("STAYS", "2020-10-01", "2020-10-10", "open")]


@pytest.mark.parametrize("seed", range(2))
def test_in_whatever_order_dates_are_published_they_show_the_same(nights, seed):
    rng = random.Random(seed)
    days = [D1, D2, D3, D4, D5, D6]
    of_day = {d: [{"finding_id": i, "amount_fen": rng.randint(1, 2)} for i in "ABC" if rng.random() < 0.6] for d in days}
    again = rng.sample(days, 2)
    order = [*rng.sample(days, len(days)), *again]
    for n, day in enumerate(order):
        wrong = n < len(days) and day in again
        nights.run(f"R{n}", day, remedy_days=9, findings=finding("A", "X") if wrong else of_day[day])
    before: dict[str, dt.date] = {}
    for day in days:
        now = {row["finding_id"]: before.get(row["finding_id"], day) for row in of_day[day]}
        cured = {i: (seen, "cured") for i, seen in before.items() if i not in now}
        shown = cured | {i: (seen, "open") for i, seen in now.items()}
        assert lives(nights, day) == [
            (i, str(seen), str(seen + dt.timedelta(days=9)), state) for i, (seen, state) in sorted(shown.items())
        ], (day, order)
        before = now
