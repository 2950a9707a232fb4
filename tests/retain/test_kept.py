"""Which nights stand after retention, and that they show what they showed."""

import datetime as dt
import random
from itertools import pairwise

import pytest

from pipelines.database.ledger import LedgerError
from pipelines.database.seals import read_seals
from pipelines.publish.frozen import Bulletin, enter_bulletin
from pipelines.retain.retain import retain
from pipelines.store.local import Local
from pipelines.verify.history import check_history
from pipelines.verify.report import Report
from pipelines.verify.sealed import check_seals

SHOWN = "SELECT as_of, run_id, institution_code, unallocated_fen FROM payment_unallocated ORDER BY 1, 3"
STANDS = "SELECT as_of FROM publications ORDER BY 1"
TWO_YEARS = """
2019-01-07 dropped
2019-01-30 month      the last published of January
2019-02-28 month
2019-03-30 dropped
2019-03-31 month
2019-06-15 bulletin
2019-06-30 month
2019-12-30 dropped
2019-12-31 year
2020-01-02 dropped
2020-01-03 dropped
2020-01-31 month
2020-11-30 month
2020-12-21 dropped
2020-12-22 recent     ten days up to the last
2020-12-31 recent
"""
DAYS = [(dt.date.fromisoformat(line.split()[0]), line.split()[1]) for line in TWO_YEARS.strip().splitlines()]


def found(*ids):
    return [{"finding_id": i} for i in ids]


def cash(**fen):
    return [{"institution_code": code, "unallocated_fen": value} for code, value in fen.items()]


def faults(nights, folder):
    report = Report()
    with nights.engine.connect() as connection:
        check_history(connection, Local(folder), "", Local(folder / "scratch"), report)
        check_seals(connection, Local(folder), read_seals(connection), Local(folder / "scratch"), report)
    return report.faults


def stands(nights):
    return [row[0] for row in nights.read(STANDS)]


def test_of_two_years_ends_of_months_what_was_quoted_and_the_last_days_stand(nights, tmp_path):
    for place, (day, _) in enumerate(DAYS):
        nights.run(f"R{place:02d}", day, payment_unallocated=cash(SAME=1, MOVES=place, **{f"ONLY{place}": 1}))
    enter_bulletin(nights.engine, Bulletin(dt.date(2019, 6, 15), "", "W", "R05", "2019-06-16T00:00:00+08:00", 0, None))
    before = nights.read(SHOWN)
    assert faults(nights, tmp_path) == []
    would = retain(nights.engine, Local(tmp_path), 10, only_tell=True)
    assert nights.read(SHOWN) == before
    done = retain(nights.engine, Local(tmp_path), 10)
    gone = [str(day) for day, why in DAYS if why == "dropped"]
    assert [str(row.as_of) for row in would.dates] == [str(row.as_of) for row in done.dates] == gone
    assert stands(nights) == [str(day) for day, why in DAYS if why != "dropped"]
    assert nights.read(SHOWN) == [row for row in before if row[0] not in gone]
    assert nights.read("SELECT as_of, keep_nights, row_count FROM dropped_dates ORDER BY 1") == [(day, 10, 3) for day in gone]
    assert nights.read("SELECT COUNT(*) FROM payment_unallocated_versions WHERE institution_code = 'SAME'") == [(1,)]
    assert faults(nights, tmp_path) == []
    again = retain(nights.engine, Local(tmp_path), 10)
    assert (again.dates, again.versions) == ((), 0) and stands(nights) == [str(d) for d, why in DAYS if why != "dropped"]


@pytest.fixture
def thinned(nights, tmp_path):
    """Findings and figures of four nights, the second and third dropped."""
    ids = {"2020-01-30": "AB", "2020-02-10": "ACD", "2020-02-20": "AC", "2020-02-29": "BC"}
    for day, open_ids in ids.items():
        fen = cash(H1=len(open_ids), H2=int(day[-2:]))
        nights.run(f"R{day}", dt.date.fromisoformat(day), payment_unallocated=fen, findings=found(*open_ids))
    nights.findings = nights.read("SELECT * FROM findings_versions ORDER BY finding_id, valid_from")
    retain(nights.engine, Local(tmp_path), 1)
    return nights


def test_findings_keep_their_lives_and_their_tasks(thinned, tmp_path):
    assert stands(thinned) == ["2020-01-30", "2020-02-29"]
    assert thinned.read("SELECT * FROM findings_versions ORDER BY finding_id, valid_from") == thinned.findings
    tasks = "SELECT finding_id, first_seen, state FROM tasks ORDER BY 1, 2"
    assert thinned.read(tasks) == [
        ("A", "2020-01-30", "cured"),
        ("B", "2020-01-30", "cured"),
        ("B", "2020-02-29", "open"),
        ("C", "2020-02-10", "open"),
        ("D", "2020-02-10", "cured"),
    ]
    thinned.run("NEXT", dt.date(2020, 3, 1), findings=found("C"))
    assert ("C", "2020-02-10", "open") in thinned.read(tasks)
    assert faults(thinned, tmp_path) == []


@pytest.mark.parametrize("day", ["2020-01-15", "2020-01-30", "2020-02-20", "2020-02-29"])
def test_a_date_whose_neighbours_are_gone_is_not_published_again(thinned, day):
    before = thinned.read(SHOWN)
    with pytest.raises(LedgerError, match="2020-02-29 之前的夜间数字已按保留规则清理"):
        thinned.run("AGAIN", dt.date.fromisoformat(day), payment_unallocated=cash(H1=99))
    assert thinned.read(SHOWN) == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE payment_unallocated_versions SET valid_to = '2020-02-20' WHERE valid_to = '2020-02-29'", "有效期"),
        ("INSERT INTO publications VALUES ('2020-02-10', 'R2020-02-10')", "publications"),
        ("DELETE FROM publications WHERE as_of = '2020-01-30'", "publications"),
        ("DELETE FROM dropped_dates WHERE as_of = '2020-02-10'", "dropped_dates"),
        ("UPDATE dropped_dates SET result_digest = 'x'", "dropped_dates"),
        ("UPDATE findings_versions SET first_seen = '2020-02-20' WHERE finding_id = 'C' AND state = 'open'", "findings"),
        ("DELETE FROM findings_versions WHERE finding_id = 'D' AND state = 'cured'", "findings"),
        ("DELETE FROM seals WHERE act = 'dropped'", "dropped_dates"),
    ],
)
def test_what_is_changed_afterwards_is_found(thinned, tmp_path, change, told):
    with thinned.engine.begin() as connection:
        connection.exec_driver_sql(change)
    assert any(told in fault for fault in faults(thinned, tmp_path))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.thorough), pytest.param(3, marks=pytest.mark.thorough)])
def test_in_whatever_steps_nights_are_dropped_those_kept_show_the_same(nights, tmp_path, seed):
    rng = random.Random(seed)
    days = sorted(rng.sample([dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(100)], 14))
    for place, day in enumerate(days):
        held = {code: rng.randint(1, 2) for code in "ABCDE" if rng.random() < 0.7}
        nights.run(f"R{place:02d}", day, payment_unallocated=cash(**held), findings=found(*(c for c in held if held[c] == 1)))
        if place > 5 and rng.random() < 0.5:
            before = nights.read(SHOWN)
            retain(nights.engine, Local(tmp_path), rng.choice([5, 15, 40]))
            kept = set(stands(nights))
            assert nights.read(SHOWN) == [row for row in before if row[0] in kept]
    for earlier, later in pairwise(days):
        assert earlier.month == later.month or str(earlier) in stands(nights)
    assert faults(nights, tmp_path) == []
