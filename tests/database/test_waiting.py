"""A reader that holds a view of a PostgreSQL report database neither hangs the night nor ends it without a word."""

import pytest
import sqlalchemy as sa

from pipelines.database import waiting
from pipelines.database.open import migrate, open_database
from pipelines.errors import VbpError
from pipelines.publish.stage import empty_staging


@pytest.mark.parametrize(
    ("held", "work"),
    [
        ('SELECT 1 FROM "最新_问题清单"', migrate),
        ("LOCK TABLE staging_findings IN ACCESS SHARE MODE", lambda engine: empty(engine)),  # as a backup does
    ],
)
def test_who_holds_what_is_said_and_nothing_is_changed(migrated_postgres_url, monkeypatch, held, work):
    monkeypatch.setattr(waiting, "PATIENCE", 1)
    reader, night = sa.create_engine(migrated_postgres_url), open_database(migrated_postgres_url)
    with night.begin() as connection:
        connection.exec_driver_sql("UPDATE people_views SET definition = '-'")
    with reader.connect() as holding:
        holding.exec_driver_sql("SET application_name = 'psql cixi'")
        holding.exec_driver_sql(held)
        pid = holding.connection.driver_connection.info.backend_pid
        what = held.split('"')[1] if '"' in held else "staging_findings"
        with pytest.raises(VbpError, match=rf"psql cixi.*进程 {pid}.*占用.*{what}.*pg_terminate_backend\({pid}\)"):
            work(night)
        assert holding.exec_driver_sql('SELECT count(*) FROM "最新_问题清单"').scalar_one() == 0
    work(night)
    for engine in (reader, night):
        engine.dispose()


def empty(engine):
    with engine.begin() as connection:
        empty_staging(connection)
