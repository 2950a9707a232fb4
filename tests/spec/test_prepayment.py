"""Prepayment: the worked example of obligations §15, groups, days, money, statuses, excuses and findings."""

import pytest

from tests.spec.check import check

AGREED_AMOUNT = """
commitments
commitment_id  target  agreed_quantity  period_start  period_end
AMOUNT         amount  1,000            01-02         2021-12-31

"""
AGREED_QUANTITY = """
selections
selected_price  valid_from
1               2020-01-01

commitments
commitment_id  agreed_quantity  period_start  period_end
QUANTITY       1,000            01-02         2021-12-31

"""
BOUGHT = """
deliveries
delivery_id  accepted_on
D1           12-20
"""
NIGHTS = tuple(((agreed, agreed + BOUGHT), ("12-31", "12-31")) for agreed in (AGREED_AMOUNT, AGREED_QUANTITY))
"""What is not yet due moves nothing but what was bought towards an amount, or a quantity."""


def prepayment(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("prepayment", as_of, given, expect, policies)


def policy(parameter: str, value: str, unit: str, valid_from: str = "2000-01-01") -> str:
    """A row of a site's own."""
    return f"""
[[policy]]
id = "SITE-{parameter}-{valid_from}"
parameter = "{parameter}"
value = {value}
unit = "{unit}"
jurisdiction = ""
valid_from = {valid_from}
document_no = "号"
clause = "条"
mark = "N"
"""


AGREED = """
institutions
institution_code  jurisdiction_code
H                 340602

agencies
agency_code  jurisdiction_code  responsible_person
A            340600             李四

selections
selected_price  valid_from
1               2020-01-01

commitments
commitment_id  agreed_quantity  period_start  period_end  signed_on  agency_code
C              106,600          04-20         2021-04-19  04-10      A
"""
PART = """
prepayments agency_code=A
prepayment_id  applied_on  paid_on  amount
Y1             04-24       05-11    20,000.00
"""
PAID = PART + "Y2             04-24       05-12    11,980.00\n"
BOUGHT = """
deliveries
delivery_id  distributor_code  received_quantity  accepted_on
PAID         D1                37,640             05-06
WAITS        D2                5,000              05-06

payments
payment_id  payee_code  amount     paid_on
P1          D1          37,640.00  06-10
"""


@pytest.mark.parametrize(
    ("as_of", "paid", "status", "on_time"),
    [("05-11", PAID, "not_due", 2_000_000), ("05-12", PAID, "paid_late", 2_000_000), ("05-12", PART, "partly_paid", 2_000_000)],
)
def test_twenty_thousand_in_time_and_the_rest_a_day_later(as_of, paid, status, on_time):
    expect = f"""
    prepayment_timeliness
    required_fen  apply_due_on  applied_late  pay_due_on  on_time_fen  is_provisional  status    period_end
    3,198,000     04-24         no            05-11       {on_time}    no              {status}  2021-04-19
    """
    prepayment(as_of, AGREED + paid, expect)


def test_what_lacks_the_day_after_is_overdue_and_the_head_of_the_agency_answers():
    expect = """
    findings
    rule_code         | severity  | institution_code | counterparty_code | jurisdiction_code | responsible | amount_fen
    prepayment_overdue | violation | null             | H                 | 340600            | 李四        | 1,198,000
    """
    prepayment("05-12", AGREED + PART, expect)


def test_days_of_our_own_make_a_warning_and_an_unknown_agency_has_no_head():
    given = AGREED.replace("340602", "330282").replace("2021-04-19  04-10      A", "2021-04-19  04-10      B")
    expect = """
    findings
    rule_code          severity  institution_code  counterparty_code  jurisdiction_code  responsible  amount_fen
    prepayment_overdue  warning   null              H                  330282             null         1,198,000
    """
    prepayment("05-12", given + PART, expect)


def test_applied_for_a_day_late():
    expect = """
    prepayment_timeliness
    applied_on  applied_late  pay_due_on  status
    04-26       yes           05-12       paid

    findings
    rule_code              severity  institution_code  counterparty_code  amount_fen
    prepayment_not_applied  warning   H                 A                  3,198,000
    """
    prepayment("12-31", AGREED + PAID.replace("04-24", "04-26"), expect)


@pytest.mark.parametrize(("as_of", "status", "found"), [("04-24", "not_due", 0), ("04-26", "not_applied", 1)])
def test_nobody_applied(as_of, status, found):
    expect = f"""
    prepayment_timeliness
    applied_on  applied_late  pay_due_on  status
    null        no            null        {status}

    findings
    rule_code               subject_key
    {"prepayment_not_applied  H|L|2020-04-20" if found else ""}
    """
    prepayment(as_of, AGREED, expect)


def test_what_is_taken_back_later_undoes_no_payment_in_time():
    back = PAID + "Y3             2021-04-30  2021-05-10  -31,980.00\n"
    expect = """
    prepayment_timeliness
    prepaid_fen  paid_in_fen  on_time_fen  offset_fen  balance_fen  unearned_fen  status
    0            3,198,000    2,000,000    0           0            0             paid_late
    """
    prepayment("2021-05-10", AGREED + back + BOUGHT, expect)


@pytest.mark.parametrize(
    ("as_of", "offset", "balance", "unearned"),
    [("07-01", 1_279_200, 1_918_800, 0), ("2021-04-19", 1_279_200, 1_918_800, 0), ("2021-04-20", 3_198_000, 0, 1_918_800)],
)
def test_purchases_earn_the_prepayment_until_the_end(as_of, offset, balance, unearned):
    expect = f"""
    prepayment_timeliness
    purchase_fen  progress  offset_fen  balance_fen  unearned_fen
    4,264,000     0.4       {offset}    {balance}    {unearned}
    """
    prepayment(as_of, AGREED + PAID + BOUGHT, expect)


def test_a_balance_while_suppliers_wait():
    expect = """
    prepayment_timeliness
    supplier_overdue_fen  balance_fen
    500,000               1,918,800

    findings
    rule_code        severity  institution_code  counterparty_code  jurisdiction_code  amount_fen
    prepayment_held  signal    H                 A                  340602             500,000
    """
    prepayment("07-01", AGREED + PAID + BOUGHT, expect)


def test_the_smaller_of_balance_and_overdue_is_held():
    given = AGREED + PAID.replace("20,000.00", "1,000.00").replace("11,980.00", "1.00") + BOUGHT
    expect = """
    findings rule_code=prepayment_held
    amount_fen
    60,060
    """
    prepayment("07-01", given, expect)


def test_suppliers_wait_for_money_that_is_due_for_products_of_the_lot():
    given = """
    institutions
    institution_code
    H
    OTHER

    products
    product_code
    X
    Y
    Z

    selections
    lot_code  product_code  valid_from  valid_to
    L         X             2020-01-01  2020-02-29
    L         Y             2020-01-01  null
    L2        Z             2020-01-01  null

    prepayments
    lot_code  prepayment_id
    L         Y1

    deliveries
    delivery_id  institution_code  distributor_code  product_code  received_quantity  accepted_on
    COUNTS       H                 D1                X             1                  02-29
    TOO_LATE     H                 D2                X             10                 03-01
    ITS_SIBLING  H                 D3                Y             2                  03-01
    OTHER_LOT    H                 D4                Z             20                 03-01
    ELSEWHERE    OTHER             D5                Y             40                 03-01
    NOT_DUE      H                 D6                Y             80                 06-01
    PAID         H                 D7                Y             4                  03-01

    payments
    payment_id  payee_code  amount  paid_on
    P1          D7          3.00    06-30
    """
    expect = """
    prepayment_timeliness
    status         supplier_overdue_fen
    no_commitment  400
    """
    prepayment("06-30", given, expect)


def test_prepayments_without_commitments_are_groups_of_their_own():
    given = """
    prepayments
    prepayment_id  period_start  applied_on  paid_on     amount
    NO_DATES       03-01         null        null        10
    TO_COME        03-02         2021-01-01  2021-01-01  10
    APPLIED        03-03         12-31       2021-01-01  10
    PAID           03-04         null        12-31       10
    BACK           03-05         null        12-31       -10
    """
    expect = """
    prepayment_timeliness
    period_start  signed_on  applied_on  prepaid_fen  paid_in_fen  required_fen  agreed_fen  offset_fen  balance_fen  unearned_fen
    03-01         03-01      null        0            0            0             0           0           0            0
    03-03         03-03      12-31       0            0            0             0           0           0            0
    03-04         03-04      12-31       1,000        1,000        0             0           0           1,000        0
    03-05         03-05      null        -1,000       0            0             0           0           0            0

    prepayment_timeliness
    period_start  status         period_end  agency_code  progress
    03-01         no_commitment  null        A            0
    03-03         no_commitment  null        A            0
    03-04         no_commitment  null        A            0
    03-05         no_commitment  null        A            0

    prepayment_agency
    agency_code

    findings
    rule_code
    """
    prepayment("12-31", given, expect)


def test_only_some_programs_and_owners_are_prepaid():
    given = """
    institutions
    institution_code  ownership
    PUBLIC            public
    PRIVATE           private
    RETAIL            retail

    lots
    lot_code    program
    NATIONAL    national
    ALLIANCE    alliance
    PROVINCIAL  provincial
    MUNICIPAL   municipal
    BUDGETED    budgeted

    prepayments
    prepayment_id  institution_code  lot_code
    1              PUBLIC            NATIONAL
    2              PUBLIC            ALLIANCE
    3              PUBLIC            PROVINCIAL
    4              PUBLIC            MUNICIPAL
    5              PUBLIC            BUDGETED
    6              PUBLIC            UNKNOWN
    7              PRIVATE           NATIONAL
    8              RETAIL            NATIONAL
    9              UNKNOWN           NATIONAL
    """
    expect = """
    prepayment_timeliness
    institution_code  lot_code
    PUBLIC            NATIONAL
    PUBLIC            ALLIANCE
    PUBLIC            PROVINCIAL
    """
    prepayment("12-31", given, expect)


def test_who_is_prepaid_is_asked_on_the_first_day():
    given = """
    institutions
    institution_code  ownership
    H                 private

    prepayments
    prepayment_id  period_start
    BEFORE         03-01
    SINCE          03-02
    """
    expect = """
    prepayment_timeliness
    period_start
    03-02
    """
    prepayment("12-31", given, expect, policy("prepayment_ownerships", '["private"]', "code", "2020-03-02"))


def test_a_group_is_what_its_commitments_come_to():
    given = """
    agencies
    agency_code  jurisdiction_code
    A            330282

    products
    product_code  units_per_pack
    X             10

    selections
    item_code  product_code  selected_price  valid_from  valid_to
    I          X             6.25            2019-01-01  2020-01-01   # 0.625 a unit
    I2         X             6.15            2019-01-01  null         # 0.615 a unit
    I2         X             9               2019-06-01  null

    commitments
    commitment_id  item_code  product_code  agreed_quantity  unit      signed_on   period_end  agency_code
    C1             I          X             0.1              pack      2019-12-20  12-31       B
    C2             I2         null          1                min_unit  null        2021-03-31  A
    C3             I          X             1                min_unit  2019-12-24  12-31       null
    """
    expect = """
    prepayment_timeliness
    agreed_fen  required_fen  signed_on   period_end  agency_code  purchase_fen
    188         56            2019-12-20  2021-03-31  A            0                # 63 + 62 + 63
    """
    prepayment("12-31", given, expect)


def test_adjustments_count_that_were_effective_on_the_first_day():
    given = """
    selections
    item_code
    I

    commitments
    commitment_id  lot_code  period_start
    BY_START       L         03-01
    LATER          L         03-02
    BELOW          L         03-03
    TO_COME        L         2021-03-01

    commitment_adjustments
    adjustment_id  commitment_id  effective_on  delta_quantity
    1              BY_START       03-01         10
    2              LATER          03-03         10
    3              BELOW          03-03         -150
    4              BELOW          03-04         80
    5              TO_COME        12-31         10
    6              TO_COME        2021-01-01    30
    """
    expect = """
    prepayment_timeliness
    period_start  agreed_fen  status
    03-01         11,000      not_applied
    03-02         10,000      not_applied
    03-03         0           cancelled
    2021-03-01    11,000      not_due
    """
    prepayment("12-31", given, expect)


def test_commitments_at_least_alone_make_groups():
    given = """
    commitments
    commitment_id  direction  agreed_quantity_max  period_start
    CAP            cap        null                 03-01
    BAND           band       200                  03-02
    """
    prepayment("12-31", given, "prepayment_timeliness\nstatus")


def test_no_price_and_no_rule():
    given = """
    selections
    item_code
    I

    commitments
    commitment_id  item_code  period_start  signed_on   agreed_quantity
    NO_PRICE       ELSE       03-01         03-01       100
    NOTHING        ELSE       03-02         03-02       0
    ONE_OF_TWO     ELSE       03-03         03-03       100
    OTHER          I          03-03         03-03       100
    NO_RULE        I          03-04         2018-12-31  100
    RULE           I          03-05         2019-01-01  100
    NO_DUTY        I          03-06         03-06       0.001
    """
    expect = """
    prepayment_timeliness
    period_start  agreed_fen  required_fen  status       policy_id
    03-01         0           0             no_price     prepayment_rate@CN@2019-01-01
    03-02         0           0             cancelled    prepayment_rate@CN@2019-01-01
    03-03         10,000      3,000         not_applied  prepayment_rate@CN@2019-01-01
    03-04         10,000      null          no_rule      null
    03-05         10,000      3,000         not_applied  prepayment_rate@CN@2019-01-01
    03-06         0           0             cancelled    prepayment_rate@CN@2019-01-01
    """
    check("prepayment", "12-31", given, expect, policies=" ")


def test_tianjin_prepays_half():
    given = AGREED.replace("340602", "120101")
    expect = """
    prepayment_timeliness
    required_fen
    5,330,000
    """
    prepayment("12-31", given, expect)


def test_what_stood_paid_at_the_end_of_a_day():
    given = (
        AGREED
        + """
    prepayments agency_code=A
    prepayment_id  applied_on  paid_on  amount
    1              04-24       05-06    10,000.00
    2              04-24       05-07    -5,000.00
    3              04-24       05-08    4,000.00
    4              04-24       05-11    50,000.00
    5              04-24       05-11    -40,000.00
    6              04-24       05-13    -10,000.00
    """
    )
    expect = """
    prepayment_timeliness
    prepaid_fen  paid_in_fen  on_time_fen  status
    900,000      1,900,000    1,900,000    partly_paid
    """
    prepayment("12-31", given, expect)


def test_without_an_application_the_first_payment_stands_for_it():
    given = (
        AGREED
        + """
    prepayments agency_code=A
    prepayment_id  applied_on  paid_on     amount
    BACK           04-11       null        -1.00
    TO_COME        2021-01-01  04-13       1.00
    FIRST          null        04-12       31,980.00
    """
    )
    expect = """
    prepayment_timeliness
    applied_on  pay_due_on  status
    04-12       04-24       paid
    """
    prepayment("12-31", given, expect)


@pytest.mark.parametrize(
    ("kind", "lot", "valid_from", "valid_to", "holds"),
    [
        ("prepayment", "L", "05-12", "null", True),
        ("prepayment", "null", "05-12", "null", True),
        ("prepayment", "L2", "05-12", "null", False),
        ("prepayment", "L", "05-13", "null", False),
        ("prepayment", "L", "05-01", "05-11", True),
        ("prepayment", "L", "05-01", "05-10", False),
    ],
)
def test_an_excuse_covers_the_finding_and_not_the_status(kind, lot, valid_from, valid_to, holds):
    given = (
        AGREED
        + PART
        + f"""
    excuses kind={kind}
    excuse_id  lot_code  valid_from    valid_to
    E2         {lot}     {valid_from}  {valid_to}
    E3         L         05-12         null
    """
    )
    given = given if holds else given.replace("    E3         L         05-12         null\n", "")
    expect = f"""
    prepayment_timeliness
    status       excuse_id
    partly_paid  {"E2" if holds else "null"}

    findings
    rule_code
    {"" if holds else "prepayment_overdue"}
    """
    prepayment("05-12", given, expect)


def test_an_excuse_that_ends_needs_a_day_to_pay():
    given = (
        AGREED
        + """
    excuses kind=prepayment
    excuse_id  valid_to
    ENDS       2099-12-31
    """
    )
    expect = """
    prepayment_timeliness
    status       excuse_id
    not_applied  null
    """
    prepayment("05-12", given, expect)


@pytest.mark.parametrize(("as_of", "found"), [("2021-05-06", 0), ("2021-05-07", 1)])
def test_nobody_settled_within_the_days_of_a_place(as_of, found):
    expect = f"""
    findings rule_code=prepayment_not_settled
    severity  counterparty_code  amount_fen
    {"signal    A                  1,918,800" if found else ""}
    """
    settle = policy("prepayment_settle_days", "11", "working_day", as_of)
    prepayment(as_of, AGREED + PAID + BOUGHT, expect, settle)


def test_without_days_to_settle_nothing_is_found():
    expect = """
    prepayment_timeliness
    unearned_fen
    1,918,800

    findings rule_code=prepayment_not_settled
    severity
    """
    prepayment("2021-12-31", AGREED + PAID + BOUGHT, expect)


def test_beyond_the_published_calendar_days_are_provisional():
    given = """
    prepayments
    prepayment_id  period_start
    Y1             2099-01-01
    """
    expect = """
    prepayment_timeliness
    apply_due_on  is_provisional
    2099-01-15    yes

    notes
    title                                              | text
    申请、拨付期限暂定（节假日安排未公布）的预付组数 | 1
    """
    prepayment("2099-12-31", given, expect)


def test_an_agency_answers_for_groups_whose_day_has_passed():
    given = """
    institutions
    institution_code
    H1
    H2
    H3
    H4
    H5

    agencies
    agency_code  jurisdiction_code
    A            330200

    selections
    item_code
    I

    commitments period_start=2020-04-20 signed_on=2020-04-10
    commitment_id  institution_code  agency_code  agreed_quantity
    MORE           H1                A            100
    LESS           H2                A            100
    NOTHING        H3                A            0
    TODAY          H4                A            100
    NOBODY         H5                null         100

    prepayments period_start=2020-04-20
    prepayment_id  institution_code  agency_code  applied_on  paid_on  amount
    1              H1                A            04-24       05-11    60.00
    2              H2                A            04-24       05-11    20.00
    3              H2                A            04-24       05-12    10.00
    4              H3                A            04-24       05-11    30.00
    5              H4                A            04-26       04-27    30.00
    """
    expect = """
    prepayment_agency
    agency_code  jurisdiction_code  groups  required_fen  on_time_fen  on_time_rate
    A            330200             2       6,000         5,000        5/6
    """
    prepayment("05-12", given, expect)


def test_groups_that_name_no_agency_are_of_none():
    given = """
    selections
    item_code
    I

    commitments
    commitment_id  period_start  signed_on
    C              04-20         04-10

    prepayments
    prepayment_id  agency_code  period_start  applied_on  paid_on  amount
    1              UNKNOWN      04-20         04-24       05-11    30.00
    """
    expect = """
    prepayment_agency
    agency_code  jurisdiction_code  groups  on_time_rate
    UNKNOWN      ''                 1       1
    """
    prepayment("05-12", given, expect)


def test_no_ownership_excuses_an_agency():
    private = AGREED.replace("H                 340602", "H                 340602             private").replace(
        "institution_code  jurisdiction_code\nH", "institution_code  jurisdiction_code  ownership\nH"
    )
    expect = """
    findings
    rule_code               severity
    prepayment_overdue      violation
    prepayment_not_applied  signal
    """
    given = private + PART.replace("04-24", "04-26").replace("05-11", "05-12")
    prepayment("05-13", given, expect, policy("prepayment_ownerships", '["private"]', "code"))


@pytest.mark.parametrize(("as_of", "found"), [("2021-12-31", True), ("2022-01-01", False)])
def test_what_was_due_before_last_year_is_found_no_more(as_of, found):
    expect = f"""
    findings rule_code=prepayment_overdue
    amount_fen
    {"1,198,000" if found else ""}
    """
    prepayment(as_of, AGREED + PART, expect)


def test_an_amount_is_worth_what_it_says():
    given = """
    selections
    item_code
    I

    commitments period_start=2020-04-20 period_end=2021-04-19 signed_on=2020-04-10
    commitment_id  target    item_code  agreed_quantity
    AMOUNT         amount    ELSE       1,000.005
    QUANTITY       quantity  I          500

    commitment_adjustments
    adjustment_id  commitment_id  effective_on  delta_quantity  new_period_end
    1              AMOUNT         04-20         -100.005        null
    2              AMOUNT         04-21         300             2021-12-31

    deliveries
    delivery_id  received_quantity  unit_price  accepted_on
    D1           100                2           05-06
    """
    expect = """
    prepayment_timeliness
    agreed_fen  required_fen  purchase_fen  period_end
    140,000     42,000        30,000        2021-12-31
    """
    prepayment("12-31", given, expect)
