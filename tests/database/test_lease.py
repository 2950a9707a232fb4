"""One run at a time: who may take the lease, when it goes to another, and that nobody publishes who lost it."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.database import lease as leases
from pipelines.database.lease import Lease, LeaseError, fence, kept, leave, share, take
from pipelines.store.local import Local

HOME = Local(Path("/data/home"))


@pytest.fixture
def held(engine):
    """Take, share or leave the lease of HOME, each in a transaction of its own."""

    class Held:
        def take(self, holder, *, seconds=1800, home=HOME, **more):
            with pytest.MonkeyPatch.context() as patch, engine.begin() as connection:
                patch.setattr(leases, "SECONDS", seconds)
                return take(connection, holder, home, **more)

        def do(self, act, *given):
            with engine.begin() as connection:
                return act(connection, *given)

        def refused(self, holder, **more):
            with pytest.raises(LeaseError) as error:
                self.take(holder, **more)
            return str(error.value)

        def row(self):
            with engine.connect() as connection:
                return connection.execute(sa.text("SELECT holder, token, process, expires_at - renewed_at FROM lease")).one()

    return Held()


def elsewhere(held, monkeypatch):
    monkeypatch.setattr(leases.socket, "gethostname", lambda: "another")
    monkeypatch.setattr(leases, "_boot", lambda: "another")


def test_it_is_taken_by_one_and_left_to_the_next(held):
    assert held.take("A") == Lease("A", 1)
    held.do(leave, "B")
    assert held.row().holder == "A", "only its holder leaves it"
    held.do(leave, "A")
    assert held.take("B") == Lease("B", 2)


def test_the_same_run_takes_it_again_as_it_was(held):
    assert held.take("A", alone=False, dag_run="D1") == held.take("A") == Lease("A", 1)
    assert held.row().process is None


def test_tasks_of_another_run_are_refused_with_who_since_when_and_until_when(held):
    held.take("A", alone=False, dag_run="scheduled__1")
    said = held.refused("B")
    assert "/data/home 正被另一次运行占用：运行 A" in said and "Airflow 的 scheduled__1" in said
    assert "持有租约，到 20" in said and "等它结束" in said and "接手" in said


def test_it_runs_out(held):
    held.take("A", alone=False, seconds=-1)
    assert held.take("B") == Lease("B", 2)
    with pytest.raises(LeaseError, match="没有写入"):
        held.do(fence, Lease("A", 1))


def test_a_process_that_had_the_lock_is_gone_when_another_has_it(held):
    held.take("A")
    assert held.take("B") == Lease("B", 2)


@pytest.mark.parametrize("more", [{"alone": False}, {"home": Local(Path("/data/copy"))}])
def test_without_the_lock_of_that_home_nothing_is_proven(held, more):
    held.take("A")
    assert "进程" in held.refused("B", **more)


def test_one_process_that_does_an_airflow_run_must_be_gone_itself(held, monkeypatch):
    held.take("A", dag_run="test")
    held.refused("B")
    monkeypatch.setattr(leases.os, "getpid", lambda: 2**22 + 1)  # beyond all process ids
    held.do(leave, "A")
    held.take("A", dag_run="test")
    assert held.take("B").holder == "B"


def test_from_another_machine_nothing_is_proven(held, monkeypatch):
    held.take("A")
    elsewhere(held, monkeypatch)
    held.refused("B")


def test_what_tasks_do_outlives_their_processes(held):
    held.take("A", dag_run="D1")
    held.do(share, "A")
    held.refused("B", dag_run="D2")
    assert held.take("B", dag_run="D1") == Lease("B", 2), "the same Airflow run, begun again"


def test_a_stale_token_does_not_publish(held):
    first = held.take("A", seconds=-1)
    held.take("B", seconds=-1)
    second = held.take("A")
    with pytest.raises(LeaseError):
        held.do(fence, first)
    held.do(fence, second)
    assert second == Lease("A", 3)


def test_it_is_renewed_while_a_step_is_at_work(held, engine, monkeypatch):
    held.take("A", seconds=5)
    monkeypatch.setattr(leases, "SECONDS", 0.04)
    beats = []
    monkeypatch.setattr(leases, "_clock", lambda connection, own=leases._clock: beats.append(1) or own(connection))
    with kept(engine, "A"):
        while len(beats) < 2:
            pass
    held.do(leave, "A")
    with kept(engine, "A"):
        pass
    assert held.row().holder is None


def test_publishing_keeps_others_out_until_its_end(held, engine, request):
    """In PostgreSQL the row is locked, in SQLite the database."""
    lease = held.take("A", alone=False)
    with engine.begin() as connection:
        fence(connection, lease)
        other = sa.create_engine(engine.url, connect_args={"timeout": 0} if engine.dialect.name == "sqlite" else {})
        with pytest.raises(sa.exc.OperationalError), other.begin() as second:
            if engine.dialect.name == "postgresql":
                second.exec_driver_sql("SET lock_timeout = '100ms'")
            take(second, "B", HOME)
        other.dispose()
