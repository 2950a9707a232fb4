"""Staging: what the files hold arrives unchanged, and only what belongs together is staged."""

import datetime as dt
from functools import partial

import polars as pl
import pytest

from pipelines.database.lease import LeaseError, fence, leave, take
from pipelines.database.load import ReportFileError
from pipelines.publish import stage as staging
from pipelines.publish.export import export
from pipelines.publish.stage import stage
from pipelines.publish.swap import begin, publish
from pipelines.store import keys

D1, D2, D4 = (dt.date(2020, 10, day) for day in (1, 2, 4))
FINDINGS = "SELECT finding_id FROM staging_findings ORDER BY finding_id"
LINE = {"invoice_code": "", "invoice_no": "1", "line_no": 7, "net_quantity": 0.1 + 0.2, "net_fen": 2**40}
LINE |= {"batch_no": '批"1",', "hops": None, "issued_on": D4}


def finding(*ids):
    return [{"finding_id": finding_id} for finding_id in ids]


@pytest.mark.parametrize("place", ["staging_two_invoice_line", "two_invoice_line_versions"])
def test_values_arrive_unchanged(nights, place):
    if place.startswith("staging"):
        nights.run("R0", D1)
    nights.stage("R1", D2, two_invoice_line=[LINE])
    columns = "invoice_code, line_no, net_quantity, net_fen, batch_no, hops, issued_on"
    assert nights.read(f"SELECT {columns} FROM {place}") == [("", 7, 0.1 + 0.2, 2**40, '批"1",', None, "2020-10-04")]
    assert nights.read("SELECT as_of, run_id FROM staging_run") == [("2020-10-02", "R1")]


def test_figures_of_a_first_night_stand_at_once_and_are_seen_when_they_are_published(nights):
    shown = "SELECT as_of, run_id, line_no FROM two_invoice_line"
    nights.stage("R1", D1, two_invoice_line=[LINE], findings=finding("A"))
    assert nights.read("SELECT line_no, valid_from, valid_to FROM two_invoice_line_versions") == [
        (7, "2020-10-01", "9999-12-31")
    ]
    assert nights.read(shown) == nights.read("SELECT * FROM staging_two_invoice_line") == []
    assert nights.read("SELECT base_as_of FROM staging_run") == [(None,)]
    begin(nights.engine, run := nights.row("R1", D1))
    publish(nights.engine, run, None, [], terms=nights.terms.get)
    assert nights.read(shown) == [("2020-10-01", "R1", 7)]


def test_a_run_whose_lease_another_took_stages_nothing(nights):
    nights.stage("R2", D2, two_invoice_line=[LINE])
    with nights.engine.begin() as connection:
        slept = take(connection, "R1", nights.store)
        leave(connection, "R1")
        take(connection, "R2", nights.store)
    store = nights.write(D1, two_invoice_line=[LINE | {"line_no": 8}])
    with pytest.raises(LeaseError, match="运行 R1 的租约已到期或由另一次运行接手"):
        stage(nights.engine, "R1", D1, None, store, fence=partial(fence, lease=slept))
    assert nights.read("SELECT run_id FROM staging_run") == [("R2",)]
    assert nights.read("SELECT line_no FROM two_invoice_line_versions") == [(7,)]


def test_a_first_night_that_was_not_published_leaves_nothing_to_the_next(nights):
    nights.stage("R1", D2, two_invoice_line=[LINE, LINE | {"line_no": 8}])
    nights.run("R2", D1, two_invoice_line=[LINE | {"line_no": 9}])
    nights.run("R3", D2, two_invoice_line=[LINE | {"line_no": 9}])
    assert nights.read("SELECT as_of, line_no FROM two_invoice_line ORDER BY as_of") == [("2020-10-01", 9), ("2020-10-02", 9)]


def test_a_first_night_that_breaks_off_is_not_staged_and_the_next_begins_anew(nights, monkeypatch):
    def load(connection, table, *given, **more):
        if table.name == "two_invoice_line_versions":
            assert nights.read("SELECT institution_code FROM payment_unallocated_versions") == [("H1",)]
            raise KeyboardInterrupt
        return whole(connection, table, *given, **more)

    whole = staging.load
    monkeypatch.setattr(staging, "load", load)
    with pytest.raises(KeyboardInterrupt):
        nights.stage("R1", D1, payment_unallocated=[{"institution_code": "H1"}], two_invoice_line=[LINE])
    assert not staging.is_staged(nights.engine, "R1", D1)
    monkeypatch.undo()
    nights.run("R2", D1, two_invoice_line=[LINE])
    for name, count in (("payment_unallocated", 0), ("two_invoice_line", 1)):
        assert nights.read(f"SELECT COUNT(*) FROM {name}_versions") == [(count,)]


