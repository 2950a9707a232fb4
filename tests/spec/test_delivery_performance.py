"""Delivery: which order lines count, when they are due, what came in time, and who delivers too little (obligations §26)."""

import pytest

from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_explained_findings
from pipelines.policy.policies import load_policies
from tests.indicators.records import write_records
from tests.spec.check import check
from tests.spec.tables import read_day, read_records

CODE = "delivery_performance"


_COLUMNS = "delivery_id order_line_id received_quantity ordered_on accepted_on institution_code"


def lines(number: int, received: str, *more: str, day: str = "12-20") -> str:
    """Order lines of 100 packs at a yuan of a supplier S, all of a day, of which so much came the same day; and `more`."""
    rows = [f"D{n:02d} L{n:02d} {received} {day} {day} H" for n in range(number)]
    return "\n".join(("", "deliveries distributor_code=S ordered_quantity=100", _COLUMNS, *rows, *more, ""))


OWED = lines(20, "59", "OLD OLD 7 09-01 09-03 H")
PAID = (
    OWED
    + """
payments
payment_id  payee_code  paid_on  amount
P1          S           12-30    3
"""
)
DUE = """
deliveries ordered_quantity=100
delivery_id  order_line_id  ordered_on
DUE          A              12-27
LEAVES       B              10-01
"""
LISTED = (
    lines(1, "59")
    + """
catalogue_entries list=shortage
code  valid_from
X     12-30
"""
)
NIGHTS = (
    ((DUE, DUE), ("12-29", "12-31")),
    ((DUE, DUE), ("2021-01-01", "2021-01-02")),
    ((OWED, PAID), ("12-31", "12-31")),
    ((LISTED, LISTED), ("12-29", "12-30")),
)


