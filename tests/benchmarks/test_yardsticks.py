"""The yardsticks give our answers; how long they take is no test."""

import polars as pl
import pytest

from benchmarks.agreement import compare
from benchmarks.place import AS_OF
from benchmarks.validation import compare_passes
from benchmarks.yardsticks import ASKED, INDICATORS, ask_duckdb, columns_of, scan_floor
from pipelines.engine.compute import shape
from pipelines.lake.scan_records import scan_records
from pipelines.store.store import Store
from schemas.reports import REPORTS
from tests.indicators.records import run_indicator
from tests.reference.worlds import random_world


@pytest.mark.parametrize("code", ASKED)
def test_duckdb_agrees_on_a_generated_night(code, night, calendar):
    ask_duckdb(code, night.records, AS_OF, calendar, night.yardstick(code))
    found = compare(ASKED[code], night.run_folder / "reports", night.yardstick(code))
    assert found.pop("rows") > 300
    assert found == {}


@pytest.mark.parametrize("code", ASKED)
@pytest.mark.parametrize("seed", range(3))
def test_duckdb_agrees_on_a_random_world(code, seed, calendar, tmp_path):
    records, as_of = random_world(seed)
    frames = run_indicator(INDICATORS[code], records, as_of, tmp_path / "records")
    table = ASKED[code]
    shape(frames[table], REPORTS[table]).write_parquet(tmp_path / f"{table}.parquet")
    ask_duckdb(code, tmp_path / "records", as_of, calendar, tmp_path / "duckdb" / "answer.parquet")
    found = compare(table, tmp_path, tmp_path / "duckdb" / "answer.parquet")
    assert found.keys() == {"rows"}


def test_one_fen_apart_is_a_difference(night, tmp_path):
    ours = pl.read_parquet(night.run_folder / "reports" / "two_invoice_line.parquet")
    first = pl.int_range(pl.len()) == 0
    ours.with_columns(net_fen=pl.col("net_fen") + first.cast(pl.Int64)).write_parquet(tmp_path / "theirs.parquet")
    found = compare("two_invoice_line", night.run_folder / "reports", tmp_path / "theirs.parquet")
    assert found == {"rows": ours.height, "net_fen": 1}


def test_a_missing_row_is_a_difference(night, tmp_path):
    ours = pl.read_parquet(night.run_folder / "reports" / "agreed_volume_completion.parquet")
    ours.head(-1).write_parquet(tmp_path / "theirs.parquet")
    found = compare("agreed_volume_completion", night.run_folder / "reports", tmp_path / "theirs.parquet")
    assert found["rows_apart"] == 1


@pytest.mark.parametrize("code", INDICATORS)
def test_the_floor_reads_every_row(code, night):
    rows = [scan_records(Store(night.records), d).collect().height for d in columns_of(code)]
    assert scan_floor(code, night.records) >= sum(rows)


def test_the_bare_pass_finds_the_same_good_rows(night):
    found = compare_passes(night)
    assert found["bare_good"] == found["check_rows_good"] < found["rows"] == 2000
