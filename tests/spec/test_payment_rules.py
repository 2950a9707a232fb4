"""Which due rule applies, and what follows from it: ageing, speed of payment, excuses (rulebook §5)."""

from datetime import date, timedelta

import pytest

from tests.spec.test_payment import payment, rows


@pytest.mark.parametrize(
    ("accepted_on", "due_month"), [("03-01", "2020-03"), ("03-02", "2020-04"), ("05-31", "2020-06"), ("06-01", "2020-07")]
)
def test_the_end_of_next_month_applies_while_the_product_is_selected(accepted_on, due_month):
    given = f"""
    selections
    product_code  valid_from  valid_to
    X             03-02       05-31

    deliveries
    delivery_id  accepted_on
    D1           {accepted_on}
    """
    payment("12-31", given, rows("due_month", due_month, rule="applicable"))


def test_every_rule_is_shown_side_by_side():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02
    """
    expect = """
    payment_timeliness
    due_rule    due_month
    applicable  2020-04
    D30         2020-04
    EONM        2020-04
    D60         2020-05
    """
    payment("12-31", given, expect)


SITE = """
[[policy]]
id = "ours"
parameter = "{}"
value = {}
unit = "{}"
jurisdiction = "330282"
valid_from = 2020-03-02
document_no = "n"
clause = "c"
mark = "D"
"""


@pytest.mark.parametrize(("accepted_on", "due_month"), [("03-01", "2020-03"), ("03-02", "2020-05")])
def test_a_site_may_name_another_rule_from_a_day_on(accepted_on, due_month):
    given = f"""
    deliveries
    delivery_id  accepted_on
    D1           {accepted_on}
    """
    policy = SITE.format("payment_rule_other", '"D60"', "code")
    payment("12-31", given, rows("due_month", due_month, rule="applicable"), policy)


def test_a_site_may_do_without_rolling():
    given = """
    deliveries
    delivery_id  accepted_on
    HOLIDAY      09-03
    """
    expect = "dues due_rule=D30\ndue_on\n10-03\n"
    payment("12-31", given, expect, SITE.format("payment_roll_to_working_day", "false", "flag"))


BANDS = ("0_30", "31_60", "61_90", "91_180", "over_180")


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "0_30"),
        (30, "0_30"),
        (31, "31_60"),
        (60, "31_60"),
        (61, "61_90"),
        (90, "61_90"),
        (91, "91_180"),
        (180, "91_180"),
        (181, "over_180"),
    ],
)
def test_overdue_money_ages_from_the_rolled_due_day(age, band):
    given = """
    deliveries
    delivery_id  accepted_on
    D1           09-03         # due 10-03, rolled to 10-09
    """
    columns = " ".join(f"overdue_{b}_fen" for b in BANDS)
    cells = " ".join("10,000" if b == band else "0" for b in BANDS)
    as_of = date(2020, 10, 9) + timedelta(days=age)
    payment(as_of.isoformat(), given, rows(f"overdue_fen {columns}", f"10,000 {cells}"))


@pytest.mark.parametrize(
    ("days", "within_30", "to_60", "over_60"),
    [(-5, 10000, 0, 0), (30, 10000, 0, 0), (31, 0, 10000, 0), (60, 0, 10000, 0), (61, 0, 0, 10000)],
)
def test_speed_of_payment_counts_from_acceptance(days, within_30, to_60, over_60):
    paid_on = date(2020, 3, 2) + timedelta(days=days)
    given = f"""
    deliveries
    delivery_id  accepted_on
    D1           03-02

    payments
    payment_id  amount  paid_on
    P1          100     {paid_on}
    """
    expect = rows(
        "paid_within_30_fen paid_31_60_fen paid_over_60_fen paid_fen_days weighted_days",
        f"{within_30} {to_60} {over_60} {max(0, days) * 10000} {max(0, days)}",
    )
    payment("12-31", given, expect)


def test_weighted_days_weigh_money_and_include_what_is_not_yet_due():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           12-01         # due 12-31
    D2           12-02         # due 2021-01-01, not yet

    payments
    payment_id  amount  paid_on
    P1          100     12-11
    P2          50      12-22
    """
    expect = rows(
        "due_month matured_fen not_due_fen paid_fen weighted_days",
        "2020-12   10,000      0           10,000   10",
        "2021-01   0           10,000      5,000    20",
    )
    payment("12-31", given, expect)


def test_nothing_paid_has_no_average():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02
    """
    payment("12-31", given, rows("paid_fen weighted_days on_time_rate_amount", "0 null 0"))


TWO_OVERDUE = """
deliveries
delivery_id  accepted_on  invoice_code  invoice_no
NAMED        03-02        3300201130    00000001
OTHER        03-03        3300201130    00000002

payments
payment_id  amount  paid_on  invoice_code  invoice_no
P1          20      03-20    3300201130    00000001

excuses kind=payment
"""


@pytest.mark.parametrize(
    ("excuse", "excused", "rate"),
    [
        ("delivery_id valid_from valid_to\nNAMED 2020-01-01 null", 8000, "2000/12000"),
        ("invoice_code invoice_no valid_to\n3300201130 00000001 null", 8000, "2000/12000"),
        ("invoice_code invoice_no valid_to\nnull 00000001 null", 0, "0.1"),  # code and number together
        ("delivery_id valid_to\nNAMED 03-02", 8000, "2000/12000"),  # accepted by that day
        ("delivery_id valid_to\nNAMED 03-01", 0, "0.1"),
        ("delivery_id valid_from\nNAMED 12-31", 8000, "2000/12000"),  # registered by as_of
        ("delivery_id valid_from\nNAMED 2021-01-01", 0, "0.1"),
        ("delivery_id institution_code\nNAMED OTHER", 0, "0.1"),
    ],
)
def test_an_excused_payable_leaves_the_denominator_with_what_it_lacks(excuse, excused, rate):
    expect = rows(
        "matured_fen overdue_fen excused_fen on_time_rate_amount on_time_rate_amount_excused",
        f"20,000     18,000      {excused}   0.1                 {rate}",
    )
    payment("12-31", TWO_OVERDUE + excuse, expect)


def test_two_excuses_of_one_payable_count_once():
    excuses = """
    excuse_id  delivery_id  invoice_code  invoice_no
    E1         NAMED        ''            null
    E2         null         3300201130    00000001
    """.strip()
    payment("12-31", TWO_OVERDUE + excuses, rows("excused_fen", "8,000"))


def test_an_excuse_of_a_payable_not_yet_due_excuses_nothing():
    excuse = "delivery_id\nNAMED"
    payment("03-31", TWO_OVERDUE + excuse, rows("matured_fen excused_fen", "0 0"))


def test_everything_excused_leaves_no_rate():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    excuses kind=payment
    delivery_id
    D1
    """
    expect = rows("excused_fen on_time_rate_amount on_time_rate_amount_excused", "10,000 0 null")
    payment("12-31", given, expect)
