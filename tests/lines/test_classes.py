"""What a drug's line is beside what was selected on its day (obligations §12, §16)."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.engine.indicator import Inputs
from pipelines.lines.classes import by_generic, with_use
from pipelines.lines.lines import lines_of
from tests.indicators.records import POLICIES, write_records
from tests.lines.test_lines import inputs_of
from tests.random_worlds import worlds
from tests.reference import lines as slow
from tests.reference.worlds import random_world
from tests.spec.tables import compare, read_tables


def check(given: str, expect: str, folder: Path) -> None:
    inputs = inputs_of(given, "12-31", folder)
    found = {
        "lines": with_use(lines_of(inputs), inputs).collect(),
        "substitutes": by_generic(lines_of(inputs), inputs).filter(pl.col("use") == "substitute").collect(),
    }
    for table in read_tables(expect):
        compare(table, found[table.name].to_dicts())


A_AND_SIBLINGS = """
products
product_code  generic_code  dosage_form
A             G             片剂
SIBLING       G             片剂
INJECTED      G             注射液
STRANGER      F             片剂

"""


def test_use_of_a_line_and_its_boundary_days(tmp_path):
    given = (
        A_AND_SIBLINGS
        + """
    selections
    product_code  valid_from  valid_to
    A             2020-01-01  06-30
    SIBLING       2020-01-01  12-30

    deliveries
    delivery_id  product_code  accepted_on
    BEFORE       A             2019-12-31
    FIRST_DAY    A             01-01
    LAST_DAY     A             06-30
    DAY_AFTER    A             07-01
    NOTHING_ANY  A             12-31
    IN           SIBLING       07-01
    OTHER_ROUTE  INJECTED      06-30
    OTHER        STRANGER      06-30
    """
    )
    expect = """
    lines
    delivery_id  is_selected  use           is_substitute
    BEFORE       no           null          no
    FIRST_DAY    yes          selected      no
    LAST_DAY     yes          selected      no
    DAY_AFTER    no           non_selected  no
    NOTHING_ANY  no           null          no
    IN           yes          selected      no
    OTHER_ROUTE  no           null          no
    OTHER        no           null          no
    """
    check(given, expect, tmp_path)


def test_selections_that_meet_overlap_or_end_before_they_begin(tmp_path):
    given = """
    selections lot_code=L
    item_code  valid_from  valid_to
    I          01-01       03-31
    I          04-01       05-31
    J          05-01       08-31
    NEVER      11-30       11-01

    deliveries
    delivery_id  accepted_on
    MET          04-01
    IN_BOTH      05-15
    LAST         08-31
    OVER         09-01
    NEVER        11-15
    """
    expect = """
    lines
    delivery_id  use
    MET          selected
    IN_BOTH      selected
    LAST         selected
    OVER         null
    NEVER        null
    """
    check(given, expect, tmp_path)


def test_a_lot_binds_where_its_jurisdiction_begins_the_institutions_own(tmp_path):
    given = (
        A_AND_SIBLINGS
        + """
    institutions
    institution_code  jurisdiction_code
    CIXI              330282
    HANGZHOU          330102
    LIAOCHENG         371500

    lots
    lot_code  jurisdiction_code
    NATION    null
    ZHEJIANG  33
    NINGBO    3302

    selections
    lot_code  product_code  valid_from
    NATION    SIBLING       01-01
    NINGBO    A             01-01
    ZHEJIANG  STRANGER      01-01

    deliveries accepted_on=06-30
    delivery_id  institution_code  product_code
    D1           CIXI              A
    D2           HANGZHOU          A
    D3           LIAOCHENG         A
    D4           CIXI              SIBLING
    D5           LIAOCHENG         SIBLING
    D6           CIXI              STRANGER
    D7           HANGZHOU          STRANGER
    D8           LIAOCHENG         STRANGER
    """
    )
    expect = """
    lines
    institution_code  product_code  use
    CIXI              A             selected
    HANGZHOU          A             non_selected
    LIAOCHENG         A             non_selected
    CIXI              SIBLING       selected
    LIAOCHENG         SIBLING       selected
    CIXI              STRANGER      selected
    HANGZHOU          STRANGER      selected
    LIAOCHENG         STRANGER      null
    """
    check(given, expect, tmp_path)


def test_consumables_are_selected_but_of_no_class(tmp_path):
    given = """
    products kind=consumable
    product_code  generic_code
    STENT         G
    SIBLING       G

    selections
    product_code
    STENT

    deliveries accepted_on=06-30
    delivery_id  product_code
    D1           STENT
    D2           SIBLING
    """
    expect = """
    lines
    product_code  is_selected  use
    STENT         yes          null
    SIBLING       no           null
    """
    check(given, expect, tmp_path)


def test_a_substitute_is_one_of_every_other_generic_selected_where_it_is_named(tmp_path):
    given = (
        A_AND_SIBLINGS
        + """
    selections
    item_code  product_code  valid_from  valid_to
    I          A             01-01       06-30
    I          SIBLING       06-01       08-31
    I          INJECTED      01-01       06-30
    J          STRANGER      01-01       06-30
    ELSE       A             01-01       06-30

    substitutes
    item_code  product_code
    I          STRANGER
    J          STRANGER
    J          A

    deliveries
    delivery_id  product_code  accepted_on
    BOTH         STRANGER      06-30
    ONE          STRANGER      08-31
    NONE         STRANGER      09-01
    SELECTED     A             06-30
    UNNAMED      SIBLING       06-30
    """
    )
    expect = """
    lines
    delivery_id  use       is_substitute
    BOTH         selected  yes
    ONE          null      yes
    NONE         null      no
    SELECTED     selected  yes
    UNNAMED      selected  no

    substitutes
    delivery_id  generic_code  route
    BOTH         G             other
    BOTH         G             injection
    ONE          G             other
    SELECTED     F             other
    """
    check(given, expect, tmp_path)


KEY = ("institution_code", "delivery_id")


@pytest.mark.parametrize("seed", worlds(0, 12))
def test_stretches_of_days_say_what_reading_line_by_line_does(seed, tmp_path):
    records, as_of = random_world(seed)
    inputs = Inputs(write_records(records, tmp_path), as_of, POLICIES)
    lines = slow.lines_of(records, as_of)
    measures = ("packs", "units", "value_fen", "use")
    found = with_use(lines_of(inputs), inputs).select(*KEY, *measures, "is_substitute").collect()
    assert sorted(found.rows()) == sorted(
        (*(x[k] for k in KEY), x["packs"] * 10**4, x["units"] * 10**8, x["value_fen"], slow.use_of(records, x), bool(others))
        for x in lines
        for others in [slow.stands_in_for(records, x)]
    )
    classes = by_generic(lines_of(inputs), inputs).select(*KEY, "generic_code", "route", "use").collect()
    assert sorted(classes.rows()) == sorted(
        (*(x[k] for k in KEY), *generic, use)
        for x in lines
        for use, generics in (
            (slow.use_of(records, x), {slow.generic_of(slow.product(records, x["product_code"]))}),
            ("substitute", slow.stands_in_for(records, x)),
        )
        for generic in generics
        if use
    )
