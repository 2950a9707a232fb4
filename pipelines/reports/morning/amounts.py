"""Amounts that indicators declare for the morning: what they are, how they moved, and of whom they moved most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.views.references import REFERENCES
from schemas.declared import SHOWN
from schemas.reports import REPORTS
from schemas.shown import Watched


class Moved(NamedTuple):
    """One of those of whom an amount is: the code, the name (None where nobody knows it), by how many fen it moved."""

    code: str
    name: str | None
    fen: int


class Amount(NamedTuple):
    """An amount in fen at a date, at the date before (None without one), what rose and what fell in between added up by
    those of whom it is, and who rose and who fell most (None where nobody did).
    """

    watched: Watched
    titles: tuple[str, str]
    now: int
    before: int | None
    rose: int
    fell: int
    most: Moved | None
    least: Moved | None


def read_amounts(connection: sa.Connection, as_of: date, before: date | None) -> list[Amount]:
    """The amounts that indicators declare, of a published date beside one published before it; those without rows left out."""
    return list(_read(connection, as_of, before))


def _read(connection: sa.Connection, as_of: date, before: date | None) -> Iterator[Amount]:
    for shown in SHOWN.values():
        for watched in shown.watched:
            now = _sums(connection, watched, as_of)
            then = None if before is None else _sums(connection, watched, before)
            if not now and not then:
                continue
            moved = {code: now.get(code, 0) - (then or {}).get(code, 0) for code in now.keys() | (then or {}).keys()}
            changed = sorted(moved.items(), key=lambda item: (item[1], item[0])) if then is not None else []
            most, least = (changed[-1], changed[0]) if changed else (None, None)
            yield Amount(
                watched,
                shown.titles,
                sum(now.values()),
                None if then is None else sum(then.values()),
                sum(fen for _, fen in changed if fen > 0),
                sum(fen for _, fen in changed if fen < 0),
                _named(connection, watched, most) if most and most[1] > 0 else None,
                _named(connection, watched, least) if least and least[1] < 0 else None,
            )


def _sums(connection: sa.Connection, watched: Watched, day: date) -> dict[str, int]:
    t = METADATA.tables[watched.table]
    of = t.c[watched.of]
    query = sa.select(of, sa.cast(sa.func.sum(t.c[watched.column]), sa.BigInteger)).where(t.c.as_of == day).group_by(of)
    return {str(code): int(fen) for code, fen in connection.execute(query)}


def _named(connection: sa.Connection, watched: Watched, moved: tuple[str, int]) -> Moved:
    code, fen = moved
    reference = REFERENCES[REPORTS[watched.table].column(watched.of).refers]
    t = METADATA.tables[reference.table]
    name = connection.execute(sa.select(t.c[reference.shows[0]]).where(t.c[reference.key] == code)).scalar()
    return Moved(code, name, fen)
