"""What says the price of a line: a selection, a pack of another size, or a listing (obligations §25)."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.engine.explanation import Explanation
from pipelines.engine.indicator import Inputs
from pipelines.indicators.price_compliance.explain import EXPLAINED
from tests.indicators.records import POLICIES, write_records
from tests.spec.tables import read_records
from tests.spec.test_price_compliance import AGREED, AGREED_BEFORE, BOUGHT, LONGER, SELECTED, TWO_LOTS, policy, prices


def test_by_unit_or_without_a_method():
    given = (
        SELECTED + "deliveries product_code=P28 ordered_on=06-01 accepted_on=06-03\ndelivery_id unit_price\nD1 27\nD2 26.405\n"
    )
    line = "price_line\ndelivery_id basis expected_price over_rate\n"
    unit = policy("pack_price_method", '"unit"', "code", place="33", day="2020-06-01")
    prices(given, line + "D1 estimated 26.40 2.27%", policies=unit)
    late = unit.replace("2020-06-01", "2020-06-02")
    prices(given, line + "D1 estimated 25.10 7.57%\nD2 estimated 25.10 5.20%", policies=late)
    prices(given, "price_compliance\npolicy_id\nsite:pack_price_method332020-06-01", policies=unit)
    old = given.replace("06-01", "2011-11-16").replace("06-03", "2011-11-16").replace("2020-01-01", "2010-01-01")
    prices(
        old,
        "price_line\ndelivery_id\n\nprice_compliance\ncompared_fen over_share policy_id\n0 null pack_price_method@CN@2011-11-17",
    )


def test_the_day_of_the_order_says_the_price_and_that_of_acceptance_the_month():
    given = (
        SELECTED
        + """
    deliveries product_code=P7 unit_price=7
    delivery_id  ordered_on  accepted_on
    BEFORE       2019-12-31  01-02
    FIRST        01-01       01-02
    LAST         06-30       07-03
    AFTER        07-01       07-03
    """
    )
    expect = """
    price_line
    delivery_id  basis     expected_price  over_fen  ordered_on  accepted_on
    FIRST        selected  6.60            4,000     01-01       01-02
    LAST         selected  6.60            4,000     06-30       07-03

    price_compliance
    month    purchase_fen  compared_fen  over_lines  over_share
    2020-01  140,000       70,000        1           100%
    2020-07  140,000       70,000        1           100%
    """
    prices(given, expect)
    prices(given, "price_line\ndelivery_id\nFIRST", as_of="07-02")


def test_the_first_basis_that_exists_counts():
    given = """
    products min_unit=片 strength=10mg dosage_form=片剂 generic_code=G
    product_code  units_per_pack  manufacturer_code  listing_price
    P7            7               A                  9
    P14           14              A                  9
    LISTED        7               B                  9
    UNLISTED      7               B                  0
    UNKNOWN       7               B                  null

    selections
    product_code  selected_price
    P7            1.00

    reference_prices
    product_code  price
    P7            5
    P14           5
    LISTED        5

    deliveries unit_price=10 ordered_on=06-01 accepted_on=06-01
    delivery_id  product_code
    D1           P7
    D2           P14
    D3           LISTED
    D4           UNLISTED
    D5           UNKNOWN
    """
    expect = "price_line\ndelivery_id basis expected_price\nD1 selected 1\nD2 estimated 1.95\nD3 listing "
    prices(given, expect + "5")
    prices(given.replace("    LISTED        5\n", ""), expect + "9")


def test_selections_and_listings_hold_where_the_institution_is():
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    ELSEWHERE         371500

    lots
    lot_code  jurisdiction_code
    L         3302

    selections
    selected_price
    1

    reference_prices
    jurisdiction_code  valid_from  valid_to    price
    ''                 2020-01-01  null        2
    37                 2019-01-01  2020-06-30  3
    37                 2020-06-01  2020-06-15  4

    deliveries unit_price=9 received_quantity=1 accepted_on=07-01
    delivery_id  institution_code  ordered_on
    HERE         H                 06-01
    THERE        ELSEWHERE         05-31
    LATEST       ELSEWHERE         06-15
    AGAIN        ELSEWHERE         06-16
    LAST         ELSEWHERE         06-30
    NATION       ELSEWHERE         07-01
    """
    expect = """
    price_line
    delivery_id  basis     expected_price
    HERE         selected  1
    THERE        listing   3
    LATEST       listing   4
    AGAIN        listing   3
    LAST         listing   3
    NATION       listing   2
    """
    prices(given, expect)
    standards = given.replace("reference_prices\n", "reference_prices kind=payment_standard\n")
    prices(standards, "price_line\ndelivery_id\nHERE")


