"""The many rows that a run writes into the ledgers: digested, run by run, so that its seal can hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.database.unload import unload, unload_whole
from pipelines.engine.digest import Tally, tally
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.reports import REPORTS

SLICED: tuple[str, ...] = ("check_results", "restatements", "source_files")
"""Tables whose rows belong to the run that wrote them and are never written again by another."""


def read_written(connection: sa.Connection, name: str, columns: Sequence[str], run_id: str = "") -> pl.DataFrame:
    """The rows of a table (of one run, if it is named), the columns named."""
    return unload_whole(connection, _select(name, columns, run_id))


def _select(name: str, columns: Sequence[str], run_id: str) -> sa.Select[Any]:
    table = METADATA.tables[name]
    query = sa.select(*(table.c[c] for c in columns))
    return query.where(table.c.run_id == run_id) if run_id else query


def digest_written(connection: sa.Connection, name: str, columns: Sequence[str], run_id: str = "") -> dict[str, Tally]:
    """Run → digest of the rows that stand for it; a run without rows is not in it."""
    found: dict[str, Tally] = {}
    for rows in unload(connection, _select(name, columns, run_id)):
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
        rows = read_written(connection, name, columns, run_id)
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
