"""`vbp serve` over PostgreSQL: the copy says what the database says, follows it, and never reaches into it."""

import asyncio
import sqlite3
from contextlib import closing
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.database.tables import FIGURES, METADATA, is_stored
from pipelines.errors import UsageError
from pipelines.serve.copied import copy_database
from pipelines.serve.limits import HIDDEN
from pipelines.serve.questions import ask_everything
from pipelines.serve.renewed import Renewed
from pipelines.serve.serve import make_application
from pipelines.views.views import people_views
from tests.report_database import Nights
from tests.serve.test_serve import D1, D2, ROWS, run


@pytest.fixture
def served(migrated_postgres_url, tmp_path):
    """Nights in PostgreSQL with one published date, and the pages of its copy."""
    engine = open_database(migrated_postgres_url)
    (tmp_path / "reports").mkdir()
    nights = Nights(engine, tmp_path / "reports")
    run(nights, "R1", D1, **ROWS)
    said = []
    pages = Renewed(migrated_postgres_url, tmp_path / "copies", lambda p, note: make_application(p, note=note), said.append)
    yield nights, pages, said
    engine.dispose()


def str_of(url):
    return url.render_as_string(hide_password=False)


def get(pages, path):
    async def ask():
        transport = httpx.ASGITransport(app=pages)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    return asyncio.run(ask())


def rows_of(pages, sql):
    answer = get(pages, f"/compliance.json?_shape=arrays&sql={quote(sql)}")
    assert answer.status_code == 200, answer.text
    return answer.json()["rows"]


def test_every_table_and_view_says_the_same(served):
    nights, pages, _ = served
    stored = [t for t in METADATA.sorted_tables if is_stored(t) and t.name not in HIDDEN]
    for table in (*stored, *(METADATA.tables[name] for name in FIGURES)):
        with nights.engine.connect() as connection:
            there = [tuple(map(plain, row)) for row in connection.execute(sa.select(table))]
        if table.name not in ("people_views", "data_dictionary"):  # which are this dialect's own
            here = [tuple(row) for row in rows_of(pages, f'SELECT * FROM "{table.name}"')]
            assert sorted(here, key=repr) == sorted(there, key=repr), table.name
    assert rows_of(pages, 'SELECT "逾期未付金额" FROM "最新_货款支付及时情况" ORDER BY 1') == [[-0.07], [1.05]]


def plain(value):
    """A value as JSON from SQLite has it."""
    return int(value) if isinstance(value, bool) else value if isinstance(value, int | float | None) else str(value)


def test_questions_and_views_are_those_of_the_embedded_database(served):
    _, pages, _ = served
    front = get(pages, "/").text
    assert "只读副本" in front
    for title in (*(q.title for q in ask_everything()), *(v.title for v in people_views("sqlite"))):
        assert title in front
    assert get(pages, "/compliance/payment_rates.json?as_of=&_shape=array").json()[0]["institution_code"] in ("H1", "H2")


def test_nobody_writes_or_reads_what_is_staged(served):
    _, pages, _ = served
    for sql in ("DELETE FROM runs", "SELECT * FROM staging_findings", "ATTACH 'x.db' AS x"):
        assert get(pages, f"/compliance.json?sql={quote(sql)}").status_code == 400


def test_it_follows_what_is_published(served, tmp_path):
    nights, pages, said = served
    assert not pages.look()
    for number, day in enumerate((D2, D2.replace(day=3), D2.replace(day=4)), 2):
        run(nights, f"R{number}", day, **ROWS)
        assert pages.look()
        assert rows_of(pages, "SELECT MAX(as_of) FROM publications") == [[str(day)]]
    assert len(list((tmp_path / "copies").rglob("*.db"))) == 2
    nights.engine.dispose()
    name, beside = nights.engine.url.database, open_database(str_of(nights.engine.url.set(database="postgres")))
    with beside.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        assert not pages.look()
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    beside.dispose()
    assert "继续显示上一份" in said[-1]
    assert rows_of(pages, "SELECT COUNT(*) FROM runs") == [[4]]


def test_it_copies_one_moment_and_only_reads(served, tmp_path, monkeypatch):
    """A night that publishes while it is copied is not in it, not even in part."""
    nights, _, _ = served
    from pipelines.serve import copied

    copy, done = copied._copy, []

    def publish_first(source, target, table):
        if not done:
            done.append(run(nights, "R2", D2, **ROWS))
        copy(source, target, table)
        with pytest.raises(sa.exc.InternalError, match="read-only"), source.begin_nested():
            source.exec_driver_sql("DELETE FROM runs")

    monkeypatch.setattr(copied, "_copy", publish_first)
    copy_database(str_of(nights.engine.url), tmp_path / "one.db")
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection:
        assert connection.execute("SELECT run_id FROM runs").fetchall() == [("R1",)]
        assert connection.execute("SELECT DISTINCT run_id FROM findings").fetchall() == [("R1",)]
    assert (tmp_path / "one.db").stat().st_mode & 0o077 == 0


def test_what_cannot_be_copied_is_said_with_a_remedy(served, tmp_path):
    nights, _, _ = served
    url = nights.engine.url
    with nights.engine.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE vbp_blind LOGIN")
    try:
        with pytest.raises(UsageError, match="pg_read_all_data"):
            copy_database(str_of(url.set(username="vbp_blind")), tmp_path / "a" / "x.db")
        with nights.engine.begin() as connection:
            connection.exec_driver_sql("GRANT pg_read_all_data TO vbp_blind")
        copy_database(str_of(url.set(username="vbp_blind")), tmp_path / "b" / "x.db")
    finally:
        with nights.engine.begin() as connection:
            connection.exec_driver_sql("DROP ROLE vbp_blind")
    with nights.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(UsageError, match="版本"):
        copy_database(str_of(url), tmp_path / "c" / "x.db")
