"""Staging: what the files hold arrives unchanged; findings get their clock."""

import datetime as dt

import polars as pl
import pytest

from pipelines.publish.load import ReportFileError

D1, D2, D3, D4 = (dt.date(2020, 10, day) for day in (1, 2, 3, 4))
FINDINGS = "SELECT finding_id, first_seen, due_on, state FROM staging_findings ORDER BY finding_id"


def finding(*ids):
    return [{"finding_id": finding_id} for finding_id in ids]


def test_values_arrive_unchanged(nights):
    line = {"invoice_code": "", "invoice_no": "1", "line_no": 7, "net_quantity": 0.1 + 0.2, "net_fen": 2**40}
    nights.stage("R1", D1, two_invoice_line=[{**line, "batch_no": '批"1",', "hops": None, "issued_on": D4}])
    columns = "as_of, run_id, invoice_code, line_no, net_quantity, net_fen, batch_no, hops, issued_on"
    assert nights.read(f"SELECT {columns} FROM staging_two_invoice_line") == [
        ("2020-10-01", "R1", "", 7, 0.1 + 0.2, 2**40, '批"1",', None, "2020-10-04")
    ]


def test_an_empty_text_is_not_null(nights):
    nights.stage("R1", D1, two_invoice_line=[{"batch_no": ""}, {"batch_no": None}])
    counted = "SELECT COUNT(*), COUNT(batch_no) FROM staging_two_invoice_line"
    assert nights.read(counted) == [(2, 1)]


def test_rows_are_counted_over_slices(nights, monkeypatch):
    monkeypatch.setattr("pipelines.publish.load.SLICE_ROWS", 2)
    pairs = [{"institution_code": f"H{number}"} for number in range(5)]
    assert nights.stage("R1", D1, payment_unallocated=pairs)["payment_unallocated"] == 5
    assert nights.read("SELECT COUNT(DISTINCT institution_code) FROM staging_payment_unallocated") == [(5,)]


def test_staging_again_replaces(nights):
    nights.stage("R1", D1, findings=finding("A", "B"))
    nights.stage("R2", D2, findings=finding("C"))
    assert nights.read("SELECT run_id, finding_id FROM staging_findings") == [("R2", "C")]


@pytest.mark.parametrize("name", ["two_invoice_line", "source_files"])
def test_a_missing_file_is_an_error_and_the_former_staging_stays(nights, name):
    nights.stage("R1", D1, findings=finding("A"))
    folder = nights.write(findings=finding("B"))
    (folder / f"{name}.parquet").unlink()
    from pipelines.publish.stage import stage

    with pytest.raises(ReportFileError, match=f"{name}.parquet"):
        stage(nights.engine, "R2", D2, folder, folder)
    assert nights.read("SELECT run_id, finding_id FROM staging_findings") == [("R1", "A")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop("unallocated_fen"), "缺少列 \\['unallocated_fen'\\]"),
        (lambda frame: frame.with_columns(pl.lit(1).alias("surplus")), "多出列 \\['surplus'\\]"),
        (lambda frame: frame.with_columns(unallocated_fen=pl.lit("much")), "列类型"),
    ],
)
def test_a_wrong_file_is_named(nights, change, said):
    from pipelines.publish.stage import stage

    folder = nights.write(payment_unallocated=[{"institution_code": "H1"}])
    path = folder / "payment_unallocated.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    with pytest.raises(ReportFileError, match=said):
        stage(nights.engine, "R1", D1, folder, folder)


def test_a_new_finding_starts_its_clock(nights):
    nights.stage("R1", D1, remedy_days=30, findings=finding("NEW"))
    assert nights.read(FINDINGS) == [("NEW", "2020-10-01", "2020-10-31", "open")]


def test_without_remedy_days_nothing_is_due(nights):
    nights.stage("R1", D1, findings=finding("NEW"))
    assert nights.read(FINDINGS) == [("NEW", "2020-10-01", None, "open")]


def test_an_open_finding_keeps_its_clock_and_a_gone_one_is_cured_once(nights):
    nights.run("R1", D1, findings=[{"finding_id": "GONE", "amount_fen": 5}, {"finding_id": "STAYS"}])
    rows = nights.stage("R2", D2, remedy_days=1, findings=finding("STAYS"))
    assert rows["findings"] == 2
    assert nights.read(FINDINGS) == [
        ("GONE", "2020-10-01", None, "cured"),
        ("STAYS", "2020-10-01", "2020-10-02", "open"),
    ]
    query = "SELECT as_of, run_id, amount_fen FROM staging_findings WHERE finding_id = 'GONE'"
    assert nights.read(query) == [("2020-10-02", "R2", 5)]
    nights.run("R2", D2, findings=finding("STAYS"))
    nights.stage("R3", D3, findings=finding("STAYS"))
    assert nights.read(FINDINGS) == [("STAYS", "2020-10-01", None, "open")]


def test_a_finding_that_comes_back_starts_anew(nights):
    nights.run("R1", D1, findings=finding("BACK"))
    nights.run("R2", D2)
    nights.stage("R3", D3, findings=finding("BACK"))
    assert nights.read(FINDINGS) == [("BACK", "2020-10-03", None, "open")]


def test_only_published_earlier_dates_count(nights):
    nights.run("R1", D1, findings=finding("OLD"))
    nights.run("R3", D3, findings=finding("OLD", "LATER"))
    nights.stage("R2", D2, findings=finding("LATER"))
    assert nights.read(FINDINGS) == [
        ("LATER", "2020-10-02", None, "open"),
        ("OLD", "2020-10-01", None, "cured"),
    ]