@pytest.mark.parametrize(
    ("given", "as_of", "over"),
    [
        (TWO_LOTS, "12-31", ""),  # the one valid latest: 3.00
        (AGREED, "12-31", "OWN BRANCH"),
        (AGREED.replace("C              L1", "C              L2"), "12-31", ""),
        (AGREED_BEFORE, "12-31", ""),
        (LONGER, "12-30", "OWN BRANCH AFTER"),
        (LONGER, "12-29", "OWN BRANCH"),
        (TWO_LOTS.replace("2020-02-01", "2020-01-01"), "12-31", "OWN BRANCH OTHER BEFORE AFTER"),  # the lower lot
    ],
)
def test_of_several_selections_a_commitment_says_which_then_the_latest_then_the_lowest_lot(given, as_of, over):
    prices(given, "price_line\ndelivery_id expected_price\n" + "\n".join(f"{line} 1" for line in over.split()), as_of=as_of)


def test_a_commitment_of_any_target_and_status_says_which_for_itself_and_those_it_heads():
    given = AGREED.replace("commitments\n", "commitments target=amount agreed_quantity=0\n")
    prices(given, "price_line\ndelivery_id\nOWN\nBRANCH")
    of_branch = AGREED.replace("commitments\n", "commitments institution_code=BRANCH\n")
    prices(of_branch, "price_line\ndelivery_id\nBRANCH")


ALIKE = "G MAKER 片剂 10mg 片 14"


@pytest.mark.parametrize(
    ("other", "is_sibling"),
    [
        (ALIKE, True),
        ("G MAKER 片　剂 １０ＭＧ 片 14", True),
        ("G2 MAKER 片剂 10mg 片 14", False),
        ("G OTHER 片剂 10mg 片 14", False),
        ("G MAKER 胶囊 10mg 片 14", False),
        ("G MAKER 片剂 20mg 片 14", False),
        ("G MAKER 片剂 10mg 粒 14", False),
        ("G MAKER 片剂 10mg 片 7", False),
        ("G MAKER 片剂 null 片 14", False),
        ("G MAKER null 10mg 片 14", False),
    ],
)
def test_a_sibling_is_the_same_medicine_in_a_pack_of_another_size(other, is_sibling):
    given = f"""
    products
    product_code | generic_code | manufacturer_code | dosage_form | strength | min_unit | units_per_pack
    OWN | G | MAKER | 片剂 | 10mg | 片 | 7
    OTHER | {other.replace(" ", " | ")}

    selections
    product_code  selected_price
    OTHER         1.95

    deliveries
    delivery_id  product_code  ordered_on  accepted_on  unit_price
    D1           OWN           06-01       06-01        2
    """
    prices(given, "price_line\nbasis expected_price\n" + ("estimated 1" if is_sibling else ""))


def test_strength_and_form_must_both_be_given_on_either_side():
    given = SELECTED + "deliveries product_code=P28 ordered_on=06-01 accepted_on=06-03\ndelivery_id unit_price\nD1 99\n"
    for missing in ("strength=10mg", "dosage_form=片剂"):
        prices(given.replace(missing, missing.split("=")[0] + "=null"), "price_line\ndelivery_id")


