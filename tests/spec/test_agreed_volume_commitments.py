"""Which commitment gets a receipt, what it agrees to at as_of, and what is excused (rulebook §4)."""

import pytest

from tests.spec.test_agreed_volume import volume

RECEIPT = """
deliveries
delivery_id  accepted_on
D1           06-30
"""


def test_a_receipt_goes_whole_to_a_named_commitment_before_an_open_one():
    given = """
    selections
    product_code
    X

    commitments
    commitment_id  product_code  agreed_quantity  period_start
    A_OPEN         null          100              2019-07-01
    NAMED          X             30               2020-01-01
    """
    expect = """
    agreed_volume_completion
    commitment_id  net_quantity
    A_OPEN         0
    NAMED          100
    """
    volume("12-31", given + RECEIPT, expect)


def test_the_first_commitment_gets_it_even_when_it_is_complete():
    given = """
    commitments
    commitment_id  agreed_quantity  period_start
    B_EARLIER      10               01-01
    A_LATER        100              02-01
    """
    expect = """
    agreed_volume_completion
    commitment_id  net_quantity  status
    B_EARLIER      100           completed
    A_LATER        0             failed
    """
    volume("2021-01-01", given + RECEIPT, expect)


def test_of_commitments_that_begin_together_the_lower_number_gets_it():
    given = """
    commitments
    commitment_id
    C2
    C1
    """
    expect = """
    agreed_volume_completion
    commitment_id  net_quantity
    C1             100
    C2             0
    """
    volume("12-31", given + RECEIPT, expect)


def test_the_first_wave_and_its_extension_are_never_merged():
    given = """
    commitments
    commitment_id  lot_code  period_start  period_end
    FIRST_WAVE     4+7       2019-07-01    06-30
    EXTENSION      KUOWEI    07-01         2021-06-30
    """
    expect = """
    agreed_volume_rollup level=lot
    code    phase    commitments  completed
    4+7     ended    1            1
    KUOWEI  running  1            0

    agreed_volume_completion
    commitment_id  net_quantity
    FIRST_WAVE     100
    EXTENSION      0
    """
    volume("07-01", given + RECEIPT, expect)


COMMITMENT = """
commitments
commitment_id
C
"""


@pytest.mark.parametrize(("as_of", "agreed"), [("06-30", 100), ("07-01", 150), ("08-01", 120)])
def test_adjustments_count_from_their_day_in_minimum_units(as_of, agreed):
    given = """
    commitment_adjustments
    adjustment_id  effective_on  delta_quantity
    MORE           07-01         50
    LESS           08-01         -30
    """
    expect = f"""
    agreed_volume_completion
    agreed_quantity
    {agreed}
    """
    volume(as_of, COMMITMENT + given, expect)


def test_an_adjustment_of_a_commitment_in_packs_is_still_in_minimum_units():
    given = """
    products
    product_code  units_per_pack
    X             28

    commitments
    commitment_id  unit
    C              pack

    commitment_adjustments
    effective_on  delta_quantity
    02-01         50
    """
    expect = """
    agreed_volume_completion
    agreed_quantity
    2,850
    """
    volume("12-31", given, expect)


@pytest.mark.parametrize("delta", [-100, -101])
def test_a_cancelled_commitment_has_no_rate_and_keeps_its_receipts(delta):
    given = f"""
    commitments
    commitment_id  period_start
    C              01-01
    NEXT           02-01

    commitment_adjustments
    effective_on  delta_quantity
    06-01         {delta}
    """
    expect = f"""
    agreed_volume_completion
    commitment_id  agreed_quantity  net_quantity  strict_rate  capped_rate  excused_rate  gap   time_progress  status
    C              {100 + delta}    100           null         null         null          null  1              cancelled
    NEXT           100              0             0            0            0             -1    1              seriously_behind
    """
    volume("12-31", given + RECEIPT, expect)


@pytest.mark.parametrize(("target", "direction"), [("amount", "floor"), ("quantity", "cap"), ("quantity", "band")])
def test_budgets_caps_and_bands_have_no_row_and_take_no_receipt(target, direction):
    given = f"""
    commitments
    commitment_id  target    direction
    A_OTHER        {target}  {direction}
    FLOOR          quantity  floor
    """
    expect = """
    agreed_volume_completion
    commitment_id  net_quantity
    FLOOR          100
    """
    volume("12-31", given + RECEIPT, expect)


SHORT_BY_40 = """
commitments
commitment_id
C

deliveries
delivery_id  received_quantity  accepted_on
D1           60                 06-30

excuses kind=volume commitment_id=C
"""


