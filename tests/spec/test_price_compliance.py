"""Prices paid beside those that hold, and charged beside those paid (obligations §25)."""

from tests.spec.check import check

CODE = "price_compliance"
PACKS = """
products min_unit=片 strength=10mg dosage_form=片剂 generic_code=G
product_code  units_per_pack
P7            7
P28           28

"""
SELECTED = PACKS + "selections\nproduct_code selected_price valid_from valid_to\nP7 6.60 2020-01-01 06-30\n\n"

TWO_LOTS = """
institutions
institution_code  parent_institution_code
H                 null
BRANCH            H
OTHER             null

lots
lot_code
L1
L2

selections item_code=I
lot_code  product_code  selected_price  valid_from
L1        X             1.00            2020-01-01
L2        X             3.00            2020-02-01

deliveries unit_price=2 received_quantity=1 accepted_on=06-30
delivery_id  institution_code  ordered_on
OWN          H                 06-01
BRANCH       BRANCH            06-01
OTHER        OTHER             06-01
BEFORE       H                 02-29
AFTER        H                 06-02

"""
AGREED = (
    TWO_LOTS
    + """
commitments
commitment_id  lot_code  period_start  period_end
C              L1        03-01         06-01

"""
)
LONGER = (
    AGREED
    + """
commitment_adjustments
effective_on  new_period_end
12-30         12-31
"""
)
AGREED_BEFORE = AGREED.replace("06-01\n\n", "05-31\n\n")
MOVED = TWO_LOTS + "commitments\ncommitment_id lot_code period_start period_end\nOLD L2 03-01 06-01\n"
BOUGHT = """
deliveries
delivery_id  accepted_on  ordered_on  unit_price
D1           12-30        06-01       2

selections
selected_price
1
"""
BACK = (
    BOUGHT
    + """
returns
delivery_id  returned_on  returned_quantity
D1           12-31        10
"""
)
LISTED = """
deliveries
delivery_id  accepted_on  ordered_on  unit_price
D1           12-30        06-01       2

reference_prices
price
1
"""
NIGHTS = (
    ((LISTED.replace("\n1\n", "\n2\n"), LISTED), ("12-31", "12-31")),
    ((LONGER, LONGER), ("12-29", "12-31")),
    ((AGREED, LONGER), ("12-31", "12-31")),
    ((TWO_LOTS, AGREED), ("12-31", "12-31")),
    ((BOUGHT, BOUGHT), ("12-29", "12-31")),
    ((BACK, BACK), ("12-30", "12-31")),
)


