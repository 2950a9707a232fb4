"""Surplus retention: what the fund did not spend on an item, and what of it may be kept (obligations §28, rulebook §9)."""

import re

import pytest

from pipelines.engine.indicator import Inputs
from pipelines.errors import UsageError
from pipelines.indicators.surplus_retention.explain import EXPLAINED
from pipelines.policy.policies import load_policies
from tests.indicators.records import write_records
from tests.spec.check import check
from tests.spec.tables import read_day, read_records


def retention(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("surplus_retention", as_of, given, f"surplus_retention\n{expect.strip()}", policies)


RULEBOOK = """
institutions
institution_code  jurisdiction_code
H                 {place}

products
product_code  generic_code
X             G
OTHER         G

selections
product_code  selected_price  valid_from
X             0.60            2021-01-01

commitments
commitment_id  agreed_quantity  period_start  period_end
C              60,000           2021-04-01    2022-03-31

surplus_bases
period_start  period_end  base_quantity  price_before  fund_pay_ratio  insured_share
2021-04-01    2022-03-31  100,000        3.00          0.7             0.9

deliveries
delivery_id  product_code  accepted_on  received_quantity  unit_price
D1           OTHER         2021-06-30   8,000              10.00
"""
YIBIN = RULEBOOK.format(place="511502")
EVALUATED = """
evaluations year=2022 decided_on=2022-06-30
result  score
{result}  {score}
"""


def test_the_example_of_the_rule_book_stands_without_a_ratio_in_cixi():
    expect = """
    jurisdiction_code  status    agreed_fen  non_selected_fen  budget_fen  spend_fen  surplus_fen  ratio  retained_fen
    330282             no_ratio  3,600,000   8,000,000         18,900,000  7,308,000  11,592,000   null   null
    """
    retention("2022-12-31", RULEBOOK.format(place="330282") + EVALUATED.format(result="pass", score="90"), expect)


@pytest.mark.parametrize(
    ("result", "score", "ratio", "retained"),
    [
        ("pass", "90", "0.5", 5_796_000),
        ("pass", "80", "0.5", 5_796_000),
        ("pass", "79.99", "0.4", 4_636_800),
        ("pass", "79.9999", "0.4", 4_636_800),
        ("pass", "65", "0.4", 4_636_800),
        ("pass", "64.99", "0", 0),
        ("pass", "0", "0", 0),
        ("fail", "90", "0", 0),
        ("fail", "null", "0", 0),
        ("pass", "null", "0.4", 4_636_800),
    ],
)
def test_the_example_in_yibin_by_score_and_result(result, score, ratio, retained):
    expect = f"""
    status    result    score    ratio    surplus_fen  retained_fen  volume_met
    assessed  {result}  {score}  {ratio}  11,592,000   {retained}    no
    """
    retention("2022-12-31", YIBIN + EVALUATED.format(result=result, score=score), expect)


@pytest.mark.parametrize("evaluation", ["", "2022-06-30", "2021", "rational_use"])
def test_without_an_evaluation_of_the_year_in_which_the_period_ended(evaluation):
    given = YIBIN + (EVALUATED.format(result="pass", score="90") if evaluation else "")
    given = given.replace("year=2022", "year=2021") if evaluation == "2021" else given
    given = given.replace("year=2022", "kind=rational_use year=2022") if evaluation == "rational_use" else given
    expect = """
    status      result  score  ratio  retained_fen  surplus_fen
    unassessed  null    null   null   null          11,592,000
    """
    retention("2022-06-29", given, expect)


def test_an_evaluation_counts_from_the_day_on_which_it_was_decided():
    given = YIBIN + EVALUATED.format(result="pass", score="90")
    retention("2022-06-29", given, "status\nunassessed")
    retention("2022-06-30", given, "status\nassessed")


def test_another_ratio_before():
    given = YIBIN.replace("fund_pay_ratio  insured_share", "fund_pay_ratio  fund_pay_ratio_before  insured_share")
    given = given.replace("0.7             0.9", "0.7             0.8                    0.9")
    expect = """
    budget_fen  spend_fen  surplus_fen
    21,600,000  7,308,000  14,292,000
    """
    retention("2022-12-31", given, expect)


@pytest.mark.parametrize(("as_of", "rows"), [("2022-03-31", 0), ("2022-04-01", 1)])
def test_a_base_has_a_row_the_day_after_its_period(as_of, rows):
    retention(as_of, YIBIN, "period_end\n" + "2022-03-31\n" * rows)


SMALL = """
selections
product_code  selected_price
X             0.01

commitments
commitment_id  agreed_quantity
C              {agreed}

surplus_bases base_quantity={base} price_before={price} fund_pay_ratio={ratio} insured_share={share}
period_end
12-30
"""


@pytest.mark.parametrize(
    ("base", "price", "ratio", "share", "agreed", "budget", "spend", "surplus"),
    [
        ("1", "0.01", "0.5", "1", "1", 1, 1, 0),  # half a fen each: both go up, and nothing is left
        ("1.5", "0.01", "0.5", "1", "1", 1, 1, 0),  # 0.75 - 0.5 = 0.25
        ("2", "0.01", "0.5", "1", "1", 1, 1, 1),  # 1 - 0.5 = 0.5
        ("1", "0.01", "0.5", "1", "2", 1, 1, -1),  # 0.5 - 1 = -0.5, away from zero
        ("0.0001", "0.0001", "0.0001", "0.0001", "1", 0, 0, 0),
        ("0", "3", "1", "1", "100", 0, 100, -100),
        ("100", "1", "0", "1", "100", 0, 0, 0),
        ("10000000000", "1", "1", "1", "1", 1_000_000_000_000, 1, 999_999_999_999),
        ("10000000000", "0.9999", "0.9999", "0.9999", "1", 999_700_029_999, 1, 999_700_029_998),
        ("999.9999", "9999999.9999", "0.9999", "0.9999", "1", 999_799_910_010, 1, 999_799_910_009),
    ],
)
def test_each_amount_is_rounded_once_from_exact_numbers(base, price, ratio, share, agreed, budget, spend, surplus):
    given = SMALL.format(base=base, price=price, ratio=ratio, share=share, agreed=agreed)
    retention("12-31", given, f"budget_fen  spend_fen  surplus_fen\n{budget}  {spend}  {surplus}")


def test_what_is_kept_is_made_of_the_exact_surplus_and_never_below_nothing():
    steps = STEPS.replace("STEPS", '["0=50"]')
    evaluated = "\nevaluations\nscore\n50\n"
    # 1.5 fen are left, printed as 2; half of them is 0.75, printed as 1
    half = SMALL.format(base="4", price="0.01", ratio="0.5", share="1", agreed="1") + evaluated
    retention("12-31", half, "surplus_fen  retained_fen\n2  1", steps)
    # 0.5 is printed as 1; half of it, 0.25, as nothing
    less = SMALL.format(base="2", price="0.01", ratio="0.5", share="1", agreed="1") + evaluated
    retention("12-31", less, "surplus_fen  retained_fen\n1  0", steps)
    below = SMALL.format(base="1", price="0.01", ratio="1", share="1", agreed="100") + evaluated
    retention("12-31", below, "status  surplus_fen  ratio  retained_fen\nassessed  -99  0.5  0", steps)


STEPS = """
[[policy]]
id = "SITE"
parameter = "surplus_ratio"
value = STEPS
unit = "percent"
jurisdiction = ""
valid_from = 2000-01-01
document_no = "号"
clause = "条"
mark = "N"
"""


@pytest.mark.parametrize(
    ("steps", "score", "ratio"),
    [
        ('["90=30", "60=50"]', "95", "0.3"),  # the highest step reached, not the greatest share
        ('["90=30", "60=50"]', "null", "0.5"),  # the lowest step
        ('["9=10", "80=20"]', "80", "0.2"),  # by number, not as text
        ('["60.5=12.25"]', "60.5", "0.1225"),
        ('["60.5=12.25"]', "60.4999", "0"),
        ("[]", "100", "0"),
        ("[]", "null", "0"),
    ],
)
def test_steps(steps, score, ratio):
    given = SMALL.format(base="100", price="1", ratio="1", share="1", agreed="1") + f"\nevaluations\nscore\n{score}\n"
    retention("12-31", given, f"status  ratio\nassessed  {ratio}", STEPS.replace("STEPS", steps))


def test_the_steps_are_those_of_the_last_day_of_the_period():
    given = YIBIN + EVALUATED.format(result="pass", score="90")
    before = given.replace("2022-03-31  100,000", "2021-12-31  100,000").replace("year=2022", "year=2021")
    on_the_day = before.replace("2021-12-31  100,000", "2022-01-01  100,000").replace("year=2021", "year=2022")
    retention("2022-12-31", before, "status\nno_ratio")
    retention("2022-12-31", on_the_day, "status\nassessed")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ('["80=50.01"]', "80=50.01 中等号后的数不得大于 50（医保发〔2020〕26号"),
        ('["65=40", "80=60"]', "80=60 中等号后的数不得大于 50（医保发〔2020〕26号"),
        ('["101=50"]', '101=50 写法不对，应如 "80=50"'),
        ('["80"]', '80 写法不对，应如 "80=50"'),
        ('["80=40", "80=50"]', "80 出现不止一次"),
    ],
)
def test_more_than_half_and_other_faults_are_refused_when_the_policy_is_read(value, fault, tmp_path):
    (tmp_path / "site.toml").write_text(STEPS.replace("STEPS", value), encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(fault)):
        load_policies(tmp_path)


