"""The gates on rejected rows: per dataset, and per rule of a dataset."""

import json

import pytest

from pipelines.audit.gates import AuditLimits, resolve_limits
from pipelines.policy.policies import load_policies
from tests.audit.gates import D, audited, file, message

RULE = "rule:deliveries:unit_price_positive:unit_price"
GATE = "reject_rule.deliveries:unit_price_positive:unit_price"


def rejecting(nights, read, by_rule, rejected):
    rule = {"check_id": RULE, "scope": "deliveries", "applied": read, "failed": by_rule}
    files = [file("deliveries", read, rejected=rejected)]
    return audited(nights, D, source_files=files, check_results=[rule])


def test_the_limits_are_those_of_the_policy_rows():
    policies = load_policies()
    assert resolve_limits(policies, D) == AuditLimits()
    assert "gate_volume_low@CN@2000-01-01" in policies.used


@pytest.mark.parametrize(
    ("read", "by_rule", "status"),
    [(1000, 0, "passed"), (1000, 300, "passed"), (1000, 301, "failed"), (100_000, 30_001, "failed")],
)
def test_one_rule_may_reject_as_much_as_all_together_unless_a_site_says_less(nights, read, by_rule, status):
    assert rejecting(nights, read, by_rule, rejected=by_rule)[GATE]["status"] == status


def test_a_small_dataset_has_no_reject_rates(nights):
    rows = rejecting(nights, 49, 48, rejected=48)
    assert rows["reject_rule.deliveries"]["status"] == rows["reject_rate.deliveries"]["status"] == "not_applicable"
    assert GATE not in rows


@pytest.mark.parametrize(("read", "rejected", "status"), [(50, 15, "passed"), (50, 16, "failed"), (49, 48, "not_applicable")])
def test_from_fifty_rows_on_a_night_rejects_at_most_three_tenths(nights, read, rejected, status):
    assert rejecting(nights, read, rejected, rejected)["reject_rate.deliveries"]["status"] == status


@pytest.mark.parametrize(
    ("read", "rejected", "accepted", "status"),
    [
        (3, 3, 0, "failed"),
        (4, 3, 0, "failed"),  # the fourth repeats a rejected one
        (800, 799, 1, "passed"),
        (3, 0, 0, "passed"),
        (2, 2, 0, "not_applicable"),
    ],
)
def test_a_night_that_rejects_every_row_of_a_dataset_is_held(nights, read, rejected, accepted, status):
    files = [file("deliveries", read, rejected=rejected, accepted=accepted), file("returns", 9)]
    rows = audited(nights, D, source_files=files)
    assert (rows["reject_all.deliveries"]["status"], rows["reject_all.returns"]["status"]) == (status, "passed")


def test_all_rows_rejected_says_what_to_do(nights):
    rows = rejecting(nights, 3, 3, rejected=3)
    assert "3 行没有一行被接收" in message(rows["reject_all.deliveries"])
    assert "vbp rejects list --dataset deliveries" in message(rows["reject_all.deliveries"])


def test_rows_of_earlier_nights_tried_again_do_not_close_it(nights):
    assert rejecting(nights, 1000, 1000, rejected=10)[GATE]["status"] == "passed"


def test_the_message_says_number_limit_and_remedy(nights):
    rows = rejecting(nights, 1000, 305, rejected=310)
    by_rule, in_all = (json.loads(rows[name]["details"]) for name in (GATE, "reject_rate.deliveries"))
    for part in ("30.5%（305/1000 行）", "单项规则上限 30%", "--dataset deliveries --reason unit_price_positive"):
        assert part in by_rule["message_zh"]
    for part in ("31%（310/1000 行）", "上限 30%", "vbp rejects list --dataset deliveries"):
        assert part in in_all["message_zh"]
    assert by_rule["examples"] == [{"rule": RULE, "rows_rejected": 305, "rows_read": 1000}]


def test_the_morning_page_takes_it_for_a_gate(nights):
    assert all("." in name.partition(":")[0] for name in rejecting(nights, 1000, 0, rejected=0))
