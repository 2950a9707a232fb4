"""Codes linked: what is bought under national codes, used after it came, settled under its own code (obligations §19)."""

from tests.spec.check import check

CODE = "code_linkage"
FAMILY = """
institutions
institution_code  parent_institution_code
H                 null
BRANCH            H
OTHER             null

"""

SENT_BACK = """
institutions
institution_code  parent_institution_code
H                 null
BRANCH            H

deliveries
delivery_id  accepted_on  received_quantity
D            03-02        10

usages institution_code=BRANCH
usage_id  used_on
U         04-01

returns
delivery_id  returned_on  returned_quantity
D            12-30        10
"""
NIGHTS = (((SENT_BACK, SENT_BACK), ("12-29", "12-31")),)
"""What the head sends back takes from its branch what it used."""


def linkage(given: str, expect: str, as_of: str = "12-31") -> None:
    check(CODE, as_of, given, f"code_linkage\n{expect.lstrip()}")


def test_a_row_is_an_institution_and_month_with_a_line_or_a_dispensed_usage():
    given = """
    deliveries
    delivery_id  accepted_on  is_gift  received_quantity
    LINE         02-29        no       1
    GIFT         03-01        yes      2
    NOT_YET      null         no       4
    LATER        2021-01-01   no       8

    usages
    usage_id   kind       used_on     amount
    USED       dispensed  04-30       1
    RETURNED   returned   05-01       2
    OPENING    opening    06-01       4
    TOO_LATE   dispensed  2021-01-01  8
    """
    expect = """
    institution_code  month    jurisdiction_code  purchase_fen  usage_fen  purchase_code_rate  usage_link_rate
    H                 2020-02  330282             100           0          0                   null
    H                 2020-04  330282             0             100        null                1
    """
    linkage(given, expect)


def test_purchases_are_coded_by_the_pattern_of_their_code():
    given = """
    products
    product_code                 kind
    XA10BAB001A001010200001      drug
    ZA01AAA0001010200001         drug
    C1234567890123456789         consumable
    C12345678901234567890123456  consumable
    XA10BAB001A00101020000       drug
    xA10BAB001A001010200001      drug
    C123456789012345678901       consumable
    T001                         drug

    deliveries accepted_on=03-02
    delivery_id  product_code                 received_quantity
    WESTERN      XA10BAB001A001010200001      1
    PATENT       ZA01AAA0001010200001         2
    SHORT        C1234567890123456789         4
    LONG         C12345678901234567890123456  8
    CUT          XA10BAB001A00101020000       16
    LOWER        xA10BAB001A001010200001      32
    BETWEEN      C123456789012345678901       64
    OWN          T001                         128
    """
    linkage(given, "purchase_fen  coded_fen  purchase_code_rate  consumable_fen\n25,500 1,500 15/255 7,600")


def test_consumables_have_a_device_identifier_and_drugs_do_not_count():
    given = """
    products
    product_code  kind        udi_di
    WITH          consumable  06901234567892
    WITHOUT       consumable  null
    DRUG          drug        06901234567892

    deliveries accepted_on=03-02
    delivery_id  product_code  received_quantity
    D1           WITH          1
    D2           WITHOUT       2
    D3           DRUG          4
    """
    linkage(given, "purchase_fen  consumable_fen  udi_fen\n700 300 100")


def test_a_usage_is_linked_from_the_day_the_family_has_a_line_or_an_opening_of_the_product():
    given = (
        FAMILY
        + """
    products
    product_code
    LINE
    OPENING
    GIFT
    ELSEWHERE

    deliveries accepted_on=06-15
    delivery_id  institution_code  product_code  is_gift
    D1           H                 LINE          no
    D2           H                 GIFT          yes
    D3           OTHER             ELSEWHERE     no

    usages institution_code=BRANCH
    usage_id   institution_code  product_code  kind       used_on  amount
    COUNTED    H                 OPENING       opening    06-15    0
    BEFORE     BRANCH            LINE          dispensed  06-14    1
    SAME_DAY   BRANCH            LINE          dispensed  06-15    2
    AFTER      BRANCH            LINE          dispensed  06-16    4
    TOO_EARLY  BRANCH            OPENING       dispensed  06-14    8
    THE_DAY    BRANCH            OPENING       dispensed  06-15    16
    GIVEN      BRANCH            GIFT          dispensed  06-16    32
    NOT_OURS   BRANCH            ELSEWHERE     dispensed  06-16    64
    """
    )
    expect = """
    code_linkage institution_code=BRANCH
    usage_fen  linked_fen  usage_link_rate
    12,700     2,200       22/127

    usages
    usage_id   家族最早采购或期初日期  linked_fen
    BEFORE     06-15     0
    SAME_DAY   06-15     200
    AFTER      06-15     400
    TOO_EARLY  06-15     0
    THE_DAY    06-15     1,600
    GIVEN      null      0
    NOT_OURS   null      0
    """
    check(CODE, "12-31", given, expect)


def test_what_the_family_sent_back_whole_was_never_there():
    linkage(SENT_BACK, "institution_code linked_fen\nH 0\nBRANCH 10,000", "12-29")
    linkage(SENT_BACK, "institution_code linked_fen\nBRANCH 0", "12-30")


def test_usage_is_gross():
    given = """
    usages
    usage_id  kind       amount
    OUT       dispensed  3
    BACK      returned   1
    """
    linkage(given, "usage_fen  linked_fen  fund_fen  settlement_match_rate\n300 0 0 null")


def test_the_fund_settles_under_the_code_of_the_product_or_its_insurance_code():
    given = """
    products
    product_code  insurance_code
    X             YB1
    NONE          null

    usages
    usage_id   product_code  settlement  settlement_code  amount
    OWN        X             fund        X                1
    INSURANCE  X             fund        YB1              2
    OTHER      X             fund        YB2              4
    LOWER      X             fund        yb1              8
    EMPTY      X             fund        null             16
    SELF       X             self        X                32
    NEITHER    NONE          fund        null             64
    NONE_OWN   NONE          fund        NONE             128
    """
    linkage(given, "usage_fen  fund_fen  matched_fen  settlement_match_rate\n25,500 22,300 13,100 131/223")


def test_a_line_is_what_stayed():
    given = """
    deliveries accepted_on=03-02
    delivery_id  received_quantity  unit_price
    PART         10                 1.2345
    WHOLE        10                 1

    returns
    return_id  delivery_id  returned_on  returned_quantity
    R1         PART         05-01        3
    R2         WHOLE        05-01        10
    """
    linkage(given, "purchase_fen\n2,235", "04-30")
    linkage(given, "purchase_fen\n864", "05-01")


def test_it_finds_nothing_itself():
    check(CODE, "12-31", SENT_BACK, "findings\nfinding_id")
