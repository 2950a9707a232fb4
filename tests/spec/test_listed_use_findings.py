"""Findings of the use of lists: none of their limits has a row for the nation (obligations §17)."""

import pytest

from tests.spec.check import check


def policy(parameter: str, value: str, unit: str) -> str:
    return f"""
[[policy]]
id = "{parameter}@site"
parameter = "{parameter}"
value = {value}
unit = "{unit}"
jurisdiction = ""
valid_from = 2000-01-01
document_no = "试"
clause = "试"
mark = "D"
"""


SIXTY = """
institutions
institution_code  level
H                 tertiary

products
product_code  is_essential
X             yes
Y             no

deliveries accepted_on=06-01
delivery_id  product_code  received_quantity
D1           X             600
D2           Y             400
"""
SHARE = policy("essential_share_min", '["secondary=10", "tertiary=60.0001"]', "percent")


def found(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("listed_use", as_of, given, f"findings\n{expect.strip()}", policies)


def test_a_share_below_the_least_of_the_level_is_a_warning():
    expect = """
    rule_code            severity  subject_type  subject_key  institution_code  amount_fen  quantity  counterparty_code
    essential_share_low  warning   institution   H            H                 40,000      null      null
    """
    found("06-30", SIXTY, expect, SHARE)
    found("06-30", SIXTY, "rule_code", SHARE.replace("60.0001", "60"))
    found("06-30", SIXTY.replace("tertiary", "primary "), "rule_code", SHARE)
    found("06-30", SIXTY.replace("tertiary", "null    "), "rule_code", SHARE)
    found("06-30", SIXTY, "rule_code")
    private = SIXTY.replace("  level\nH                 ", "  ownership  level\nH  private  ")
    found("06-30", private, "rule_code", SHARE)
    nothing = SIXTY.replace("06-01", "2019-06-01")
    found("06-30", nothing, "rule_code", SHARE)


@pytest.mark.parametrize("what", ["essential", "insured"])
def test_few_products_of_a_list(what):
    listed = SIXTY + "\ncatalogue_entries\nlist  code\ninsurance_a  X\n"
    least = policy(f"{what}_products_min", '["tertiary=51"]', "percent")
    expect = f"""
    rule_code | severity | subject_key | amount_fen | quantity | clause
    {what}_products_low | warning | H | null | null | 慈政办发〔2020〕68号 (八)25
    """
    found("08-18", listed, expect, least)
    found("08-18", listed, "rule_code", least.replace("51", "50"))


def test_insured_products_of_xuzhou():
    given = """
    institutions jurisdiction_code=320300
    institution_code  level
    H                 secondary

    products
    product_code
    X

    deliveries
    delivery_id  accepted_on
    D1           2023-01-01
    """
    found("2023-01-01", given, "rule_code              subject_key\ninsured_products_low   H")
    found("2022-12-31", given.replace("2023-01-01", "2022-12-31"), "rule_code")


GROWN = """
products
product_code  is_key_monitored
X             yes

deliveries
delivery_id  accepted_on  received_quantity  unit_price
BEFORE       2019-06-01   1                  30000
NOW          06-01        1                  36000.01
"""
LIMIT = policy("monitored_growth_limit", '"0.2"', "ratio")


def test_monitored_drugs_that_grow_above_the_limit():
    expect = """
    rule_code              severity  subject_key  amount_fen  quantity
    monitored_growth_high  warning   H            600,001     null
    """
    found("06-30", GROWN, expect, LIMIT)
    found("06-30", GROWN.replace("36000.01", "36000"), "rule_code", LIMIT)
    found("06-30", GROWN, "rule_code")
    found("06-30", GROWN.replace("2019-06-01", "2018-06-01"), "rule_code", LIMIT)
    check("listed_use", "06-30", GROWN, "essential_and_monitored\npolicy_id\nmonitored_growth_limit@site", LIMIT)


@pytest.mark.parametrize(("now", "rule"), [("9999.99", ""), ("10000", "monitored_growth_high")])
def test_growth_is_found_from_a_sum_on(now, rule):
    found("06-30", GROWN.replace("30000", "1").replace("36000.01", now), f"rule_code\n{rule}", LIMIT)
