"""The many rows that a run writes into the ledgers: digested, run by run, so that its seal can hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.engine.compute import DTYPES
from pipelines.engine.digest import Tally, tally
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.reports import REPORTS

SLICED: tuple[str, ...] = ("check_results", "restatements", "source_files")
"""Tables whose rows belong to the run that wrote them and are never written again by another."""

_SLICE = 50_000


def read_written(connection: sa.Connection, name: str, columns: Sequence[str], run_id: str = "") -> Iterator[pl.DataFrame]:
    """The rows of a table (of one run, if it is named), the columns named, slice by slice; one empty frame of none."""
    table = METADATA.tables[name]
    schema = {c: DTYPES[REPORTS[name].column(c).type] for c in columns}
    query = sa.select(*(table.c[c] for c in columns))
    if run_id:
        query = query.where(table.c.run_id == run_id)
    yield pl.DataFrame(schema=schema)
    for part in connection.execute(query, execution_options={"yield_per": _SLICE}).partitions():
        yield pl.DataFrame([tuple(row) for row in part], schema=schema, orient="row")


def digest_written(connection: sa.Connection, name: str, columns: Sequence[str], run_id: str = "") -> dict[str, Tally]:
    """Run → digest of the rows that stand for it; a run without rows is not in it."""
    found: dict[str, Tally] = {}
    for rows in read_written(connection, name, columns, run_id):
        for (owner,), own in rows.group_by("run_id"):
            found[str(owner)] = found.get(str(owner), Tally(0)) + tally(own, columns)
    return found


def seal_written(connection: sa.Connection, run_id: str, copies: Store | None) -> dict[str, Any]:
    """What the seal of a run says of its rows: table → `columns`, `runs` (run → digest).

    With the objects of the run a copy of the rows is put among them, by which a changed cell can be named later: sorted, so
    that a run that is held and then released, and sealed both times, has one copy, in whatever order the database gives them.
    """
    said: dict[str, Any] = {}
    for name in SLICED:
        columns = REPORTS[name].column_names
        rows = pl.concat(list(read_written(connection, name, columns, run_id)))
        if copies is not None:
            copies.write(keys.sealed(name), rows.sort(columns))
        said[name] = {"columns": list(columns), "runs": {run_id: f"{tally(rows, columns):x}"}}
    return said


def seal_all_written(connection: sa.Connection) -> dict[str, Any]:
    """The same of every run, for the first seal of a database that had runs before."""
    said: dict[str, Any] = {}
    for name in SLICED:
        columns = REPORTS[name].column_names
        found = digest_written(connection, name, columns)
        said[name] = {"columns": list(columns), "runs": {run: f"{total:x}" for run, total in found.items()}}
    return said
