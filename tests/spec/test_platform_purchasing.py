"""Purchasing on the platform: what has to be bought there, what is exempt, an emergency, or a finding (obligations §20)."""

import pytest

from tests.spec.check import check

CODE = "platform_purchasing"

BACK = """
deliveries
delivery_id  accepted_on  channel
STAYS        11-30        offline
GOES_BACK    11-30        platform
COMES        12-30        offline

returns
delivery_id  returned_on  returned_quantity
GOES_BACK    12-30        10
"""
NIGHTS = (((BACK, BACK), ("12-29", "12-31")), ((BACK, BACK), ("12-31", "2021-01-04")))


def platform(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


def policy(parameter: str, value: str, unit: str = "code", place: str = "", day: str = "2020-01-01") -> str:
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


def test_a_line_belongs_to_the_first_part_that_applies():
    given = """
    products
    product_code  special_category
    X             none
    VACCINE       vaccine

    deliveries accepted_on=03-02 unit_price=1
    delivery_id      product_code  is_emergency  channel   received_quantity
    EXEMPT           VACCINE       yes           offline   1
    EMERGENCY_ON     X             yes           platform  2
    EMERGENCY_OFF    X             yes           offline   4
    ON               X             no            platform  8
    OFF              X             no            offline   16
    """
    expect = """
    platform_purchasing
    purchase_fen  exempt_fen  emergency_fen  scope_fen  platform_fen  offline_fen  scope_lines  offline_lines  platform_rate
    3,100         100         600            2,400      800           1,600        2            1              1/3

    platform_purchasing
    kind  month    jurisdiction_code  emergency_share  policy_id
    drug  2020-03  330282             600/3000         null

    findings
    rule_code              subject_key  amount_fen  quantity  counterparty_code  institution_code
    off_platform_purchase  H|OFF        1,600       16        D                  H
    """
    platform("12-31", given, expect)


def test_without_anything_in_scope_the_rates_are_null():
    given = """
    products
    product_code  special_category
    X             narcotic

    deliveries
    delivery_id  accepted_on  channel
    D1           03-02        offline
    """
    expect = """
    platform_purchasing
    exempt_fen  scope_fen  scope_lines  platform_rate  emergency_share
    10,000      0          0            null           null

    findings
    rule_code
    """
    platform("12-31", given, expect)


def test_what_is_worth_nothing_is_a_line_and_a_finding_too():
    given = """
    deliveries
    delivery_id  accepted_on  channel  unit_price
    FREE         03-02        offline  0
    """
    expect = """
    platform_purchasing
    purchase_fen  offline_lines  platform_rate
    0             1              null

    findings
    subject_key  amount_fen
    H|FREE       0
    """
    platform("12-31", given, expect)


def test_a_row_is_of_an_institution_a_kind_and_a_month_of_whatever_year():
    given = """
    institutions
    institution_code
    H
    I

    deliveries
    delivery_id  institution_code  accepted_on
    D1           H                 02-29
    D2           H                 03-01
    D3           I                 03-01
    D4           H                 2018-03-01
    LATER        H                 04-01
    """
    expect = """
    platform_purchasing
    institution_code  month
    H                 2020-02
    H                 2020-03
    I                 2020-03
    H                 2018-03
    """
    platform("03-31", given, expect)


def test_gifts_and_what_went_back_count_nowhere():
    given = """
    deliveries
    delivery_id  accepted_on  is_gift  channel
    GIFT         03-02        yes      offline
    ALL_BACK     03-02        no       offline
    PART_BACK    03-02        no       offline
    NOT_YET      null         no       offline

    returns
    return_id  delivery_id  returned_quantity  returned_on  status
    R1         ALL_BACK     100                2021-01-05   confirmed
    R2         PART_BACK    30                 2021-01-05   confirmed
    R3         PART_BACK    30                 2021-01-06   confirmed
    R4         PART_BACK    30                 03-03        requested
    """
    platform("2021-01-05", given, "findings\nsubject_key quantity\nH|PART_BACK 70")
    platform("2021-01-04", given, "findings\nsubject_key quantity\nH|PART_BACK 100\nH|ALL_BACK 100")


def test_consumables_count_while_they_or_their_generic_are_listed_where_the_institution_is():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    ELSEWHERE         371500

    products kind=consumable
    product_code  generic_code
    BY_CODE       C1
    BY_GENERIC    C2
    NOT           C3

    catalogue_entries list=platform_consumable
    code     jurisdiction_code  valid_from  valid_to
    BY_CODE  3302               03-02       06-30
    C2       ''                 03-02       null

    deliveries channel=offline
    delivery_id  institution_code  product_code  accepted_on
    BEFORE       H                 BY_CODE       03-01
    FIRST        H                 BY_CODE       03-02
    LAST         H                 BY_CODE       06-30
    AFTER        H                 BY_CODE       07-01
    AWAY         ELSEWHERE         BY_CODE       03-02
    GENERIC      ELSEWHERE         BY_GENERIC    07-01
    NOT          H                 NOT           03-02
    """
    expect = """
    platform_purchasing
    institution_code  kind        month
    H                 consumable  2020-03
    H                 consumable  2020-06
    ELSEWHERE         consumable  2020-07

    findings
    subject_key
    H|FIRST
    H|LAST
    ELSEWHERE|GENERIC
    """
    platform("12-31", given, expect)


def test_kinds_and_exempt_categories_are_those_of_the_day_of_the_line_where_the_institution_is():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    ELSEWHERE         371500

    products
    product_code  kind        special_category
    X             drug        none
    VACCINE       drug        vaccine
    CONSUMABLE    consumable  none

    deliveries
    delivery_id  institution_code  product_code  accepted_on
    D1           H                 VACCINE       05-31
    D2           H                 VACCINE       06-01
    D3           ELSEWHERE         VACCINE       06-01
    D4           H                 CONSUMABLE    05-31
    D5           H                 CONSUMABLE    06-01
    D6           ELSEWHERE         CONSUMABLE    06-01
    D7           H                 X             05-31
    D8           H                 X             06-01
    """
    policies = policy("platform_kinds", '["consumable", "drug"]', place="33", day="2020-06-01")
    policies += policy("platform_exempt_categories", "[]", place="33", day="2020-06-01")
    expect = """
    platform_purchasing
    institution_code  kind        month    exempt_fen  scope_lines
    H                 drug        2020-05  10,000      1
    H                 drug        2020-06  0           2
    H                 consumable  2020-06  0           1
    ELSEWHERE         drug        2020-06  10,000      0
    """
    platform("12-31", given, expect, policies)


def test_a_drug_counts_by_its_listing_where_no_kind_has_to_be_bought_there():
    given = """
    products
    product_code
    X
    LISTED

    catalogue_entries list=platform_consumable
    code
    LISTED

    deliveries accepted_on=03-02
    delivery_id  product_code
    D1           X
    D2           LISTED
    """
    platform("12-31", given, "platform_purchasing\nkind scope_lines\ndrug 1", policy("platform_kinds", "[]"))


INSTITUTIONS = """
institutions
institution_code  ownership  level
PUBLIC            public     tertiary
NO_LEVEL          public     null
PRIVATE           private    tertiary
UNKNOWN           private    null
PRIMARY           private    primary
VILLAGE           private    village
SHOP              retail     retail
"""


def test_findings_are_of_public_primary_and_village_institutions_and_of_no_others():
    codes = ("PUBLIC", "NO_LEVEL", "PRIVATE", "UNKNOWN", "PRIMARY", "VILLAGE", "SHOP")
    given = INSTITUTIONS + "\ndeliveries accepted_on=03-02 received_quantity=1\n"
    given += "delivery_id institution_code channel is_emergency unit_price\n"
    given += "\n".join(f"OFF {c} offline no 9\nEMERGENCY {c} platform yes 1.01" for c in codes)
    expect = "findings\nrule_code severity subject_key amount_fen counterparty_code\n"
    for code in ("PUBLIC", "NO_LEVEL", "PRIMARY", "VILLAGE"):
        expect += f"off_platform_purchase violation {code}|OFF 900 D\n"
        expect += f"emergency_often signal {code}|2020-03|drug 101 null\n"
    platform("12-31", given, expect, policy("emergency_limit", '"0.1"', "ratio"))


@pytest.mark.parametrize(("emergency", "is_found"), [("1.00", False), ("1.01", True), ("0", False)])
def test_many_emergencies_are_a_share_above_the_limit(emergency, is_found):
    given = f"""
    deliveries accepted_on=03-02 received_quantity=1
    delivery_id  is_emergency  unit_price
    D1           no            9
    D2           yes           {emergency}
    """
    expect = "findings\nsubject_key quantity\n" + ("H|2020-03|drug null" if is_found else "")
    limit = policy("emergency_limit", '"0.1"', "ratio", place="3302", day="2020-12-31")
    platform("12-31", given, expect, limit)
    platform("12-30", given, "findings\nrule_code", limit)
    platform("12-31", given, "findings\nrule_code")
    row = "platform_purchasing\npolicy_id\nsite:emergency_limit33022020-12-31"
    platform("12-31", given, row, limit)


def test_findings_fade_and_the_table_keeps_all():
    given = """
    deliveries channel=offline
    delivery_id  accepted_on
    OLD          2018-12-31
    D1           2019-01-01
    """
    expect = """
    platform_purchasing
    month    offline_lines
    2018-12  1
    2019-01  1

    findings
    subject_key
    H|D1
    """
    platform("12-31", given, expect)
    platform("2021-01-01", given, "findings\nsubject_key")


def test_the_clause_is_the_one_in_force_there_on_the_day_of_the_line():
    given = """
    institutions
    institution_code  jurisdiction_code  responsible_person
    H                 371502             王院长
    C                 330282             null

    deliveries channel=offline received_quantity=2 unit_price=1.2345
    delivery_id  institution_code  accepted_on
    D1           H                 2020-12-31
    D2           H                 2021-01-21
    D3           C                 2021-01-22
    """
    expect = """
    findings
    subject_key | clause | responsible
    H|D1 | 聊政发〔2018〕44号 三(四)2 | 王院长
    H|D2 | 国办发〔2015〕7号 | 王院长
    C|D3 | 国办发〔2021〕2号 (十六) | null
    """
    platform("2021-12-31", given, expect)


def test_a_finding_says_what_was_bought_where():
    given = """
    products
    product_code  units_per_pack
    X             2.5

    deliveries
    delivery_id  accepted_on  channel  received_quantity  unit_price
    D1           03-02        offline  3                  1.115
    """
    expect = """
    findings
    quantity | amount_fen | message_zh
    7.5 | 335 | 2020-03-02 验收的药品 X（配送明细 D1）在平台以外采购：7.5 最小单位，3.35 元，配送企业 D
    """
    platform("12-31", given, expect)