def test_bases_without_a_commitment_or_a_price():
    given = """
    products
    product_code  generic_code
    X             G
    OTHER         G

    selections
    item_code  product_code
    1          X
    2          X

    commitments agreed_quantity=10
    commitment_id  item_code  product_code  period_start  target    direction
    PRICED         1          X             01-01         quantity  floor
    ALSO           1          OTHER         01-01         quantity  floor
    OTHER_DAY      2          X             01-02         quantity  floor
    AMOUNT         2          X             01-01         amount    floor
    CAP            2          X             01-01         quantity  cap
    UNPRICED       3          X             01-01         quantity  floor
    WITHDRAWN      4          GONE          01-01         quantity  floor

    surplus_bases
    item_code
    1
    2
    3
    4

    deliveries
    delivery_id  product_code  accepted_on  received_quantity
    D1           OTHER         06-30        7
    """
    expect = """
    item_code  status         agreed_fen  non_selected_fen  budget_fen  spend_fen  surplus_fen  volume_met
    1          no_ratio       2,000       700               5,000       1,350      3,650        no
    2          no_commitment  0           700               5,000       null       null         null
    3          no_price       0           0                 5,000       null       null         no
    4          no_commitment  0           0                 5,000       null       null         null
    """
    retention("12-31", given, expect)


