"""Budgets, caps and bands: pools, nets, what is excused, statuses, findings (obligations §13)."""

import pytest

from tests.spec.check import check


def budgeted(as_of: str, given: str, expect: str) -> None:
    check("budgeted_completion", as_of, given, expect)


CAP = """
commitments target=amount direction=cap agreed_quantity=100000
commitment_id  agreed_quantity
C              {agreed}

deliveries
delivery_id  received_quantity  unit_price  accepted_on  is_gift  channel
D1           3,000              12.3456     03-02        no       platform
D2           2,000              12.00       03-03        no       offline
GIFT         500                12.00       03-04        yes      platform

returns
delivery_id  returned_quantity  returned_on
D2           100                04-01
"""


def test_a_cap_counts_off_platform_receipts_each_to_the_fen_and_no_gifts():
    expect = """
    budgeted_completion
    net_fen    agreed_fen  agreed_quantity  net_quantity  rate        time_progress  status  policy_id
    5,983,680  10,000,000  null             null          0.598368    182/366        ahead   cap_ahead_ratio@CN@2000-01-01
    """
    budgeted("06-30", CAP.format(agreed="100,000"), expect)


PAID = """
commitments target=amount direction=cap agreed_quantity=100000
commitment_id
C

deliveries received_quantity=1
delivery_id  unit_price  accepted_on
D1           {paid}      03-02
"""


@pytest.mark.parametrize(
    ("paid", "as_of", "status"),
    [
        ("59672.13", "06-30", "on_track"),
        ("59672.14", "06-30", "ahead"),
        ("100000.00", "12-31", "on_track"),
        ("100000.00", "2021-01-01", "kept"),
        ("100000.01", "12-31", "exceeded"),
        ("100000.01", "2021-01-01", "exceeded"),
        ("0", "2019-12-31", "not_started"),
    ],
)
def test_a_cap_is_kept_on_track_ahead_or_exceeded(paid, as_of, status):
    budgeted(as_of, PAID.format(paid=paid), f"budgeted_completion\nstatus\n{status}")


BAND = """
commitments direction=band agreed_quantity=1000 agreed_quantity_max=1200
commitment_id
C

commitment_adjustments
effective_on  delta_quantity
02-01         -100

deliveries
delivery_id  received_quantity  accepted_on
D1           {net}              03-02

excuses kind=volume commitment_id=C
quantity
{excuse}
"""


@pytest.mark.parametrize(
    ("net", "excuse", "as_of", "excused", "rate", "status"),
    [
        (900, 0, "12-31", 0, "1", "completed"),
        (1100, 0, "2021-01-01", 0, "1100/900", "completed"),
        (1101, 0, "12-31", 0, "1101/1100", "exceeded"),
        (1101, 1, "12-31", 1, "1", "excused"),
        (1102, 1, "12-31", 1, "1102/1101", "exceeded"),
        (899, 0, "2021-01-01", 0, "899/900", "failed"),
        (899, 1, "2021-01-01", 1, "1", "excused"),
        (899, 5, "2021-01-01", 1, "1", "excused"),
        (898, 1, "2021-01-01", 1, "898/899", "failed"),
        (450, 0, "07-01", 0, "0.5", "on_track"),  # 183/366
        (449, 0, "07-01", 0, "449/900", "behind"),
        (360, 0, "07-01", 0, "0.4", "behind"),
        (359, 0, "07-01", 0, "359/900", "seriously_behind"),
    ],
)
def test_a_band_is_to_be_reached_and_not_exceeded(net, excuse, as_of, excused, rate, status):
    expect = f"""
    budgeted_completion
    agreed_quantity  agreed_max_quantity  net_quantity  excused_quantity  excused_rate  status    net_fen
    900              1,100                {net}         {excused}         {rate}        {status}  null
    """
    budgeted(as_of, BAND.format(net=net, excuse=excuse), expect)


@pytest.mark.parametrize(
    ("excuse", "excused", "rate", "status"),
    [("0.00", 0, "1.01", "exceeded"), ("999.99", 99_999, "10100000/10099999", "exceeded"), ("5000", 100_000, "1", "excused")],
)
def test_above_a_cap_excuses_are_added_to_the_limit(excuse, excused, rate, status):
    given = PAID.format(paid="101000") + f"\nexcuses kind=volume commitment_id=C\nquantity\n{excuse}\n"
    expect = f"budgeted_completion\nexcused_fen excused_rate status\n{excused} {rate} {status}"
    budgeted("12-31", given, expect)


