"""What a line is, and what it counts for (obligations §12)."""

from pathlib import Path

import pytest

from pipelines.engine.indicator import Inputs
from pipelines.lines.lines import lines_of
from tests.indicators.records import POLICIES, write_records
from tests.spec.tables import compare, read_day, read_records, read_tables


def inputs_of(given: str, as_of: str, folder: Path) -> Inputs:
    return Inputs(write_records(read_records(given), folder), read_day(as_of), POLICIES)


def check(as_of: str, given: str, expect: str, folder: Path) -> None:
    (table,) = read_tables("lines" + expect)
    compare(table, lines_of(inputs_of(given, as_of, folder)).collect().to_dicts())


RETURNED = """
deliveries
delivery_id  received_quantity  unit_price  accepted_on
D            10                 1.2345      02-01

returns
delivery_id  returned_quantity  returned_on
D            3                  2021-01-05
"""


@pytest.mark.parametrize(("as_of", "packs", "fen"), [("12-31", 10, 1235), ("2021-01-05", 7, 864)])
def test_a_line_is_what_stayed_up_to_as_of(as_of, packs, fen, tmp_path):
    expect = f"""
    delivery_id  packs       units            value_fen
    D            {packs}0000 {packs}00000000  {fen}
    """
    check(as_of, RETURNED, expect, tmp_path)


def test_a_line_is_accepted_by_as_of_no_gift_and_some_of_it_stayed(tmp_path):
    given = """
    deliveries
    delivery_id  received_quantity  accepted_on  is_gift  channel   is_emergency
    ON_THE_DAY   10                 06-30        no       platform  no
    DAY_AFTER    10                 07-01        no       platform  no
    NOT_YET      10                 null         no       platform  no
    GIFT         10                 06-30        yes      platform  no
    NOTHING      0                  06-30        no       platform  no
    ALL_BACK     10                 06-30        no       platform  no
    MORE_BACK    10                 06-30        no       platform  no
    REFUSED      10                 06-30        no       platform  no
    OFF_URGENT   10                 06-30        no       offline   yes
    PART         0.0001             06-30        no       platform  no

    returns returned_on=06-30
    delivery_id  return_id  returned_quantity  status
    ALL_BACK     R1         6                  confirmed
    ALL_BACK     R2         4                  confirmed
    MORE_BACK    R3         11                 confirmed
    REFUSED      R4         10                 refused
    REFUSED      R5         10                 requested
    """
    expect = """
    delivery_id  packs    channel   is_emergency
    ON_THE_DAY   100,000  platform  no
    REFUSED      100,000  platform  no
    OFF_URGENT   100,000  offline   yes
    PART         1        platform  no
    """
    check("06-30", given, expect, tmp_path)


def test_a_return_is_of_the_institution_whose_delivery_it_was(tmp_path):
    given = """
    institutions
    institution_code
    H
    I

    deliveries accepted_on=06-30
    delivery_id  institution_code
    D            H
    D            I

    returns returned_on=06-30
    delivery_id  institution_code  returned_quantity
    D            I                 100
    """
    expect = """
    institution_code  packs
    H                 1,000,000
    """
    check("06-30", given, expect, tmp_path)


def test_generic_and_route_of_a_line_are_those_of_its_product(tmp_path):
    given = """
    products
    product_code             | kind       | generic_code | dosage_form    | units_per_pack
    XA10BAB001A001010200001  | drug       | null         | 片剂           | 28
    ZA01AAA0001010100001     | drug       | null         | 注 射 用粉针剂  | 7
    LOCAL0000000001          | drug       | null         | null           | 1
    C01010100001010000010    | consumable | null         | null           | 1
    GIVEN                    | drug       | G            | 注射液         | 1

    deliveries accepted_on=06-30 received_quantity=2
    delivery_id  product_code
    WESTERN      XA10BAB001A001010200001
    PATENT       ZA01AAA0001010100001
    OTHER        LOCAL0000000001
    SUPPLY       C01010100001010000010
    SAID         GIVEN
    """
    expect = """
    delivery_id  kind        generic_code           route      units
    WESTERN      drug        XA10BAB001             other      5,600,000,000
    PATENT       drug        ZA01AAA0001            injection  1,400,000,000
    OTHER        drug        LOCAL0000000001        other      200,000,000
    SUPPLY       consumable  C01010100001010000010  other      200,000,000
    SAID         drug        G                      injection  200,000,000
    """
    check("06-30", given, expect, tmp_path)


def test_gifts_are_lines_where_they_are_asked_for(tmp_path):
    given = """
    deliveries
    delivery_id  is_gift  accepted_on
    GIFT         yes      02-01
    LATER        yes      02-02
    BOUGHT       no       02-01
    """
    found = {with_gifts: lines_of(inputs_of(given, "02-01", tmp_path), with_gifts=with_gifts) for with_gifts in (False, True)}
    assert {asked: sorted(rows.collect()["delivery_id"]) for asked, rows in found.items()} == {
        False: ["BOUGHT"],
        True: ["BOUGHT", "GIFT"],
    }
