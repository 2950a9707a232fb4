"""Pulls of a query, on a real PostgreSQL and on a SQLite file: exact, read-only, and nothing lost between two of them."""

import datetime as dt
import sqlite3
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.sources import sql as module

SHANGHAI = ZoneInfo("Asia/Shanghai")
_TABLE = "CREATE TABLE d (id INTEGER, price NUMERIC(12, 4), day DATE, note TEXT, changed TIMESTAMP)"


class Hospital:
    """A hospital's database with a table `d`."""

    def __init__(self, url):
        self.url = url
        self.engine = sa.create_engine(url)
        self.do(_TABLE)

    def do(self, *statements):
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def add(self, *rows):
        for number, changed in rows:
            at = f"'{changed}'" if changed else "NULL"
            self.do(f"INSERT INTO d VALUES ({number}, 10.5, '2020-12-01', NULL, {at})")


@pytest.fixture(params=["sqlite", "postgresql"])
def hospital(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'his.db'}"
    found = Hospital(url if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield found
    found.engine.dispose()


@pytest.fixture
def cixi(pulls, hospital):
    def describe(**more):
        given = {"url": hospital.url, "query": "SELECT * FROM d", "watermark": "changed", "overlap": 60}
        return pulls.describe("sql", **(given | more))

    return describe


def all_ids(pulls):
    return [pl.read_parquet(path)["id"].to_list() for path in sorted(pulls.settings.landing.rglob("*.parquet"))]


def test_values_are_kept_exactly(pulls, hospital, cixi):
    hospital.do("INSERT INTO d VALUES (1, 1234567.8901, '2020-02-29', '含''引号', '2020-12-01 10:00:00')")
    hospital.do("INSERT INTO d VALUES (2, 0.1, NULL, '', '2020-12-01 11:00:00')")
    assert pulls.counts(cixi()) == (1, 0, 0, 0)
    [path] = pulls.settings.landing.rglob("*.parquet")
    assert pl.read_parquet(path).select(pl.exclude("price")).rows() == [
        ("1", "2020-02-29", "含'引号", "2020-12-01 10:00:00"),
        ("2", None, "", "2020-12-01 11:00:00"),
    ]
    prices = pl.read_parquet(path)["price"].to_list()
    assert [Decimal(p) for p in prices] == [Decimal("1234567.8901"), Decimal("0.1")]


def test_the_same_rows_are_no_new_file_and_later_ones_are(pulls, hospital, cixi):
    hospital.add((1, "2020-12-01 10:00:00"), (2, "2020-12-01 12:00:00"))
    assert [pulls.counts(cixi()) for _ in range(3)] == [(1, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0)]
    assert all_ids(pulls) == [["1", "2"], ["2"]], "an hour before the last is read again"
    hospital.add((3, "2020-12-01 13:00:00"))
    assert pulls.counts(cixi()) == (1, 0, 0, 0)
    assert all_ids(pulls)[-1] == ["2", "3"]


def test_what_is_entered_late_is_not_lost(pulls, hospital, cixi):
    hospital.add((1, "2020-12-01 12:00:00"))
    pulls.pull(cixi())
    hospital.add((2, "2020-12-01 12:00:00"), (3, "2020-12-01 11:30:00"), (4, None))
    pulls.pull(cixi())
    assert all_ids(pulls)[-1] == ["4", "3", "1", "2"]


def test_a_time_to_come_does_not_hide_what_comes_before_it(pulls, hospital, cixi):
    hospital.add((1, "2099-01-01 00:00:00"))
    pulls.pull(cixi())
    hospital.add((2, f"{dt.datetime.now(SHANGHAI):%Y-%m-%d %H:%M:%S}"))
    pulls.pull(cixi())
    assert all_ids(pulls)[-1] == ["2", "1"]


def test_a_whole_number_may_be_the_watermark(pulls, hospital, cixi):
    hospital.add(*((n, None) for n in range(1, 6)))
    source = cixi(watermark="id", overlap=1)
    pulls.pull(source), hospital.add((6, None)), pulls.pull(source)
    assert all_ids(pulls) == [["1", "2", "3", "4", "5"], ["4", "5", "6"]]


def test_many_rows_come_in_files_and_a_broken_connection_goes_on_where_it_was(pulls, hospital, cixi, monkeypatch):
    hospital.add(*((n, f"2020-12-01 10:00:0{n}") for n in range(7)))
    monkeypatch.setattr(module, "_ROWS", 3)
    connect, broken = module.Sql._ask_columns, [False, True, False]

    def begin(self, connection):
        found = connect(self, connection)
        if broken and broken.pop(0):
            raise sa.exc.OperationalError("", None, Exception("server closed the connection"))
        return found

    monkeypatch.setattr(module.Sql, "_ask_columns", begin)
    assert pulls.counts(cixi(rows_per_file=2, overlap=0)) == (4, 0, 0, 0)
    assert all_ids(pulls) == [["0", "1"], ["2", "3"], ["4", "5"], ["6"]]
    assert pulls.counts(cixi(rows_per_file=2, overlap=0)) == (0, 1, 0, 0)


def test_a_pull_killed_between_two_files_goes_on_behind_the_last(pulls, hospital, cixi, monkeypatch):
    hospital.add(*((n, f"2020-12-01 10:00:0{n}") for n in range(4)))
    offer = module.Sql._offer

    def die(self, number, content, watermark):
        if number == 2:
            raise KeyboardInterrupt
        return offer(self, number, content, watermark)

    with monkeypatch.context() as patch:
        patch.setattr(module.Sql, "_offer", die)
        with pytest.raises(KeyboardInterrupt):
            pulls.pull(cixi(rows_per_file=2, overlap=0))
    assert pulls.counts(cixi(rows_per_file=2, overlap=0)) == (2, 0, 0, 0)
    assert all_ids(pulls) == [["0", "1"], ["1", "2"], ["3"]]
    assert pulls.read("SELECT status, objects_new FROM pulls ORDER BY pull_id") == [("broken", 0), ("done", 2)]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM d",
        "DELETE FROM d RETURNING *",
        "WITH gone AS (DELETE FROM d RETURNING *) SELECT * FROM gone",
        "SELECT * FROM d) AS x; DELETE FROM d; SELECT * FROM (SELECT * FROM d",
        "SELECT * FROM d) AS x; COMMIT; DELETE FROM d; --",
        "SELECT * FROM d; DROP TABLE d",
    ],
)
def test_nothing_but_one_select_reaches_the_rows(pulls, hospital, cixi, query):
    hospital.add((1, "2020-12-01 10:00:00"))
    came = pulls.pull(cixi(query=query))
    assert came.failed == 0 and "数据库拒绝了" in came.error, came
    with hospital.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM d").scalar() == 1