def test_of_the_siblings_selections_the_latest_counts_then_the_lowest_estimate():
    given = """
    products min_unit=片 strength=10mg dosage_form=片剂 generic_code=G
    product_code  units_per_pack
    P10           10
    P20           20
    P40           40
    P80           80

    selections item_code=I
    product_code  selected_price  valid_from
    P10           1               2020-01-01
    P40           38.03           2020-02-01
    P80           73              2020-02-01

    deliveries product_code=P20 unit_price=99 received_quantity=1
    delivery_id  ordered_on  accepted_on
    FIRST        01-31       02-02
    THEN         02-01       02-02
    """
    expect = """
    price_line
    delivery_id  expected_price
    FIRST        1.95
    THEN         19.20
    """
    prices(given, expect)  # 73 ÷ 1.95² = 19.198; 38.03 ÷ 1.95 = 19.503


def test_a_price_of_nothing_has_no_rate():
    given = (
        SELECTED.replace("6.60", "0.0001")
        + "deliveries product_code=P28\ndelivery_id unit_price ordered_on accepted_on\nD1 1 06-01 06-03\n"
    )
    prices(given, "price_line\nexpected_price over_fen over_rate\n0 10,000 null")


def test_the_tolerance_is_that_of_the_day_of_the_order_there():
    given = BOUGHT.replace("unit_price\n", "unit_price charge_price\n").replace("06-01       2\n", "06-01       2 3\n")
    wide = policy("price_tolerance", '"1"', "yuan", place="3302", day="2020-06-01")
    prices(given, "price_line\ndelivery_id\n\nprice_compliance\nover_lines markup_lines\n0 0", policies=wide)
    later = wide.replace("2020-06-01", "2020-06-02")
    prices(given, "price_line\ndelivery_id\nD1\n\nprice_compliance\nover_lines markup_lines\n1 1", policies=later)
    before = given.replace("06-01  ", "1999-12-31  ").replace("selected_price\n1", "selected_price valid_from\n1 1999-01-01")
    prices(before, "price_line\ndelivery_id\n\nprice_compliance\nover_lines compared_fen\n0 20,000")


def explained(given: str, delivery_id: str, folder: Path) -> Explanation:
    """What is said of a line paid beyond the price."""
    inputs = Inputs(write_records(read_records(given), folder), date(2020, 12, 31), POLICIES)
    found = EXPLAINED.open(inputs)({"institution_code": "H", "delivery_id": delivery_id})
    assert found is not None
    return found


def test_an_explanation_names_what_says_the_price_and_calculates(tmp_path):
    given = SELECTED + "deliveries product_code=P28\ndelivery_id unit_price ordered_on accepted_on\nD1 27 06-01 06-03\n"
    found = explained(given, "D1", tmp_path / "estimated")
    assert [step.value for step in found.steps] == [27.0, 100.0, 25.1, 19000, 19 / 251]
    assert found.steps[2].numbers == "P7 中选价 6.60 × 1.95^log₂(28 ÷ 7) = 25.10 元"
    assert [(line.dataset, line.role) for line in found.lines] == [("deliveries", "收货"), ("selections", "中选")]
    agreed = explained(AGREED, "OWN", tmp_path / "agreed")
    assert agreed.steps[2].numbers == "批次 L1 品种 I，2020-01-01 起中选；机构或其牵头机构的协议 C 指明该批次：1.00 元"
    listed = "deliveries\ndelivery_id unit_price ordered_on accepted_on\nD1 3 06-01 06-03\n\nreference_prices\nprice\n1\n"
    assert explained(listed, "D1", tmp_path / "listed").steps[2].numbers == "全国 2019-01-01 起的挂网价 1.00 元"
    own = "products\nproduct_code listing_price\nX 1\n\n" + listed.split("reference")[0]
    assert explained(own, "D1", tmp_path / "own").lines[1].dataset == "products"