@pytest.mark.parametrize(
    ("excuse", "excused", "rate", "status"),
    [
        ("39 2020-01-01 null", 39, "60/61", "failed"),
        ("40 2020-01-01 null", 40, "1", "excused"),
        ("90 2020-01-01 null", 40, "1", "excused"),  # no more than the shortfall
        ("0 2020-01-01 null", 0, "60/100", "failed"),
        ("40 2021-01-01 null", 40, "1", "excused"),  # registered by as_of
        ("40 2021-01-02 null", 0, "60/100", "failed"),  # registered later
        ("40 2020-01-01 2020-12-31", 40, "1", "excused"),  # for commitments ending by that day
        ("40 2020-01-01 2020-12-30", 0, "60/100", "failed"),
    ],
)
def test_excuses_and_their_boundaries(excuse, excused, rate, status):
    expect = f"""
    agreed_volume_completion
    strict_rate  excused_quantity  excused_rate  status
    0.6          {excused}         {rate}        {status}
    """
    volume("2021-01-01", f"{SHORT_BY_40}quantity valid_from valid_to\n{excuse}\n", expect)


def test_the_whole_volume_excused_leaves_no_rate():
    given = """
    commitments
    commitment_id
    C

    excuses kind=volume
    excuse_id  commitment_id  quantity
    E1         C              60
    E2         C              60
    """
    expect = """
    agreed_volume_completion
    strict_rate  excused_quantity  excused_rate  status
    0            100               null          excused
    """
    volume("2021-01-01", given, expect)


def test_excuses_of_another_kind_do_not_excuse_volume():
    given = SHORT_BY_40.replace("kind=volume", "kind=payment") + "quantity\n40\n"
    expect = """
    agreed_volume_completion
    excused_quantity  status
    0                 failed
    """
    volume("2021-01-01", given, expect)


def test_an_excuse_does_not_change_the_status_inside_the_period():
    expect = """
    agreed_volume_completion
    strict_rate  excused_rate  status
    0.6          1             seriously_behind
    """
    volume("12-31", SHORT_BY_40 + "quantity\n40\n", expect)


RUNS_ON = """
commitments
commitment_id  period_start  period_end
C              07-01         09-30
NEXT           10-01         12-31

deliveries
delivery_id  accepted_on
ON_THE_END   11-30
AFTER_IT     12-01

commitment_adjustments
adjustment_id  effective_on  new_period_end
J1             09-01         10-31
J2             09-01         11-30
J3             09-15         null
J0             12-31         07-31
"""


@pytest.mark.parametrize(
    ("as_of", "end", "progress", "net", "next_one", "status"),
    [
        ("08-31", "09-30", "62/92", 0, 0, "seriously_behind"),
        # of two of one day the higher number; one without an end says nothing
        ("09-01", "11-30", "63/153", 0, 0, "seriously_behind"),
        ("11-30", "11-30", "1", 100, 0, "completed"),
        ("12-30", "11-30", "1", 100, 100, "completed"),
        # the latest one, wherever it stands; its receipts go to the next commitment
        ("12-31", "07-31", "1", 0, 200, "failed"),
    ],
)
def test_the_end_is_that_of_the_last_adjustment_in_effect_that_has_one(as_of, end, progress, net, next_one, status):
    expect = f"""
    agreed_volume_completion commitment_id=C
    period_end  time_progress  net_quantity  status
    {end}       {progress}     {net}         {status}

    agreed_volume_completion commitment_id=NEXT
    period_end  net_quantity
    12-31       {next_one}
    """
    volume(as_of, RUNS_ON, expect)


def test_an_end_before_the_start_is_the_start():
    given = """
    commitment_adjustments
    effective_on  new_period_end
    02-01         2019-12-31
    """
    expect = """
    agreed_volume_completion
    period_start  period_end  time_progress  net_quantity  needed_per_day  status
    01-01         01-01       1              0             null            failed

    agreed_volume_rollup level=all
    phase  commitments
    ended  1

    findings
    rule_code             clause
    agreed_volume_failed  医保发〔2019〕56号
    """
    volume("12-31", COMMITMENT + RECEIPT + given, expect)


@pytest.mark.parametrize(("new_end", "excused"), [("06-30", 40), ("07-01", 0)])
def test_an_excuse_meets_the_end_as_adjusted(new_end, excused):
    given = f"""
    commitment_adjustments
    effective_on  new_period_end
    02-01         {new_end}
    """
    expect = f"""
    agreed_volume_completion
    excused_quantity  status
    {excused}         {"excused" if excused else "failed"}
    """
    volume("12-31", f"{SHORT_BY_40}quantity valid_to\n40 06-30\n{given}", expect)


@pytest.mark.parametrize(
    ("excuse", "rate", "status"),
    [(99, "-50", "failed"), (100, "null", "excused"), (101, "50", "excused"), (150, "1", "excused")],
)
def test_more_returned_than_received_is_excused_as_the_rate_says(excuse, rate, status):
    given = f"""
    commitments
    commitment_id
    C

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           10                 06-30

    returns
    delivery_id  returned_quantity  returned_on
    D1           60                 07-31

    excuses kind=volume
    commitment_id  quantity
    C              {excuse}
    """
    expect = f"""
    agreed_volume_completion
    net_quantity  excused_rate  status
    -50           {rate}        {status}
    """
    volume("2021-01-01", given, expect)
