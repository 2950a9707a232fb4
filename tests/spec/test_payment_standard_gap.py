"""Payment standards beside the prices that hold where they do (obligations §30)."""

import pytest

from tests.spec.check import check
from tests.spec.test_price_compliance import policy

X = """
selections
selected_price  valid_from  valid_to
6.60            2019-01-01  12-30

reference_prices kind=payment_standard
jurisdiction_code  price
3302               6.50

deliveries
delivery_id  accepted_on  unit_price
D1           12-30        6.40

"""
ANOTHER_PRICE = X.replace("6.60", "6.61")
BACK = X + "returns\nreturn_id delivery_id returned_on returned_quantity\nR1 D1 12-30 10\nR2 D1 12-31 90\n"
LATER = X.replace("12-30\n\nreference", "null\n\nreference")
SIBLING = """
products generic_code=G
product_code  units_per_pack  manufacturer_code
X             28              OTHER
P7            7               MAKER

selections product_code=P7
selected_price
6.60

reference_prices kind=payment_standard
price
6.50

"""
NIGHTS = (
    ((X, X), ("12-29", "12-31")),
    ((X, ANOTHER_PRICE), ("12-30", "12-30")),
    ((SIBLING, SIBLING.replace("6.60", "6.61")), ("12-31", "12-31")),
    ((X, X.replace("6.50", "6.51")), ("12-30", "12-30")),
    ((LATER, LATER), ("12-31", "2021-01-01")),
    ((LATER, LATER), ("12-29", "12-31")),
    ((BACK.replace("12-30\n\nref", "null\n\nref"),) * 2, ("12-30", "12-31")),
)


def gaps(given: str, expect: str, as_of: str = "12-30", policies: str = "") -> None:
    check("payment_standard_gap", as_of, given, expect, policies)


def test_a_standard_stands_beside_the_price_selected_there_and_the_price_paid():
    expect = """
    payment_standard_gap
    jurisdiction_code  product_code  standard  price  basis     gap    gap_rate  paid_average  paid_gap
    3302               X             6.50      6.60   selected  -0.10  -1/66     6.40          0.10

    findings
    rule_code                 severity  subject_key  jurisdiction_code  institution_code  amount_fen  quantity  responsible
    payment_standard_differs  warning   3302|X       3302               null              null        null      null
    """
    gaps(X, expect)
    clause = "中共中央 国务院关于深化医疗保障制度改革的意见 (十八)"
    said = "产品 X 的医保支付标准 6.5 元，中选价 6.6 元，相差 -0.1 元（-1.52%）；请核对支付标准与中选价的执行日期和调整文件"
    gaps(X, f"findings\nclause | message_zh\n{clause} | {said}")
    gaps(X, "payment_standard_gap\nproduct_code", as_of="12-31")


@pytest.mark.parametrize(("price", "is_found"), [("6.605", False), ("6.6051", True), ("6.595", False), ("6.5949", True)])
def test_a_difference_beyond_the_tolerance_of_the_day_is_a_warning(price, is_found):
    row = "findings\nsubject_key\n"
    given = X.replace("6.50", price)
    gaps(given, row + ("3302|X" if is_found else ""))
    gaps(given, row, policies=policy("price_tolerance", '"1"', "yuan", place="33", day="2020-12-30"))


def test_of_the_standards_of_a_place_the_latest_valid_counts_and_places_within_have_none():
    given = """
    selections
    selected_price
    1

    reference_prices kind=payment_standard
    jurisdiction_code  valid_from  valid_to  price
    ''                 2020-01-01  null      2
    ''                 2020-02-01  06-30     3
    33                 2020-03-01  null      4
    33                 2021-01-01  null      5
    """
    row = "payment_standard_gap\njurisdiction_code standard\n"
    gaps(given, row + "'' 2\n33 4", as_of="07-01")
    gaps(given, row + "'' 3\n33 4", as_of="06-30")
    gaps(given, row + "'' 3", as_of="02-01")
    gaps(given, row + "'' 2", as_of="01-31")
    gaps(given, row, as_of="2019-12-31")
    listed = given.replace("kind=payment_standard", "kind=listing")
    gaps(listed, row, as_of="07-01")


def test_the_price_is_selected_then_estimated_then_that_of_the_generic_and_else_there_is_no_row():
    given = """
    products generic_code=G dosage_form=片剂 strength=10mg min_unit=片
    product_code  units_per_pack  manufacturer_code
    P7            7               MAKER
    P28           28              MAKER
    ALIKE         28              OTHER
    P10           10              THIRD

    lots
    lot_code  jurisdiction_code
    L         33
    LATER     ''

    selections
    lot_code  item_code  product_code  selected_price  valid_from
    L         1          P7            6.60            2020-01-01
    LATER     0          P7            7.00            2020-02-01
    LATER     1          P7            7.70            2020-02-01
    L         2          P10           9.00            2020-01-01

    reference_prices kind=payment_standard
    product_code  jurisdiction_code  price
    P7            3302               7
    P28           3302               30
    ALIKE         3302               30
    ALIKE         37                 30
    """
    expect = """
    payment_standard_gap
    product_code  jurisdiction_code  basis         price
    P7            3302               selected      7
    P28           3302               estimated     26.62
    ALIKE         3302               same_generic  25.2
    ALIKE         37                 same_generic  28
    """
    gaps(given, expect)  # 6.60 ÷ 7 × 28 = 26.40, 9.00 ÷ 10 × 28 = 25.20; in 37 7.00 ÷ 7 × 28
    gaps(given, "payment_standard_gap\nproduct_code\n", as_of="2019-06-30")
    unit = policy("pack_price_method", '"unit"', "code", place="3302", day="2020-06-01")
    gaps(given, "payment_standard_gap product_code=P28\nprice\n28", policies=unit)
    expect = "findings\nsubject_key\n"
    gaps(given.replace("P7            3302               7", "P7            3302               7.005"), expect)


def test_paid_are_the_lines_of_the_year_of_institutions_there():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    ELSEWHERE         371500

    selections
    selected_price
    1

    reference_prices kind=payment_standard
    jurisdiction_code  price
    ''                 2
    3302               2

    deliveries received_quantity=10
    delivery_id  institution_code  accepted_on  unit_price  is_gift
    LAST_YEAR    H                 2019-12-31   9           no
    FIRST        H                 01-01        1           no
    BACK         H                 06-30        3           no
    THERE        ELSEWHERE         06-30        3           no
    GIFT         H                 06-30        9           yes
    LATER        H                 2021-01-01   9           no

    returns
    delivery_id  returned_on  returned_quantity
    BACK         12-30        5
    """
    expect = "payment_standard_gap\njurisdiction_code paid_average paid_gap\n"
    gaps(given, expect + "'' 55/25 -5/25\n3302 25/15 5/15")
    gaps(given, expect + "'' 70/30 -10/30\n3302 2 0", as_of="12-29")
