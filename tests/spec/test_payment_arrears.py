"""What is unpaid of goods accepted in a month, for how long; and which payables these are (obligations §33)."""

import pytest

from tests.spec.test_payment import FOUR_PAYABLES, payment

UNPAID = "payment_unpaid\n"


def arrears(*lines: str, columns: str = "month  payables  accepted_fen  paid_fen  unpaid_fen") -> str:
    """An expected table of the report."""
    return "\n".join(["payment_arrears", columns, *lines])


def test_four_payables_by_month_of_acceptance():
    expect = """
    payment_arrears jurisdiction_code=330282
    month    payables  accepted_fen  paid_fen  unpaid_fen  unpaid_over_30_fen  unpaid_over_60_fen
    2020-10  3         21,000        21,000    0           0                   0
    2020-11  1         3,000         0         3,000       3,000               0                   # 46 days
    """
    payment("12-31", FOUR_PAYABLES, expect)


OVER = [f"unpaid_over_{days}_fen" for days in (30, 60, 90, 180)]


@pytest.mark.parametrize(
    ("accepted_on", "days", "over"),
    [
        ("12-01", 30, "0    0    0    0"),
        ("11-30", 31, "100  0    0    0"),
        ("11-01", 60, "100  0    0    0"),
        ("10-31", 61, "100  100  0    0"),
        ("10-02", 90, "100  100  0    0"),
        ("10-01", 91, "100  100  100  0"),
        ("07-04", 180, "100  100  100  0"),
        ("07-03", 181, "100  100  100  100"),
    ],
)
def test_more_than_so_many_days_since_acceptance(accepted_on, days, over):
    given = f"""
    deliveries
    delivery_id  accepted_on   received_quantity
    DAYS_{days}  {accepted_on}  1
    """
    payment("12-31", given, arrears(f"100  {over}", columns=f"unpaid_fen  {'  '.join(OVER)}"))


def test_days_of_one_month_are_told_apart():
    given = """
    deliveries
    delivery_id  accepted_on
    OVER         11-30
    NOT_OVER     12-01
    OVER_TOO     11-01
    """
    columns = "month  payables  unpaid_fen  unpaid_over_30_fen  unpaid_over_60_fen"
    payment("12-31", given, arrears("2020-11  2  20,000  20,000  0", "2020-12  1  10,000  0  0", columns=columns))


@pytest.mark.parametrize(
    ("delivery", "row"),
    [
        ("12-31  no   100", "2020-12  1  10,000  0  10,000"),
        ("2021-01-01  no   100", None),
        ("null   no   100", None),
        ("12-31  yes  100", None),
        ("12-31  no   0", None),
    ],
    ids=["accepted-today", "accepted-tomorrow", "not-accepted", "gift", "nothing-received"],
)
def test_what_is_payable(delivery, row):
    given = f"deliveries\ndelivery_id  accepted_on  is_gift  received_quantity\nD1  {delivery}\n"
    columns = "month  payables  accepted_fen  paid_fen  unpaid_fen"
    payment("12-31", given, arrears(*filter(None, [row]), columns=columns))
    payment("12-31", given, f"{UNPAID}delivery_id\n" + ("D1" if row else ""))


@pytest.mark.parametrize(
    ("returned_on", "status", "row"),
    [
        ("12-31", "confirmed", "7,000  0  7,000"),
        ("2021-01-01", "confirmed", "10,000  0  10,000"),
        ("12-31", "requested", "10,000  0  10,000"),
    ],
)
def test_confirmed_returns_up_to_the_day_lessen_it(returned_on, status, row):
    given = f"""
    deliveries
    delivery_id  accepted_on
    D1           11-02

    returns
    delivery_id  returned_quantity  returned_on    status
    D1           30                 {returned_on}  {status}
    """
    payment("12-31", given, arrears(row, columns="accepted_fen  paid_fen  unpaid_fen"))


def test_money_of_both_passes_counts_and_what_was_paid_before_acceptance():
    given = """
    deliveries
    delivery_id  accepted_on  invoice_no
    BY_INVOICE   11-02        00000001
    BY_SUPPLIER  12-02        null
    PAID_BEFORE  10-02        00000003

    payments
    payment_id  amount  paid_on  invoice_no
    P1          40      12-10    00000001
    P2          70      12-11    null        # 60 for the rest of the first, 10 for the second
    P3          100     09-30    00000003
    """
    payment(
        "12-31",
        given,
        arrears("2020-10  1  10,000  10,000  0", "2020-11  1  10,000  10,000  0", "2020-12  1  10,000  1,000  9,000"),
    )
    expect = """
    payment_unpaid
    delivery_id  amount_fen  paid_fen  unpaid_fen  invoice_no
    BY_SUPPLIER  10,000      1,000     9,000       null
    """
    payment("12-31", given, expect)


def test_payments_of_tomorrow_and_money_taken_back_pay_nothing():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           11-02

    payments
    payment_id  amount  paid_on     reverses_payment_id
    P1          80      11-10       null
    P2          20      2021-01-01  null
    BACK        -30     12-31       P1
    """
    payment("12-31", given, arrears("2020-11  1  10,000  5,000  5,000"))


def test_what_is_not_due_and_what_is_excused_is_unpaid_all_the_same():
    given = """
    deliveries
    delivery_id  accepted_on
    NOT_DUE      12-30
    EXCUSED      10-09

    excuses kind=payment
    excuse_id  delivery_id
    E1         EXCUSED
    """
    payment("12-31", given, arrears("2020-10  1  10,000  0  10,000", "2020-12  1  10,000  0  10,000"))


def test_suppliers_institutions_and_every_ownership_stand_apart():
    given = """
    institutions
    institution_code  jurisdiction_code  ownership
    H                 330282             public
    PRIVATE           330212             private
    SHOP              371500             retail

    deliveries
    delivery_id  institution_code  distributor_code  accepted_on
    1            H                 D                 11-02
    2            H                 OTHER             11-02
    3            PRIVATE           D                 11-02
    4            SHOP              D                 11-02
    """
    expect = """
    payment_arrears
    institution_code  distributor_code  jurisdiction_code  payables
    H                 D                 330282             1
    H                 OTHER             330282             1
    PRIVATE           D                 330212             1
    SHOP              D                 371500             1
    """
    payment("12-31", given, expect)


def test_cash_alone_makes_no_row():
    given = """
    payments
    payment_id  amount  paid_on
    P1          80      11-10
    """
    payment("12-31", given, arrears())
    payment("12-31", given, f"{UNPAID}delivery_id\n")


def test_an_unpaid_payable_says_what_it_is_for_and_since_when():
    given = """
    selections
    product_code  valid_from
    SELECTED      2019-01-01

    products
    product_code
    SELECTED
    OTHER

    deliveries
    delivery_id  product_code  accepted_on  invoice_code  invoice_no
    EONM         SELECTED      11-02        111           00000001
    D30          OTHER         11-02        null          null
    ROLLED       OTHER         11-13        null          00000002    # a Sunday

    excuses kind=payment
    excuse_id  delivery_id  valid_from
    E2         EONM         01-01
    E1         EONM         12-31
    LATER      D30          2021-01-01
    """
    expect = """
    payment_unpaid distributor_code=D jurisdiction_code=330282
    delivery_id  product_code  invoice_code  invoice_no  accepted_on  due_rule  payment_due_on  excuse_id
    EONM         SELECTED      111           00000001    11-02        EONM      12-31   E1,E2
    D30          OTHER         ''            null        11-02        D30       12-02   null
    ROLLED       OTHER         ''            00000002    11-13        D30       12-14   null
    """
    payment("12-31", given, expect)
