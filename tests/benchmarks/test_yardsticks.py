"""The yardsticks give our answers; how long they take is no test."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.agreement import compare
from benchmarks.place import AS_OF
from benchmarks.validation import compare_passes
from benchmarks.yardsticks import ASKED, INDICATORS, ask_duckdb, columns_of, scan_floor
from pipelines.engine.compute import shape
from pipelines.lake.scan_records import scan_records
from pipelines.store.local import Local
from schemas.reports import REPORTS
from tests.indicators.records import read_indicator, write_records
from tests.reference.worlds import random_world

pytestmark = pytest.mark.thorough

AT_LEAST = {
    "budget_protection": 10,
    "budgeted_completion": 30,
    "code_linkage": 150,
    "credit_grades": 40,
    "distribution_concentration": 15,
    "essential_and_monitored": 12,
    "family_linkage": 2,
    "invoice_signals": 30,
    "listed_company_trade": 60,
    "lot_execution": 60,
    "negotiated_use": 100,
    "payment_standard_gap": 250,
    "platform_purchasing": 200,
    "prepayment_agency": 10,
    "prepayment_timeliness": 40,
    "price_compliance": 150,
    "price_index": 120,
    "price_line": 70,
    "price_movements": 30,
    "settlement_channels": 120,
    "shortage": 20,
    "stock_gap": 1,
    "surplus_retention": 50,
    "trace_coverage": 12,
    "trace_reuse": 3,
    "use_surges": 0,
    "voluntary_participation": 2,
}
"""Rows of a table on the generated night, where it has no more than 300."""


RAISED = (
    *("price_above_selected", "price_above_estimated", "price_above_listing", "markup", "price_changes_often", "price_rise"),
    *("price_above_peers", "delivery_poor", "shortage", "payment_standard_differs", "listed_company_trade"),
    *("credit_grade_severe", "too_many_forms", "too_many_strengths", "too_many_products", "trace_missing", "trace_code_reused"),
    *("trace_code_received_twice", "distribution_dispersed", "sole_distributor"),
)
"""The rules that `findings.sql` speaks of."""


@pytest.mark.parametrize("table", ASKED)
def test_duckdb_agrees_on_a_generated_night(table, night, given):
    ask_duckdb(table, night.records, AS_OF, given, night.yardstick(table))
    found = compare(table, night.run_folder / "reports", night.yardstick(table))
    assert found.pop("rows") >= AT_LEAST.get(table, 300)
    assert found == {}


def test_duckdb_raises_the_same_findings_on_a_generated_night(night, given):
    ask_duckdb("findings", night.records, AS_OF, given, night.yardstick("findings"))
    found = [pl.read_parquet(night.run_folder / "findings" / f"{code}.parquet") for code in INDICATORS]
    assert assert_same_findings(found, night.yardstick("findings")) >= 150


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
def test_duckdb_agrees_on_a_random_world(seed, given, tmp_path):
    records, as_of = random_world(seed)
    store = write_records(records, tmp_path)
    findings = []
    for code in set(ASKED.values()):
        frames = read_indicator(INDICATORS[code], store, as_of)
        findings.append(frames["findings"])
        for table in set(ASKED) & set(INDICATORS[code].tables):
            shape(frames[table], REPORTS[table]).write_parquet(tmp_path / f"{table}.parquet")
    for table in ASKED:
        ask_duckdb(table, tmp_path, as_of, given, tmp_path / "duckdb" / f"{table}.parquet")
    found = {table: compare(table, tmp_path, tmp_path / "duckdb" / f"{table}.parquet") for table in ASKED}
    assert {table: apart for table, apart in found.items() if apart.keys() != {"rows"}} == {}
    ask_duckdb("findings", tmp_path, as_of, given, tmp_path / "duckdb" / "findings.parquet")
    assert_same_findings(findings, tmp_path / "duckdb" / "findings.parquet")


def assert_same_findings(found, answer):
    """Fails where one of `RAISED` is raised by one side alone, or otherwise; the number of findings compared."""
    theirs = pl.read_parquet(answer)
    ours = pl.concat(found).filter(pl.col("rule_code").is_in(RAISED)).select(theirs.columns).sort("rule_code", "subject_key")
    assert_frame_equal(ours, theirs.cast(ours.schema), abs_tol=1e-9)
    return ours.height


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
    rows = [scan_records(Local(night.records), d).collect().height for d in columns_of(code)]
    assert scan_floor(code, night.records) >= sum(rows)


def test_the_bare_pass_finds_the_same_good_rows(night):
    found = compare_passes(night)
    assert found["bare_good"] == found["check_rows_good"] < found["rows"] == 2000
