"""Sudden rises of what was not selected (obligations §17)."""

import pytest

from tests.spec.check import check
from tests.spec.test_listed_use_findings import policy

RATIO = policy("surge_ratio", '"2"', "ratio")


def surges(given: str, expect: str, as_of: str = "12-31") -> None:
    check("listed_use", as_of, given, f"use_surges\n{expect.strip()}")


EXAMPLE = """
products
product_code  generic_code
X             G

deliveries product_code=X
delivery_id  accepted_on  received_quantity  unit_price
FIRST        2019-10-09   1000               1
USUAL        10-02        3000               1
RECENT       10-03        1000               5
TODAY        12-31        1000               5
"""


def test_the_last_90_days_against_a_quarter_of_the_360_before():
    expect = """
    institution_code  generic_code  jurisdiction_code  recent_units  recent_fen  usual_units  ratio  policy_id
    H                 G             330282             2,000         1,000,000   1,000        2      null
    """
    surges(EXAMPLE, expect)
    surges(EXAMPLE, expect.replace("2,000         1,000,000   1,000        2 ", "2,000 1,000,000 1,000 2"), as_of="12-31")


def test_the_windows_move_with_the_day():
    more = EXAMPLE.replace("5\n", "50\n")
    surges(more, "recent_units  usual_units  ratio\n1,000         1,000        1", as_of="2021-01-01")
    surges(more, "recent_units", as_of="12-30")  # FIRST would have to be a day older


def test_who_has_no_line_450_days_back_has_no_usual_quantity():
    surges(EXAMPLE.replace("2019-10-09", "2019-10-10"), "recent_units")
    surges(EXAMPLE.replace("2019-10-09", "2019-10-08"), "recent_units  usual_units\n2,000         750")
    long_ago = EXAMPLE.replace("2019-10-09", "2017-01-01")
    surges(long_ago, "recent_units  usual_units\n2,000         750")
    gone = "\nreturns\ndelivery_id  returned_quantity  returned_on\nFIRST        1000               2020-12-31\n"
    surges(long_ago + gone, "recent_units")
    surges(EXAMPLE.replace("3000", "0   ").replace("2019-10-09", "2017-01-01"), "recent_units")


def test_a_line_of_anything_makes_an_institution_known():
    given = EXAMPLE.replace("X             G", "X             G\nY             OTHER").replace(
        "FIRST        2019-10-09   1000               1", "USED         01-01        1000               1"
    )
    surges(given, "recent_units")
    known = "D            2019-10-09   1                  1\n"
    surges(given + known.replace("D ", "D "), "recent_units  usual_units\n2,000         1,000.25")


@pytest.mark.parametrize(("price", "rows"), [("9.99", ""), ("10", "\n1,000"), ("0", "")])
def test_only_what_costs_enough_is_listed(price, rows):
    given = f"""
    deliveries
    delivery_id  accepted_on  received_quantity  unit_price
    FIRST        2019-10-09   1000               1
    TODAY        12-31        1000               {price}
    """
    surges(given, f"recent_units{rows}")


@pytest.mark.parametrize(("today", "row"), [("12-31", "1,000         4"), ("null ", "0             0")])
def test_where_a_bureau_sets_no_least_cost_what_costs_nothing_is_listed(today, row):
    given = f"""
    deliveries
    delivery_id  accepted_on  received_quantity  unit_price
    FIRST        2019-10-09   1000               1
    TODAY        {today}        1000               0
    """
    expect = f"use_surges\nrecent_units  ratio\n{row}"
    check("listed_use", "12-31", given, expect, policies=policy("surge_floor", '"0"', "yuan"))


def test_routes_and_makers_of_a_generic_are_one_and_selected_lines_and_consumables_are_left_out():
    given = """
    products
    product_code  generic_code  kind        dosage_form       special_category  units_per_pack
    X             G             drug        片剂              none              7
    INJECTED      G             drug        注射液            none              1
    PIECES        G             drug        null              tcm_decoction     1
    STENT         G             consumable  null              none              1
    CHOSEN        G             drug        片剂              none              1

    selections
    product_code  valid_from  valid_to
    CHOSEN        12-30       12-30

    deliveries
    delivery_id  product_code  accepted_on  received_quantity  unit_price
    FIRST        X             2019-10-09   10                 1
    D1           X             12-30        100                100
    D2           INJECTED      12-30        10                 100
    D3           PIECES        12-30        5                  100
    D4           STENT         12-30        1000               100
    D5           CHOSEN        12-30        1000               100
    D6           CHOSEN        12-31        3                  100
    """
    surges(given, "generic_code  recent_units  usual_units  recent_fen\nG             718           17.5         1,180,000")


def test_a_multiple_that_is_reached_is_a_signal():
    expect = """
    rule_code | severity | subject_type | subject_key | amount_fen | quantity | clause
    use_surge | signal | institution_generic | H|G | 1,000,000 | 2,000 | 慈政办发〔2020〕68号 (八)25
    """
    check("listed_use", "12-31", EXAMPLE, f"findings\n{expect.strip()}", RATIO)
    check("listed_use", "12-31", EXAMPLE, "use_surges\npolicy_id\nsurge_ratio@site", RATIO)
    less = EXAMPLE.replace("10-03        1000               5", "10-03        999                6")
    check("listed_use", "12-31", less, "findings\nrule_code", RATIO)
    check("listed_use", "12-31", less, "use_surges\nrecent_units\n1,999", RATIO)
    check("listed_use", "12-31", EXAMPLE, "findings\nrule_code")


def test_a_signal_for_every_ownership():
    given = "institutions\ninstitution_code  ownership\nH                 retail\n" + EXAMPLE
    check("listed_use", "12-31", given, "findings\nrule_code  severity\nuse_surge  signal", RATIO)
