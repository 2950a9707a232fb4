"""The run ledger: states, and a chain that shows what was tampered with."""

import datetime as dt

import pytest
import sqlalchemy as sa

from pipelines.database import ledger
from pipelines.database.ledger import LedgerError, begin, check_chain, record_failure
from pipelines.publish.swap import hold, publish

D1, D2, D3 = (dt.date(2020, 10, day) for day in (1, 2, 3))
STATES = "SELECT run_id, status, note FROM runs ORDER BY run_id"


def change(engine, statement):
    with engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_an_interrupted_run_is_marked_failed(nights):
    begin(nights.engine, nights.row("R1", D1))
    begin(nights.engine, nights.row("R2", D1))
    assert nights.read(STATES) == [("R1", "failed", "中断"), ("R2", "running", None)]
    assert check_chain(nights.engine) == []


def test_a_failure_is_recorded(nights):
    begin(nights.engine, nights.row("R1", D1, lake_versions={"b": 1, "a": 2}))
    record_failure(nights.engine, "R1", "磁盘已满")
    assert nights.read(STATES) == [("R1", "failed", "磁盘已满")]
    assert nights.read("SELECT lake_versions FROM runs") == [('{"a": 2, "b": 1}',)]


def test_a_failure_after_publication_changes_nothing(nights):
    nights.run("R1", D1)
    record_failure(nights.engine, "R1", "页面未生成")
    assert nights.read(STATES) == [("R1", "published", None)]


def test_an_unknown_run_is_refused(nights):
    with pytest.raises(LedgerError, match="没有运行 R9"):
        record_failure(nights.engine, "R9", "?")


def test_a_published_run_does_not_begin_again(nights):
    nights.run("R1", D1)
    with pytest.raises(LedgerError, match="R1 已发布"):
        begin(nights.engine, nights.row("R1", D1))


def test_finished_runs_form_a_chain(nights):
    for run_id, as_of in (("R1", D1), ("R2", D2), ("R3", D3)):
        nights.run(run_id, as_of)
    rows = nights.read("SELECT previous_hash, row_hash FROM runs ORDER BY finished_at")
    assert [row[0] for row in rows] == [None, rows[0][1], rows[1][1]]
    assert check_chain(nights.engine) == []


def test_a_changed_row_is_noticed(nights):
    nights.run("R1", D1)
    change(nights.engine, "UPDATE runs SET policy_digest = 'Q'")
    assert check_chain(nights.engine) == ["运行 R1 的台账行被改动过：内容与 row_hash 不符"]


def test_a_removed_row_is_noticed(nights):
    for run_id, as_of in (("R1", D1), ("R2", D2), ("R3", D3)):
        nights.run(run_id, as_of)
    change(nights.engine, "DELETE FROM runs WHERE run_id = 'R2'")
    assert check_chain(nights.engine) == ["运行 R3 之前的台账行缺失或被改动：previous_hash 对不上"]


def test_a_released_run_moves_to_the_end_and_the_chain_holds(nights):
    nights.stage("R1", D1)
    hold(nights.engine, nights.row("R1", D1, note="拒收率过高"), None, [])
    nights.run("R2", D2)
    nights.stage("R1", D1)
    publish(nights.engine, nights.row("R1", D1, note="放行"), None, [])
    assert nights.read("SELECT run_id FROM runs ORDER BY finished_at") == [("R2",), ("R1",)]
    assert nights.read("SELECT note FROM runs WHERE run_id = 'R1'")[0][0].startswith("放行；原行哈希 ")
    assert check_chain(nights.engine) == []


def test_a_failed_run_can_be_tried_again(nights):
    begin(nights.engine, nights.row("R1", D1))
    record_failure(nights.engine, "R1", "断电")
    nights.run("R2", D2)
    nights.run("R1", D1)
    assert [row[:2] for row in nights.read(STATES)] == [("R1", "published"), ("R2", "published")]
    assert check_chain(nights.engine) == []


def test_a_clock_set_back_does_not_break_the_order(nights, monkeypatch):
    nights.run("R1", D1)
    earlier = ledger._now() - dt.timedelta(hours=1)
    monkeypatch.setattr(ledger, "_now", lambda: earlier)
    nights.run("R2", D2)
    assert nights.read("SELECT run_id FROM runs ORDER BY finished_at") == [("R1",), ("R2",)]
