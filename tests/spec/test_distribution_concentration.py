"""How drug purchases are spread over distributors and groups, and when that is a signal (obligations §23)."""

import pytest

from pipelines.reports.explain.figure import find_subject
from tests.spec.check import check
from tests.spec.test_platform_purchasing import policy

CODE = "distribution_concentration"
PLACES = """
institutions
institution_code  jurisdiction_code
H1                371502
H2                371502
H3                371522
H4                330282
"""
MOVES = """
institutions
institution_code
H
I

deliveries
delivery_id  institution_code  distributor_code  accepted_on
STAYS        H                 D                 11-30
GOES_BACK    I                 E                 11-30
COMES        I                 D                 12-30

returns
delivery_id  institution_code  returned_on  returned_quantity
GOES_BACK    I                 12-29        100
"""
SENT_BACK = """
deliveries
delivery_id  accepted_on
D1           11-30

returns
delivery_id  returned_on  returned_quantity
D1           12-30        40
"""
NEXT_YEAR = MOVES.replace("12-30\n", "2021-01-02\n")
NIGHTS = (
    ((MOVES, MOVES), ("12-28", "12-31")),
    ((SENT_BACK, SENT_BACK), ("12-29", "12-31")),
    ((MOVES, MOVES), ("12-31", "2021-01-04")),
    ((NEXT_YEAR, NEXT_YEAR), ("12-31", "2021-01-04")),
    ((NEXT_YEAR, NEXT_YEAR), ("2021-01-04", "12-31")),
)
"""A line comes, one goes back, and with the year all of them are another year's."""


