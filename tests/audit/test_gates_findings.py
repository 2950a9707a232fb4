"""The gate on findings: a rule that suddenly has more than twice as many, and at least fifty more."""

import json
from dataclasses import replace

import pytest

from pipelines.database.made import made_now
from tests.audit.gates import D, audited, day

GATE = "findings_jump.payment_overdue"


def found(count, rule="payment_overdue"):
    return [{"finding_id": f"{rule}{n}", "rule_code": rule} for n in range(count)]


def before(nights, count, dates=3):
    for n in range(dates, 0, -1):
        nights.run(f"R{n}", day(n), findings=found(count))


def tonight(nights, count, as_of=D):
    return audited(nights, as_of, findings=found(count))


@pytest.mark.parametrize(
    ("was", "now", "status"),
    [
        (60, 120, "passed"),
        (60, 121, "failed"),
        (30, 79, "passed"),
        (30, 80, "failed"),
        (0, 49, "passed"),
        (0, 50, "failed"),
        (60, 0, "passed"),
    ],
)
def test_twice_as_many_and_fifty_more(nights, was, now, status):
    before(nights, was)
    assert tonight(nights, now)[GATE]["status"] == status


def test_it_says_how_many_there_were_and_are(nights):
    before(nights, 60)
    details = json.loads(tonight(nights, 130)[GATE]["details"])
    for part in (f"{day(1)} 的 60 条增至 130 条", "2 倍", "50 条", "放行"):
        assert part in details["message_zh"]
    assert details["examples"] == [{"rule_code": "payment_overdue", "findings_before": 60, "findings_now": 130}]


def test_the_first_nights_are_not_compared(nights):
    before(nights, 0, dates=2)
    assert tonight(nights, 500)[GATE]["status"] == "not_applicable"


def test_cured_findings_are_not_open(nights):
    before(nights, 10)
    nights.run("R5", day(0), findings=found(200))
    nights.run("R6", after := day(-1), findings=found(10))
    assert nights.read(f"SELECT COUNT(*) FROM findings WHERE as_of = '{after}'") == [(200,)]
    assert tonight(nights, 80, day(-2))[GATE]["status"] == "failed"
    assert tonight(nights, 10, day(-2))[GATE]["status"] == "passed"


def test_each_rule_by_itself_and_no_change_is_a_pass(nights):
    before(nights, 60)
    rows = audited(nights, D, findings=found(60) + found(50, "two_invoice_too_many"))
    assert rows[GATE]["status"] == "passed"
    assert rows["findings_jump.two_invoice_too_many"]["status"] == "failed"


@pytest.mark.parametrize(("now", "status"), [(120, "passed"), (121, "failed")])
def test_a_date_run_again_is_compared_with_the_date_before_it(nights, now, status):
    before(nights, 60)
    nights.run("R0", D, findings=found(100))
    assert tonight(nights, now)[GATE]["status"] == status


def test_a_held_number_goes_on_closing_it(nights):
    before(nights, 60)
    assert [tonight(nights, 200)[GATE]["status"] for _ in range(2)] == ["failed", "failed"]


@pytest.mark.parametrize(
    ("knew", "status", "said"),
    [
        ((), "not_applicable", "0 个发布日"),
        (("R1", "R2"), "not_applicable", "2 个发布日"),
        (("R1", "R2", "R4"), "failed", "条以上"),
        (("R1", "R2", "R3", "R4"), "failed", "条以上"),
    ],
)
def test_a_rule_is_compared_once_enough_dates_were_published_with_it(nights, knew, status, said):
    """Four dates before, of which some knew the rule: they found nothing by it."""
    before(nights, 0, dates=4)
    now = made_now()
    without = replace(now, rules=tuple(rule for rule in now.rules if rule != "payment_overdue"))
    rows = audited(nights, D, None, lambda run: now if run in knew else without, findings=found(60))
    assert rows[GATE]["status"] == status
    assert said in json.loads(rows[GATE]["details"])["message_zh"]
