"""Stock that cannot be: what a family used beyond what it had counted and bought (obligations §19)."""

import pytest

from tests.spec.check import check

CODE = "stock_gap"
WESTERN = "XA10BAB001A001010200001"
PRODUCT = f"""
products
product_code  units_per_pack
{WESTERN}     10

"""
USED = """
usages
usage_id  kind       used_on  quantity
O         opening    01-01    100
U         dispensed  06-01    {}
"""
FAMILY = """
institutions
institution_code  parent_institution_code
BRANCH_1          HEAD
BRANCH_2          BRANCH_1
HEAD              null
H                 null

"""
MOVES = (
    FAMILY
    + """
products
product_code  generic_code  dosage_form  strength
X1            G             片           1mg
X2            G             片           1mg
Y             null          片           1mg

deliveries
delivery_id  institution_code  product_code  accepted_on
BOUGHT       BRANCH_1          X2            12-30
BACK         H                 Y             12-01

returns
delivery_id  institution_code  returned_on  returned_quantity
BACK         H                 12-30        100

usages
usage_id  institution_code  product_code  kind       used_on  quantity
O1        BRANCH_2          X1            opening    01-01    10
U1        HEAD              X1            dispensed  02-01    50
O2        H                 Y             opening    01-01    10
U2        H                 Y             dispensed  12-02    100
"""
)
NIGHTS = (((MOVES, MOVES), ("12-29", "12-31")),)
"""What another branch buys under another code of the group fills the gap; what is sent back makes one."""


def gap(given: str, expect: str, as_of: str = "12-31") -> None:
    check(CODE, as_of, given, f"stock_gap\n{expect.lstrip()}")


def found(given: str, expect: str, as_of: str = "12-31") -> None:
    check(CODE, as_of, given, f"findings\n{expect.lstrip()}")


@pytest.mark.parametrize(("used", "row"), [("100", ""), ("100.0001", "-0.0001"), ("99", "")])
def test_a_row_stands_where_more_was_used_than_there_was(used, row):
    gap(USED.format(used), f"gap_units\n{row}")


def test_the_latest_opening_counts_and_nothing_up_to_its_day():
    given = """
    deliveries
    delivery_id  accepted_on  received_quantity
    ON_THE_DAY   03-01        1000
    DAY_AFTER    03-02        1
    LAST_DAY     12-31        2
    LATER        2021-01-01   1000

    usages
    usage_id    kind       used_on     quantity  amount
    FIRST       opening    01-01       5000      0
    ONE         opening    03-01       10        0
    ANOTHER     opening    03-01       20        0
    NEXT        opening    2021-01-01  5000      0
    ON_THE_DAY  dispensed  03-01       1000      1000
    DAY_AFTER   dispensed  03-02       40        4
    BACK        returned   03-03       4         1
    LAST_DAY    dispensed  12-31       8         8
    LATER       dispensed  2021-01-01  1000      1000
    """
    gap(given, "opening_on opening_units bought_units used_units gap_units usage_fen\n03-01 30 3 44 -11 1,100")


def test_without_an_opening_there_is_no_row():
    given = """
    usages
    usage_id  used_on  kind
    U         06-01    dispensed
    """
    gap(given, "product_code")


def test_lines_count_in_minimum_units_gifts_included_less_what_was_sent_back():
    given = (
        PRODUCT
        + f"""
    deliveries product_code={WESTERN} accepted_on=02-01
    delivery_id  received_quantity  is_gift
    LINE         20                 no
    GIFT         2                  yes
    PART         3                  no
    WHOLE        5                  yes

    returns
    return_id  delivery_id  returned_on  returned_quantity
    R1         PART         02-02        1.5
    R2         WHOLE        02-02        5

    usages product_code={WESTERN}
    usage_id  kind       used_on  quantity
    O         opening    01-01    100
    U         dispensed  06-01    400
    """
    )
    gap(given, "bought_units  gap_units\n235 -65")


