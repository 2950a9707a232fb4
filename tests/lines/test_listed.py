"""Which lists a line's product is on (obligations §12)."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.engine.indicator import Inputs
from pipelines.lines.lines import lines_of
from pipelines.lines.listed import with_lists
from tests.indicators.records import POLICIES, write_records
from tests.lines.test_lines import inputs_of
from tests.random_worlds import worlds
from tests.reference import lines as slow
from tests.reference.catalogue_worlds import LISTS
from tests.reference.lists import is_listed
from tests.reference.worlds import random_world
from tests.spec.tables import compare, read_tables


def check(given: str, expect: str, folder: Path, *lists: str) -> None:
    inputs = inputs_of(given, "12-31", folder)
    (table,) = read_tables("lines" + expect)
    compare(table, with_lists(lines_of(inputs), inputs, *lists).collect().to_dicts())


def test_entries_are_of_products_and_generics_of_days_and_of_places(tmp_path):
    given = """
    institutions
    institution_code  jurisdiction_code
    H                 330282
    ELSEWHERE         371500

    products
    product_code  generic_code  is_essential
    X             G             no
    SIBLING       G             no
    OWN_WORD      F             yes

    catalogue_entries
    list         code     jurisdiction_code  valid_from  valid_to
    essential    X        33                 02-01       02-10
    essential    G        ''                 02-11       null
    insurance_b  SIBLING  330282             01-01       null

    deliveries
    delivery_id  institution_code  product_code  accepted_on
    EVE          H                 X             01-31
    FIRST        H                 X             02-01
    LAST         H                 X             02-10
    GENERIC      H                 X             02-11
    OF_33_ONLY   ELSEWHERE         X             02-10
    OF_ALL       ELSEWHERE         X             02-11
    NOT_YET      H                 SIBLING       02-10
    LIKEWISE     H                 SIBLING       02-11
    ALWAYS       ELSEWHERE         OWN_WORD      2019-01-01
    """
    expect = """
    delivery_id  is_essential  is_insured
    EVE          no            no
    FIRST        yes           no
    LAST         yes           no
    GENERIC      yes           no
    OF_33_ONLY   no            no
    OF_ALL       yes           no
    NOT_YET      no            yes
    LIKEWISE     yes           yes
    ALWAYS       yes           no
    """
    check(given, expect, tmp_path, "essential", "insured")


@pytest.mark.parametrize("seed", worlds(0, 12))
def test_lists_of_lines_are_what_reading_entry_by_entry_finds(seed, tmp_path):
    records, as_of = random_world(seed)
    inputs = Inputs(write_records(records, tmp_path), as_of, POLICIES)
    lists = [*LISTS, "insured"]
    flags = [f"is_{name}" for name in lists]
    lines = slow.lines_of(records, as_of)
    for day in ("accepted_on", as_of):
        listed = with_lists(lines_of(inputs), inputs, *lists, day=day)
        found = listed.select(pl.col("institution_code", "delivery_id").cast(pl.String), *flags).collect()
        expected = []
        for x in lines:
            of, where = slow.product(records, x["product_code"]), slow.jurisdiction_of(records, x)
            on = day if isinstance(day, date) else x[day]
            expected.append((x["institution_code"], x["delivery_id"], *(is_listed(records, n, of, on, where) for n in lists)))
        assert sorted(found.rows()) == sorted(expected)
