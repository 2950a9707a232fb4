"""What a figure table shows for a date, in the form of a run's report file; and the digest of such files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from pipelines.database.made import NOT_IN_FILES, Made
from pipelines.database.tables import FIGURES, key_of, valid_at, versions_of
from pipelines.database.unload import schema_of, unload
from pipelines.engine.digest import Tally, seal, seal_as_text, tally_object
from pipelines.store import keys
from pipelines.store.store import Object, Store
from schemas.reports import REPORTS


def shown_tables(connection: sa.Connection, made: Made) -> list[str]:
    """The figure tables that the run made, and those of later that the database has by now: of a date of the run they show
    nothing.
    """
    inspector = sa.inspect(connection)
    return [name for name in FIGURES if name in made.tables or inspector.has_table(versions_of(name).name)]


def write_shown(connection: sa.Connection, table: str, as_of: dt.date, target: Object, columns: Sequence[str] = ()) -> Object:
    """Write the rows that stand for the published date `as_of`, as they came from the night: without run and clock
    columns, and of findings the open ones alone; of `columns` those that are named, else all. They are read past the
    view, which may be another's by now.
    """
    versions = versions_of(table)
    wanted = [c for c in REPORTS[table].columns if c.name in columns or not (columns or c.name in NOT_IN_FILES)]
    query = sa.select(*(versions.c[c.name] for c in wanted)).where(valid_at(versions, as_of))
    if table == "findings":
        query = query.where(versions.c.state == "open")
    with target.writing(schema_of(query)) as write:
        for rows in unload(connection, query):
            write(rows)
    return target


def tally_figures(store: Store, made: Made) -> dict[str, Tally]:
    """The digest of every figure table that a run made, from its report objects: what `seal` makes the result digest
    of.
    """
    return {name: tally_object(store.at(keys.report(name)), columns) for name, columns in made.tables.items()}


def seal_like(expected: str, tallies: Mapping[str, int], tables: Mapping[str, Object], made: Made) -> str:
    """The result digest of what a run made, from its digests by table; where that is not `expected`, but the digest of the
    first release is, that one.
    """
    if (found := seal({name: tallies[name] for name in made.tables})) == expected:
        return found
    frames = {n: tables[n].scan().select(columns).sort(key_of(n)).collect() for n, columns in made.tables.items()}
    as_text = seal_as_text(frames)
    return as_text if as_text == expected else found
