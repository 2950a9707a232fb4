"""What is printed and written about measured steps."""

import json
from dataclasses import replace

import pytest

from benchmarks.bench import _COSTS, _FIRST, STEPS
from benchmarks.measure import Measure, StepFailedError, measure
from benchmarks.results import Results, write_results
from benchmarks.yardsticks import ASKED, columns_of
from pipelines.indicators import all_indicators

VALIDATION = {
    "rows": 9,
    **{"check_rows": 3.0, "check_rows_cpu": 3.0, "check_rows_good": 8},
    **{"bare": 2.0, "bare_cpu": 1.0, "bare_good": 8},
}

POSTGRES = {"rows": 9, "stage": 2.0, "publish": 1.0, "copy": 2.0}


def make_results(agreement, digests=None):
    digests = digests or {"late records": "x", "from nothing": "x"}
    steps = {name: Measure(name, 10, 2.0, 1.0, 3.0, 2**20) for name in STEPS}
    steps["duckdb:payment_timeliness"] = Measure("duckdb:payment_timeliness", 10, 4.0, 1.0, 5.0, 2**20)
    return Results(0.5, 1, "2020-12-31", 2**20, {"cores": "2"}, steps, agreement, VALIDATION, digests, POSTGRES)


def test_ratios_are_ours_over_the_yardstick():
    ratios = make_results({}).ratios()
    assert ratios["payment/DuckDB payment_timeliness wall"] == 0.5
    assert ratios["payment/DuckDB, all 2 wall"] == pytest.approx(2 / (4 + 2))  # ours gives both tables in its time
    assert ratios["check_rows/bare pass wall"] == 1.5
    assert ratios["postgres/copy wall"] == 1.5


def test_an_indicator_without_a_query_stands_beside_the_floor_of_all_its_columns(monkeypatch, tmp_path):
    asked = set(columns_of("two_invoice")["invoices"])
    monkeypatch.delitem(ASKED, "two_invoice_line")
    results = make_results({})
    del results.steps["duckdb:two_invoice_line"]
    paths = write_results(results, tmp_path)
    assert {name for name in results.ratios() if name.startswith("two_invoice/")} == {
        f"two_invoice/floor {unit}" for unit in ("wall", "cpu", "peak")
    }
    assert "| two_invoice / floor |" in paths[0].read_text("utf-8")
    assert set(columns_of("two_invoice")["invoices"]) > asked


def test_a_differing_column_is_no_agreement():
    assert make_results({"payment_timeliness": {"rows": 5}}).agrees
    assert not make_results({"payment_timeliness": {"rows": 5, "paid_fen": 1}}).agrees


def test_another_digest_is_no_agreement():
    assert not make_results({"payment_timeliness": {"rows": 5}}, {"late records": "x", "from nothing": "y"}).agrees


def test_table_numbers_and_plot_are_written(tmp_path):
    paths = write_results(make_results({"payment_timeliness": {"rows": 5}}), tmp_path)
    assert [p.name for p in paths] == ["scale-0.5.md", "scale-0.5.json", "scale-0.5.svg"]
    assert "| payment / DuckDB payment_timeliness | 2.00 | 4.00 |" in paths[0].read_text("utf-8")
    assert json.loads(paths[1].read_text("utf-8"))["night"] == 2.0 * (6 + len(all_indicators()))
    assert paths[2].read_text("utf-8").startswith("<svg")


def test_costs_alone_are_written_without_yardsticks(tmp_path):
    steps = {name: step for name, step in make_results({}).steps.items() if name in _COSTS}
    results = replace(make_results({}), steps=steps, validation={}, postgres={})
    text = write_results(results, tmp_path)[0].read_text("utf-8")
    assert results.agrees and "DuckDB's" not in text and "COPY" not in text and "floor |" not in text
    assert "| late records / from nothing | 2.00 | 2.00 | 1.00 | 1.00 | 1.000 | 1.000 | 1.000 |" in text


def test_a_first_night_alone_says_nothing_of_later_ones(tmp_path):
    steps = {name: step for name, step in make_results({}).steps.items() if name in _FIRST}
    results = replace(make_results({}), steps=steps, validation={}, postgres={}, digests={})
    text = write_results(results, tmp_path)[0].read_text("utf-8")
    assert results.agrees and "| stage |" in text and "late" not in text and "## Ours over" not in text


def test_a_failed_step_is_named(tmp_path):
    with pytest.raises(StepFailedError, match="nonsense"):
        measure("nonsense", ["--work", str(tmp_path)], threads=1)
