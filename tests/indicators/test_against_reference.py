"""The fast code and the slow, literal reading of the rulebook agree on every cell of seeded random worlds."""

import pytest

from pipelines.indicators.compute import shape
from pipelines.indicators.indicator import all_indicators
from schemas.reports import REPORTS
from tests.indicators.records import run_indicator
from tests.reference.worlds import random_world
from tests.spec.check import find_oracle

ORACLES = {code: find_oracle(code) for code in all_indicators()}
UNKNOWN_TO_THE_ORACLE = {"policy_id"}


@pytest.mark.parametrize("code", ORACLES)
@pytest.mark.parametrize("block", range(21))
def test_agrees_with_the_reference(code, block, tmp_path):
    for seed in range(block * 10, block * 10 + 10):
        records, as_of = random_world(seed)
        expected = ORACLES[code](records, as_of)
        found = run_indicator(all_indicators()[code], records, as_of, tmp_path / str(seed))
        for table, rows in expected.items():
            if table in REPORTS:
                compare(seed, table, rows, found[table])


def compare(seed, table, expected, frame):
    definition = REPORTS[table]
    key = [k for k in definition.key if k != "as_of"]
    found = {tuple(row[k] for k in key): row for row in shape(frame, definition).to_dicts()}
    wanted = {tuple(row[k] for k in key): row for row in expected}
    assert found.keys() == wanted.keys(), (seed, table, found.keys() ^ wanted.keys())
    for row_key, row in wanted.items():
        for column in found[row_key].keys() - UNKNOWN_TO_THE_ORACLE:
            assert found[row_key][column] == row[column], (seed, table, row_key, column)
