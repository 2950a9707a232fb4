"""Which payment settles which payable: invoices, parents, reversals, what is left over (rulebook §5)."""

import pytest

from tests.spec.test_payment import payment, rows


def test_a_named_invoice_is_settled_whoever_the_payee():
    given = """
    deliveries
    delivery_id  distributor_code  accepted_on  invoice_no
    D1           DISTRIBUTOR       03-02        00000001

    payments
    payment_id  payee_code  amount  paid_on  invoice_no  channel
    DIRECT      MAKER       100     03-20    00000001    fund_direct
    """
    expect = rows("distributor_code on_time_fen overdue_fen", "DISTRIBUTOR 10,000 0")
    payment("12-31", given, expect)


def test_a_payment_without_invoice_settles_only_what_its_payee_delivered():
    given = """
    deliveries
    delivery_id  distributor_code  accepted_on
    D1           DISTRIBUTOR       03-02

    payments
    payment_id  payee_code  amount  paid_on
    ELSEWHERE   MAKER       100     03-20
    """
    expect = """
    payment_unallocated
    institution_code  distributor_code  unallocated_fen
    H                 MAKER             10,000
    """
    payment("12-31", given, rows("overdue_fen", "10,000") + "\n" + expect)


@pytest.mark.parametrize(("invoice_code", "on_time"), [("3300201130", 10000), ("3300201139", 0), ("null", 0)])
def test_an_invoice_is_named_by_code_and_number(invoice_code, on_time):
    given = f"""
    deliveries
    delivery_id  accepted_on  invoice_code  invoice_no
    D1           03-02        3300201130    00000001

    payments
    payment_id  payee_code  amount  paid_on  invoice_code    invoice_no
    P1          MAKER       100     03-20    {invoice_code}  00000001
    """
    payment("12-31", given, rows("on_time_fen", str(on_time)))


@pytest.mark.parametrize(
    ("payee", "code_of_other", "supplier_of_other", "on_time"),
    [
        ("DISTRIBUTOR", "3300201130", "DISTRIBUTOR", 10000),  # two lines of the one invoice
        ("DISTRIBUTOR", "3300201139", "DISTRIBUTOR", 0),  # the number is of two invoices: paid as if it named none
        ("DISTRIBUTOR", "3300201139", "MAKER", 10000),  # the other one is owed to somebody else
        ("MAKER", "3300201130", "DISTRIBUTOR", 0),
    ],
)
def test_a_number_without_its_code_is_of_the_one_invoice_owed_to_the_payee(payee, code_of_other, supplier_of_other, on_time):
    given = f"""
    deliveries
    delivery_id  distributor_code     accepted_on  invoice_code     invoice_no
    EARLIER      DISTRIBUTOR          01-02        null             null
    D1           DISTRIBUTOR          03-02        3300201130       00000001
    D2           {supplier_of_other}  03-02        {code_of_other}  00000001

    payments
    payment_id  payee_code  amount  paid_on  invoice_code  invoice_no
    P1          {payee}     100     03-20    null          00000001
    """
    april = "payment_timeliness due_rule=D30 distributor_code=DISTRIBUTOR due_month=2020-04"
    payment("12-31", given, f"{april}\non_time_fen\n{on_time}")


def test_the_oldest_acceptance_is_settled_first_then_the_lower_number():
    given = """
    deliveries
    delivery_id  accepted_on
    B_LATER      03-03
    A_LATER      03-03
    Z_FIRST      03-02

    payments
    payment_id  amount  paid_on
    P1          100     03-20
    P2          150     05-20
    """
    expect = """
    dues due_rule=D30
    delivery_id  on_time_fen  late_paid_fen  overdue_fen
    Z_FIRST      10,000       0              0
    A_LATER      0            10,000         0
    B_LATER      0            5,000          5,000
    """
    payment("12-31", given, expect)


def test_payments_go_in_order_of_day_number_and_line():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    payments
    payment_id  line_no  amount  paid_on
    P2          1        50      03-20
    P1          2        40      03-20
    P1          1        30      03-20
    P0          1        20      03-21
    """
    expect = """
    payments
    payment_id  line_no  pay  left
    P1          1        0    0
    P1          2        1    0
    P2          1        2    2,000
    P0          1        3    2,000

    payment_unallocated
    unallocated_fen
    4,000
    """
    payment("12-31", given, expect)


def test_what_is_left_of_a_named_payment_goes_on_with_its_date():
    given = """
    deliveries
    delivery_id  accepted_on  invoice_no
    NAMED        03-10        00000001
    OLDER        03-02        null

    payments
    payment_id  amount  paid_on  invoice_no
    P1          150     03-20    00000001
    P2          50      05-20    null
    """
    expect = """
    dues due_rule=D30
    delivery_id  on_time_fen  late_paid_fen
    NAMED        10,000       0
    OLDER        5,000        5,000
    """
    payment("12-31", given, expect)


HEAD_AND_BRANCH = """
institutions
institution_code  parent_institution_code
HEAD              null
BRANCH            HEAD

