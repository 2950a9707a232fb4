"""A batch of several parts is one batch, and none where it was interrupted in between."""

import polars as pl
import pytest

from pipelines.errors import DamagedError
from pipelines.lake import tables
from pipelines.lake.tables import PLACE, scan, write_batch
from pipelines.rejects.take_out import take_out
from pipelines.store.local import Local
from schemas.records import RECORDS

LOTS = RECORDS["lots"]


@pytest.fixture(autouse=True, params=[1, 2], ids=["as they are", "put together"])
def rows_of_a_file(monkeypatch, request):
    monkeypatch.setattr(tables, "_ROWS", request.param)


@pytest.fixture
def home(tmp_path):
    return Local(tmp_path)


def part(home, code):
    schema = {**LOTS.schema(), **PLACE}
    row = {"lot_code": code, "_file": 1 + "ABC".index(code), "_sheet": "", "_line": 2}
    return home.write(f"{code}.parquet", pl.DataFrame([row], schema=schema))


def codes(home, version, batches):
    return sorted(scan(home, LOTS, version, batches).collect()["lot_code"])


def test_every_part_counts(home):
    version = write_batch(home, LOTS, [part(home, c) for c in "ABC"], 1, None)
    assert codes(home, version, 1) == ["A", "B", "C"]


def test_parts_lie_in_their_order(home):
    version = write_batch(home, LOTS, [part(home, c) for c in "CAB"], 1, None)
    assert scan(home, LOTS, version, 1).collect()["lot_code"].to_list() == ["C", "A", "B"]


def test_rows_can_be_taken_out_of_the_files(home):
    version = write_batch(home, LOTS, [part(home, c) for c in "ABC"], 1, None)
    where = pl.DataFrame([{"_file": 2, "_sheet": "", "_line": 2}], schema=PLACE)
    assert codes(home, version, 1) == ["A", "B", "C"]
    gone, version = take_out(home, LOTS, where, version, 2)
    assert (gone["lot_code"].to_list(), codes(home, version, 2)) == (["B"], ["A", "C"])


def test_what_an_interrupted_batch_wrote_is_taken_back(home):
    base = write_batch(home, LOTS, [part(home, "A")], 1, None)
    with pytest.raises(DamagedError, match=r"missing\.parquet"):
        write_batch(home, LOTS, [part(home, "B"), home.at("missing.parquet")], 2, base)
    version = write_batch(home, LOTS, [part(home, "C")], 2, base)
    assert (codes(home, base, 1), codes(home, version, 2)) == (["A"], ["A", "C"])
