"""What a night changes in the report tables, as SQL that runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pipelines.database.standing import Publication
from pipelines.database.tables import key_of
from pipelines.database.versions import WRITTEN_ONCE


@dataclass(frozen=True)
class Changed:
    """The rows that come and those that leave, as they are staged, and what stands: the publication `base`, None on a first
    night; whether the rows that come stand in versions already (`is_written_once`). See `schemas.law.Changed`.
    """

    base: Publication | None
    written_once: bool = False

    def coming(self, table: str) -> str:
        """The name of the table that holds the rows which come, and no others."""
        return f"{table}_versions" if self.written_once and table in WRITTEN_ONCE else f"staging_{table}"

    def rows(self, table: str, *columns: str, beside: str = "") -> str:
        """What to select from: what comes with sign 1, what leaves with sign -1; what stands, where nothing does of `beside`."""
        own = ", ".join(f"v.{column}" for column in columns)
        parts = [f"SELECT 1 AS sign, {', '.join(columns)} FROM {self.coming(table)}"]
        if self.base is not None:
            parts.append(self.leaving(table, f"-1, {own}"))
        if self.base is not None and beside:
            is_new = f"(SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {beside}_versions AS v WHERE {self.stands})) AS new"
            parts.append(f"SELECT 1, {own} FROM {is_new} CROSS JOIN {table}_versions AS v WHERE {self.stands}")
        return f"({' UNION ALL '.join(parts)}) AS changing"

    def delta(self, table: str, *columns: str) -> str:
        """The distinct values of these columns, of the table's key, in rows that come or leave."""
        own = ", ".join(columns)
        return f"SELECT {own} FROM {self.coming(table)} UNION SELECT {own} FROM leaving_{table}"

    def missing(self, table: str, keys: str, *columns: str) -> str:
        """The rows of the query `keys` (`columns`, of the table's key) of which it has none once the night is published."""
        own = ", ".join(columns)
        missing = f"{keys} EXCEPT SELECT {own} FROM {self.coming(table)}"
        if self.base is None:
            return missing
        key, of_version = ", ".join(key_of(table)), ", ".join(f"v.{column}" for column in key_of(table))
        same = " AND ".join(f"v.{column} = m.{column}" for column in columns)
        stay = (
            f"SELECT {of_version} FROM ({missing}) AS m, {table}_versions AS v WHERE {same} AND {self.stands}"
            f" EXCEPT SELECT {key} FROM leaving_{table}"
        )
        return f"{missing} EXCEPT SELECT {own} FROM ({stay}) AS stay"

    @property
    def stands(self) -> str:
        """SQL condition: a row of versions, named v, stands before the night."""
        return stands(self.base.as_of) if self.base else "1 = 0"

    def leaving(self, table: str, columns: str) -> str:
        """SELECT of `columns` (of v, the row, and l, its key) of the rows that leave."""
        same = same_key(table, "l", "v")
        return f"SELECT {columns} FROM leaving_{table} AS l, {table}_versions AS v WHERE {same} AND {self.stands}"


def stands(date: dt.date) -> str:
    """SQL condition: a row of versions, named v, is part of what `date` shows."""
    return f"v.valid_from <= '{date}' AND v.valid_to > '{date}'"


def same_key(table: str, left: str, right: str) -> str:
    """SQL condition: two rows of a table, under these names, have one key."""
    return " AND ".join(f"{left}.{key} = {right}.{key}" for key in key_of(table))