def prices(given: str, expect: str, as_of: str = "12-31", policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


def policy(parameter: str, value: str, unit: str, place: str = "", day: str = "2000-01-01") -> str:
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


def test_a_price_is_over_or_below_beyond_the_tolerance_and_below_is_no_finding():
    given = (
        SELECTED
        + """
    deliveries product_code=P28 ordered_on=06-01 accepted_on=06-03
    delivery_id  unit_price
    OVER         27.00
    EDGE         25.105
    BEYOND       25.1051
    SAME         25.10
    LOW_EDGE     25.095
    LOW          25.0949
    BELOW        25.00
    """
    )
    expect = """
    price_line
    delivery_id  basis      expected_price  paid_price  packs  over_fen  over_rate
    OVER         estimated  25.10           27          100    19,000    7.57%
    BEYOND       estimated  25.10           25.1051     100    51        51/251000

    price_compliance
    over_lines  over_fen  over_value_fen  compared_fen  purchase_fen  below_lines  below_fen
    2           19,051    521,051         1,775,000     1,775,000     2            1,051

    findings
    rule_code              severity  subject_key    amount_fen  quantity
    price_above_estimated  signal    H|P28|2020-06  19,051      5,600
    """
    prices(given, expect)


def test_what_went_back_counts_no_more_and_gifts_never_do():
    given = (
        BOUGHT
        + """
    returns
    return_id  delivery_id  returned_on  returned_quantity
    R1         D1           12-31        60
    """
    )
    row = "price_line\npacks over_fen\n"
    prices(given, row + "100 10,000", as_of="12-30")
    prices(given, row + "40 4,000", as_of="12-31")
    prices(given.replace(" 60", " 100"), "price_line\ndelivery_id\n\nprice_compliance\nmonth", as_of="12-31")
    gift = BOUGHT.replace("deliveries", "deliveries is_gift=yes")
    prices(gift, "price_line\ndelivery_id\n\nprice_compliance\nmonth")


INSTITUTIONS = """
institutions
institution_code  ownership  jurisdiction_code
H                 public     330282
PRIVATE           private    330282
SHOP              retail     330282

"""


def test_findings_are_of_each_basis_and_signals_for_who_is_not_public():
    given = (
        INSTITUTIONS
        + """
    products min_unit=片 strength=10mg dosage_form=片剂 generic_code=G listing_price=1
    product_code  units_per_pack  manufacturer_code
    P7            7               A
    P14           14              A
    LISTED        3               B

    selections
    product_code  valid_to
    P7            03-01

    deliveries ordered_on=03-01 accepted_on=03-02 received_quantity=2 unit_price=10
    delivery_id  institution_code  product_code
    D1           H                 P7
    D2           PRIVATE           P7
    D3           H                 P14
    D4           H                 LISTED
    D5           SHOP              LISTED
    """
    )
    expect = """
    findings
    rule_code              severity   subject_key             amount_fen  quantity  institution_code  counterparty_code
    price_above_selected   violation  H|P7|2020-03            1,800       14        H                 null
    price_above_selected   signal     PRIVATE|P7|2020-03      1,800       14        PRIVATE           null
    price_above_estimated  signal     H|P14|2020-03           1,610       28        H                 null
    price_above_listing    warning    H|LISTED|2020-03        1,800       6         H                 null
    price_above_listing    signal     SHOP|LISTED|2020-03     1,800       6         SHOP              null
    """
    prices(given, expect)
    same = given.replace("D3           H                 P14", "D3           H                 P7")
    later = same.replace("03-01 accepted", "03-02 accepted")
    expect = "findings\nrule_code subject_key amount_fen quantity\nprice_above_listing H|P7|2020-03 3,600 28\n"
    expect += "price_above_listing PRIVATE|P7|2020-03 1,800 14\nprice_above_listing H|LISTED|2020-03 1,800 6\n"
    prices(later, expect + "price_above_listing SHOP|LISTED|2020-03 1,800 6")


def test_a_finding_says_its_sums_and_cites_the_clause_of_the_month():
    given = """
    institutions
    institution_code  jurisdiction_code  responsible_person
    H                 330282             王院长
    LC                371500             null

    selections
    selected_price  valid_from
    1               2018-01-01

    deliveries unit_price=2 received_quantity=3
    delivery_id  institution_code  ordered_on  accepted_on
    D1           H                 01-02       01-05
    D2           H                 02-02       02-05
    D3           LC                12-02       12-05
    D4           H                 2018-12-02  2018-12-31
    """
    two = "中共中央 国务院关于深化医疗保障制度改革的意见 (十九)"
    expect = f"""
    findings
    subject_key | clause | responsible
    H|X|2020-01 | 采购价格执行（本系统默认依据） | 王院长
    H|X|2020-02 | {two} | 王院长
    LC|X|2020-12 | 聊政发〔2018〕44号 三(五)3 | null
    """
    prices(given, expect)
    said = "2020-02 验收的产品 X 有 1 行采购价高于下单日的中选价，共 3 最小单位，高出 3.00 元"
    prices(given, f"findings subject_key=H|X|2020-02\namount_fen | message_zh\n300 | {said}")
    prices(given, "price_line\ndelivery_id\nD1\nD2\nD3\nD4")


def test_markup_is_beyond_the_tolerance_of_a_minimum_unit():
    given = """
    products
    product_code  units_per_pack  special_category  kind
    P28           28              none              drug
    HALF          0.5             none              drug
    HERB          1               tcm_decoction     drug
    C             1               none              consumable

    deliveries received_quantity=100
    delivery_id  product_code  unit_price  charge_price  accepted_on  ordered_on
    LESS         P28           1.6632      1.68          2020-03-02   2020-03-01
    EDGE         P28           1.6632      1.8032        2020-03-02   2020-03-01
    MORE         P28           1.6632      1.8033        2020-03-02   2020-03-01
    HALF_EDGE    HALF          1           1.005         2020-03-02   2020-03-01
    HALF_MORE    HALF          1           1.0051        2020-03-02   2020-03-01
    UNDER        P28           2           1             2020-03-02   2020-03-01
    NOT_SAID     P28           2           null          2020-03-02   2020-03-01
    HERB         HERB          1           9             2020-03-02   2020-03-01
    LATE_C       C             1           9             2020-01-01   2019-12-31
    EARLY_C      C             1           9             2019-12-31   2019-12-31
    EARLY        P28           1           9             2017-09-30   2017-09-30
    FIRST        P28           1           9             2017-10-01   2017-09-30
    """
    expect = """
    price_compliance
    month    charged_lines  markup_lines  markup_fen
    2020-03  6              2             1,452
    2020-01  1              1             80,000
    2019-12  0              0             0
    2017-09  0              0             0
    2017-10  1              1             80,000

    findings
    rule_code  severity   subject_key  amount_fen  quantity  clause
    markup     violation  H|2020-03    1,452       null      国办发〔2019〕37号
    markup     violation  H|2020-01    80,000      null      国办发〔2019〕37号
    """
    prices(given, expect)


def test_markup_is_a_finding_of_public_institutions_alone():
    given = INSTITUTIONS + "deliveries unit_price=1 charge_price=2 ordered_on=03-01 accepted_on=03-01\n"
    given += "delivery_id institution_code\nD1 H\nD2 PRIVATE\nD3 SHOP\n"
    expect = "price_compliance\ninstitution_code markup_fen\nH 10,000\nPRIVATE 10,000\nSHOP 10,000\n\n"
    prices(given, expect + "findings\nrule_code subject_key\nmarkup H|2020-03")
    message = "2020-03 验收的应零加成采购 1 行中有 1 行收费价高于采购价，合计 100.00 元"
    prices(given, f"findings\nmessage_zh | clause\n{message} | 国办发〔2019〕37号")
    of_the_city = given.replace("330282", "371502")
    prices(of_the_city, "findings\nclause | subject_key\n聊政发〔2018〕44号 三(二)2 | H|2020-03")