def test_a_function_that_writes_is_refused_and_so_are_two_columns_of_one_name(pulls, postgres_url):
    hospital = Hospital(postgres_url)
    hospital.add((1, "2020-12-01 10:00:00"))
    hospital.do("CREATE FUNCTION wipe() RETURNS INT LANGUAGE sql AS 'DELETE FROM d; SELECT 1'")
    source = pulls.describe("sql", url=postgres_url, query="SELECT wipe() AS id, now() AS changed", watermark="changed")
    assert "read-only transaction" in pulls.pull(source).error
    twice = pulls.describe("sql", url=postgres_url, query="SELECT id, id, changed FROM d", watermark="changed")
    assert "重名的列" in pulls.pull(twice).error
    hospital.engine.dispose()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"watermark": "updated_at"},
            "没有水位列 updated_at；请改 watermark 或 query，现有的列：id、price、day、note、changed",
        ),
        ({"query": "SELECT * FROM nothing"}, "nothing"),
        ({"watermark": "price"}, "不能作水位"),
    ],
)
def test_a_query_that_cannot_be_followed_is_told(pulls, hospital, cixi, change, said):
    hospital.add((1, "2020-12-01 10:00:00"))
    assert said in pulls.pull(cixi(**change)).error
    assert pulls.taken() == {}


def test_a_colon_and_a_percent_sign_of_a_query_are_its_own(pulls, hospital, cixi):
    hospital.add((1, "2020-12-01 10:00:00"))
    query = "SELECT *, ':x' || note AS more FROM d WHERE COALESCE(note, '%a:b') LIKE '%:b' -- 注释 :y"
    assert pulls.counts(cixi(query=query)) == (1, 0, 0, 0)


def test_another_query_begins_anew(pulls, hospital, cixi):
    hospital.add((1, "2020-12-01 10:00:00"), (2, "2020-12-03 10:00:00"))
    pulls.pull(cixi())
    pulls.pull(cixi(query="SELECT id, changed FROM d"))
    assert all_ids(pulls) == [["1", "2"], ["1", "2"]]


def test_a_database_that_is_not_there(pulls, tmp_path):
    source = pulls.describe("sql", url=f"sqlite:///{tmp_path / 'none.db'}", query="SELECT 1", watermark="x")
    assert "unable to open" in pulls.pull(source).error
    assert not (tmp_path / "none.db").exists()


def test_a_text_that_says_a_time_may_be_the_watermark(pulls, tmp_path):
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("CREATE TABLE d (id TEXT, at TEXT)")
        connection.executemany("INSERT INTO d VALUES (?, ?)", [("1", "2020-12-01T10:00:00"), ("2", "2020-12-01T12:00:00.5")])
    connection.close()
    source = pulls.describe("sql", url=f"sqlite:///{tmp_path / 't.db'}", query="SELECT * FROM d", watermark="at", overlap=90)
    pulls.pull(source), pulls.pull(source)
    assert all_ids(pulls) == [["1", "2"], ["2"]]
