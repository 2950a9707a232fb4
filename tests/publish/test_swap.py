"""The swap: one date shows one run; every change of a published figure is on record."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.database.tables import METADATA
from pipelines.publish import swap
from pipelines.publish.changes import Causes
from pipelines.publish.swap import LedgerError, begin, hold, publish
from pipelines.store import keys

D1, D2 = dt.date(2020, 10, 1), dt.date(2020, 10, 2)
CHECK = {"check_id": "C", "scope": "findings", "applied": 1, "passed": 1, "failed": 0, "not_applicable": 0}
CHECK |= {"status": "passed", "details": "{}"}
RESTATED = (
    "SELECT table_name, row_key, column_name, old_value, new_value, cause, previous_run_id, run_id"
    " FROM restatements ORDER BY table_name, row_key, column_name"
)
FIGURES = "SELECT as_of, run_id, institution_code, unallocated_fen FROM payment_unallocated ORDER BY 1, 3"


def cash(**fen):
    return [{"institution_code": code, "unallocated_fen": value} for code, value in fen.items()]


def test_round_trip(nights):
    assert nights.run("R1", D1, payment_unallocated=cash(H1=100), source_files=[{"path": "a.csv"}]) == 0
    assert nights.read(FIGURES) == [("2020-10-01", "R1", "H1", 100)]
    assert nights.read("SELECT run_id, path FROM source_files") == [("R1", "a.csv")]
    assert nights.read("SELECT run_id, status FROM runs") == [("R1", "published")]
    assert nights.read(RESTATED) == []


def test_a_publication_leaves_nothing_staged(nights):
    nights.run("R1", D1, payment_unallocated=cash(H1=100), source_files=[{"path": "a.csv"}])
    nights.run("R2", D1, payment_unallocated=cash(H2=70), findings=[{}])
    tables = [name for name in METADATA.tables if name.startswith(("staging_", "leaving_"))]
    assert [name for name in tables if nights.read(f"SELECT * FROM {name}")] == []


def test_another_date_stands_beside(nights):
    nights.run("R1", D1, payment_unallocated=cash(H1=100))
    assert nights.run("R2", D2, payment_unallocated=cash(H1=70)) == 0
    assert [row[:2] for row in nights.read(FIGURES)] == [("2020-10-01", "R1"), ("2020-10-02", "R2")]


def test_changed_appeared_and_vanished_rows_are_restated(nights):
    nights.run("R1", D1, payment_unallocated=cash(CHANGED=1, SAME=2, VANISHED=3))
    assert nights.run("R2", D1, payment_unallocated=cash(APPEARED=4, CHANGED=5, SAME=2)) == 3
    fixed = ("late_record", "R1", "R2")
    assert nights.read(RESTATED) == [
        ("payment_unallocated", "APPEARED|-", "unallocated_fen", None, "4", *fixed),
        ("payment_unallocated", "CHANGED|-", "unallocated_fen", "1", "5", *fixed),
        ("payment_unallocated", "VANISHED|-", "unallocated_fen", "3", None, *fixed),
    ]
    assert [row[1:] for row in nights.read(FIGURES)] == [("R2", "APPEARED", 4), ("R2", "CHANGED", 5), ("R2", "SAME", 2)]
    assert nights.read("SELECT run_id, status FROM runs ORDER BY 1") == [("R1", "published"), ("R2", "published")]


def test_doubles_dates_and_nulls_are_written_alike(nights):
    first = {"commitment_id": "C1", "strict_rate": 1 / 3, "period_end": D1, "gap": None, "net_quantity": 54600.0}
    second = {**first, "strict_rate": 0.5, "period_end": D2, "gap": 0.1, "net_quantity": 1e16}
    nights.run("R1", D1, agreed_volume_completion=[first])
    assert nights.run("R2", D1, agreed_volume_completion=[second]) == 4
    assert [row[1:5] for row in nights.read(RESTATED)] == [
        ("C1", "gap", None, "0.1"),
        ("C1", "net_quantity", "54600", "1e+16"),
        ("C1", "period_end", "2020-10-01", "2020-10-02"),
        ("C1", "strict_rate", "0.3333333333333333", "0.5"),
    ]


def test_the_clock_of_findings_and_cured_rows_are_no_restatement(nights):
    nights.run("R1", D1, findings=[{"finding_id": "GONE"}])
    nights.run("R2", D2, findings=[{"finding_id": "NEW"}])
    run = nights.row("R3", D2)
    nights.stage("R3", D2, remedy_days=9, findings=[{"finding_id": "NEW"}])
    assert publish(nights.engine, run, None, []) == 0


def test_every_cell_has_its_cause(nights):
    first = {"invoice_code": "", "invoice_no": "1", "line_no": 2, "verdict": "direct", "net_fen": 1}
    nights.run("R1", D1, payment_unallocated=cash(H1=1, H2=1), two_invoice_line=[first])
    second = {**first, "verdict": "two_invoice", "net_fen": 2}
    nights.stage("R2", D1, payment_unallocated=cash(H1=2), two_invoice_line=[second])
    cells = [
        ("two_invoice_line", "|1|2", "net_fen", "withdrawal"),
        ("payment_unallocated", "H2|-", "unallocated_fen", "correction"),
        ("payment_unallocated", "H9|-", "unallocated_fen", "correction"),
    ]
    names = ["table_name", "row_key", "column_name", "cause"]
    causes = Causes("policy", nights.store.write(keys.CAUSES, pl.DataFrame(cells, schema=names, orient="row")))
    assert publish(nights.engine, nights.row("R2", D1), None, [], causes) == 4
    assert nights.read("SELECT row_key, column_name, cause FROM restatements ORDER BY 1, 2") == [
        ("H1|-", "unallocated_fen", "policy"),
        ("H2|-", "unallocated_fen", "correction"),
        ("|1|2", "net_fen", "withdrawal"),
        ("|1|2", "verdict", "policy"),
    ]


def test_publishing_twice_changes_nothing(nights):
    nights.run("R1", D1, payment_unallocated=cash(H1=1))
    nights.run("R2", D1, payment_unallocated=cash(H1=2))
    tables = [FIGURES, RESTATED, "SELECT * FROM runs ORDER BY run_id"]
    before = [nights.read(query) for query in tables]
    assert publish(nights.engine, nights.row("R2", D1), None, [CHECK]) == 1
    assert [nights.read(query) for query in tables] == before


def test_a_held_run_leaves_the_figures(nights):
    nights.run("R1", D1, payment_unallocated=cash(H1=1))
    nights.stage("R2", D1, payment_unallocated=cash(H1=2), source_files=[{"path": "b.csv"}])
    hold(nights.engine, nights.row("R2", D1, note="拒收率过高"), nights.rejected({"record_id": "X"}), [CHECK])
    assert nights.read(FIGURES) == [("2020-10-01", "R1", "H1", 1)]
    assert nights.read("SELECT run_id, check_id FROM check_results") == [("R2", "C")]
    assert nights.read("SELECT path FROM source_files") == [("b.csv",)]
    assert nights.read("SELECT record_id FROM rejected_records") == [("X",)]
    assert nights.read("SELECT status, note FROM runs WHERE run_id = 'R2'") == [("held", "拒收率过高")]


def test_a_held_run_can_be_released(nights):
    nights.run("R1", D1, payment_unallocated=cash(H1=1))
    nights.stage("R2", D1, payment_unallocated=cash(H1=2))
    hold(nights.engine, nights.row("R2", D1), None, [CHECK])
    assert publish(nights.engine, nights.row("R2", D1, released_by="王主任"), None, [CHECK]) == 1
    assert nights.read(FIGURES) == [("2020-10-01", "R2", "H1", 2)]
    assert nights.read("SELECT status, released_by FROM runs WHERE run_id = 'R2'") == [("published", "王主任")]


def test_a_published_run_cannot_be_held(nights):
    nights.run("R1", D1)
    with pytest.raises(LedgerError, match="R1 已发布"):
        hold(nights.engine, nights.row("R1", D1), None, [])


@pytest.mark.parametrize(("run_id", "as_of"), [("R2", D1), ("R1", D2)])
def test_staging_of_another_run_is_refused(nights, run_id, as_of):
    nights.stage("R1", D1, payment_unallocated=cash(H1=1))
    with pytest.raises(LedgerError, match="请重新运行该截止日"):
        publish(nights.engine, nights.row(run_id, as_of), None, [])


def test_a_rejected_record_keeps_its_first_run(nights):
    first = {"dataset": "deliveries", "record_id": "X", "first_seen_run": "R1", "last_seen_run": "R1"}
    for run_id, row in (("R1", first), ("R2", {**first, "first_seen_run": "R2", "last_seen_run": "R2"})):
        nights.stage(run_id, D1)
        publish(nights.engine, nights.row(run_id, D1), nights.rejected(row), [])
    query = "SELECT record_id, first_seen_run, last_seen_run FROM rejected_records"
    assert nights.read(query) == [("X", "R1", "R2")]


@pytest.mark.parametrize("broken", ["finish", "_write_ledgers", "_copy_staged"])
def test_a_fault_in_the_middle_leaves_the_last_figures(nights, monkeypatch, broken):
    nights.run("R1", D1, payment_unallocated=cash(H1=1))
    begin(nights.engine, nights.row("R2", D1))
    nights.stage("R2", D1, payment_unallocated=cash(H1=2))

    def fail(*_args):
        raise ConnectionError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr(swap, broken, fail)
        with pytest.raises(ConnectionError):
            publish(nights.engine, nights.row("R2", D1), None, [CHECK])
    assert nights.read(FIGURES) == [("2020-10-01", "R1", "H1", 1)]
    assert nights.read(RESTATED) == []
    assert nights.read("SELECT status FROM runs WHERE run_id = 'R2'") == [("running",)]
    assert publish(nights.engine, nights.row("R2", D1), None, [CHECK]) == 1
    assert nights.read(FIGURES) == [("2020-10-01", "R2", "H1", 2)]


def test_readers_see_the_old_figures_until_the_swap_is_done(nights, monkeypatch):
    nights.run("R1", D1, payment_unallocated=cash(H1=1))
    nights.stage("R2", D1, payment_unallocated=cash(H1=2))
    seen = []

    def look(*args):
        with ThreadPoolExecutor(1) as other:
            seen.append(other.submit(nights.read, FIGURES).result())
        return written(*args)

    written = swap.finish
    monkeypatch.setattr(swap, "finish", look)
    publish(nights.engine, nights.row("R2", D1), None, [])
    assert seen == [[("2020-10-01", "R1", "H1", 1)]]


def test_a_database_that_vanishes_leaves_the_last_figures(migrated_postgres_url, nights_on, monkeypatch):
    engine = open_database(migrated_postgres_url)
    nights = nights_on(engine)
    nights.run("R1", D1, payment_unallocated=cash(H1=1))
    nights.stage("R2", D1, payment_unallocated=cash(H1=2))

    def cut(connection, *_args):
        connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with monkeypatch.context() as patch:
        patch.setattr(swap, "finish", cut)
        with pytest.raises(sa.exc.OperationalError):
            publish(engine, nights.row("R2", D1), None, [])
    assert nights.read(FIGURES) == [("2020-10-01", "R1", "H1", 1)]
    assert publish(engine, nights.row("R2", D1), None, []) == 1
    engine.dispose()