def concentration(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check(CODE, as_of, given, expect, policies)


def of(**yuan: str) -> str:
    """A line from each distributor worth so many yuan, half of it to each of two hospitals of one county."""
    lines = [f"{code}{h} {h} {code} {amount}" for code, amount in yuan.items() for h in ("H1", "H2")]
    return (
        f"{PLACES}\ndeliveries accepted_on=03-02 received_quantity=0.5\n"
        "delivery_id institution_code distributor_code unit_price\n" + "\n".join(lines)
    )


COUNTY = "distribution_concentration level=county\n"


@pytest.mark.parametrize(
    ("shares", "top", "top_share", "hhi"),
    [
        ({"A": "10", "B": "40", "C": "30", "D": "20"}, "B", "40%", "3000"),
        ({"A": "10", "B": "90"}, "B", "90%", "8200"),
        ({"A": "50", "B": "30", "C": "20"}, "A", "50%", "3800"),
        ({"B": "50", "A": "50"}, "A", "50%", "5000"),
        ({"A": "1"}, "A", "100%", "10000"),
        ({"A": "1", "B": "1", "C": "1"}, "A", "1/3", "10000/3"),
    ],
)
def test_the_index_is_the_sum_of_squared_shares(shares, top, top_share, hhi):
    expect = COUNTY + f"top_distributor_code top_share top10_share hhi\n{top} {top_share} 100% {hhi}"
    concentration("12-31", of(**shares), expect)


def test_a_group_counts_as_one_and_a_company_without_group_is_its_own():
    group = "\n\nenterprises\nenterprise_code group_code\nA G\nC G\nB null"
    expect = COUNTY + "top_distributor_code top_share hhi top_group_code top_group_share hhi_group\nA 50% 3800 G 70% 5800"
    concentration("12-31", of(A="50", B="30", C="20") + group, expect)
    expect = COUNTY + "top_distributor_code top_group_code top_group_share\nB G 60%"
    concentration("12-31", of(A="30", B="40", C="30") + group, expect)
    concentration("12-31", of(A="20", B="40", C="20") + group, COUNTY + "top_group_code\nB")


def test_the_ten_largest_are_companies_not_groups():
    shares = dict(zip("ABCDEFGHIJKL", map(str, (10, 9, 9, 9, 9, 9, 9, 9, 9, 9, 5, 4)), strict=True))
    concentration("12-31", of(**shares), COUNTY + "distributors top10_share\n12 91%")
    group = "\n\nenterprises\nenterprise_code group_code\nK G\nL G"
    concentration("12-31", of(**shares) + group, COUNTY + "distributors top10_share\n12 91%")


def test_places_are_counties_cities_and_all_and_institutions_of_any_kind():
    given = f"""
    {PLACES}

    deliveries accepted_on=03-02
    delivery_id  institution_code  distributor_code  received_quantity  channel  is_emergency
    D1           H1                A                 60                 offline  yes
    D2           H2                B                 20                 platform  no
    D3           H3                B                 50                 platform  no
    D4           H4                C                 70                 platform  no
    """
    expect = """
    distribution_concentration
    level   code    jurisdiction_code  institutions  purchase_fen  distributors  top_distributor_code  top_share
    county  371502  371502             2             8000          2             A                     75%
    county  371522  371522             1             5000          1             B                     100%
    county  330282  330282             1             7000          1             C                     100%
    city    371500  371500             3             13000         2             B                     70/130
    city    330200  330200             1             7000          1             C                     100%
    all     all     ''                 4             20000         3             B                     35%
    """
    concentration("12-31", given, expect)


def test_drug_lines_of_the_year_up_to_as_of_count():
    given = """
    products
    product_code  kind        special_category
    X             drug        none
    SLICES        drug        tcm_decoction
    TUBE          consumable  none

    deliveries
    delivery_id  product_code  accepted_on  is_gift  received_quantity
    LAST_YEAR    X             2019-12-31   no       1
    FIRST        X             01-01        no       2
    SLICES       SLICES        02-01        no       4
    LAST         X             06-30        no       8
    LATER        X             07-01        no       16
    GIFT         X             03-02        yes      32
    TUBE         TUBE          03-02        no       64
    BACK         X             03-02        no       128
    PART         X             03-02        no       3

    returns
    delivery_id  returned_quantity  returned_on
    BACK         128                06-30
    PART         1                  06-30
    """
    expect = "distribution_concentration level=all\nproducts purchase_fen\n2 {}"
    concentration("06-30", given, expect.format(1600))
    concentration("06-29", given, expect.format(200 + 400 + 12800 + 300))
    concentration("2021-01-01", given, "distribution_concentration\nlevel")


def test_without_any_money_there_are_no_shares_and_no_signal():
    given = of(B="0", A="0")
    expect = """
    distribution_concentration level=county
    purchase_fen  distributors  top_distributor_code  top_share  top10_share  hhi   top_group_code  top_group_share  hhi_group
    0             2             A                     null       null         null  A               null             null

    findings
    rule_code
    """
    concentration("12-31", given, expect, policy("sole_distributor_share", '"0"', "ratio") + FLOOR.format("0"))


def test_a_product_is_sole_where_two_institutions_have_it_from_one():
    given = f"""
    {PLACES}

    products
    product_code
    SOLE
    TWO_SELLERS
    ONE_BUYER
    ACROSS

    deliveries accepted_on=03-02
    delivery_id  institution_code  product_code  distributor_code
    D1           H1                SOLE          A
    D2           H2                SOLE          A
    D3           H1                TWO_SELLERS   A
    D4           H1                TWO_SELLERS   B
    D5           H2                TWO_SELLERS   A
    D6           H1                ONE_BUYER     A
    D7           H1                ONE_BUYER     A
    D8           H2                ACROSS        B
    D9           H3                ACROSS        B
    DA           H4                ACROSS        A
    """
    expect = """
    distribution_concentration
    code    products  sole_products
    371502  4         1
    371522  1         0
    330282  1         0
    371500  4         2
    330200  1         0
    all     4         1
    """
    concentration("12-31", given, expect)


@pytest.mark.parametrize(
    ("yuan", "counts"),
    [("500,000,000", "0 0"), ("500,000,000.02", "0 1"), ("1,000,000,000", "0 1"), ("1,000,000,000.02", "1 1")],
)
def test_groups_above_five_hundred_and_a_thousand_million_yuan(yuan, counts):
    concentration("12-31", of(A=yuan), COUNTY + f"over_1000m over_500m\n{counts}")


FLOOR = policy("concentration_floor", '"{}"', "yuan")
SHARE = policy("sole_distributor_share", '"0.9"', "ratio", place="3715")
HEADER = "rule_code severity subject_type subject_key counterparty_code amount_fen jurisdiction_code institution_code clause"


def sole(given: str, *rows: str, policies: str = "") -> None:
    """The signals of sole distribution are these: counterparty and amount."""
    clause = "聊政发〔2018〕44号 三(四)2"
    lines = "".join(f"sole_distributor | signal | county | 371502 | {row} | 371502 | null | {clause}\n" for row in rows)
    expect = f"findings rule_code=sole_distributor\n{HEADER.replace(' ', ' | ')}\n{lines}"
    concentration("12-31", given, expect, policies)


def test_a_sole_distributor_is_a_signal_at_the_share_a_site_sets():
    given = of(A="180,000", B="20,000")
    sole(given, "A | 18000000", policies=SHARE)
    sole(of(A="179,980", B="20,020"), policies=SHARE)
    sole(given)
    sole(given, policies=policy("sole_distributor_share", '"0.9"', "ratio", place="33"))


def test_the_share_is_that_of_a_group_and_the_counterparty_the_largest_company():
    group = "\n\nenterprises\nenterprise_code group_code\nA G\nC G"
    sole(of(A="50,000", B="60,000", C="489,999.98") + group, policies=SHARE)
    sole(of(A="400,000", B="60,000", C="440,000") + group, "C | 44000000", policies=SHARE)


def test_a_county_of_one_institution_or_little_money_has_no_signal():
    sole(of(A="100,000"), "A | 10000000", policies=SHARE)
    sole(of(A="99,999.98"), policies=SHARE)
    one = "\n".join(line for line in of(A="400,000").splitlines() if not line.startswith("AH2"))
    sole(one, policies=SHARE)


def dispersed(as_of: str, given: str, *rows: str, policies: str = "") -> None:
    lines = "".join(f"distribution_dispersed signal city {row} null null null\n" for row in rows)
    header = "rule_code severity subject_type subject_key counterparty_code amount_fen institution_code"
    concentration(as_of, given, f"findings rule_code=distribution_dispersed\n{header}\n{lines}", policies)


ELEVEN = dict.fromkeys("ABCDEFGHIJ", "8")


def test_a_city_is_dispersed_below_the_share_of_ten_where_a_document_says_one():
    dispersed("12-31", of(**ELEVEN, K="7", L="7", M="6"))  # 80 of 100
    few = of(**ELEVEN, K="7", L="7", M="6.02")
    dispersed("12-31", few, "371500")
    dispersed("12-31", few.replace("3715", "3714"))
    later = few.replace("accepted_on=03-02", "accepted_on=2021-01-01")
    dispersed("2021-01-01", later)
    site = policy("top10_share_min", '"0.8"', "ratio", place="37", day="2021-01-01")
    dispersed("2021-01-01", later, "371500", policies=site)


def test_counties_and_all_are_not_dispersed_and_the_row_says_by_which_policy():
    given = of(**ELEVEN, K="7", L="7", M="7")
    expect = """
    distribution_concentration
    level   policy_id
    county  null
    city    top10_share_min@3715@2018-08-10
    all     null

    findings
    rule_code               subject_key
    distribution_dispersed  371500
    """
    concentration("12-31", given, expect)
    expect = "distribution_concentration level=county\npolicy_id\nsite:sole_distributor_share37152020-01-01"
    concentration("12-31", given, expect, SHARE)
    expect = "distribution_concentration level=all\npolicy_id\nsite:top10_share_min2020-01-01"
    concentration("12-31", given, expect, policy("top10_share_min", '"0.8"', "ratio"))


def test_a_finding_leads_to_the_row_of_its_level_where_a_city_has_a_division_of_its_code():
    for rule, level in (("distribution_dispersed", "city"), ("sole_distributor", "county")):
        assert find_subject({"rule_code": rule, "subject_key": "371500"})[1] == {"level": level, "code": "371500"}