def test_a_family_is_one_under_its_head_and_products_of_a_group_are_one_under_the_lowest_code():
    given = (
        FAMILY
        + """
    products
    product_code | generic_code | dosage_form | strength | units_per_pack
    P2           | G            | 片 剂       | 10MG     | 7
    P1           | G            | 片剂        | １０ mg  | 28

    deliveries
    delivery_id  institution_code  product_code  accepted_on  received_quantity
    D1           HEAD              P1            02-01        1
    D2           BRANCH_1          P2            02-01        1
    D3           H                 P1            02-01        100

    usages
    usage_id  institution_code  product_code  kind       used_on  quantity
    O1        BRANCH_1          P1            opening    01-01    1
    O2        BRANCH_2          P2            opening    01-01    2
    U1        BRANCH_2          P2            dispensed  06-01    100
    """
    )
    gap(given, "institution_code  product_code  opening_units  bought_units  used_units\nHEAD P1 3 35 100")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("generic_code=G1", "generic_code=G2"),
        ("dosage_form=片", "dosage_form=胶囊"),
        ("strength=1", "strength=2"),
        ("manufacturer_code=M1", "manufacturer_code=M2"),
        ("dosage_form=null", "dosage_form=null"),
        ("strength=null", "strength=null"),
        ("special_category=none", "special_category=vaccine"),
        ("special_category=reserve", "special_category=reserve"),
    ],
)
def test_a_product_that_is_another_is_of_another_group(one, other):
    usual = {"generic_code": "G", "dosage_form": "片", "strength": "1", "manufacturer_code": "M", "special_category": "none"}
    rows = [usual | dict([text.split("=")]) for text in (one, other)]
    cells = "\n".join(f"P{n} {' '.join(row.values())}" for n, row in enumerate(rows))
    given = f"""
products
product_code {" ".join(usual)}
{cells}

deliveries
delivery_id  product_code  accepted_on
D            P1            02-01

usages product_code=P0
usage_id  kind       used_on  quantity
O         opening    01-01    1
U         dispensed  06-01    100
"""
    gap(given, f"product_code  bought_units\n{'' if 'reserve' in one else 'P0 0'}")


@pytest.mark.parametrize(("used", "quantity"), [("105", None), ("105.0001", 5.0001)])
def test_a_signal_is_raised_beyond_the_tolerance(used, quantity):
    given = PRODUCT + USED.format(used).replace("usages", f"usages product_code={WESTERN}")
    row = f"H|{WESTERN} institution_product signal {quantity} 10,000" if quantity else ""
    found(given, f"subject_key subject_type severity quantity amount_fen\n{row}")
    gap(given, f"gap_units\n{100 - float(used):.4f}")


def test_without_a_national_code_no_signal_is_raised():
    found(USED.format("1000"), "finding_id")


def test_the_lowest_code_of_the_group_says_whether_it_is_national():
    given = f"""
    products dosage_form=片 strength=1 generic_code=G
    product_code
    {WESTERN}
    A_LOCAL

    usages product_code={WESTERN}
    usage_id  kind       used_on  quantity
    O         opening    01-01    1
    U         dispensed  06-01    100
    """
    gap(given, "product_code\nA_LOCAL")
    found(given, "finding_id")


def test_it_is_a_signal_whoever_owns_the_institution_and_cites_the_clause_of_its_division():
    given = (
        PRODUCT
        + f"""
    institutions
    institution_code  jurisdiction_code  ownership
    HERE              330282             retail
    THERE             371500             public

    usages product_code={WESTERN} used_on=06-01
    usage_id  institution_code  kind       used_on  quantity
    O1        HERE              opening    01-01    1
    U1        HERE              dispensed  06-01    100
    O2        THERE             opening    01-01    1
    U2        THERE             dispensed  06-01    100
    """
    )
    expect = """
    institution_code | severity | jurisdiction_code | clause
    HERE             | signal   | 330282            | 慈政办发〔2020〕68号 四(四)
    THERE            | signal   | 371500            | 采购、使用环节编码衔接（本系统默认依据）
    """
    found(given, expect)


def test_the_tolerance_is_that_of_as_of_in_the_division_of_the_head():
    policies = """
[[policy]]
id = "site@330282@2020-07-01"
parameter = "stock_gap_tolerance"
value = "0.5"
unit = "ratio"
jurisdiction = "330282"
valid_from = 2020-07-01
document_no = "试"
clause = "试"
mark = "D"
"""
    given = PRODUCT + USED.format("150").replace("usages", f"usages product_code={WESTERN}")
    for day, quantity in (("06-30", "50"), ("07-01", "")):
        check(CODE, day, given, f"findings\nquantity\n{quantity}", policies)


def test_the_message_names_harmless_reasons_and_how_to_check():
    given = PRODUCT + USED.format("150").replace("usages", f"usages product_code={WESTERN}")
    told = (
        f"线索：产品 {WESTERN} 于 2020-01-01 期初 100，其后采购 0（含赠品、已减退货），使用 150（已减退药，金额 100.00 元），"
        "使用比可用库存多 50，数量均为最小单位；"
        "可能是拆零换算、医共体内调拨、退货再售、期初库存未登全等原因，请核对期初盘点表、采购入库、发药和调拨记录"
    )
    found(given, f"message_zh | counterparty_code\n{told} | null")
