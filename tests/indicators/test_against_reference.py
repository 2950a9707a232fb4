"""The fast code and the slow, literal reading of the rulebook agree on every cell of seeded random worlds."""

import pytest

from pipelines.engine.compute import shape
from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_indicators
from schemas.reports import REPORTS
from tests.indicators.records import POLICIES, compute_after, read_answer, write_records
from tests.random_worlds import worlds
from tests.reference.worlds import random_world
from tests.spec.check import find_oracle

ORACLES = {code: oracle for code in all_indicators() if (oracle := find_oracle(code))}
UNKNOWN_TO_THE_ORACLE = {"policy_id"}


@pytest.fixture(scope="module", params=worlds(0, 4))
def written(request, tmp_path_factory):
    """Ten random worlds, written down once for all indicators: seed, records, date, folder."""
    folder = tmp_path_factory.mktemp("worlds")
    found = []
    for seed in range(request.param * 10, request.param * 10 + 10):
        records, as_of = random_world(seed)
        found.append((seed, records, as_of, write_records(records, folder / str(seed))))
    return found


@pytest.mark.parametrize("code", ORACLES)
def test_agrees_with_the_reference(code, written):
    for seed, records, as_of, folder in written:
        expected = ORACLES[code](records, as_of)
        store = folder.below("answer")
        compute_after(all_indicators()[code], Inputs(folder, as_of, POLICIES), store)
        found = read_answer(all_indicators()[code], store)
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
