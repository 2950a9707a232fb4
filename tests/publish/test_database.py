"""The database is what the report definitions say, on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipelines.publish.database import METADATA, DatabaseError, migrate, open_database
from schemas.reports import REPORTS


def test_migrations_and_definitions_agree(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_comparison_notices_a_difference(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE runs ADD COLUMN extra TEXT"))
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [step[0] for step in compare_metadata(context, METADATA)] == ["remove_column"]


def test_primary_keys(engine: sa.Engine) -> None:
    inspector = sa.inspect(engine)
    for name, table in REPORTS.items():
        assert tuple(inspector.get_pk_constraint(name)["constrained_columns"]) == table.key


def test_migrating_again_changes_nothing(engine: sa.Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        lines = connection.execute(sa.text("SELECT COUNT(*) FROM data_dictionary")).scalar_one()
    assert lines == sum(len(table.columns) for table in REPORTS.values())


def test_comments_reach_postgres(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    migrate(engine)
    columns = {column["name"]: column["comment"] for column in sa.inspect(engine).get_columns("runs")}
    assert columns["run_id"] == "运行编号: Identifier of the run."
    engine.dispose()


def test_sqlite_is_ready_for_readers(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new' / 'compliance.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 30_000
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_postgres_needs_its_driver_named(scheme: str) -> None:
    with pytest.raises(DatabaseError, match=r"请改为 postgresql\+psycopg://vbp:\*\*\*@db/vbp") as error:
        open_database(f"{scheme}://vbp:SECRET@db/vbp")
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize("url", ["mysql://db/vbp", "compliance.db", ""])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="sqlite:///"):
        open_database(url)
