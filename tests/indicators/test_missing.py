"""A dataset that was never sent, or columns that nobody fills in, give what the slow reference makes of them."""

from copy import deepcopy

import pytest

from pipelines.indicators import all_indicators
from schemas.records import RECORDS
from schemas.reports import REPORTS
from tests.indicators.records import read_indicator, write_records
from tests.indicators.test_against_reference import ORACLES, compare
from tests.reference.worlds import random_world

SEED = 7
REFERRED_TO = {target for dataset in RECORDS.values() for target in dataset.targets}
BESIDE = sorted(RECORDS.keys() - REFERRED_TO - {"deliveries"})
"""What no other dataset refers to: a bureau may not have it."""
FILLED = {"commitments": {"product_code", "agreed_quantity_max"}}
"""What may be empty in some rows, by what else stands in them."""


def given(*, without: tuple[str, ...] = (), blank: bool = False):
    """A random world without the records of some datasets, and with every column empty that may be."""
    records, as_of = random_world(SEED)
    records = {name: [] if name in without else deepcopy(rows) for name, rows in records.items()}
    if blank:
        for name, rows in records.items():
            empty = {c.canonical or c.name: None for c in RECORDS[name].columns if may_be_empty(name, c)}
            records[name] = [{**row, **{column: None for column in empty if column in row}} for row in rows]
    return records, as_of


def may_be_empty(name, column):
    is_filled = column.name in {*RECORDS[name].key, *FILLED.get(name, ())}
    return not (column.required or is_filled) and column.default is None


def assert_agrees(code, records, as_of, folder):
    written = write_records(records, folder)
    found = read_indicator(all_indicators()[code], written, as_of)
    for table, rows in ORACLES[code](records, as_of).items():
        if table in REPORTS:
            compare(code, table, rows, found[table])


@pytest.mark.parametrize("code", ORACLES)
def test_with_deliveries_alone(code, tmp_path):
    assert_agrees(code, *given(without=tuple(BESIDE)), tmp_path)


@pytest.mark.parametrize("code", ORACLES)
def test_without_what_may_be_left_empty(code, tmp_path):
    assert_agrees(code, *given(blank=True), tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("code", ORACLES)
def test_each_dataset_may_never_be_sent(code, tmp_path):
    for name in sorted({*all_indicators()[code].divided_by} & {*BESIDE, "deliveries"}):
        assert_agrees(code, *given(without=(name,)), tmp_path / name)
