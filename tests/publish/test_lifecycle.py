"""Findings: since when, due by when, and one last row when they are gone."""

import datetime as dt

D1, D2, D3, D4 = (dt.date(2020, 10, day) for day in (1, 2, 3, 4))
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
    assert lives(nights, D2) == [
        ("LATER", "2020-10-02", None, "open"),
        ("OLD", "2020-10-01", None, "cured"),
    ]
    assert lives(nights, D3) == [
        ("LATER", "2020-10-03", None, "open"),
        ("OLD", "2020-10-01", None, "open"),
    ]


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


def test_a_date_published_again_follows_a_date_put_in_before_it(nights):
    nights.run("R1", D1, findings=finding("STAYS", "GONE"))
    nights.run("R3", D3, findings=finding("STAYS"))
    nights.run("R2", D2)
    assert lives(nights, D3) == [
        ("GONE", "2020-10-01", None, "cured"),
        ("STAYS", "2020-10-01", None, "open"),
    ]
    nights.run("R4", D3, findings=finding("STAYS"))
    assert lives(nights, D3) == [("STAYS", "2020-10-03", None, "open")]
