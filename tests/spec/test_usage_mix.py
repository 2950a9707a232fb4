"""Usage mix: what was bought of selected, non-selected and substitutable drugs of a generic (obligations §16)."""

import re

import pytest

from tests.spec.check import check


def mix(table: str, as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("usage_mix", as_of, given, f"{table}\n{expect.strip()}", policies)


SIBLINGS = """
products units_per_pack=28
product_code  generic_code  dosage_form
A             G             片剂
B             G             片剂

selections
product_code
A

"""


def test_the_example():
    given = (
        SIBLINGS
        + """
    deliveries accepted_on=06-30
    delivery_id  product_code  received_quantity
    D1           A             1950
    D2           B             650
    """
    )
    expect = """
    institution_code  generic_code  route  selected_units  non_selected_units  substitute_units  non_selected_share_units
    H                 G             other  54,600          18,200              0                 25.00%
    """
    mix("usage_mix", "12-31", given, expect)
    mix("usage_mix_year", "12-31", given, expect)


SHANGHAI = """
institutions
institution_code  jurisdiction_code  ownership
H                 310101             public

products
product_code  generic_code  units_per_pack
A             G             7
B             G             7
C             F             10

selections
product_code  valid_from  valid_to
A             01-01       06-30
B             01-01       12-31

substitutes
product_code
C

deliveries unit_price=10
delivery_id  product_code  accepted_on  received_quantity
IN_JUNE      A             06-30        100
IN_JULY      A             07-01        101
STANDS_IN    C             07-01        20
"""
FOUND = """
rule_code                severity  subject_type         subject_key  amount_fen  quantity  counterparty_code
non_selected_share_high  warning   institution_generic  H|G|other    101,000     707       null
"""
NONE = "finding_id"


def test_the_example_of_shanghai():
    expect = """
    selected_units  non_selected_units  substitute_units  non_selected_share_units  non_selected_fen  substitute_fen
    700             707                 200               50.2488%                  101,000           20,000
    """
    mix("usage_mix_year", "12-31", SHANGHAI, expect)
    expect = """
    month    selected_units  non_selected_units  substitute_units  non_selected_share_units  non_selected_share_amount
    2020-06  700             0                   0                 0                         0
    2020-07  0               707                 200               1                         1
    """
    mix("usage_mix", "12-31", SHANGHAI, expect)
    mix("findings", "12-31", SHANGHAI, FOUND)


def test_as_much_as_the_limit_is_not_above_it():
    half = SHANGHAI.replace("07-01        101", "07-01        100")
    mix("usage_mix_year", "12-31", half, "non_selected_share_units\n50%")
    mix("findings", "12-31", half, NONE)


def test_the_limit_is_that_of_as_of_and_of_the_place_and_without_one_nothing_is_found():
    mix("findings", "07-30", SHANGHAI, NONE)
    mix("usage_mix_year", "07-30", SHANGHAI, "non_selected_share_units  policy_id\n50.2488%  null")
    mix("findings", "07-31", SHANGHAI, FOUND)
    mix("usage_mix_year", "07-31", SHANGHAI, "policy_id\nnon_selected_share_limit@31@2020-07-31")
    mix("findings", "12-31", SHANGHAI.replace("310101", "330282"), NONE)


@pytest.mark.parametrize(("price", "is_found"), [("9.90", False), ("9.91", True)])  # 999.90 and 1,000.91 yuan
def test_what_is_worth_less_than_the_floor_is_not_found(price, is_found):
    given = SHANGHAI.replace("unit_price=10", f"unit_price={price}")
    mix("findings", "12-31", given, "quantity\n707" if is_found else NONE)


def test_as_much_as_the_floor_is_found():
    given = SHANGHAI.replace("101", "1000").replace("3101000", "310101").replace("unit_price=10", "unit_price=1")
    mix("findings", "12-31", given, "amount_fen\n100,000")


@pytest.mark.parametrize("ownership", ["private", "retail"])
def test_only_public_institutions_have_findings_and_others_no_signal(ownership):
    mix("findings", "12-31", SHANGHAI.replace("public", ownership), NONE)


@pytest.mark.parametrize(
    ("place", "as_of", "clause"),
    [
        ("330282", "2020-08-17", "优先使用中选药品（本系统默认依据）"),
        ("330282", "2020-08-18", "慈政办发〔2020〕68号 (八)25"),
        ("330282", "2021-12-31", "慈政办发〔2020〕68号 (八)25"),
        ("371500", "2020-12-31", "优先使用中选药品（本系统默认依据）"),
        ("371500", "2021-12-31", "国办发〔2021〕2号 (十二)"),
    ],
)
def test_the_clause_is_that_of_as_of_and_of_the_place(place, as_of, clause):
    limit = """
    [[policy]]
    id = "limit"
    parameter = "non_selected_share_limit"
    value = "0.5"
    unit = "ratio"
    jurisdiction = ""
    valid_from = 2020-01-01
    document_no = "本地"
    clause = "本地"
    mark = "D"
    """
    of_the_year = re.sub(r"(?<!\S)(\d\d-\d\d)(?!\S)", rf"{as_of[:4]}-\1", SHANGHAI.replace("310101", place))
    mix("findings", as_of, of_the_year, f"clause | rule_code\n{clause} | non_selected_share_high", limit)


def test_of_the_days_before_the_year_nothing_is_in_the_share_of_the_year():
    given = (
        SIBLINGS
        + """
    deliveries received_quantity=1
    delivery_id  product_code  accepted_on
    FIRST_DAY    A             01-01
    LAST_DAY     B             06-30
    TOMORROW     B             07-01
    LAST_YEAR    B             2019-12-31
    A_YEAR_AGO   B             2019-06-30
    A_DAY_LATER  B             2019-07-01
    FIRST_BEFORE A             2019-01-01
    TWO_YEARS    A             2018-12-31
    """
    )
    expect = """
    selected_units  non_selected_units  selected_units_before  non_selected_units_before  non_selected_share_units_before
    28              28                  28                     28                         50%
    """
    mix("usage_mix_year", "06-30", given, expect)
    months = """
    month    selected_units  non_selected_units
    2019-01  28              0
    2019-06  0               28
    2019-07  0               28
    2019-12  0               28
    2020-01  28              0
    2020-06  0               28
    """
    mix("usage_mix", "06-30", given, months)  # in 2018 nothing was selected


LEAP = (
    SIBLINGS
    + """
    deliveries received_quantity=1
    delivery_id  product_code  accepted_on
    FEBRUARY_28  B             2019-02-28
    MARCH_1      B             2019-03-01
    """
)


@pytest.mark.parametrize(("as_of", "units"), [("02-27", None), ("02-28", 28), ("02-29", 28), ("03-01", 56)])
def test_a_29th_of_february_has_the_28th_a_year_before(as_of, units):
    expect = "non_selected_units  non_selected_units_before  non_selected_share_units  non_selected_share_amount_before"
    mix("usage_mix_year", as_of, LEAP, expect + (f"\n0  {units}  null  1" if units else ""))


def test_a_row_of_the_year_needs_a_line_in_one_of_its_windows_and_one_of_a_month_a_line():
    given = (
        SIBLINGS
        + """
    deliveries
    delivery_id  product_code  accepted_on
    BETWEEN      B             2019-12-31
    """
    )
    mix("usage_mix_year", "12-30", given, "generic_code")
    mix("usage_mix_year", "12-31", given, "generic_code  non_selected_units_before  selected_units\nG 2800 0")
    mix("usage_mix", "12-30", given, "month\n2019-12")


def test_gifts_and_what_came_back_do_not_count_and_purchases_off_the_platform_do():
    given = (
        SIBLINGS
        + """
    deliveries received_quantity=2 accepted_on=06-01
    delivery_id  product_code  is_gift  channel   is_emergency
    GIFT         A             yes      platform  no
    OFF          B             no       offline   yes
    BACK         B             no       platform  no
    PART         A             no       platform  no
    REFUSED      A             no       platform  no

    returns returned_on=07-01
    return_id  delivery_id  returned_quantity  status
    R1         BACK         2                  confirmed
    R2         PART         1                  confirmed
    R3         REFUSED      1                  refused
    """
    )
    mix("usage_mix_year", "06-30", given, "selected_units  non_selected_units  selected_fen\n112  112  400")
    mix("usage_mix_year", "07-01", given, "selected_units  non_selected_units  selected_fen\n84  56  300")


def test_consumables_and_drugs_of_which_nothing_is_selected_make_no_row():
    given = """
    products
    product_code  generic_code  kind
    A             G             drug
    DEVICE        G             consumable
    OTHER         O             drug

    selections
    product_code
    A

    deliveries accepted_on=06-30
    delivery_id  product_code
    D1           DEVICE
    D2           OTHER
    """
    mix("usage_mix", "12-31", given, "month")
    mix("usage_mix_year", "12-31", given, "generic_code")


def test_another_route_is_another_row():
    given = """
    products
    product_code | generic_code | dosage_form
    A            | G            | 片剂
    B            | G            | 注 射液

    selections
    product_code
    A

    deliveries accepted_on=06-30
    delivery_id  product_code
    D1           A
    D2           B
    """
    mix("usage_mix_year", "12-31", given, "generic_code  route  selected_units\nG other 100")


def test_a_substitute_counts_for_every_other_generic_and_besides_for_its_own():
    given = """
    products
    product_code  generic_code
    A             G
    B             F
    C             E
    SIBLING       E

    selections
    item_code  product_code
    I          A
    J          B
    K          C

    substitutes
    item_code  product_code
    I          SIBLING
    J          SIBLING
    K          SIBLING

    deliveries accepted_on=06-30
    delivery_id  product_code
    D1           SIBLING
    """
    expect = """
    generic_code  selected_units  non_selected_units  substitute_units  non_selected_share_units
    E             0               100                 0                 1
    F             0               0                   100               null
    G             0               0                   100               null
    """
    mix("usage_mix_year", "12-31", given, expect)


def test_selected_is_asked_for_the_division_of_the_institution():
    given = (
        SIBLINGS
        + """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    K                 371500

    lots
    lot_code  jurisdiction_code
    L         33

    deliveries accepted_on=06-30
    delivery_id  institution_code  product_code
    D1           H                 B
    D1           K                 B
    """
    )
    mix("usage_mix_year", "12-31", given, "institution_code  jurisdiction_code  non_selected_units\nH 330282 2800")


def test_units_of_what_passed_and_of_originators_are_of_this_year_and_without_substitutes():
    given = """
    products
    product_code  generic_code  evaluation
    A             G             passed
    B             G             originator
    C             G             none
    D             F             passed

    selections
    product_code
    A

    substitutes
    product_code
    D

    deliveries
    delivery_id  product_code  accepted_on  received_quantity
    D1           A             06-30        1
    D2           B             06-30        2
    D3           C             06-30        4
    D4           D             06-30        8
    D5           A             2019-06-30   16
    """
    expect = """
    selected_units  non_selected_units  substitute_units  passed_units  originator_units  selected_units_before
    1               6                   8                 1             2                 16
    """
    mix("usage_mix_year", "12-31", given, expect)


COMMITTED = (
    SIBLINGS
    + """
    deliveries accepted_on=03-01
    delivery_id  product_code
    D1           B

    commitments
    commitment_id  product_code  period_start  period_end  agreed_quantity  target    direction  item_code
    C              null          05-01         2021-04-30  100              quantity  floor      I
    """
)


def committed(as_of: str, given: str, is_so: bool) -> None:
    mix("usage_mix_year", as_of, given, f"has_commitment\n{'yes' if is_so else 'no'}")


def test_a_commitment_is_of_the_year_if_its_period_meets_the_days_up_to_as_of():
    committed("04-30", COMMITTED, False)
    committed("05-01", COMMITTED, True)
    ended = COMMITTED.replace("05-01         2021-04-30", "2019-05-01    2019-12-31")
    committed("04-30", ended, False)
    committed("04-30", ended.replace("2019-12-31", "2020-01-01"), True)


@pytest.mark.parametrize(
    ("change", "is_so"),
    [
        (("quantity  floor ", "amount    cap   "), True),
        (("quantity  floor ", "quantity  band  "), True),
        (("100              quantity", "0                quantity"), False),
        (("floor      I", "floor      J"), False),
    ],
)
def test_any_target_and_direction_counts_but_no_cancelled_commitment_and_none_of_another_item(change, is_so):
    assert change[0] in COMMITTED
    committed("12-31", COMMITTED.replace(*change), is_so)


def test_adjustments_cancel_and_prolong_from_their_day():
    cancelled = (
        COMMITTED
        + """
    commitment_adjustments
    effective_on  delta_quantity
    07-01         -100
    """
    )
    committed("06-30", cancelled, True)
    committed("07-01", cancelled, False)
    prolonged = (
        COMMITTED.replace("05-01         2021-04-30", "2019-05-01    2019-12-31")
        + """
    commitment_adjustments
    effective_on  new_period_end
    07-01         01-01
    """
    )
    committed("06-30", prolonged, False)
    committed("07-01", prolonged, True)


@pytest.mark.parametrize(
    ("days", "is_so"),
    [("2019-01-01  04-30", False), ("2019-01-01  05-01", True), ("2021-04-30  null", True), ("2021-05-01  null", False)],
)
def test_the_item_must_have_a_product_of_the_generic_selected_on_a_day_of_the_period(days, is_so):
    rows = f"product_code  item_code  valid_from  valid_to\nA  I  {days}\nA  J  2019-01-01  null"
    committed("12-31", COMMITTED.replace("product_code\nA\n\n", f"{rows}\n\n", 1), is_so)


FAMILY = (
    COMMITTED.replace("commitment_id  ", "commitment_id  institution_code  ").replace("C     ", "C  HEAD  ")
    + """
    institutions
    institution_code  parent_institution_code
    H                 SISTER
    SISTER            HEAD
    HEAD              null
    """
)


def test_a_commitment_of_the_head_counts_for_all_of_its_family_and_one_of_another_member_does_not():
    committed("12-31", FAMILY, True)
    committed("12-31", FAMILY.replace("C  HEAD", "C  SISTER"), False)
    committed("12-31", FAMILY.replace("C  HEAD", "C  H"), True)


def test_the_commitment_of_the_head_is_of_what_is_selected_where_the_institution_is():
    lot = """
    lots
    lot_code  jurisdiction_code
    L         3302
    M         ''
    """
    elsewhere = FAMILY.replace("institution_code  parent_", "institution_code  jurisdiction_code  parent_")
    for code, place in (("H", "330282"), ("SISTER", "330282"), ("HEAD", "371500")):
        elsewhere = elsewhere.replace(f"\n    {code} ", f"\n    {code}  {place}  ")
    committed("12-31", elsewhere + lot, True)


MOVES = (
    COMMITTED
    + """
    commitment_adjustments
    effective_on  delta_quantity
    12-31         -100

    returns
    delivery_id  returned_on  returned_quantity
    D1           12-31        1
    """
)
BEGINS = COMMITTED.replace("05-01         2021", "12-31         2021")
A_YEAR_AGO = COMMITTED.replace("03-01", "2019-12-31")
ACCEPTED = COMMITTED.replace("03-01", "12-31")
NEW_YEAR = COMMITTED.replace("03-01", "2021-01-01").replace("05-01         2021-04-30", "2021-05-01    2021-12-31")
NIGHTS = (
    ((MOVES, MOVES), ("12-30", "12-31")),
    ((BEGINS, BEGINS), ("12-30", "12-31")),
    ((A_YEAR_AGO, A_YEAR_AGO), ("12-30", "12-31")),
    ((ACCEPTED, ACCEPTED), ("12-30", "12-31")),
    ((NEW_YEAR, NEW_YEAR), ("2021-12-31", "2022-01-01")),
    ((NEW_YEAR, NEW_YEAR), ("2022-01-01", "2021-12-31")),
    ((LEAP, LEAP), ("02-27", "02-28")),
    ((LEAP, LEAP), ("02-29", "03-01")),
)
