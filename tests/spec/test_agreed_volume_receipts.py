"""Which receipts count to an agreed volume, and how many minimum units they are (rulebook §4)."""

import pytest

from tests.spec.test_agreed_volume import volume

COMMITMENT = """
commitments
commitment_id
C
"""


def net(expected: int | str) -> str:
    return f"""
    agreed_volume_completion
    commitment_id  net_quantity
    C              {expected}
    """


def test_gifts_offline_purchases_and_what_is_not_accepted_do_not_count():
    given = """
    deliveries
    delivery_id   received_quantity  accepted_on  is_gift  channel
    COUNTS        1                  03-02        no       platform
    GIFT          10                 03-02        yes      platform
    OFFLINE       100                03-02        no       offline
    NOT_ACCEPTED  null               null         no       platform
    """
    volume("12-31", COMMITMENT + given, net(1))


def test_a_receipt_counts_from_the_first_day_to_the_last():
    given = """
    deliveries
    delivery_id    received_quantity  accepted_on
    DAY_BEFORE     1                  2019-12-31
    FIRST_DAY      10                 01-01
    LAST_DAY       100                12-31
    DAY_AFTER      1,000              2021-01-01
    """
    volume("2021-06-30", COMMITMENT + given, net(110))


def test_what_is_accepted_after_as_of_does_not_exist_yet():
    given = """
    deliveries
    delivery_id  received_quantity  accepted_on
    THAT_DAY     1                  06-30
    NEXT_DAY     10                 07-01
    """
    volume("06-30", COMMITMENT + given, net(1))


def test_only_confirmed_returns_up_to_as_of_lessen_a_receipt():
    given = """
    deliveries
    delivery_id  accepted_on
    D1           03-02

    returns
    delivery_id  return_id  returned_quantity  returned_on  status
    D1           CONFIRMED  1                  06-30        confirmed
    D1           LATER      10                 07-01        confirmed
    D1           REFUSED    20                 06-01        refused
    D1           REQUESTED  40                 06-01        requested
    """
    volume("06-30", COMMITMENT + given, net(99))


def test_a_return_after_the_period_goes_back_to_the_period_of_its_receipt():
    given = """
    commitments
    commitment_id  period_start  period_end
    C              01-01         12-31
    NEXT_YEAR      2021-01-01    2021-12-31

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           100                12-31
    D2           70                 2021-01-01

    returns
    delivery_id  returned_quantity  returned_on
    D1           30                 2021-02-01
    """
    expect = """
    agreed_volume_completion
    commitment_id  returned_quantity  net_quantity
    C              30                 70
    NEXT_YEAR      0                  70
    """
    volume("2021-03-31", given, expect)


def test_returns_of_another_hospital_with_the_same_number_do_not_count():
    given = """
    institutions
    institution_code
    H
    OTHER

    deliveries
    delivery_id  institution_code  accepted_on
    D1           H                 03-02
    D1           OTHER             03-02

    returns
    delivery_id  institution_code  returned_quantity  returned_on
    D1           OTHER             30                 04-01
    """
    volume("12-31", COMMITMENT + given, net(100))


def test_a_commitment_without_receipts_stands_at_zero():
    expect = """
    agreed_volume_completion
    received_quantity  returned_quantity  net_quantity  strict_rate
    0                  0                  0             0
    """
    volume("12-31", COMMITMENT, expect)


def test_packs_are_counted_in_minimum_units_with_the_factor_of_the_selection_of_that_day():
    given = """
    products
    product_code  units_per_pack
    X             28

    selections
    conversion_factor  valid_from  valid_to
    0.5                2019-01-01  06-30
    2                  07-01       07-31

    deliveries
    delivery_id    received_quantity  accepted_on
    HALF           1                  06-30         # 14
    TWICE          1                  07-01         # 56
    NOT_SELECTED   1                  08-01         # 28: factor 1
    """
    volume("12-31", COMMITMENT + given, net(98))


def test_the_factor_is_of_the_lot_and_item_of_the_commitment():
    given = """
    selections
    lot_code  conversion_factor
    L         3
    OTHER     5

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           7                  03-02
    """
    volume("12-31", COMMITMENT + given, net(21))


def test_a_volume_agreed_in_packs_takes_the_pack_size_and_no_factor():
    given = """
    products
    product_code  units_per_pack
    X             28

    selections
    conversion_factor
    0.5

    commitments
    commitment_id  agreed_quantity  unit
    PACKS          100              pack

    deliveries
    delivery_id  received_quantity  accepted_on
    D1           100                03-02
    """
    expect = """
    agreed_volume_completion
    agreed_quantity  net_quantity  strict_rate
    2,800            1,400         50%
    """
    volume("12-31", given, expect)


OPEN = """
products
product_code
IN
OUT

commitments
commitment_id  product_code
C              null
"""


@pytest.mark.parametrize(("accepted_on", "counted"), [("02-29", 0), ("03-01", 100), ("03-31", 100), ("04-01", 0)])
def test_an_open_commitment_takes_what_is_selected_on_the_day_of_acceptance(accepted_on, counted):
    given = f"""
    selections
    product_code  valid_from  valid_to
    IN            03-01       03-31

    deliveries accepted_on={accepted_on}
    delivery_id    product_code
    SELECTED       IN
    NOT_SELECTED   OUT
    """
    volume("12-31", OPEN + given, net(counted))


def test_an_open_commitment_takes_no_replacement():
    given = """
    selections
    product_code
    IN

    commitment_adjustments
    effective_on  replacement_product_code
    01-01         OUT

    deliveries
    delivery_id  product_code  accepted_on
    SELECTED     IN            03-02
    REPLACED     OUT           03-02
    """
    volume("12-31", OPEN + given, net(100))


def test_a_named_commitment_needs_no_selection_and_takes_no_other_product():
    given = """
    products
    product_code
    X
    OTHER

    selections
    product_code
    OTHER

    deliveries
    delivery_id  product_code  accepted_on
    NAMED        X             03-02
    SELECTED     OTHER         03-02
    """
    volume("12-31", COMMITMENT + given, net(100))