FLOOR = """
commitments target=amount
commitment_id  agreed_quantity  unit
C              100.005          pack

commitment_adjustments
adjustment_id  effective_on  delta_quantity
J1             02-01         0.005
J2             02-02         -0.005

deliveries
delivery_id  received_quantity  unit_price  accepted_on  channel
D1           0.5                0.01        03-02        platform
D2           0.5                0.01        03-03        platform
OFFLINE      50                 1           03-03        offline

excuses kind=volume commitment_id=C
excuse_id  quantity
E1         0.005
E2         0.004
"""


def test_of_amounts_every_record_is_rounded_to_the_fen_by_itself_and_the_unit_is_ignored():
    expect = """
    budgeted_completion
    agreed_fen  net_fen  excused_fen  rate     excused_rate  status
    10,001      2        1            2/10001  2/10000       failed
    """
    budgeted("2021-01-01", FLOOR, expect)


@pytest.mark.parametrize(("back", "fen"), [("0.5", 13), ("1", 0), ("1.5", -13)])
def test_an_amount_is_what_was_kept_times_the_price(back, fen):
    given = f"""
    commitments target=amount
    commitment_id
    C

    deliveries
    delivery_id  received_quantity  unit_price  accepted_on
    D1           1                  0.25        03-02

    returns
    delivery_id  returned_quantity  returned_on
    D1           {back}             04-01
    """
    budgeted("12-31", given, f"budgeted_completion\nnet_fen\n{fen}")


def test_each_pool_claims_for_itself_and_leaves_the_quantities_at_least_alone():
    given = """
    commitments
    commitment_id  target    direction  agreed_quantity  agreed_quantity_max
    A_FLOOR        quantity  floor      100              null
    AMOUNT_FLOOR   amount    floor      100              null
    AMOUNT_CAP     amount    cap        100              null
    AMOUNT_BAND    amount    band       100              100
    CAP            quantity  cap        100              null
    BAND           quantity  band       100              100
    CAP_LATER      quantity  cap        100              null

    deliveries
    delivery_id  accepted_on  unit_price
    D1           03-02        1
    """
    expect = """
    budgeted_completion
    commitment_id  net_fen  net_quantity
    AMOUNT_FLOOR   10,000   null
    AMOUNT_CAP     10,000   null
    AMOUNT_BAND    10,000   null
    CAP            null     100
    BAND           null     100
    CAP_LATER      null     0
    """
    budgeted("12-31", given, expect)
    check("agreed_volume", "12-31", given, "agreed_volume_completion\ncommitment_id net_quantity\nA_FLOOR 100")


def test_quantities_are_minimum_units_and_packs_are_converted():
    given = """
    products
    product_code  units_per_pack
    X             28

    selections
    product_code  conversion_factor
    X             2

    commitments direction=cap unit=pack
    commitment_id
    C

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           10                 03-02
    """
    budgeted("12-31", given, "budgeted_completion\nagreed_quantity net_quantity\n2,800 560")


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "has_any"),
    [
        ("2019-01-01", "2019-12-31", False),
        ("2019-01-01", "2020-01-01", True),
        ("2020-12-31", "null", True),
        ("2021-01-01", "null", False),
    ],
)
def test_without_a_product_something_must_be_selected_on_a_day_of_the_period(valid_from, valid_to, has_any):
    given = f"""
    selections
    product_code  valid_from    valid_to
    X             {valid_from}  {valid_to}

    commitments direction=cap product_code=null
    commitment_id
    C
    """
    for as_of, status in (("2019-06-30", "not_started"), ("12-31", "on_track")):
        expect = f"budgeted_completion\nstatus rate\n{status if has_any else 'no_products'} 0"
        budgeted(as_of, given, expect)


@pytest.mark.parametrize("delta", [-100, -101])
@pytest.mark.parametrize("direction", ["floor", "cap", "band"])
def test_a_cancelled_one_has_no_rates_and_keeps_its_receipts(delta, direction):
    given = f"""
    commitments target=amount direction={direction} agreed_quantity_max=100
    commitment_id
    C

    commitment_adjustments
    effective_on  delta_quantity
    02-01         {delta}

    deliveries
    delivery_id  accepted_on
    D1           03-02

    excuses kind=volume commitment_id=C
    quantity
    7
    """
    excused = 0 if direction == "floor" else 700
    expect = f"""
    budgeted_completion
    agreed_fen            net_fen  excused_fen  rate  excused_rate  gap   time_progress  status
    {(100 + delta) * 100} 10,000   {excused}    null  null          null  1              cancelled

    findings
    rule_code
    """
    budgeted("2021-01-01", given, expect)