def test_rows_of_a_first_night_that_cannot_stand_are_staged_for_the_audit(nights):
    pair = {"institution_code": "H1"}
    nights.stage("R1", D1, payment_unallocated=[pair, pair], two_invoice_line=[LINE])
    for name, count in (("payment_unallocated", 2), ("two_invoice_line", 1)):
        assert nights.read(f"SELECT COUNT(*) FROM staging_{name}") == [(count,)]
        assert nights.read(f"SELECT COUNT(*) FROM {name}_versions") == [(0,)]


def test_an_empty_text_is_not_null(nights):
    nights.run("R0", D1)
    nights.stage("R1", D2, two_invoice_line=[{"batch_no": ""}, {"batch_no": None, "line_no": 1}])
    counted = "SELECT COUNT(*), COUNT(batch_no) FROM staging_two_invoice_line"
    assert nights.read(counted) == [(2, 1)]


def test_rows_are_counted_over_slices(nights, monkeypatch):
    monkeypatch.setattr("pipelines.database.load.SLICE_ROWS", 2)
    pairs = [{"institution_code": f"H{number}"} for number in range(5)]
    assert nights.stage("R1", D1, payment_unallocated=pairs)["payment_unallocated"] == 5
    assert nights.read("SELECT COUNT(DISTINCT institution_code) FROM payment_unallocated_versions") == [(5,)]


def test_staging_again_replaces(nights):
    nights.stage("R1", D1, findings=finding("A", "B"))
    nights.stage("R2", D2, findings=finding("C"))
    assert nights.read(FINDINGS) == [("C",)]
    assert nights.read("SELECT run_id FROM staging_run") == [("R2",)]


def test_keys_that_leave_are_staged_by_themselves(nights):
    nights.run("R1", D1, payment_unallocated=[{"institution_code": "GONE", "unallocated_fen": 5}])
    nights.stage("R2", D2, payment_unallocated=[{"institution_code": "NEW"}])
    assert nights.read("SELECT * FROM leaving_payment_unallocated") == [("GONE", "-")]
    assert nights.read("SELECT institution_code FROM staging_payment_unallocated") == [("NEW",)]
    assert nights.read("SELECT base_as_of, base_run_id FROM staging_run") == [("2020-10-01", "R1")]


@pytest.mark.parametrize("name", ["changes/two_invoice_line.came", "changes/payment_unallocated.gone", "ledger/source_files"])
def test_a_missing_file_is_an_error_and_the_former_staging_stays(nights, name):
    nights.run("R0", D1)
    nights.stage("R1", D1, findings=finding("A"))
    store = nights.write(D2, findings=finding("B"))
    store.drop(f"{name}.parquet")
    with pytest.raises(ReportFileError, match=f"{name}.parquet"):
        stage(nights.engine, "R2", D2, nights.base, store)
    assert nights.read(FINDINGS) == [("A",)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop("unallocated_fen"), "缺少列 \\['unallocated_fen'\\]"),
        (lambda frame: frame.with_columns(pl.lit(1).alias("surplus")), "多出列 \\['surplus'\\]"),
        (lambda frame: frame.with_columns(unallocated_fen=pl.lit("much")), "列类型"),
    ],
)
def test_a_wrong_file_is_named(nights, change, said):
    store, came = nights.write(D1, payment_unallocated=[{"institution_code": "H1"}]), keys.came("payment_unallocated")
    store.write(came, change(store.scan(came).collect()))
    with pytest.raises(ReportFileError, match=said):
        stage(nights.engine, "R1", D1, nights.base, store)


def test_a_published_date_is_written_out_as_it_came_in(nights, monkeypatch):
    monkeypatch.setattr("pipelines.database.unload.SLICE_ROWS", 1)
    nights.run("R1", D1, two_invoice_line=[LINE, LINE | {"line_no": 8, "batch_no": ""}])
    came_in = nights.store.scan(keys.came("two_invoice_line")).collect()
    nights.run("R2", D2)
    out = nights.store.at("out.parquet")
    assert export(nights.engine, "two_invoice_line", D1, out) == 2
    assert out.scan().collect().equals(came_in)
    assert export(nights.engine, "two_invoice_line", D2, out) == 0
    assert out.scan().collect_schema() == came_in.schema


def test_an_ordinary_night_that_cannot_be_staged_is_not_tried_again(nights, monkeypatch):
    nights.run("R1", D1, two_invoice_line=[LINE])
    tried, refused = [], staging._not_to_stand(nights.engine)

    def refuse(*given):
        tried.append(given[-1] is not None)
        raise refused("NOT NULL")

    monkeypatch.setattr(staging, "_stage", refuse)
    with pytest.raises(refused):
        nights.stage("R2", D2, two_invoice_line=[LINE])
    assert tried == [True]
