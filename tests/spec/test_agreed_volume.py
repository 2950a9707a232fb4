"""Agreed-volume completion: the worked examples of rulebook §4 and §11, and the status at as_of."""

import pytest

from tests.spec.check import check


def volume(as_of: str, given: str, expect: str, policies: str = "") -> None:
    check("agreed_volume", as_of, given, expect, policies)


def test_example_1_receipts_count_orders_do_not_and_returns_lessen_them():
    volume(
        "10-31",
        """
        products
        product_code  units_per_pack
        OF_28         28
        OF_7          7

        selections
        product_code
        OF_28
        OF_7

        commitments
        commitment_id  product_code  agreed_quantity  period_start  period_end
        C              null          100,000          04-20         2021-04-19

        deliveries
        delivery_id  product_code  ordered_quantity  received_quantity  accepted_on
        BIG          OF_28         1,800             1,800              06-01
        SMALL        OF_7          1,000             1,000              07-01
        ORDERED      OF_28         500               null               null

        returns
        delivery_id  returned_quantity  returned_on
        BIG          100                08-01
        """,
        """
        agreed_volume_completion
        commitment_id  net_quantity  strict_rate  time_progress  gap               status
        C              54,600        54.60%       195/365        429/36,500        on_track
        """,
    )


def test_example_1_as_it_is_printed():
    given = """
    commitments
    commitment_id  agreed_quantity  period_start  period_end
    C              100,000          04-20         2021-04-19

    deliveries
    delivery_id  received_quantity  accepted_on
    ALL          54,600             06-01
    """
    expect = """
    agreed_volume_completion
    strict_rate  time_progress  gap
    54.60%       53.4247%       1.1753%
    """
    volume("10-31", given, expect)


def test_example_2_over_completion_of_one_does_not_hide_the_shortfall_of_another():
    given = """
    products
    product_code
    A
    B

    selections
    product_code
    A
    B

    commitments
    commitment_id  product_code
    OVER           A
    SHORT          B

    deliveries
    delivery_id  product_code  received_quantity  accepted_on
    D1           A             200                03-02
    D2           B             50                 12-31
    """
    expect = """
    agreed_volume_rollup level=item
    code  phase    commitments  completed  execution_rate  capped_rate  completed_share
    L/I   running  2            1          125%            75%          1/2
    """
    volume("12-31", given, expect)


def test_example_3_an_approved_shortage_is_excused():
    given = """
    commitments
    commitment_id  agreed_quantity
    C              12,000

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           9,000              03-02

    excuses kind=volume
    commitment_id  quantity
    C              2,400
    """
    expect = """
    agreed_volume_completion
    strict_rate  excused_quantity  excused_rate  status
    75.00%       2,400             93.75%        failed
    """
    volume("2021-01-01", given, expect)


def test_example_4_a_replacement_counts_from_its_day_on():
    given = """
    products
    product_code
    A
    B

    commitments
    commitment_id  product_code  agreed_quantity  period_start  period_end
    C              A             10,000           04-20         2021-04-19

    commitment_adjustments
    commitment_id  effective_on  replacement_product_code
    C              09-13         B                         # day 147 of 365

    deliveries
    delivery_id  product_code  received_quantity  accepted_on
    OLD          A             3,500              07-01
    DAY_BEFORE   B             900                09-12
    ON_THE_DAY   B             4,000              09-13
    OLD_AGAIN    A             100                10-08        # as well, not instead
    """
    expect = """
    agreed_volume_completion
    product_code  net_quantity  strict_rate
    A             7,600         76%

    receipts
    delivery_id  received
    OLD          3,500,000,000,000,000
    ON_THE_DAY   4,000,000,000,000,000
    OLD_AGAIN    100,000,000,000,000
    """
    volume("2021-04-19", given, expect)


def test_time_progress_published_as_53_699_percent():
    given = """
    commitments
    commitment_id  period_start  period_end
    C              2019-04-20    04-18         # 365 days

    deliveries
    delivery_id  accepted_on
    D1           2019-05-01
    """
    expect = """
    agreed_volume_completion
    time_progress
    53.699%
    """
    volume("2019-11-01", given, expect)


@pytest.mark.parametrize(("received", "printed"), [("219", "219%"), ("189", "189%"), ("152", "152%"), ("169", "169%")])
def test_actual_to_contracted_of_the_first_wave_is_capped_at_one(received, printed):
    given = f"""
    commitments
    commitment_id
    C

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           {received}         03-02
    """
    expect = f"""
    agreed_volume_completion
    strict_rate  capped_rate  status
    {printed}    1            completed
    """
    volume("12-31", given, expect)


NET_OF_1000 = """
commitments
commitment_id  agreed_quantity
C              1,000

deliveries
delivery_id  received_quantity  accepted_on
D1           {}                 01-01
"""


@pytest.mark.parametrize(
    ("as_of", "net", "status"),
    [
        ("2019-12-31", 0, "not_started"),
        ("01-01", 1000, "completed"),
        ("07-01", 1000, "completed"),
        ("07-01", 999, "on_track"),
        ("07-01", 500, "on_track"),  # 183 of 366 days: equal is on track
        ("07-01", 499, "behind"),
        ("07-01", 400, "behind"),  # exactly 0.8 of the time progress is not yet serious
        ("07-01", 399, "seriously_behind"),
        ("12-31", 999, "behind"),  # the last day still belongs to the period
        ("2021-01-01", 999, "failed"),
        ("2021-01-01", 1000, "completed"),
    ],
)
def test_status_and_its_boundaries(as_of, net, status):
    expect = f"""
    agreed_volume_completion
    commitment_id  status
    C              {status}
    """
    volume(as_of, NET_OF_1000.format(net), expect)


def test_nothing_counts_before_the_period_has_begun():
    expect = """
    agreed_volume_completion
    received_quantity  strict_rate  time_progress  gap  needed_per_day  status
    0                  0            0              0    null            not_started
    """
    volume("2019-12-31", NET_OF_1000.format(1000), expect)


def test_a_site_may_say_what_is_serious():
    policy = """
    [[policy]]
    id = "ours"
    parameter = "seriously_behind_ratio"
    value = "0.9"
    unit = "ratio"
    jurisdiction = "330282"
    valid_from = 2020-01-01
    document_no = "n"
    clause = "c"
    mark = "D"
    """
    expect = """
    agreed_volume_completion
    status            policy_id
    seriously_behind  ours
    """
    volume("07-01", NET_OF_1000.format(449), expect, policy)
    volume("07-01", NET_OF_1000.format(450), expect.replace("seriously_behind", "behind"), policy)


@pytest.mark.parametrize(("as_of", "needed"), [("12-29", 500), ("12-30", 1000), ("12-31", "null"), ("2021-01-01", "null")])
def test_needed_per_day_is_the_shortfall_over_the_days_left(as_of, needed):
    expect = f"""
    agreed_volume_completion
    net_quantity  needed_per_day
    2,000         {needed}
    """
    volume(as_of, NET_OF_1000.replace("1,000", "3,000").format(2000), expect)


def test_nothing_is_needed_once_it_is_completed():
    expect = """
    agreed_volume_completion
    net_quantity  needed_per_day
    1,200         0
    """
    volume("07-01", NET_OF_1000.format("1,200"), expect)