def test_all_else_is_printed_without_a_commitment_or_a_price():
    given = SMALL.format(base="100", price="1", ratio="1", share="1", agreed="1") + "\nevaluations\nscore\n90\n"
    expect = "status  result  score  ratio  retained_fen\n{}  pass  90  0.5  null"
    steps = STEPS.replace("STEPS", '["80=50"]')
    retention(
        "12-31",
        given.replace("0.01\n\ncomm", "0.01\n\nsubstitutes\nproduct_code\n\ncomm").replace(
            "product_code  selected_price\nX             0.01", "product_code  item_code\nX             OTHER"
        ),
        expect.format("no_price"),
        steps,
    )
    retention(
        "12-31",
        given.replace("commitment_id  agreed_quantity", "commitment_id  agreed_quantity  item_code").replace(
            "C              1", "C              1  OTHER"
        ),
        expect.format("no_commitment"),
        steps,
    )


def test_what_was_agreed_is_that_of_as_of_and_a_cancelled_commitment_is_none():
    given = """
    selections
    product_code
    X

    commitments
    commitment_id  product_code
    C              X
    D              null

    commitment_adjustments
    adjustment_id  commitment_id  effective_on  delta_quantity
    1              C              2021-01-15    -30
    2              D              2021-01-15    -100

    surplus_bases
    period_end
    12-31
    """
    retention("2021-01-14", given, "agreed_fen  spend_fen  volume_met\n20,000  10,000  no")
    retention("2021-01-15", given, "agreed_fen  spend_fen  volume_met\n7,000   3,500   no")
    cancelled = given.replace("-30", "-100")
    retention("2021-01-15", cancelled, "agreed_fen  status         volume_met\n0  no_commitment  null")


