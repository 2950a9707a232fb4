"""Execution by lot: where each agreed product stands, and what was bought instead of it (obligations §32)."""

import pytest

from pipelines.engine.indicator import Inputs
from pipelines.indicators.lot_execution.explain import EXPLAINED
from pipelines.policy.policies import load_policies
from tests.indicators.records import write_records
from tests.spec.check import check
from tests.spec.tables import read_day, read_records

NIGHT = """
products
product_code  generic_code
P1            G1
OTHER1        G1

selections
item_code  product_code
1          P1

commitments
commitment_id  item_code  product_code
C1             1          P1

deliveries product_code=OTHER1
delivery_id  accepted_on
EARLIER      03-02
COMES        {comes}

returns
delivery_id  returned_on  returned_quantity
EARLIER      {returned}   5
"""  # agreed volumes stay
COMES, GOES_BACK = NIGHT.format(comes="12-30", returned="06-30"), NIGHT.format(comes="03-03", returned="12-30")
NIGHTS = (((COMES, COMES), ("12-29", "12-31")), ((GOES_BACK, GOES_BACK), ("12-29", "12-31")))


def execution(as_of: str, given: str, expect: str) -> None:
    check("lot_execution", as_of, given, f"lot_execution\n{expect.strip()}")


HALF = "07-01"  # of a period from 01-01 to 12-31, whose day 183 of 366 it is

EXAMPLE = """
products units_per_pack=1
product_code  generic_code
P1            G1
OTHER1        G1
P2            G2
OTHER2        G2
P3            G3
P4            G4

selections
item_code  product_code
1          P1
2          P2
3          P3
4          P4

commitments
commitment_id  item_code  product_code
C1             1          P1
C2             2          P2
C3             3          P3
C4             4          P4

deliveries accepted_on=06-30
delivery_id  product_code  received_quantity  unit_price
D1           OTHER1        50                 1.00
D2           P2            40                 1.00
D3           OTHER2        30                 2.00
D4           P3            120                1.00
D5           P4            60                 1.00
"""


def test_the_example():
    expect = """
    lot_code  period_start  period_end  time_progress  agreed_products  zero_products  over_products  below_products
    L         01-01         12-31       50%            4                1              1              1
    """
    execution(HALF, EXAMPLE, expect)
    expect = """
    zero_share  over_share  below_share  normal_share  non_selected_over_quantity  non_selected_over_amount  below_and_over
    25%         25%         25%          25%           1                           2                         1
    """
    execution(HALF, EXAMPLE, expect)
    expect = """
    non_selected_products  non_selected_bought  substitutable_products  substitutable_bought
    2                      2                    0                       0
    """
    execution(HALF, EXAMPLE, expect)


@pytest.mark.parametrize(
    ("received", "state"),
    [("0", "zero"), ("0.0001", "below"), ("49.9999", "below"), ("50", "normal"), ("100", "normal"), ("100.0001", "over")],
)
def test_states_and_their_boundaries_at_half_of_the_time(received, state):
    given = f"""
    commitments
    commitment_id
    C

    deliveries accepted_on=06-30
    delivery_id  received_quantity
    D1           {received}
    """
    expect = f"""
    agreed_products  {state}_products  {state}_share
    1                1                 100%
    """
    execution(HALF, given, expect)


def test_what_came_back_leaves_zero_or_less():
    given = """
    commitments
    commitment_id  item_code
    BACK           I
    MORE_BACK      J

    deliveries accepted_on=06-30 received_quantity=10
    delivery_id  accepted_on
    D1           06-01

    returns returned_on=07-01
    delivery_id  returned_quantity
    D1           11
    """
    expect = """
    agreed_products  zero_products
    2                2
    """
    execution(HALF, given, expect)


def test_a_group_is_of_one_institution_lot_and_first_day_and_of_what_has_begun():
    given = """
    institutions
    institution_code
    H
    K

    commitments
    commitment_id  institution_code  lot_code  period_start  period_end  agreed_quantity  target    direction
    TWO            H                 L         01-01         06-30       100              quantity  floor
    OF_ONE         H                 L         01-01         12-31       100              quantity  floor
    LATER          H                 L         06-01         12-31       100              quantity  floor
    LOT            H                 M         01-01         12-31       100              quantity  floor
    ELSEWHERE      K                 L         01-01         12-31       100              quantity  floor
    TODAY          K                 L         07-01         12-31       100              quantity  floor
    TOMORROW       K                 L         07-02         12-31       100              quantity  floor
    NOTHING        K                 L         02-01         12-31       0                quantity  floor
    AMOUNT         K                 L         03-01         12-31       100              amount    floor
    CAP            K                 L         04-01         12-31       100              quantity  cap
    """
    expect = """
    institution_code  lot_code  period_start  period_end  agreed_products  time_progress
    H                 L         01-01         12-31       2                365/548
    H                 L         06-01         12-31       1                31/214
    H                 M         01-01         12-31       1                183/366
    K                 L         01-01         12-31       1                183/366
    K                 L         07-01         12-31       1                1/184
    """
    execution(HALF, given, expect)


