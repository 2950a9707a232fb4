"""A migrated database, and nights made of a few rows."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.database.standing import standing
from pipelines.database.tables import FIGURES, LEDGERS, STAGED, versions_of
from pipelines.publish.changes import Causes
from pipelines.publish.export import export
from pipelines.publish.stage import stage
from pipelines.publish.swap import begin, publish
from pipelines.publish.tasks.terms import Terms, same_days
from pipelines.store import keys
from pipelines.store.local import Local
from pipelines.store.store import Object
from schemas.reports import REPORTS, Column

POLARS_TYPES = {
    "date": pl.Date,
    "double": pl.Float64,
    "fen": pl.Int64,
    "count": pl.Int64,
    "integer": pl.Int32,
    "flag": pl.Boolean,
}
GIVEN_LATER = {"as_of", "run_id"}
GIVEN_TO_FINDINGS = {"first_seen", "due_on", "state"}


@pytest.fixture
def engine(migrated_database_url: str) -> Iterator[sa.Engine]:
    """An engine on an empty, migrated database, once SQLite and once PostgreSQL."""
    engine = open_database(migrated_database_url)
    yield engine
    engine.dispose()


def _default_of(column: Column) -> object:
    if column.nullable:
        return None
    if column.type in ("text", "timestamp", "json"):
        return next(iter(column.values), "-")
    return {"date": dt.date(2020, 1, 1), "flag": False}.get(column.type, 0)


def _columns_of(name: str) -> list[Column]:
    later = GIVEN_LATER | (GIVEN_TO_FINDINGS if name == "findings" else set())
    return [column for column in REPORTS[name].columns if column.name not in later]


def make_table(columns: list[Column], rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of a table; columns left out get a harmless value."""
    unknown = {name for row in rows for name in row} - {column.name for column in columns}
    assert not unknown, f"no such columns {unknown}"
    filled = [{column.name: row.get(column.name, _default_of(column)) for column in columns} for row in rows]
    schema = {column.name: POLARS_TYPES.get(column.type, pl.String) for column in columns}
    return pl.DataFrame(filled, schema=schema)


def _tables_with_rows(connection: sa.Connection) -> set[str]:
    """The figure tables that ever had a row: of the others nothing stands."""
    asked = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {versions_of(name).name})" for name in FIGURES)
    return set(connection.exec_driver_sql(" UNION ALL ".join(asked)).scalars())


@cache
def _without_rows(name: str) -> bytes:
    """The object of a table without rows, which most have in most nights."""
    with TemporaryDirectory() as folder, Local(Path(folder)).write("empty", make_table(_columns_of(name), [])).open() as file:
        return file.read()


class Nights:
    """Runs nights on one database: `Nights.run("R1", date, findings=[{...}])` says all that the date is to show."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self.engine, self.folder, self.store = engine, folder, Local(folder)
        self.terms: dict[str, Terms] = {}

    def write(self, as_of: dt.date, **tables: list[dict[str, Any]]) -> Local:
        """Write what changes in all staged tables so that they show these rows; those not named become empty."""
        assert set(tables) <= set(STAGED)
        with self.engine.connect() as connection:
            self.base = base = standing(connection, as_of)
            stand = _tables_with_rows(connection)
        for name in FIGURES:
            if not tables.get(name) and (base is None or name not in stand):
                for key in (keys.came(name), keys.gone(name)):
                    self.store.put(key, _without_rows(name))
                continue
            whole = make_table(_columns_of(name), tables.get(name, []))
            stands = whole.clear()
            if base is not None:
                export(self.engine, name, base.as_of, self.store.at("stands.parquet"))
                stands = self.store.scan("stands.parquet").collect()
            self.store.write(keys.came(name), whole.join(stands, on=whole.columns, how="anti", nulls_equal=True))
            self.store.write(keys.gone(name), stands.join(whole, on=whole.columns, how="anti", nulls_equal=True))
        for name in LEDGERS:
            self.store.write(keys.ledger(name), make_table(_columns_of(name), tables.get(name, [])))
        return self.store

    def stage(
        self, run_id: str, as_of: dt.date, remedy_days: int | Terms | None = None, **tables: list[dict[str, Any]]
    ) -> dict[str, int]:
        """Write and stage one night, whose findings are due after so many days, or by these terms."""
        store = self.write(as_of, **tables)
        self.terms[run_id] = terms = remedy_days if isinstance(remedy_days, Terms) else same_days(remedy_days)
        return stage(self.engine, run_id, as_of, self.base, store, terms)

    def run(
        self, run_id: str, as_of: dt.date, /, remedy_days: int | Terms | None = None, **tables: list[dict[str, Any]]
    ) -> int:
        """Begin, stage and publish one night; return the number of restated cells."""
        run = self.row(run_id, as_of)
        begin(self.engine, run)
        self.stage(run_id, as_of, remedy_days, **tables)
        return publish(self.engine, run, None, [], Causes("late_record"), terms=self.terms.get)

    def row(self, run_id: str, as_of: dt.date, **values: Any) -> dict[str, Any]:
        """What the ledger knows of a run."""
        return {"run_id": run_id, "as_of": as_of, "code_version": "1", "policy_digest": "P", **values}

    def rejected(self, *rows: dict[str, Any]) -> Object:
        """Write rejected records."""
        return self.store.write(keys.REJECTED, make_table(list(REPORTS["rejected_records"].columns), list(rows)))

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, dates as text."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.text(query)).all()
        return [tuple(str(cell) if isinstance(cell, dt.date) else cell for cell in row) for row in rows]


@pytest.fixture
def nights_on(tmp_path: Path) -> Callable[[sa.Engine], Nights]:
    """A place to run nights in, on an engine of the test's choice."""
    folder = tmp_path / "reports"
    folder.mkdir()
    return lambda engine: Nights(engine, folder)


@pytest.fixture
def nights(engine: sa.Engine, nights_on: Callable[[sa.Engine], Nights]) -> Nights:
    """A place to run nights in, once on SQLite and once on PostgreSQL."""
    return nights_on(engine)
