"""Exact figures and the allocation of payments, for any numbers."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.figures import UNIT, as_quantity, quotient, round_half_up
from pipelines.indicators.payment.allocation import ALLOCATION, allocate, allocate_shared

quick = settings(max_examples=60, deadline=None)
wide = st.integers(-(10**30), 10**30)


def divide(numerator: int | None, denominator: int | None) -> float | None:
    pair = (pl.Series([v], dtype=pl.Int128) for v in (numerator, denominator))
    return quotient(*pair).item()


@quick
@given(wide, wide.filter(bool))
def test_a_quotient_is_the_exact_one_rounded_once(numerator, denominator):
    assert divide(numerator, denominator) == float(Fraction(numerator, denominator))


@quick
@given(st.integers(0, 10**15), st.integers(1, 10**15), st.sampled_from([1, 10**4, 10**8, UNIT]))
def test_a_common_scale_does_not_change_a_quotient(numerator, denominator, scale):
    assert divide(numerator * scale, denominator * scale) == numerator / denominator


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (0, 0), (2**70, 0), (None, 1), (1, None), (None, 2**70)])
def test_no_quotient_without_a_denominator(numerator, denominator):
    assert divide(numerator, denominator) is None


def test_wide_and_narrow_rows_keep_their_places():
    numerators = pl.Series([1, 10**30 + 1, None, 3], dtype=pl.Int128)
    denominators = pl.Series([3, 7, 1, 0], dtype=pl.Int128)
    assert quotient(numerators, denominators).to_list() == [1 / 3, (10**30 + 1) / 7, None, None]


@quick
@given(wide)
def test_a_quantity_is_printed_as_the_nearest_double(units):
    frame = pl.DataFrame({"units": [units]}, schema={"units": pl.Int128})
    assert frame.select(as_quantity("units")).item() == float(Fraction(units, UNIT))


def test_no_rows_have_no_quotients():
    nothing = pl.Series([], dtype=pl.Int128)
    assert quotient(nothing, nothing).to_list() == []
    assert pl.DataFrame({"units": nothing}).select(as_quantity("units")).dtypes == [pl.Float64]


def rounded(numerator: int, denominator: int) -> int:
    frame = pl.DataFrame({"n": pl.Series([numerator], dtype=pl.Int128)})
    return frame.select(round_half_up(pl.col("n"), denominator)).item()


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [
        (1, 2, 1),
        (-1, 2, -1),
        (3, 2, 2),
        (-3, 2, -2),
        (5, 2, 3),
        (149, 100, 1),
        (-149, 100, -1),
        (0, 7, 0),
        (10**30, 10**15, 10**15),
    ],
)
def test_halves_go_away_from_zero(numerator, denominator, whole):
    assert rounded(numerator, denominator) == whole


@quick
@given(st.integers(-(10**22), 10**22), st.sampled_from([1, 10**4, 10**6, 7]))
def test_rounding_is_that_of_decimal(numerator, denominator):
    near = Fraction(numerator, denominator)
    if abs(near) < 2**62:
        scaled = int(abs(near) * 10**6)  # six places settle every half of these denominators
        sign = 1 if numerator >= 0 else -1
        expected = sign * int((Decimal(scaled) / 10**6).to_integral_value(ROUND_HALF_UP))
        assert rounded(numerator, denominator) == expected


group = st.integers(0, 2)
amount = st.integers(1, 50)
lists = st.lists(st.tuples(group, amount), max_size=8)


def frame(rows: list, order: str, party: str = "group") -> pl.DataFrame:
    """Payments or payables, numbered in the order of the list."""
    numbered = [(g, n, a) for n, (g, a) in enumerate(rows)]
    schema = {party: pl.UInt32, order: pl.UInt32, "amount": pl.Int64}
    return pl.DataFrame(numbered, schema=schema, orient="row")


def walk(payments: list, payables: list) -> list[tuple[int, int, int]]:
    """First in, first out, one payment at a time."""
    open_amounts = [a for _, a in payables]
    found = []
    for pay, (payer, money) in enumerate(payments):
        for due, (holder, _) in enumerate(payables):
            met = min(money, open_amounts[due]) if payer == holder else 0
            if met:
                found.append((pay, due, met))
                money -= met
                open_amounts[due] -= met
    return found


@quick
@given(lists, lists)
def test_the_first_payment_settles_the_first_payable(payments, payables):
    found = allocate(frame(payments, "pay"), frame(payables, "due"))
    assert sorted(found.iter_rows()) == walk(payments, payables)


@quick
@given(lists, lists)
def test_money_is_conserved_and_nothing_is_overpaid(payments, payables):
    found = allocate(frame(payments, "pay"), frame(payables, "due")).to_dicts()
    assert all(row["amount"] > 0 for row in found)
    for side, rows in (("pay", payments), ("due", payables)):
        for number, (_, whole) in enumerate(rows):
            assert sum(r["amount"] for r in found if r[side] == number) <= whole
    for g in range(3):
        met = sum(r["amount"] for r in found if payments[r["pay"]][0] == g)
        assert met == min(sum(a for p, a in payments if p == g), sum(a for d, a in payables if d == g))


@quick
@given(lists, lists, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(payments, payables, dice):
    paid, due = frame(payments, "pay"), frame(payables, "due")
    shuffled = [f[dice.sample(range(f.height), f.height)] for f in (paid, due)]
    assert sorted(allocate(*shuffled).iter_rows()) == sorted(allocate(paid, due).iter_rows())


@quick
@given(lists, lists)
def test_shared_allocation_is_the_plain_one_where_nothing_is_shared(payments, payables):
    links = pl.DataFrame({"payer": [0, 1, 2], "holder": [0, 1, 2]}, schema={"payer": pl.UInt32, "holder": pl.UInt32})
    shared = allocate_shared(frame(payments, "pay", "payer"), frame(payables, "due", "holder"), links)
    plain = allocate(frame(payments, "pay"), frame(payables, "due"))
    assert sorted(shared.iter_rows()) == sorted(plain.iter_rows())


def test_a_shared_payable_is_paid_once():
    links = pl.DataFrame({"payer": [0, 0, 1], "holder": [0, 1, 1]}, schema={"payer": pl.UInt32, "holder": pl.UInt32})
    head_then_branch, of_head_of_branch = [(0, 15), (1, 10)], [(0, 10), (1, 10)]
    found = allocate_shared(frame(head_then_branch, "pay", "payer"), frame(of_head_of_branch, "due", "holder"), links)
    assert sorted(found.iter_rows()) == [(0, 0, 10), (0, 1, 5), (1, 1, 5)]


def test_nothing_paid_settles_nothing():
    found = allocate(frame([], "pay"), frame([(0, 5)], "due"))
    assert found.is_empty()
    assert dict(found.schema) == ALLOCATION