@pytest.mark.parametrize(
    ("received", "excused", "end", "met"),
    [("100", "1", "12-30", "yes"), ("99", "1", "12-30", "yes"), ("98", "1", "12-30", "no"), ("99", "1", "12-31", "no")],
)
def test_volume_met(received, excused, end, met):
    given = f"""
    selections
    product_code
    X

    commitments
    commitment_id  period_end
    C              {end}

    surplus_bases
    period_end
    12-30

    deliveries
    delivery_id  accepted_on  received_quantity
    D1           06-30        {received}

    excuses kind=volume
    commitment_id  quantity
    C              {excused}
    """
    retention("12-31", given, f"volume_met\n{met}")


BESIDE = """
institutions
institution_code  parent_institution_code
H                 null
BRANCH            H

products
product_code  generic_code  dosage_form  kind
X             G             片剂         drug
OTHER         G             片剂         drug
INJECTED      G             注射液       drug
ELSE          E             片剂         drug
DEVICE        G             片剂         consumable

selections
product_code  valid_from  valid_to
X             01-01       null

commitments
commitment_id
C

surplus_bases
period_start  period_end
01-01         11-30

"""


@pytest.mark.parametrize(
    ("line", "fen"),
    [
        ("H       OTHER     01-01       10  no   offline", 1_000),
        ("H       OTHER     11-30       10  no   platform", 1_000),
        ("H       OTHER     2019-12-31  10  no   platform", 0),
        ("H       OTHER     12-01       10  no   platform", 0),
        ("H       OTHER     06-30       10  yes  platform", 0),
        ("H       X         06-30       10  no   platform", 0),
        ("H       INJECTED  06-30       10  no   platform", 0),
        ("H       ELSE      06-30       10  no   platform", 0),
        ("H       DEVICE    06-30       10  no   platform", 0),
        ("BRANCH  OTHER     06-30       10  no   platform", 0),
    ],
)
def test_lines_of_the_period_of_the_same_generic_and_route_that_are_not_selected(line, fen):
    header = "\ndeliveries delivery_id=D1\ninstitution_code  product_code  accepted_on  received_quantity  is_gift  channel\n"
    retention("12-31", BESIDE + header + line, f"non_selected_fen\n{fen}")


@pytest.mark.parametrize(("as_of", "fen"), [("12-30", 1_000), ("12-31", 400)])
def test_what_came_back_after_the_period_is_taken_off(as_of, fen):
    given = (
        BESIDE
        + """
    deliveries
    delivery_id  product_code  accepted_on  received_quantity
    D1           OTHER         06-30        10

    returns
    delivery_id  returned_on  returned_quantity
    D1           12-31        6
    """
    )
    retention(as_of, given, f"non_selected_fen\n{fen}")


@pytest.mark.parametrize(
    ("first", "last", "fen"),
    [("01-01", "null", 1_000), ("2019-01-01", "01-01", 0), ("01-02", "null", 0), ("2019-01-01", "2019-12-31", 0)],
)
def test_generics_are_those_selected_for_the_item_on_the_first_day_and_a_line_is_judged_on_its_own(first, last, fen):
    given = BESIDE.replace("X             01-01       null", f"X  {first}  {last}")
    given += "deliveries\ndelivery_id  product_code  accepted_on  received_quantity\nD1  OTHER  06-30  10\n"
    retention("12-31", given, f"non_selected_fen\n{fen}")


