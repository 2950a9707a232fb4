"""A batch written in several goes is one batch, and none where it was interrupted in between."""

import polars as pl
import pytest

from pipelines.lake import tables
from pipelines.lake.tables import PLACE, scan, write_batch
from schemas.records import RECORDS

LOTS = RECORDS["lots"]


@pytest.fixture(autouse=True)
def one_row_a_go(monkeypatch):
    monkeypatch.setattr(tables, "_ROWS", 1)


def part(folder, code):
    path = folder / f"{code}.parquet"
    schema = {**LOTS.schema(), **PLACE}
    row = {"lot_code": code, "_file": 1, "_sheet": "", "_line": 2}
    pl.DataFrame([row], schema=schema).write_parquet(path)
    return path


def codes(home, version, batches):
    return sorted(scan(home, LOTS, version, batches).collect()["lot_code"])


def test_every_go_counts(tmp_path):
    version = write_batch(tmp_path, LOTS, [part(tmp_path, c) for c in "ABC"], 1, None)
    assert codes(tmp_path, version, 1) == ["A", "B", "C"]


def test_what_an_interrupted_batch_wrote_is_taken_back(tmp_path):
    base = write_batch(tmp_path, LOTS, [part(tmp_path, "A")], 1, None)
    with pytest.raises(FileNotFoundError):
        write_batch(tmp_path, LOTS, [part(tmp_path, "B"), tmp_path / "missing.parquet"], 2, base)
    version = write_batch(tmp_path, LOTS, [part(tmp_path, "C")], 2, base)
    assert (codes(tmp_path, base, 1), codes(tmp_path, version, 2)) == (["A"], ["A", "C"])
