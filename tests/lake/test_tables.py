"""A batch written in several goes is one batch, and none where it was interrupted in between."""

import polars as pl
import pytest

from pipelines.errors import DamagedError
from pipelines.lake import tables
from pipelines.lake.tables import PLACE, scan, write_batch
from pipelines.store.local import Local
from schemas.records import RECORDS

LOTS = RECORDS["lots"]


@pytest.fixture(autouse=True)
def one_row_a_go(monkeypatch):
    monkeypatch.setattr(tables, "_ROWS", 1)


@pytest.fixture
def home(tmp_path):
    return Local(tmp_path)


def part(home, code):
    schema = {**LOTS.schema(), **PLACE}
    row = {"lot_code": code, "_file": 1, "_sheet": "", "_line": 2}
    return home.write(f"{code}.parquet", pl.DataFrame([row], schema=schema))


def codes(home, version, batches):
    return sorted(scan(home, LOTS, version, batches).collect()["lot_code"])


def test_every_go_counts(home):
    version = write_batch(home, LOTS, [part(home, c) for c in "ABC"], 1, None)
    assert codes(home, version, 1) == ["A", "B", "C"]


def test_what_an_interrupted_batch_wrote_is_taken_back(home):
    base = write_batch(home, LOTS, [part(home, "A")], 1, None)
    with pytest.raises(DamagedError, match=r"missing\.parquet"):
        write_batch(home, LOTS, [part(home, "B"), home.at("missing.parquet")], 2, base)
    version = write_batch(home, LOTS, [part(home, "C")], 2, base)
    assert (codes(home, base, 1), codes(home, version, 2)) == (["A"], ["A", "C"])