def delivery(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


def policy(parameter: str, value: str, unit: str = "days", place: str = "", day: str = "2020-01-01") -> str:
    return f"""
    [[policy]]
    id = "site:{parameter}{place}{day}"
    parameter = "{parameter}"
    value = {value}
    unit = "{unit}"
    jurisdiction = "{place}"
    valid_from = {day}
    document_no = "本地规定"
    clause = "本地规定"
    mark = "D"
    """


def test_what_comes_on_the_last_day_is_in_time_and_the_day_after_late():
    given = """
    deliveries ordered_on=12-01 ordered_quantity=100
    delivery_id  order_line_id  received_quantity  accepted_on
    ON_DAY       A              60                 12-03
    ON_DAY_2     A              40                 12-04
    DAY_AFTER    B              100                12-05
    """
    expect = """
    delivery_performance
    month    lines  complete_lines  on_time_lines  ordered_fen  delivered_fen  on_time_fen  delivery_rate  on_time_rate
    2020-12  2      2               1              20,000       20,000         10,000       1              1/2
    """
    delivery("12-31", given, expect)


def test_an_order_is_due_after_three_days_and_an_emergency_after_one():
    given = """
    deliveries ordered_quantity=100 received_quantity=null
    delivery_id  order_line_id  ordered_on  is_emergency  distributor_code
    NORMAL       A              12-28       no            NORMAL
    TOO_NEW      B              12-29       no            NORMAL
    URGENT       C              12-30       yes           URGENT
    TOO_NEW_2    D              12-31       yes           URGENT
    """
    expect = """
    delivery_performance
    distributor_code  lines  complete_lines  delivery_rate  on_time_rate
    NORMAL            1      0               0              0
    URGENT            1      0               0              0
    """
    delivery("12-31", given, expect)


def test_goods_have_arrived_two_days_after_shipping_however_late_they_are_accepted():
    given = """
    deliveries ordered_on=12-01 ordered_quantity=100
    delivery_id  order_line_id  shipped_on  accepted_on  distributor_code
    IN_TIME      A              12-02       12-20        IN_TIME
    TOO_LATE     B              12-03       12-20        TOO_LATE
    ACCEPTED     C              12-03       12-04        ACCEPTED
    UNKNOWN      D              null        12-20        UNKNOWN
    NOT_YET      E              12-02       2021-01-01   NOT_YET
    """
    expect = """
    delivery_performance
    distributor_code  complete_lines  on_time_lines
    IN_TIME           1               1
    TOO_LATE          1               0
    ACCEPTED          1               1
    UNKNOWN           1               0
    NOT_YET           0               0
    """
    delivery("12-31", given, expect)


def test_a_line_is_what_its_deliveries_say_together():
    given = """
    deliveries order_line_id=A
    delivery_id  ordered_quantity  ordered_on  distributor_code  unit_price  is_emergency  received_quantity  accepted_on
    D1           100               12-02       B                 3           no            30                 12-02
    D2           120               12-01       C                 2           yes           30                 12-02
    D3           0                 12-09       A                 4           no            30                 12-03
    D4           10                12-09       D                 4           no            null               null
    """
    expect = """
    delivery_performance
    distributor_code  month    lines  ordered_fen  delivered_fen  on_time_fen
    A                 2020-12  1      24,000       18,000         12,000
    """
    delivery("12-31", given, expect)


def test_lines_are_told_apart_by_institution_and_product():
    given = """
    institutions
    institution_code
    H
    I

    products
    product_code
    X
    Y

    deliveries order_line_id=A ordered_on=12-01 ordered_quantity=10 received_quantity=10 accepted_on=12-01
    delivery_id  institution_code  product_code
    D1           H                 X
    D2           H                 Y
    D3           I                 X
    """
    expect = """
    delivery_performance
    institution_code  lines  complete_lines
    H                 2      2
    I                 1      1
    """
    delivery("12-31", given, expect)


def test_what_is_cancelled_a_gift_or_ordered_later_does_not_count_and_returns_do_not():
    given = """
    deliveries received_quantity=10 accepted_on=12-02
    delivery_id  order_line_id  ordered_quantity  ordered_on  is_gift  channel
    CANCELLED    A              0                 12-01       no       platform
    GIFT         B              10                12-01       yes      platform
    LATER        C              10                2021-01-01  no       platform
    OFFLINE      D              10                12-01       no       offline
    WITH_GIFT    E              20                12-01       no       platform
    THE_GIFT     E              20                12-01       yes      platform

    returns
    delivery_id  returned_quantity  returned_on
    OFFLINE      10                 12-03
    """
    expect = """
    delivery_performance
    lines  complete_lines  ordered_fen  delivered_fen
    2      1               3,000        2,000
    """
    delivery("12-31", given, expect)


def test_more_than_was_ordered_is_no_more_than_was_ordered():
    given = """
    deliveries ordered_on=12-01 accepted_on=12-01 ordered_quantity=10
    delivery_id  order_line_id  received_quantity
    MORE         A              15
    LESS         B              4
    """
    expect = """
    delivery_performance
    lines  complete_lines  ordered_fen  delivered_fen  on_time_fen
    2      1               2,000        1,400          1,400
    """
    delivery("12-31", given, expect)


def test_each_line_is_valued_to_the_fen_and_without_value_there_is_no_rate():
    given = """
    deliveries ordered_on=12-01 accepted_on=12-01 ordered_quantity=1 received_quantity=1
    delivery_id  order_line_id  unit_price  distributor_code
    D1           A              0.005       HALF
    D2           B              0.005       HALF
    D3           C              0.0049      BELOW
    """
    expect = """
    delivery_performance
    distributor_code  ordered_fen  delivered_fen  delivery_rate  on_time_rate
    HALF              2            2              1              1
    BELOW             0            0              null           null
    """
    delivery("12-31", given, expect)


def test_rows_are_of_any_year_and_of_the_month_of_the_order():
    given = """
    deliveries ordered_quantity=100
    delivery_id  order_line_id  ordered_on  accepted_on
    OLD          A              2018-01-31  2018-02-02
    NEW          B              01-31       02-02
    """
    expect = """
    delivery_performance
    month    jurisdiction_code  lines  policy_id
    2018-01  330282             1      delivery_rate_min@33@2017-03-03
    2020-01  330282             1      delivery_rate_min@33@2017-03-03
    """
    delivery("12-31", given, expect)


def test_days_are_those_of_the_day_and_place_of_the_order():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    ELSEWHERE         371500

    deliveries ordered_quantity=100 shipped_on=12-04
    delivery_id  order_line_id  institution_code  ordered_on  accepted_on
    D1           A              H                 11-30       12-09
    D2           B              H                 12-01       12-09
    D3           C              ELSEWHERE         12-01       12-09
    """
    policies = policy("delivery_days", "7", place="33", day="2020-12-01") + policy(
        "transit_days", "4", place="33", day="2020-12-01"
    )
    expect = """
    delivery_performance
    institution_code  month    on_time_lines  policy_id
    H                 2020-11  0              delivery_rate_min@33@2017-03-03
    H                 2020-12  1              delivery_rate_min@33@2017-03-03
    ELSEWHERE         2020-12  0              null
    """
    delivery("12-31", given, expect, policies)


def test_without_days_nothing_is_ever_due():
    given = """
    deliveries ordered_quantity=100
    delivery_id  order_line_id  ordered_on  accepted_on
    BEFORE       A              1999-12-31  2000-01-03
    """
    delivery("12-31", given, "delivery_performance\nlines")
    delivery("12-31", given, "shortage\nproduct_code")


@pytest.mark.parametrize(
    ("number", "received", "is_found"), [(20, "59.99", True), (20, "60", False), (19, "59", False), (21, "0", True)]
)
def test_poor_delivery_is_a_share_below_the_least_of_enough_lines(number, received, is_found):
    fen = round(number * (10_000 - float(received) * 100))
    found = f"delivery_poor 330282|S S {fen} null null warning" if is_found else ""
    columns = "rule_code subject_key counterparty_code amount_fen quantity institution_code severity"
    delivery("12-31", lines(number, received), f"findings rule_code=delivery_poor\n{columns}\n{found}")


def test_only_what_was_due_in_the_last_ninety_days_is_judged():
    expect = "findings rule_code=delivery_poor\nsubject_key\n"
    given = lines(20, "59", day="10-01")
    delivery("2021-01-01", given, expect + "330282|S")
    delivery("2021-01-02", given, expect)


def test_without_a_least_rate_there_is_no_finding():
    given = "institutions\ninstitution_code jurisdiction_code\nH 371500\n" + lines(20, "0")
    delivery("12-31", given, "findings\nrule_code")
    limit = policy("delivery_rate_min", '"0.5"', "ratio", place="3715")
    delivery("12-31", given, "findings\nsubject_key\n371500|S", limit)


def test_divisions_are_judged_apart_and_institutions_together():
    given = """
    institutions
    institution_code  jurisdiction_code  ownership
    H                 330282             public
    I                 330282             private
    J                 330283             public

    deliveries distributor_code=S ordered_quantity=100 ordered_on=12-20 received_quantity=null
    delivery_id  order_line_id  institution_code
    """
    given += "\n".join(f"D{n} L{n} {'HIJ'[n % 3]}" for n in range(30))
    expect = "findings rule_code=delivery_poor\nsubject_key amount_fen severity\n330282|S 200,000 warning"
    delivery("12-31", given, expect)


def test_a_finding_says_what_these_institutions_owe_the_supplier_overdue():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    I                 330282
    J                 330283
    """ + lines(20, "59", "OLD OLD 7 09-01 09-03 H", "OTHER OTHER 9 09-01 09-03 I", "AWAY AWAY 9 09-01 09-03 J")
    expect = """
    findings rule_code=delivery_poor
    clause | message_zh
    中共中央 国务院关于深化医疗保障制度改革的意见 (二十) | %s
    """
    message = (
        "配送企业 S 近90天到期的订单 20 行，金额 2000.00 元，已配送 1180.00 元，配送率 59.00%，低于下限 60.00%；"
        "下单机构逾期未付该企业货款 7.00 元。请核对订单、库存和断供报备，并先核对货款是否拖欠"
    )
    delivery("12-31", given, expect.replace("%s", message))


def test_a_finding_leads_to_its_order_lines_and_names_those_too_old(tmp_path):
    given = read_records(lines(20, "59", "OLD OLD 7 09-01 09-03 H"))
    inputs = Inputs(write_records(given, tmp_path), read_day("12-31"), load_policies())
    answer = all_explained_findings()["delivery_poor"].open(inputs)({"jurisdiction_code": "330282", "distributor_code": "S"})
    said = {step.column: step.value for step in answer.steps}
    assert said == {"lines": 20, "ordered_fen": 200_000, "delivered_fen": 118_000, "delivery_rate": 0.59}
    assert (len(answer.lines), [line.reasons for line in answer.left_out]) == (20, [("到期日早于近90天",)])
    assert [policy.parameter for policy in answer.policies] == ["delivery_lines_min", "delivery_rate_min"]
