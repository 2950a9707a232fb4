"""The dates and last rows of findings follow from date to date, also past one that came late or is frozen."""

import datetime as dt

import pytest
import sqlalchemy as sa

from pipelines.publish.frozen import Bulletin, enter_bulletin
from pipelines.store.local import Local
from pipelines.verify.history import check_history
from pipelines.verify.report import Report

D1, D2, D3, D4 = (dt.date(2020, 10, day) for day in (1, 2, 3, 4))


@pytest.fixture
def lives(nights, tmp_path):
    """What is found wrong: of which finding, in which column."""

    def check():
        report = Report()
        with nights.engine.connect() as connection:
            check_history(connection, Local(tmp_path), "", Local(tmp_path / "scratch"), report)
        return sorted((c.key["finding_id"], c.column) for c in report.cells), report.faults

    return check


def found(*ids):
    return [{"finding_id": i} for i in ids]


def test_dates_in_order_one_that_came_late_and_one_again(nights, lives):
    nights.run("R1", D1, findings=found("A", "B"))
    nights.run("R3", D3, findings=found("A", "C"))
    nights.run("R4", D4, findings=found("C", "B"))
    assert lives() == ([], [])
    nights.run("R2", D2, findings=found("C", "D"))
    assert lives() == ([], [])
    nights.run("R3b", D3, findings=found("B"))
    assert lives() == ([], [])


def test_a_frozen_date_keeps_what_it_had(nights, lives):
    nights.run("R1", D1, findings=found("A"))
    nights.run("R3", D3, findings=found("A", "B"))
    enter_bulletin(nights.engine, Bulletin(D3, "", "W", "R3", "2000-01-01T00:00:00+08:00", 1, None))
    nights.run("R2", D2, findings=found("B"))
    nights.run("R4", D4, findings=found("B", "C"))
    assert lives() == ([], [])


@pytest.mark.parametrize(
    "statement, wrong",
    [
        ("UPDATE findings_versions SET first_seen = '2020-10-02' WHERE finding_id = 'A'", [("A", "first_seen")]),
        ("DELETE FROM findings_versions WHERE state = 'cured'", [("B", "state")]),
        ("UPDATE findings_versions SET message_zh = 'x' WHERE state = 'cured'", [("B", "message_zh")]),
        ("UPDATE findings_versions SET valid_to = '9999-12-31' WHERE state = 'cured'", [("B", "state")]),
    ],
)
def test_what_does_not_follow_is_named(nights, lives, statement, wrong):
    for run_id, day, ids in (("R1", D1, "AB"), ("R2", D2, "A"), ("R3", D3, "A")):
        nights.run(run_id, day, findings=found(*ids))
    with nights.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert lives()[0] == wrong