@pytest.mark.parametrize(("valid_to", "status"), [("09-30", "excused"), ("09-29", "failed")])
def test_an_excuse_meets_the_end_as_it_was_adjusted(valid_to, status):
    given = f"""
    commitments target=amount
    commitment_id  period_end
    C              06-30

    commitment_adjustments
    effective_on  new_period_end
    05-01         09-30

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           60                 09-30

    excuses kind=volume commitment_id=C
    quantity  valid_to
    40        {valid_to}
    """
    budgeted("12-31", given, f"budgeted_completion\nperiod_end net_fen status\n09-30 6,000 {status}")


def test_a_replacement_counts_from_its_day_and_what_was_selected_while_it_was():
    given = """
    products
    product_code
    X
    Y

    selections
    product_code  valid_from  valid_to
    X             02-01       03-31

    commitments direction=cap
    commitment_id  product_code  lot_code
    NAMED          Y             L
    OPEN           null          L

    commitment_adjustments
    commitment_id  effective_on  replacement_product_code
    NAMED          04-01         X

    deliveries
    delivery_id  product_code  accepted_on
    D1           X             01-31
    D2           X             02-01
    D3           X             03-31
    D4           X             04-01
    D5           Y             01-01
    """
    expect = """
    budgeted_completion
    commitment_id  net_quantity
    NAMED          200
    OPEN           200
    """
    budgeted("12-31", given, expect)


OWNED = """
institutions
institution_code  ownership
H                 public
P                 private

commitments
commitment_id  institution_code  target    direction  agreed_quantity  agreed_quantity_max  period_end
ABOVE          H                 quantity  cap        40               null                 12-31
ABOVE_ENDED    H                 amount    band       10               40                   06-30
FAILED         H                 amount    floor      1,000            null                 06-30
BEHIND         H                 quantity  band       1,000            2,000                12-31
ITS_OWN        P                 quantity  band       1,000            2,000                06-30

deliveries
delivery_id  institution_code  accepted_on
D1           H                 03-02
"""


def test_findings_say_by_how_much_on_which_day_and_are_signals_where_nobody_is_bound():
    local, by_default = "慈政办发〔2020〕68号 二(一)1", "药品带预算采购约定（本系统默认依据）"
    expect = f"""
    findings
    rule_code               | severity  | subject_type | subject_key | amount_fen | quantity | clause
    budget_exceeded         | violation | budget       | ABOVE       | null       | 60       | {local}
    budget_exceeded         | violation | budget       | ABOVE_ENDED | 6,000      | null     | {by_default}
    budget_failed           | violation | budget       | FAILED      | 90,000     | null     | {by_default}
    budget_failed           | signal    | budget       | ITS_OWN     | null       | 1,000    | {by_default}
    budget_seriously_behind | warning   | budget       | BEHIND      | null       | 900      | {local}
    """
    budgeted("12-31", OWNED, expect)


@pytest.mark.parametrize(("as_of", "found"), [("2020-12-31", True), ("2021-12-31", True), ("2022-01-01", False)])
def test_what_ended_before_the_year_before_is_found_no_more(as_of, found):
    given = "commitments target=amount\ncommitment_id period_end\nC 2020-06-30"
    expect = "budgeted_completion\nstatus\nfailed\n\nfindings\nrule_code\n" + ("budget_failed\n" if found else "")
    budgeted(as_of, given, expect)


def test_explanations_tell_why_a_delivery_does_not_count():
    given = """
    commitments target=amount
    commitment_id
    C
    LATER

    deliveries
    delivery_id  accepted_on  channel   is_gift
    COUNTS       03-02        platform  no
    GIFT         03-02        platform  yes
    OFFLINE      03-02        offline   no
    ORDERED      null         platform  no
    TOO_EARLY    2019-12-31   platform  no
    TO_COME      2020-12-02   platform  no
    """
    expect = """
    receipts commitment_id=C
    delivery_id | net_fen | left_out
    COUNTS      | 10,000  | null
    GIFT        | null    | 赠品不计入
    OFFLINE     | null    | 线下采购不计入（只有上限计入）
    ORDERED     | null    | 尚未验收，订货不计入
    TOO_EARLY   | null    | 验收日期 2019-12-31 不在采购周期 2020-01-01 至 2020-12-31 内
    TO_COME     | null    | 验收日期 2020-12-02 在统计截止日之后

    budgeted_completion
    commitment_id  net_fen
    C              10,000
    LATER          0
    """
    budgeted("12-01", given, expect)
