"""Voluntary participation: who is counted, who takes part, who is committed (obligations §14)."""

from tests.spec.check import check

CODE = "voluntary_participation"
ONE = """
institutions
institution_code  jurisdiction_code  ownership
P                 330282             private
"""

MOVES = """
institutions jurisdiction_code=330282 ownership=private
institution_code
ACCEPTED
RETURNED
BEGINS
ENDS
CANCELLED
CUT_SHORT

deliveries
delivery_id  institution_code  accepted_on
D1           ACCEPTED          12-30
D2           RETURNED          12-01

returns
delivery_id  institution_code  returned_on  returned_quantity
D2           RETURNED          12-30        10

commitments
commitment_id  institution_code  period_start  period_end
C3             BEGINS            12-30         2021-12-29
C4             ENDS              2020-01-01    12-29
C5             CANCELLED         2020-01-01    2021-12-31
C6             CUT_SHORT         2020-01-01    2021-12-31

commitment_adjustments
adjustment_id  commitment_id  effective_on  delta_quantity  new_period_end
J5             C5             12-30         -100            null
J6             C6             12-01         0               12-29
"""
NIGHTS = (((MOVES, MOVES), ("12-29", "12-31")), ((MOVES, MOVES), ("12-31", "2021-01-04")))
"""Each institution moves by another record alone as as_of does; the year, all of them."""

ROW = """
voluntary_participation
participants  committed  platform_fen  offline_fen
"""


def test_designated_private_and_retail_institutions_are_counted_by_division_each_branch_by_itself():
    given = """
    institutions
    institution_code  jurisdiction_code  ownership  is_designated  parent_institution_code
    HEAD              330282             private    yes            null
    BRANCH            330282             private    yes            HEAD
    ELSEWHERE         371500             private    yes            HEAD
    SHOP              330282             retail     yes            null
    NOT_DESIGNATED    330282             retail     no             null
    ONLY_ONE          371502             retail     no             null
    PUBLIC            330282             public     yes            null

    deliveries
    delivery_id  institution_code  accepted_on
    D1           BRANCH            03-02
    D2           NOT_DESIGNATED    03-02
    D3           PUBLIC            03-02

    commitments
    commitment_id  institution_code
    C1             NOT_DESIGNATED
    C2             PUBLIC
    """
    expect = """
    voluntary_participation
    jurisdiction_code  ownership  institutions  participants  committed  platform_fen  offline_fen  participation_rate
    330282             private    2             1             0          10,000        0            1/2
    330282             retail     1             0             0          0             0            0
    371500             private    1             0             0          0             0            0

    members
    institution_code  left_out
    HEAD              null
    BRANCH            null
    ELSEWHERE         null
    SHOP              null
    NOT_DESIGNATED    不是定点医药机构
    ONLY_ONE          不是定点医药机构
    """
    check(CODE, "12-31", given, expect)


def test_lines_of_the_year_up_to_as_of_count():
    given = """
    deliveries institution_code=P
    delivery_id   accepted_on  is_gift  received_quantity
    YEAR_BEFORE   2019-12-31   no       1
    FIRST         01-01        no       2
    LAST          06-30        no       4
    LATER         07-01        no       8
    GIFT          03-02        yes      16
    NOT_ACCEPTED  null         no       32
    """
    check(CODE, "06-30", ONE + given, ROW + "1             0          600           0")


def test_what_was_sent_back_is_taken_off_and_a_line_of_which_nothing_stayed_is_none():
    given = """
    deliveries institution_code=P
    delivery_id  accepted_on  channel   received_quantity
    ALL          03-02        platform  10
    PART         03-02        offline   10

    returns institution_code=P
    return_id  delivery_id  returned_quantity  returned_on  status
    R1         ALL          10                 06-30        confirmed
    R2         PART         1                  06-30        confirmed
    R3         PART         2                  07-01        confirmed
    R4         PART         4                  06-01        requested
    """
    check(CODE, "06-30", ONE + given, ROW + "0             0          0             900")
    check(CODE, "06-29", ONE + given, ROW + "1             0          1,000         1,000")


def test_a_line_is_worth_packs_by_price_to_the_fen_half_up_and_nothing_is_a_line_too():
    given = """
    deliveries institution_code=P
    delivery_id  accepted_on  channel   received_quantity  unit_price
    HALF         03-02        offline   10                 1.2345
    FREE         03-02        platform  1                  0
    """
    check(CODE, "06-30", ONE + given, ROW + "1             0          0             1,235")


def test_a_commitment_counts_from_its_first_to_its_last_day():
    given = """
    commitments institution_code=P
    commitment_id  period_start  period_end
    C              03-02         06-30
    """
    for day, committed in (("03-01", 0), ("03-02", 1), ("06-30", 1), ("07-01", 0)):
        check(CODE, day, ONE + given, ROW + f"0             {committed}          0             0")


def test_its_end_is_that_of_the_last_adjustment_in_effect_that_has_one():
    given = """
    commitments institution_code=P
    commitment_id  period_start  period_end
    C              03-02         06-30

    commitment_adjustments
    adjustment_id  effective_on  new_period_end
    LONGER         07-05         09-30
    SHORTER        08-01         08-10
    A_FIRST        08-01         08-20
    WITHOUT        08-02         null
    """
    for day, committed in (("07-01", 0), ("07-05", 1), ("08-10", 1), ("08-11", 0)):
        check(CODE, day, ONE + given, ROW + f"0             {committed}          0             0")


def test_a_commitment_whose_end_would_lie_before_its_start_runs_one_day():
    given = """
    commitments institution_code=P
    commitment_id  period_start  period_end
    C              03-02         06-30

    commitment_adjustments
    adjustment_id  effective_on  new_period_end
    J              03-01         02-01
    """
    for day, committed in (("03-01", 0), ("03-02", 1), ("03-03", 0)):
        check(CODE, day, ONE + given, ROW + f"0             {committed}          0             0")


def test_one_of_which_nothing_is_left_is_cancelled_and_every_target_and_direction_counts():
    given = """
    institutions jurisdiction_code=330282 ownership=private
    institution_code
    CAP
    BAND
    AMOUNT
    NONE
    PACKS
    LITTLE
    LATER

    products
    product_code  units_per_pack
    X             10

    commitments
    commitment_id  institution_code  target    direction  agreed_quantity  agreed_quantity_max  unit
    C1             CAP               quantity  cap        100              null                 min_unit
    C2             BAND              quantity  band       100              120                  min_unit
    C3             AMOUNT            amount    floor      100.01           null                 min_unit
    C4             NONE              quantity  floor      100              null                 min_unit
    C5             PACKS             quantity  floor      11               null                 pack
    C6             LITTLE            amount    cap        100.004          null                 min_unit
    C7             LATER             quantity  floor      100              null                 min_unit

    commitment_adjustments delta_quantity=-100
    adjustment_id  commitment_id  effective_on
    J3             C3             06-30
    J4             C4             06-30
    J5             C5             06-30
    J6             C6             06-30
    J7             C7             07-01
    """
    expect = """
    voluntary_participation
    institutions  committed
    7             5

    commitments
    institution_code  left_out
    CAP               null
    BAND              null
    AMOUNT            null
    NONE              约定采购量已取消
    PACKS             null
    LITTLE            约定采购量已取消
    LATER             null
    """
    check(CODE, "06-30", given, expect)


def test_without_such_an_institution_there_is_no_row():
    check(CODE, "06-30", "", "voluntary_participation\nparticipants")
