"""What a question asked through `vbp serve` may take of the machine, and which tables it may not read."""

from __future__ import annotations

import re
import sqlite3
import weakref
from typing import Any

from datasette.app import Datasette

from pipelines.database.tables import METADATA
from pipelines.serve.database import ReadOnly

HIDDEN = tuple(name for name in METADATA.tables if name.startswith(("staging_", "leaving_")))
"""Tables of figures that nobody has published."""

_MIB = 1 << 20
_HEAP = 256 * _MIB
_ANSWER = 64 * _MIB
_PER_CELL = 64
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 4 * _MIB,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 300,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 500,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_NAMES_HIDDEN = re.compile(rf"\b({'|'.join(HIDDEN)}|sqlite_dbpage)\b", re.IGNORECASE)


class LimitedPages(Datasette):  # type: ignore[misc]
    """Datasette over one file whose questions cannot exhaust the machine.

    A value has at most 4 MiB, an answer 64 MiB, all that SQLite holds 256 MiB, sorting included: nothing is put into
    temporary files. Time and rows are bounded by Datasette's own settings.
    """

    def add_database(self, db: Any, name: Any = None, route: Any = None) -> Any:
        """Take a file as one whose questions are looked at."""
        if db.path:
            db = _Guarded(self, db.path)
        return super().add_database(db, name, route)

    def _prepare_connection(self, conn: sqlite3.Connection, database: str) -> None:
        super()._prepare_connection(conn, database)
        for limit, most in _LIMITS.items():
            conn.setlimit(limit, most)
        conn.row_factory = _count_rows()
        for pragma in ("temp_store=MEMORY", f"hard_heap_limit={_HEAP}", "cache_size=-16000"):
            conn.execute(f"PRAGMA {pragma}").close()


class _Guarded(ReadOnly):
    async def execute(self, sql: str, *given: Any, **named: Any) -> Any:
        # A table can be read only by a statement that names it: views stand for themselves.
        if found := _NAMES_HIDDEN.search(sql):
            raise sqlite3.OperationalError(f"{found[0]} 尚未发布，不能查询")
        try:
            return await super().execute(sql, *given, **named)
        except MemoryError as error:
            raise sqlite3.OperationalError("查询需要的内存超过上限；请缩小范围") from error


def _count_rows() -> Any:
    """A row factory that ends a question whose answer has become too large to hold."""
    asked: weakref.ref[sqlite3.Cursor] | None = None
    held = 0

    def make_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        nonlocal asked, held
        if asked is None or asked() is not cursor:
            asked, held = weakref.ref(cursor), 0
        held += sum(_PER_CELL + (len(v) if isinstance(v, str | bytes) else 0) for v in values)
        if held > _ANSWER:
            raise sqlite3.OperationalError("结果超过 64 MiB；请缩小范围，或只选需要的列")
        return sqlite3.Row(cursor, values)

    return make_row
