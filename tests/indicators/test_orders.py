"""Orders go to the commitment that would have taken their receipt; what did not come in time is outstanding."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.engine.figures import UNIT
from pipelines.engine.indicator import Inputs
from pipelines.indicators.agreed_volume.claims import claims_of
from pipelines.indicators.agreed_volume.commitments import commitments_of
from pipelines.indicators.agreed_volume.orders import orders_of
from pipelines.policy.policies import load_policies
from tests.indicators.records import write_records
from tests.spec.tables import compare, read_day, read_records, read_tables

PAGE = Path(__file__).parents[2] / "docs" / "accountability.md"
COMMITMENT = """
commitments
commitment_id  period_start  period_end
C              2020-01-01    2020-06-30
"""


def orders(as_of: str, given: str, expect: str) -> None:
    with TemporaryDirectory() as folder:
        records = write_records(read_records(given), Path(folder))
        inputs = Inputs(records, read_day(as_of), load_policies())
        commitments = commitments_of(inputs)
        found = orders_of(inputs, commitments, claims_of(inputs, commitments)).to_dicts()
    (table,) = read_tables(expect)
    units = ("ordered", "outstanding")
    compare(table, [{c: v / UNIT if c in units else v for c, v in row.items()} for row in found])


def expected(ordered: float, outstanding: float) -> str:
    return f"orders\nordered  outstanding\n{ordered}  {outstanding}"


def test_the_worked_example_of_the_page_comes_out():
    ((given, as_of, expect),) = re.findall(
        r"```given\n(.*?)```\s+```expect (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    orders(as_of, given, expect)


def test_an_order_counts_from_the_first_day_to_the_last():
    given = """
    deliveries
    delivery_id  order_line_id  ordered_quantity  ordered_on   received_quantity  accepted_on
    DAY_BEFORE   A              1                 2019-12-31   null               null
    FIRST_DAY    B              10                01-01        null               null
    LAST_DAY     C              100               06-30        null               null
    DAY_AFTER    D              1000              07-01        null               null
    """
    orders("12-31", COMMITMENT + given, expected(110, 110))


def test_what_is_accepted_on_the_last_day_is_not_outstanding():
    given = """
    deliveries
    delivery_id  order_line_id  ordered_quantity  ordered_on  received_quantity  accepted_on
    LAST_DAY     A              10                06-01       10                 06-30
    DAY_AFTER    B              100               06-01       100                07-01
    """
    orders("12-31", COMMITMENT + given, expected(110, 100))


def test_inside_the_period_as_of_is_the_end():
    given = """
    deliveries
    delivery_id  order_line_id  ordered_quantity  ordered_on  received_quantity  accepted_on
    COME         A              1                 03-01       1                  03-31
    TO_COME      B              10                03-01       10                 04-01
    NOT_ORDERED  C              100               04-01       null               null
    """
    orders("03-31", COMMITMENT + given, expected(11, 10))


def test_more_than_was_ordered_leaves_nothing_outstanding_elsewhere():
    given = """
    deliveries
    delivery_id  order_line_id  ordered_quantity  ordered_on  received_quantity  accepted_on
    MORE         A              10                03-01       15                 03-31
    LESS         B              10                03-01       4                  03-31
    """
    orders("12-31", COMMITMENT + given, expected(20, 6))


def test_gifts_and_off_platform_purchases_are_no_orders():
    given = """
    deliveries ordered_on=03-01 ordered_quantity=10 received_quantity=null
    delivery_id  order_line_id  is_gift  channel
    COUNTS       A              no       platform
    GIFT         B              yes      platform
    OFFLINE      C              no       offline
    """
    orders("12-31", COMMITMENT + given, expected(10, 10))


def test_orders_are_counted_in_minimum_units_with_the_factor_of_their_day():
    given = """
    products
    product_code  units_per_pack
    X             28

    selections
    conversion_factor  valid_from  valid_to
    0.5                2019-01-01  02-29
    2                  03-01       12-31

    deliveries received_quantity=null
    delivery_id  order_line_id  ordered_quantity  ordered_on
    HALF         A              1                 02-29
    TWICE        B              1                 03-01
    """
    orders("12-31", COMMITMENT + given, expected(70, 70))


def test_a_replacement_is_ordered_for_the_commitment_from_its_day_on():
    given = """
    products
    product_code
    X
    NEW

    commitment_adjustments
    effective_on  replacement_product_code
    03-01         NEW

    deliveries product_code=NEW received_quantity=null
    delivery_id  order_line_id  ordered_quantity  ordered_on
    TOO_EARLY    A              1                 02-29
    REPLACES     B              10                03-01
    """
    orders("12-31", COMMITMENT + given, expected(10, 10))


def test_another_hospital_with_the_same_order_number_is_another_order():
    given = """
    institutions
    institution_code
    H
    OTHER

    deliveries order_line_id=A ordered_quantity=10 ordered_on=03-01
    delivery_id  institution_code  received_quantity  accepted_on
    D1           H                 4                  03-31
    D2           OTHER             10                 03-31
    """
    orders("12-31", COMMITMENT + given, expected(10, 6))