def test_a_commitment_that_an_adjustment_cancels_is_none():
    given = """
    commitments
    commitment_id
    C

    commitment_adjustments
    effective_on  delta_quantity
    07-02         -100
    """
    execution("07-01", given, "agreed_products\n1")
    execution("07-02", given, "agreed_products")


WINDOW = """
products
product_code  generic_code
X             G
OTHER         G

selections
product_code
X

commitments
commitment_id  period_start  period_end
C              02-01         11-30

"""


@pytest.mark.parametrize(
    ("as_of", "day", "counts"),
    [
        ("12-31", "01-31", 0),
        ("12-31", "02-01", 1),
        ("12-31", "11-30", 1),
        ("12-31", "12-01", 0),
        ("06-30", "06-30", 1),
        ("06-30", "07-01", 0),
    ],
)
def test_lines_of_the_period_up_to_as_of_count(as_of, day, counts):
    given = (
        WINDOW
        + f"""
    deliveries
    delivery_id  product_code  accepted_on
    D1           OTHER         {day}
    """
    )
    expect = f"""
    non_selected_bought  non_selected_over_quantity  non_selected_over_amount
    {counts}             {counts}                    {counts}
    """
    execution(as_of, given, expect)


def test_gifts_do_not_count_and_purchases_off_the_platform_do():
    given = (
        WINDOW
        + """
    deliveries product_code=OTHER accepted_on=06-30
    delivery_id  is_gift  channel  received_quantity
    GIFT         yes      platform  100
    OFF          no       offline   1
    """
    )
    expect = """
    zero_products  non_selected_bought  non_selected_over_quantity
    1              1                    1
    """
    execution("06-30", given, expect)
    execution(
        "06-30",
        given.replace("OFF          no", "OFF          yes"),
        expect.replace("1              1                    1", "1 0 0"),
    )


def test_as_much_of_one_as_of_the_other_is_not_more():
    given = (
        WINDOW
        + """
    deliveries accepted_on=06-30
    delivery_id  product_code  received_quantity  unit_price
    SELECTED     X             10                 2
    OTHER        OTHER         10                 2
    """
    )
    expect = """
    non_selected_bought  non_selected_over_quantity  non_selected_over_amount
    1                    0                           0
    """
    execution("06-30", given, expect)


def test_a_line_is_of_the_class_of_its_own_day():
    given = """
    products
    product_code  generic_code
    X             G
    OTHER         G

    selections
    product_code  valid_from  valid_to
    X             01-01       06-30
    OTHER         01-01       12-31

    commitments
    commitment_id
    C

    deliveries product_code=X
    delivery_id  accepted_on
    SELECTED     06-30
    NOT_ANY_MORE 07-01
    """
    expect = """
    non_selected_products  non_selected_bought  non_selected_over_quantity
    1                      1                    0
    """
    execution("12-31", given, expect)
    execution("06-30", given, expect.replace("1                      1", "0 0"))


def test_generics_are_those_of_the_product_named_or_of_what_is_selected_for_the_item_within_the_period():
    given = """
    products
    product_code  generic_code
    A             GA
    A2            GA
    B             GB
    B2            GB
    LATE          GL
    LATE2         GL
    SWAP          GS
    SWAP2         GS

    selections
    product_code  valid_from  valid_to
    A             2019-01-01  2020-01-01
    B             07-01       12-31
    LATE          07-02       12-31

    commitments
    commitment_id  product_code  item_code
    OPEN           null          I
    NAMED          A             J

    commitment_adjustments
    commitment_id  effective_on  replacement_product_code
    NAMED          02-01         SWAP
    """
    # OPEN: GA on its first day, GB on as_of, GL not yet; NAMED: GA, its replacement does not matter. On as_of only B is selected.
    expect = """
    agreed_products  non_selected_products
    2                3
    """
    execution(HALF, given, expect)
    execution("07-02", given, expect.replace("3", "4"))


def test_generics_are_found_wherever_the_lot_holds_but_selected_is_asked_for_the_institution():
    given = """
    lots
    lot_code  jurisdiction_code
    L         3715

    products
    product_code  generic_code
    X             G

    selections
    product_code
    X

    commitments
    commitment_id  product_code
    C              null

    deliveries
    delivery_id  accepted_on
    D1           06-30
    """
    expect = """
    non_selected_products  non_selected_bought  non_selected_over_quantity
    1                      0                    0
    """
    execution(HALF, given, expect)


def test_a_product_is_not_selected_on_the_last_day_of_some_commitment_of_its_generic():
    given = """
    products
    product_code  generic_code
    X             G
    ENDED         G
    SINCE         G

    selections
    product_code  valid_from  valid_to
    X             01-01       12-31
    ENDED         01-01       06-30
    SINCE         07-01       12-31

    commitments
    commitment_id  item_code  period_end
    SHORT          I          06-30
    LONG           J          12-31
    """
    expect = """
    non_selected_products
    2
    """
    execution("12-31", given, expect)
    execution("06-30", given, expect.replace("2", "1"))


