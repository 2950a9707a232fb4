"""Payment timeliness: the worked examples of rulebook §5, what is payable, and what is on time."""

import pytest

from tests.spec.check import check


def payment(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("payment", as_of, given, expect, policies)


def rows(columns: str, *lines: str, rule: str = "D30") -> str:
    """An expected table of the report under one due rule."""
    return "\n".join([f"payment_timeliness due_rule={rule}", columns, *lines])


FOUR_PAYABLES = """
deliveries
delivery_id  received_quantity  accepted_on  invoice_no
1            100                10-05        00000001
2            80                 10-20        00000002
3            50                 10-12        00000003
4            30                 11-15        00000004

returns
delivery_id  returned_quantity  returned_on
2            20                 11-01

payments
payment_id  amount  paid_on  invoice_no
P1          60.00   11-03    00000001
P2          40.00   12-10    00000001
P3          60.00   11-25    00000002
P4          50.00   10-01    00000003
"""


def test_four_payables_at_the_end_of_the_month_after_acceptance():
    expect = """
    payment_timeliness due_rule=EONM
    due_month  matured_fen  on_time_fen  late_paid_fen  overdue_fen  matured_count  on_time_count
    2020-11    21,000       17,000       4,000          0            3              2
    2020-12    3,000        0            0              3,000        1              0
    """
    payment("12-31", FOUR_PAYABLES, expect)


def test_four_payables_thirty_days_after_acceptance():
    expect = """
    payment_timeliness due_rule=D30
    due_month  matured_fen  on_time_fen  late_paid_fen  overdue_fen  matured_count  on_time_count
    2020-11    21,000       11,000       10,000         0            3              1
    2020-12    3,000        0            0              3,000        1              0
    """
    payment("12-31", FOUR_PAYABLES, expect)


def test_four_payables_one_by_one():
    expect = """
    dues due_rule=D30
    delivery_id  due_on  on_time_fen  late_paid_fen  overdue_fen
    1            11-04   6,000        4,000          0
    2            11-19   0            6,000          0
    3            11-11   5,000        0              0              # paid before acceptance
    4            12-15   0            0              3,000
    """
    payment("12-31", FOUR_PAYABLES, expect)


def test_two_passes_matter():
    given = """
    deliveries
    delivery_id  received_quantity  accepted_on  invoice_no
    A            10                 09-30        00000001
    B            30                 10-06        null

    payments
    payment_id  amount  paid_on  invoice_no
    P1          30.00   10-20    null
    P2          10.00   12-01    00000001
    """
    expect = """
    dues due_rule=D30
    delivery_id  due_on  on_time_fen  late_paid_fen
    A            10-30   0            1,000
    B            11-05   3,000        0

    payment_timeliness due_rule=D30
    due_month  on_time_fen  late_paid_fen
    2020-10    0            1,000
    2020-11    3,000        0
    """
    payment("12-31", given, expect)


@pytest.mark.parametrize(
    ("accepted_on", "rule", "due_month", "due_on"),
    [
        ("2020-09-03", "D30", "2020-10", "2020-10-09"),  # National Day
        ("2020-01-31", "EONM", "2020-02", "2020-03-02"),  # Saturday 29 February
        ("2020-01-31", "D30", "2020-03", "2020-03-02"),  # Sunday 1 March
        ("2020-12-15", "EONM", "2021-01", "2021-02-01"),  # Sunday 31 January
        ("2020-08-28", "D30", "2020-09", "2020-09-27"),  # a Sunday that is worked
        ("2020-03-02", "D60", "2020-05", "2020-05-06"),  # Labour Day
    ],
)
def test_calendar_vectors(accepted_on, rule, due_month, due_on):
    given = f"""
    deliveries
    delivery_id  accepted_on
    D1           {accepted_on}
    """
    expect = f"""
    dues due_rule={rule}
    due_month    due_on    is_provisional
    {due_month}  {due_on}  no
    """
    payment("2021-12-31", given, expect + "\n" + rows("due_month", due_month, rule=rule))


def test_a_year_without_a_published_calendar_knows_weekends_and_is_flagged():
    given = """
    deliveries
    delivery_id  accepted_on
    SATURDAY     2099-01-01   # + 30 days
    """
    expect = """
    dues due_rule=D30
    delivery_id  due_on      is_provisional
    SATURDAY     2099-02-02  yes

    notes
    title                                  | text
    到期日暂定（节假日安排未公布）的应付笔数  | 1
    """
    payment("2099-12-31", given, expect)


def test_what_is_payable():
    given = """
    deliveries
    delivery_id   distributor_code  received_quantity  unit_price  accepted_on  is_gift  channel
    PLATFORM      PLATFORM          100                1           03-02        no       platform
    OFFLINE       OFFLINE           100                1           03-02        no       offline
    GIFT          GIFT              100                1           03-02        yes      platform
    FREE          FREE              100                0           03-02        no       platform
    ALL_BACK      ALL_BACK          100                1           03-02        no       platform
    HALF_A_FEN    HALF_A_FEN        1                  0.005       03-02        no       platform
    LESS          LESS              1                  0.0049      03-02        no       platform
    NOT_ACCEPTED  NOT_ACCEPTED      null               1           null         no       platform
    NEXT_YEAR     NEXT_YEAR         100                1           2021-01-01   no       platform

    returns
    delivery_id  returned_quantity  returned_on
    ALL_BACK     100                12-31
    """
    expect = rows(
        "distributor_code matured_fen matured_count", "PLATFORM   10,000 1", "OFFLINE    10,000 1", "HALF_A_FEN 1      1"
    )
    payment("12-31", given, expect)


@pytest.mark.parametrize("ownership", ["public", "private", "retail"])
def test_every_institution_is_included(ownership):
    given = f"""
    institutions
    institution_code  ownership
    H                 {ownership}

    deliveries
    delivery_id  accepted_on
    D1           03-02
    """
    payment("12-31", given, rows("institution_code matured_fen", "H 10,000"))


def test_only_confirmed_returns_up_to_as_of_lessen_a_payable():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    returns
    return_id  delivery_id  returned_quantity  returned_on  status
    CONFIRMED  D1           1                  12-31        confirmed
    LATER      D1           10                 2021-01-01   confirmed
    REFUSED    D1           20                 06-01        refused
    REQUESTED  D1           40                 06-01        requested
    """
    payment("12-31", given, rows("matured_fen", "9,900"))


def test_paid_on_the_due_day_is_on_time_and_the_day_after_is_late():
    given = """
    deliveries
    delivery_id  distributor_code  accepted_on     # due 04-01
    D1           ONTIME            03-02
    D2           LATE              03-02
    D3           HALF              03-02
    D4           NEVER             03-02

    payments
    payment_id  payee_code  amount  paid_on
    P1          ONTIME      100     04-01
    P2          LATE        100     04-02
    P3          HALF        99.99   04-01
    P4          HALF        0.01    04-02
    """
    expect = rows(
        "distributor_code on_time_fen late_paid_fen overdue_fen on_time_count on_time_rate_amount on_time_rate_count",
        "ONTIME           10,000      0             0           1             1                   1",
        "LATE             0           10,000        0           0             0                   0",
        "HALF             9,999       1             0           0             0.9999              0",
        "NEVER            0           0             10,000      0             0                   0",
    )
    payment("12-31", given, expect)


@pytest.mark.parametrize(("as_of", "matured", "not_due", "rate"), [("10-08", 0, 10000, "null"), ("10-09", 10000, 0, 0)])
def test_a_payable_matures_on_its_rolled_due_day(as_of, matured, not_due, rate):
    given = """
    deliveries
    delivery_id  accepted_on
    HOLIDAY      09-03
    """
    expect = rows(
        "due_month matured_fen not_due_fen on_time_rate_amount on_time_rate_count on_time_rate_amount_excused",
        f"2020-10 {matured} {not_due} {rate} {rate} {rate}",
    )
    payment(as_of, given, expect)


def test_paid_after_a_holiday_is_still_on_time():
    given = """
    deliveries
    delivery_id  distributor_code  accepted_on
    D1           ONTIME            09-03
    D2           LATE              09-03

    payments
    payment_id  payee_code  amount  paid_on
    P1          ONTIME      100     10-09
    P2          LATE        100     10-10
    """
    expect = rows("distributor_code on_time_fen late_paid_fen", "ONTIME 10,000 0", "LATE 0 10,000")
    payment("12-31", given, expect)


def test_a_payment_after_as_of_does_not_exist_yet():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    payments
    payment_id  amount  paid_on
    THAT_DAY    30      06-30
    NEXT_DAY    70      07-01
    """
    expect = rows("late_paid_fen overdue_fen paid_fen", "3,000 7,000 3,000")
    payment("06-30", given, expect + "\n\npayment_unallocated\nunallocated_fen\n")
