"""Keeps the people's views what the report definitions say, whatever the database held before."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from pipelines.views.divisions import name_own
from pipelines.views.readers import grant_readers
from pipelines.views.shown import Dialect
from pipelines.views.views import people_views, quote_name

CODELISTS = Path(__file__).resolve().parents[2] / "seeds" / "codelists"

_KEPT = "people_views"


def drop_views(connection: sa.Connection) -> None:
    """Drop every people's view, so that the tables beneath may be changed; nothing where there is none."""
    if not sa.inspect(connection).has_table(_KEPT):
        return
    for name in _made(connection):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {quote_name(name)}")
    connection.exec_driver_sql(f"DELETE FROM {_KEPT}")


def refresh_views(connection: sa.Connection) -> bool:
    """Make the views anew if one of them is not what the definitions say; return whether.

    The table `people_views` keeps what was made. Views that are made anew are granted again to the readers that
    are registered; those that stand are not touched, and no reader waits for them.
    """
    dialect = cast(Dialect, connection.dialect.name)
    wanted = {view.name: ";\n".join(view.statements(dialect)) for view in people_views(dialect)}
    if _made(connection) == wanted:
        return False
    drop_views(connection)
    # Past SQLAlchemy: a view and its comments are one message to the server, and no sign in them is a parameter.
    driver: Any = connection.connection.driver_connection
    for statements in wanted.values():
        driver.execute(statements).close()
    rows = [{"place": place, "name": name, "definition": statements} for place, (name, statements) in enumerate(wanted.items())]
    insert = f"INSERT INTO {_KEPT} (place, view_name, definition) VALUES (:place, :name, :definition)"
    connection.execute(sa.text(insert), rows)
    grant_readers(connection)
    return True


def fill_divisions(connection: sa.Connection) -> None:
    """Bring `division_names` to what the code list says."""
    connection.exec_driver_sql("DELETE FROM division_names")
    connection.execute(
        sa.text("INSERT INTO division_names (jurisdiction_code, name) VALUES (:jurisdiction_code, :name)"), division_rows()
    )


def division_rows() -> list[dict[str, str]]:
    """The divisions of the code list: `jurisdiction_code`, `name`; a city's or province's code (…00) is its own level."""
    with (CODELISTS / "divisions.csv").open(encoding="utf-8", newline="") as file:
        listed = [(row["code"], row["name"]) for row in csv.DictReader(file)]
    return [{"jurisdiction_code": code, "name": name_own(code, name)} for code, name in listed]


def _made(connection: sa.Connection) -> dict[str, str]:
    """The views that were made, the last first: one may stand on another."""
    rows = connection.exec_driver_sql(f"SELECT view_name, definition FROM {_KEPT} ORDER BY place DESC")
    return {str(name): str(definition) for name, definition in rows}
