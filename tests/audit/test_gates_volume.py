"""The gate on rows read, against the median of the dates published in the four weeks before."""

import pytest

from pipelines.audit.great_expectations import AuditLimits
from tests.audit.gates import D, audited, day, file, message

GATE = "volume.deliveries"


def read(nights, counts):
    """Publish runs: days before D → rows of deliveries read."""
    for n, rows in sorted(counts.items(), reverse=True):
        nights.run(f"R{n}", day(n), source_files=[file("deliveries", rows)] if rows else [])


def tonight(nights, rows, as_of=D, limits=None):
    return audited(nights, as_of, limits, source_files=[file("deliveries", rows)])[GATE]


@pytest.mark.parametrize(("rows", "status"), [(999, "failed"), (1000, "passed"), (6000, "passed"), (6001, "failed")])
def test_between_half_and_three_times_the_usual(nights, rows, status):
    read(nights, {3: 2000, 2: 2000, 1: 2000})
    assert tonight(nights, rows)["status"] == status


def test_the_messages_say_number_limit_and_remedy(nights):
    read(nights, {3: 2000, 2: 2000, 1: 2000})
    few, many = message(tonight(nights, 999)), message(tonight(nights, 6001))
    for part in ("本次读取 999 行", "3 个发布日的中位数 2000 行的 50%", "补报后重新运行", "放行"):
        assert part in few
    for part in ("本次读取 6001 行", "中位数 2000 行的 3 倍", "重复报送", "放行"):
        assert part in many


@pytest.mark.parametrize(
    "counts",
    [
        {},
        {2: 2000, 1: 2000},  # two dates
        {3: 2000, 2: 2000, 1: 0},  # three, of which one read nothing
        {31: 2000, 30: 2000, 29: 2000},  # four weeks ago and more
        {3: 999, 2: 999, 1: 999},  # small numbers
    ],
)
def test_without_enough_history_it_does_not_apply(nights, counts):
    read(nights, counts)
    assert tonight(nights, 100_000)["status"] == "not_applicable"


def test_a_night_that_reads_nothing_is_left_to_arrivals(nights):
    read(nights, {3: 2000, 2: 2000, 1: 2000})
    assert tonight(nights, 0)["status"] == "not_applicable"


def test_the_first_load_is_not_what_is_usual(nights):
    read(nights, {3: 10_000_000, 2: 2000, 1: 2000})
    assert tonight(nights, 2000)["status"] == "passed"


@pytest.mark.parametrize(("rows", "status"), [(24_000, "passed"), (24_001, "failed")])
def test_a_night_after_three_unpublished_ones_may_bring_four_times_as_much(nights, rows, status):
    read(nights, {6: 2000, 5: 2000, 4: 2000})
    assert tonight(nights, rows)["status"] == status


def test_weekly_runs_are_single_nights(nights):
    read(nights, {21: 2000, 14: 2000, 7: 2000})
    assert tonight(nights, 6001)["status"] == "failed"


def test_a_date_run_again_is_judged_with_what_it_read_before(nights):
    read(nights, {3: 2000, 2: 2000, 1: 2000, 0: 2000})
    assert tonight(nights, 20)["status"] == "passed"
    assert tonight(nights, 4001)["status"] == "failed"


def test_a_factor_of_the_site(nights):
    read(nights, {3: 2000, 2: 2000, 1: 2000})
    assert tonight(nights, 50_000, limits=AuditLimits(volume_high=30))["status"] == "passed"