def test_a_lot_of_elsewhere_gives_the_generics_but_selects_nothing_here():
    given = "lots\nlot_code  jurisdiction_code\nL  {}\n\n" + BESIDE
    given += "deliveries\ndelivery_id  product_code  accepted_on  received_quantity\nD1  OTHER  06-30  10\n"
    retention("12-31", given.format("3715"), "non_selected_fen\n0")
    retention("12-31", given.format("3302"), "non_selected_fen\n1,000")
    by_another = given.replace(
        "valid_from  valid_to\nX             01-01       null",
        "lot_code  valid_from  valid_to\nX  L  01-01  null\nX  M  01-01  null",
    )
    by_another = by_another.replace("L  {}\n", "L  3715\nM  3302\n")
    retention("12-31", by_another, "non_selected_fen\n1,000")


def test_a_generic_that_two_items_share_stands_in_both():
    given = BESIDE.replace(
        "product_code  valid_from  valid_to\nX             01-01       null", "item_code  product_code\nI  X\nJ  X"
    )
    given = given.replace("period_start  period_end\n", "item_code  period_start  period_end\n").replace(
        "01-01         11-30\n", "I  01-01  11-30\nJ  01-01  11-30\n"
    )
    given += "deliveries\ndelivery_id  product_code  accepted_on  received_quantity\nD1  OTHER  06-30  10\n"
    retention("12-31", given, "item_code  non_selected_fen\nI  1,000\nJ  1,000")


def test_a_base_of_a_lot_or_an_institution_that_is_withdrawn_is_none():
    given = """
    surplus_bases
    institution_code  lot_code
    H                 L
    GONE              L
    H                 GONE
    """
    retention("12-31", given, "institution_code  lot_code\nH  L")


def test_it_finds_nothing_itself():
    check("surplus_retention", "2022-12-31", YIBIN, "findings\nfinding_id")


def test_the_explanation_puts_the_numbers_into_the_formulas(tmp_path):
    given = YIBIN + EVALUATED.format(result="pass", score="79.99")
    inputs = Inputs(write_records(read_records(given), tmp_path), read_day("2022-12-31"), load_policies())
    key = {"institution_code": "H", "lot_code": "L", "item_code": "I", "period_start": "2021-04-01"}
    said = {step.column: step.numbers for step in EXPLAINED.open(inputs)(key).steps}
    assert said["budget_fen"] == "100,000 × 3 × 0.7 × 0.9 = 189,000"
    assert said["spend_fen"] == "(36,000.00 + 80,000.00) × 0.7 × 0.9 = 73,080"
    assert said["ratio"] == "各档 65=40、80=50；考核合格：得分 79.99，取达到的最高一档 → 40%"
    assert said["retained_fen"] == "max(0, 115,920) × 40% = 46,368.00 元"


RUNS_OUT = BESIDE.replace("11-30", "12-30")
BOUGHT = BESIDE + "deliveries\ndelivery_id  product_code  accepted_on\nD1  OTHER  06-30\n"
GOES_BACK = BOUGHT + "\nreturns\ndelivery_id  returned_on  returned_quantity\nD1  12-30  5\n"
AGREED_LESS = BESIDE + "commitment_adjustments\neffective_on  delta_quantity\n12-30  -50\n"
ANOTHER_BASE = BESIDE.replace("01-01         11-30\n", "01-01         11-30\n01-02         11-30\n")
JUDGED = BESIDE + "evaluations\ndecided_on\n12-30\n"
NIGHTS = (
    ((RUNS_OUT, RUNS_OUT), ("12-29", "12-31")),
    ((RUNS_OUT, RUNS_OUT), ("12-30", "12-31")),
    ((BESIDE, BOUGHT), ("12-31", "12-31")),
    ((GOES_BACK, GOES_BACK), ("12-29", "12-31")),
    ((BOUGHT, GOES_BACK), ("12-31", "12-31")),
    ((AGREED_LESS, AGREED_LESS), ("12-29", "12-31")),
    ((BESIDE, ANOTHER_BASE), ("12-31", "12-31")),
    ((BESIDE, JUDGED), ("12-31", "12-31")),
    ((JUDGED, JUDGED), ("12-29", "12-31")),
)