def test_only_drugs_are_non_selected():
    given = """
    products
    product_code  generic_code  kind
    X             G             drug
    DEVICE        G             consumable

    selections
    product_code
    X

    commitments
    commitment_id
    C

    deliveries product_code=DEVICE
    delivery_id  accepted_on
    D1           06-30
    """
    expect = """
    non_selected_products  non_selected_bought  non_selected_over_quantity
    0                      0                    0
    """
    execution(HALF, given, expect)


def test_substitutes_are_those_of_the_items_and_bought_where_a_line_falls_into_the_period():
    given = """
    products
    product_code  kind
    X             drug
    S1            drug
    S2            consumable
    S3            drug
    ELSE          drug

    substitutes
    item_code  product_code
    I          S1
    I          S2
    J          S2
    J          S3
    K          ELSE

    commitments
    commitment_id  item_code  period_end
    C              I          12-31
    D              J          05-31

    deliveries
    delivery_id  product_code  accepted_on
    D1           S1            07-01
    D2           S2            06-30
    D3           S3            06-30
    D4           ELSE          06-30
    """
    expect = """
    substitutable_products  substitutable_bought
    3                       2
    """
    execution(HALF, given, expect)


def test_lines_of_a_generic_that_two_agreed_products_share_count_in_both_and_a_product_once():
    given = """
    products
    product_code  generic_code
    A             G
    B             G
    OTHER         G

    selections
    item_code  product_code
    I          A
    J          B

    commitments
    commitment_id  item_code  product_code
    C              I          A
    D              J          B

    deliveries accepted_on=06-30
    delivery_id  product_code  received_quantity
    D1           A             60
    D2           OTHER         61
    """
    expect = """
    zero_products  normal_products  non_selected_products  non_selected_bought  non_selected_over_quantity  below_and_over
    1              1                1                      1                    2                           1
    """
    execution(HALF, given, expect)


def test_time_progress_adds_up_days_and_stands_at_one_once_all_is_over():
    given = """
    commitments
    commitment_id  item_code  period_end
    C              I          01-01
    D              J          01-10
    """
    execution("01-04", given, "period_end  time_progress\n01-10  5/11")
    execution("12-31", given, "period_end  time_progress\n01-10  1")


def test_it_finds_nothing_itself():
    check("lot_execution", "2021-01-01", EXAMPLE, "findings\nfinding_id")


def explained(as_of: str, given: str, tmp_path, **key):
    inputs = Inputs(write_records(read_records(given), tmp_path), read_day(as_of), load_policies())
    return EXPLAINED.open(inputs)({"institution_code": "H", "lot_code": "L", "period_start": "2020-01-01"} | key)


def test_a_row_leads_to_its_agreements_its_products_and_each_line_and_says_what_does_not_count(tmp_path):
    given = """
    products units_per_pack=1
    product_code  generic_code
    P1            G1
    OTHER1        G1
    P2            G2

    selections
    item_code  product_code
    1          P1
    2          P2

    commitments
    commitment_id  item_code  product_code  target
    C1             1          P1            quantity
    C2             2          P2            quantity
    BUDGET         1          P1            amount

    deliveries
    delivery_id  product_code  accepted_on  received_quantity  is_gift
    D1           OTHER1        06-30        50                 no
    D2           P2            06-30        40                 no
    EARLY        OTHER1        2019-12-31   5                  no
    GIFT         OTHER1        06-30        5                  yes
    LATE         OTHER1        07-02        5                  no
    BACK         OTHER1        06-30        5                  no

    returns
    delivery_id  returned_on  returned_quantity
    BACK         06-30        5
    """
    answer = explained(HALF, given, tmp_path)
    said = {step.column: (step.numbers, step.value) for step in answer.steps}
    assert said["time_progress"][0] == "(183 + 183) ÷ (366 + 366) = 366 ÷ 732"
    assert (said["zero_products"], said["below_and_over"]) == (("C1", 1), ("C1", 1))
    assert (said["zero_share"], said["non_selected_bought"]) == (("1 ÷ 2", 0.5), ("OTHER1", 1))
    facts = {list(line.key.values())[-1]: line.facts for line in answer.lines if line.dataset in ("commitments", "deliveries")}
    assert (facts["C1"]["净采购（最小单位）"], facts["C1"]["非中选采购"]) == ("0", "50 最小单位、50.00 元")
    assert (facts["D1"]["归类"], facts["D2"]["归类"], facts["D2"]["协议"]) == ("非中选", "中选", "C2")
    assert {line.dataset for line in answer.lines} == {"commitments", "deliveries", "products", "selections"}
    left_out = {list(line.key.values())[-1]: line.reasons for line in answer.left_out}
    assert left_out == {
        "EARLY": ("验收日期 2019-12-31 不在采购周期 2020-01-01 至 2020-07-01 内",),
        "GIFT": ("赠品，不计采购",),
        "LATE": ("验收日期 2020-07-02 晚于统计截止日 2020-07-01",),
        "BACK": ("已全部退回",),
        "BUDGET": ("约定的是金额（带预算采购），不是采购量",),
    }


def test_no_row_no_explanation(tmp_path):
    assert explained(HALF, EXAMPLE, tmp_path, lot_code="OTHER") is None
