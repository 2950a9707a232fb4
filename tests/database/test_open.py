"""The database is what the report definitions say, on SQLite and on PostgreSQL."""

import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipelines.database.new_figures import OtherColumnsError
from pipelines.database.open import METADATA, DatabaseError, migrate, open_database, opened_existing
from pipelines.database.tables import FIGURES, define_view, is_stored, key_of, leaving_of, staging_of, versions_of
from pipelines.errors import UsageError
from pipelines.views.refresh import drop_views
from pipelines.views.views import people_views
from schemas.reports import REPORTS


def differences(connection: sa.Connection) -> list[object]:
    """What Alembic would still have to change to make the database what METADATA describes."""
    options = {"compare_type": True, "include_object": is_stored}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), METADATA))


def definition(connection: sa.Connection, view: str) -> str:
    """The SELECT of a view as the database keeps it; SQLite keeps the whole statement."""
    return str(sa.inspect(connection).get_view_definition(view)).removeprefix(f"CREATE VIEW {view} AS ")


def types(columns: list[sa.Column] | list[dict]) -> list[tuple[str, type]]:
    """Names of columns and the general kind of their types, in order."""
    pairs = [(c["name"], c["type"]) if isinstance(c, dict) else (c.name, c.type) for c in columns]
    kinds = (sa.Boolean, sa.Date, sa.Float, sa.BigInteger, sa.Integer, sa.Text)
    return [(name, next(kind for kind in kinds if isinstance(type_, kind))) for name, type_ in pairs]


def test_migrations_and_definitions_agree(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


def test_what_is_deleted_in_sqlite_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 0
    engine.dispose()


def test_comparison_notices_a_difference(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE runs ADD COLUMN extra TEXT"))
        assert [step[0] for step in differences(connection)] == ["remove_column"]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_table_is_the_view_it_is_defined_to_be(engine: sa.Engine, name: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE VIEW defined AS {define_view(name)}")
        assert definition(connection, name) == definition(connection, "defined")
        found = sa.inspect(connection).get_columns(name)
    assert [column["name"] for column in found] == list(REPORTS[name].column_names)
    assert types(found) == types(list(METADATA.tables[name].columns))


def test_primary_keys(engine: sa.Engine) -> None:
    inspector = sa.inspect(engine)
    for name, table in REPORTS.items():
        stored, key = (f"{name}_versions", (*key_of(name), "valid_from")) if table.figure else (name, table.key)
        assert tuple(inspector.get_pk_constraint(stored)["constrained_columns"]) == key


def test_migrating_again_changes_nothing(engine: sa.Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        lines = connection.execute(sa.text("SELECT COUNT(*) FROM data_dictionary")).scalar_one()
    views = people_views(engine.dialect.name)
    assert lines == sum(len(described.columns) for described in (*REPORTS.values(), *views))


def drop_figure(connection: sa.Connection, name: str) -> None:
    drop_views(connection)
    connection.exec_driver_sql(f"DROP VIEW {name}")
    for table in (versions_of(name), staging_of(name), leaving_of(name)):
        table.drop(connection)


def describe(connection: sa.Connection) -> list[object]:
    """All that the catalogue says of tables, columns, comments and views."""
    inspector = sa.inspect(connection)
    names = sorted([*inspector.get_table_names(), *inspector.get_view_names()])
    columns = [[{**c, "type": str(c["type"])} for c in inspector.get_columns(name)] for name in names]
    keys = {name: inspector.get_pk_constraint(name) for name in inspector.get_table_names()}
    views = {name: definition(connection, name) for name in FIGURES}
    if connection.dialect.name != "postgresql":
        return [names, columns, keys, views]
    query = "SELECT relname, relpersistence, obj_description(oid) FROM pg_class WHERE relname = ANY(%s) ORDER BY 1"
    return [names, columns, keys, views, connection.exec_driver_sql(query, (names,)).all()]


@pytest.fixture(scope="module")
def migrated() -> dict[str, list[object]]:
    """What the catalogue of a database says that the migrations made, by its dialect; asked of the first."""
    return {}


@pytest.mark.thorough
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_table_that_is_missing_is_made_as_the_migrations_made_it(
    engine: sa.Engine, migrated: dict[str, list[object]], name: str
) -> None:
    with engine.begin() as connection:
        if engine.dialect.name not in migrated:
            migrated[engine.dialect.name] = describe(connection)
        drop_figure(connection, name)
    migrate(engine)
    with engine.connect() as connection:
        assert describe(connection) == migrated[engine.dialect.name]
        assert differences(connection) == []


def test_a_column_that_came_later_needs_a_revision(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        drop_views(connection)
        connection.exec_driver_sql("ALTER TABLE payment_unallocated_versions ADD COLUMN extra TEXT")
    with pytest.raises(OtherColumnsError, match=r"payment_unallocated 与其定义的列不同：extra；.*写一个修订"):
        migrate(engine)


def test_comments_reach_postgres(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    migrate(engine)
    inspector = sa.inspect(engine)
    for name, table in REPORTS.items():
        assert inspector.get_table_comment(name)["text"] == table.comment
        comments = {column["name"]: column["comment"] for column in inspector.get_columns(name)}
        assert comments == {column.name: column.comment for column in table.columns}
    engine.dispose()


def test_staging_in_postgres_is_not_logged(migrated_postgres_url: str) -> None:
    engine = open_database(migrated_postgres_url)
    query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u'"
    with engine.connect() as connection:
        unlogged = set(connection.execute(sa.text(query)).scalars())
    assert unlogged == {name for name in METADATA.tables if name.startswith(("staging_", "leaving_"))}
    engine.dispose()


def test_sqlite_is_ready_for_readers(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 30_000
    engine.dispose()


def test_opening_makes_no_database_and_migrating_makes_a_private_one(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new' / 'compliance.db'}")
    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
    assert not list(tmp_path.iterdir())
    existing = opened_existing(f"sqlite:///{tmp_path / 'new' / 'compliance.db'}")
    with pytest.raises(UsageError, match="找不到结果库"), existing:
        pass
    before = os.umask(0)
    migrate(engine)
    os.umask(before)
    engine.dispose()
    assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*")} == {0o700, 0o600}


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_postgres_needs_its_driver_named(scheme: str) -> None:
    with pytest.raises(DatabaseError, match=r"请改为 postgresql\+psycopg://vbp:\*\*\*@db/vbp") as error:
        open_database(f"{scheme}://vbp:SECRET@db/vbp")
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize("url", ["mysql://db/vbp", "compliance.db", ""])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="sqlite:///"):
        open_database(url)