deliveries distributor_code=D accepted_on=03-02
delivery_id  institution_code  invoice_no
"""


@pytest.mark.parametrize(
    ("payer", "invoice_no", "holder", "on_time"),
    [
        ("HEAD", "00000001", "BRANCH", 10000),
        ("BRANCH", "00000001", "HEAD", 0),  # a branch does not pay for its head
        ("HEAD", "null", "BRANCH", 0),  # without an invoice nobody pays for another
    ],
)
def test_a_head_institution_pays_the_invoices_of_its_branch(payer, invoice_no, holder, on_time):
    given = f"""D1  {holder}  00000001

    payments
    payment_id  institution_code  amount  paid_on  invoice_no
    P1          {payer}           100     03-20    {invoice_no}
    """
    payment("12-31", HEAD_AND_BRANCH + given, rows("institution_code on_time_fen", f"{holder} {on_time}"))


def test_one_invoice_shared_by_head_and_branch():
    given = """D1  BRANCH  00000001
    D2  HEAD    00000001

    payments
    payment_id  institution_code  amount  paid_on  invoice_no
    P1          HEAD              150     03-20    00000001     # D1, then half of D2
    P2          BRANCH            100     03-21    00000001     # nothing left of its own
    """
    expect = """
    payment_timeliness due_rule=D30
    institution_code  on_time_fen  overdue_fen
    BRANCH            10,000       0
    HEAD              5,000        5,000

    payment_unallocated
    institution_code  unallocated_fen
    BRANCH            10,000
    """
    payment("12-31", HEAD_AND_BRANCH + given, expect)


def test_cash_left_over_is_shown_and_never_dropped():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    payments
    payment_id  amount   paid_on
    P1          100.01   03-20
    """
    expect = """
    payment_unallocated
    institution_code  distributor_code  unallocated_fen
    H                 D                 1
    """
    payment("12-31", given, expect)


PAID_AND_REVERSED = """
deliveries
delivery_id  accepted_on     # due 04-01
D1           03-02

payments
payment_id  amount  paid_on  reverses_payment_id
P1          100     03-20    null
BACK        -40     04-20    P1
"""


@pytest.mark.parametrize(("as_of", "on_time", "overdue"), [("04-19", 10000, 0), ("04-20", 6000, 4000)])
def test_a_reversal_lessens_the_payment_from_its_own_day_on(as_of, on_time, overdue):
    payment(as_of, PAID_AND_REVERSED, rows("on_time_fen overdue_fen", f"{on_time} {overdue}"))


def test_a_reversal_of_several_lines_goes_through_them_in_order():
    given = """
    deliveries
    delivery_id  distributor_code  accepted_on
    D1           A                 03-02
    D2           B                 03-02
    D3           C                 03-02

    payments
    payment_id  line_no  payee_code  amount  paid_on  reverses_payment_id
    P1          2        B           100     03-20    null
    P1          1        A           100     03-20    null
    P1          3        C           100     03-20    null
    BACK        1        A           -70     03-21    P1
    BACK        2        A           -70     03-22    P1
    """
    expect = rows("distributor_code on_time_fen overdue_fen", "A 0 10,000", "B 6,000 4,000", "C 10,000 0")
    payment("12-31", given, expect)


def test_a_reversal_of_more_than_was_paid_is_reported():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    payments
    payment_id  amount  paid_on  reverses_payment_id
    P1          30      03-20    null
    BACK        -50     03-21    P1
    NOTHING     -7      03-21    UNKNOWN
    """
    expect = """
    reversals
    institution_code  payment_id  excess_fen
    H                 P1          2,000
    H                 UNKNOWN     700

    notes
    title             | text
    冲销超出原付款（元） | H P1：20.00；H UNKNOWN：7.00
    """
    payment("12-31", given, rows("paid_fen overdue_fen", "0 10,000") + "\n" + expect)


def test_a_reversal_takes_back_only_a_payment_of_the_same_institution():
    given = """
    institutions
    institution_code
    H
    OTHER

    deliveries accepted_on=03-02
    delivery_id  institution_code
    D1           H
    D1           OTHER

    payments
    payment_id  institution_code  amount  paid_on  reverses_payment_id
    P1          H                 100     03-20    null
    P1          OTHER             100     03-20    null
    BACK        OTHER             -100    03-21    P1
    """
    expect = rows("institution_code on_time_fen", "H 10,000", "OTHER 0")
    payment("12-31", given, expect)


def test_a_payment_without_any_payable_is_unallocated():
    given = """
    payments
    payment_id  amount  paid_on
    P1          100     03-20
    """
    payment("12-31", given, "payment_timeliness\ndue_rule\n\npayment_unallocated\nunallocated_fen\n10,000")
