"""What a law is: something that holds of every report row, or of all rows of a table together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Changed(Protocol):
    """What a night changes in the report tables, as SQL that a law may select from."""

    def rows(self, table: str, *columns: str) -> str:
        """The rows that come (`sign` 1) and those that leave (`sign` -1), with these columns."""

    def touched(self, table: str, *columns: str) -> str:
        """The distinct values of these columns in rows that come or leave."""

    def missing(self, table: str, keys: str, *columns: str) -> str:
        """The rows of the query `keys` (`columns`) for which the table has no row once the night is published."""


@dataclass(frozen=True)
class Law:
    """Something that must hold of a report `table`; its check is called `<table>.<name>`.

    Either `broken_by`, an SQL condition on one row that no row may meet (`shown`: the columns that tell why), or
    `failing`: from what the night changes a query whose rows are what breaks the law, with `applied` a query of how many
    were looked at. Sums over rows are linear: over what comes less what leaves they hold if they held before.
    """

    table: str
    name: str
    message_zh: str
    broken_by: str = ""
    shown: tuple[str, ...] = ()
    failing: Callable[[Changed], str] | None = None
    applied: Callable[[Changed], str] | None = None

    @property
    def code(self) -> str:
        """The number of its check."""
        return f"{self.table}.{self.name}"


def adds_up(table: str, name: str, whole: str, parts: tuple[str, ...], message_zh: str) -> Law:
    """A whole is the sum of its parts, in whole numbers."""
    return Law(table, name, message_zh, f"{whole} <> {' + '.join(parts)}", (whole, *parts))


def at_most(table: str, name: str, part: str, whole: str, message_zh: str) -> Law:
    """A part is never more than the whole."""
    return Law(table, name, message_zh, f"{part} > {whole}", (part, whole))
