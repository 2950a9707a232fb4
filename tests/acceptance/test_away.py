"""The database restarts in any stage of a night, the object store stays away, the clock goes back: the last figures stand, one
line says what was wrong, and the next night loses nothing.
"""

from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from pipelines.database import ledger
from pipelines.errors import describe
from pipelines.night.run import release, run_night
from pipelines.settings import Settings
from pipelines.store import remote, runs
from pipelines.store.places import open_store
from tests.acceptance.test_faults import AS_OF, House, first_night
from tests.cluster.gate import Gate
from tests.reports.explained_nights import H, S, delivery, send
from tests.sources.servers import ACCESS, SECRET, s3_server

pytestmark = pytest.mark.thorough
STAGES = {"begin": "", "validate": "接收", "stage": "数据湖", "audit": "暂存", "publish": "审核"}
"""Stage → what is said last before it asks the database."""


def happening(do, moment, happen):
    """Do what says lines, and when one with `moment` in it is said, or at once, something happens."""
    is_due = [True]

    def say(line):
        if is_due and moment in line:
            is_due.clear()
            happen()

    if not moment:
        say("")
    done = do(say)
    assert not is_due, f"nobody said {moment}"
    return done


def night_with(house, moment, happen):
    """A night in which something happens then."""
    return happening(lambda say: run_night(house.settings, AS_OF, say)[0], moment, happen)


@contextmanager
def restarting(server, url):
    """Call what is given, and at its third statement the database lets go of everybody who is connected."""
    left, database = [], sa.make_url(url).database

    def restart(*_):
        if left and left.pop() and not left:
            with psycopg.connect(server, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])

    sa.event.listen(sa.Engine, "before_cursor_execute", restart)
    try:
        yield lambda: left.extend([1, 1, 1])
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", restart)


def test_a_database_that_restarts_in_any_stage(postgres_server, postgres_url, tmp_path):
    house, at_once = first_night(House(tmp_path / "disturbed", postgres_url)), first_night(House(tmp_path / "once"))
    with restarting(postgres_server, postgres_url) as restart:
        for number, (stage, moment) in enumerate(STAGES.items()):
            for each in (house, at_once):
                send(each.landing, "deliveries", delivery(f"D{number}x", "2020-11-05", packs=number + 1), name=f"{number}.csv")
            before = house.figures()
            with pytest.raises(sa.exc.OperationalError) as raised:
                night_with(house, moment, restart)
            told = describe(raised.value)
            assert told.startswith("结果库无法读写：") and "\n" not in told, stage
            assert house.figures() == before, stage
    assert house.night() == at_once.night() == "published"
    assert ([row[:2] for row in house.figures()], house.digest()) == ([row[:2] for row in at_once.figures()], at_once.digest())
    assert house.read("SELECT status, COUNT(*) FROM runs GROUP BY 1 ORDER BY 1") == [("failed", 4), ("published", 2)]


def test_a_database_that_restarts_while_a_held_run_is_released(postgres_server, postgres_url, tmp_path):
    house = first_night(House(tmp_path, postgres_url))
    send(house.landing, "deliveries", delivery("D2", "2020-11-05", packs=2), name="b.csv")
    send(house.landing, "payments", *(f"{H},P{n},1,{S},没有这一天,1.00" for n in range(3)))
    before = house.figures()
    assert house.night() == "held"
    ((held,),) = house.read("SELECT run_id FROM runs WHERE status = 'held'")
    with restarting(postgres_server, postgres_url) as restart:
        for moment in ("", "暂存"):
            with pytest.raises(sa.exc.OperationalError):
                happening(lambda say: release(house.settings, held, "张三", "已核实", say), moment, restart)
            assert house.figures() == before, moment
            assert house.read(f"SELECT status FROM runs WHERE run_id = '{held}'") == [("held",)], moment
    release(house.settings, held, "张三", "已核实", lambda _: None)
    assert [row[2] for row in house.figures()] != [row[2] for row in before]
    assert house.read("SELECT status, released_by FROM runs ORDER BY started_at") == [
        ("published", None),
        ("published", "张三"),
    ]


@pytest.fixture
def gate(monkeypatch):
    with ExitStack() as stack:
        opened = stack.enter_context(Gate(stack.enter_context(s3_server())))
        monkeypatch.setenv("AWS_ENDPOINT_URL", opened.address)
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setattr(remote, "_PATIENCE", timedelta(seconds=1))
        remote._open.cache_clear()
        open_store("s3://homes/made").put("bucket", b"")
        yield opened
        remote._open.cache_clear()


def test_an_object_store_that_stays_away(gate, tmp_path):
    house, at_once = House(tmp_path / "away", f"sqlite:///{tmp_path / 'reports.db'}"), first_night(House(tmp_path / "once"))
    house.settings = Settings(home="s3://homes/home", landing=house.landing, database=house.settings.database)
    first_night(house)
    for each in (house, at_once):
        send(each.landing, "deliveries", delivery("D2", "2020-11-05", packs=20), name="b.csv")
    before = house.figures()
    with pytest.raises(remote.StoreError) as raised:
        night_with(house, "共", lambda: setattr(gate, "is_shut", True))
    told = describe(raised.value)
    assert told.startswith("对象存储 s3://homes 没有完成请求") and "\n" not in told and "上次的数字不变" in told
    assert house.figures() == before
    ((status, note),) = house.read("SELECT status, note FROM runs ORDER BY started_at DESC, run_id DESC LIMIT 1")
    assert (status, note) == ("failed", told)
    gate.is_shut = False
    assert house.night() == at_once.night() == "published"
    assert ([row[:2] for row in house.figures()], house.digest()) == ([row[:2] for row in at_once.figures()], at_once.digest())


def test_a_clock_that_was_set_back_by_a_day(tmp_path, monkeypatch):
    house = first_night(House(tmp_path))
    send(house.landing, "deliveries", delivery("D2", "2020-11-05", packs=20), name="b.csv")
    before = house.figures()

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=1)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "datetime", Earlier)
        patch.setattr(ledger, "_now", lambda: Earlier.now().astimezone())
        assert house.night() == "published"
    after = house.figures()
    assert [row[:2] for row in after] != [row[:2] for row in before] and {row[2] for row in after} != {row[2] for row in before}
    assert house.night() == "published"
    assert [row[:2] for row in house.figures()] == [row[:2] for row in after]
    ordered = house.read("SELECT run_id FROM runs ORDER BY finished_at")
    assert len(ordered) == 3 and ordered[1][0] == after[0][2], "the order of the ledger is that of the nights"
