"""The figures that stand for a date, handed to the indicators that judge by them; and the institutions they speak of."""

from __future__ import annotations

import pkgutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.engine.explanation import Scope
from pipelines.engine.indicator import Inputs
from pipelines.engine.published import Published
from pipelines.past.excerpt import excerpt
from pipelines.past.past_run import PastRun
from pipelines.store.local import Local
from schemas.declared import declared

Record = dict[str, Any]


@contextmanager
def open_published(connection: sa.Connection, run: PastRun, prefix: str) -> Iterator[Published]:
    """What `run` published, of divisions that begin with `prefix`; records are read while the context lasts."""

    def rows(table: str, condition: str) -> list[Record]:
        t = METADATA.tables[table]
        where: list[sa.ColumnExpressionArgument[bool]] = [t.c.as_of == run.as_of, sa.text(condition)]
        if prefix and "jurisdiction_code" in t.c:
            where.append(t.c.jurisdiction_code.startswith(prefix, autoescape=True))
        return [dict(row) for row in connection.execute(sa.select(t).where(*where)).mappings()]

    with tempfile.TemporaryDirectory(prefix="vbp_oversight_") as scratch:

        @cache
        def records(institutions: frozenset[str]) -> Inputs:
            target = Local(Path(tempfile.mkdtemp(dir=scratch)))
            excerpt(run, Scope(institutions=institutions), target)
            return Inputs(target, run.as_of, run.policies)

        yield Published(run.as_of, run.policies, rows, records)


def published_institutions(connection: sa.Connection, run: PastRun, prefix: str = "") -> dict[str, str]:
    """Institution → division, of all that the figures of the run's date speak of: by the last table that says both, and where
    a table says institutions only, by the register of names (an institution unknown there is left out).
    """
    found: dict[str, str] = {}
    known: dict[str, str] = {}
    for table in declared("TABLES"):
        t = METADATA.tables[table.name]
        where = [t.c.as_of == run.as_of]
        code = t.c.get("institution_code")
        if code is None and table.rolled_up:
            level, name = table.rolled_up
            where.append(t.c[level] == "institution")
            code = t.c[name]
        if code is None:
            continue
        place = t.c.get("jurisdiction_code")
        if place is not None:
            query = sa.select(code, place).where(*where, place.is_not(None)).distinct()
            found |= {c: p for c, p in connection.execute(query) if c is not None}
        else:
            known |= dict.fromkeys(connection.execute(sa.select(code).where(*where).distinct()).scalars(), "")
    if unknown := known.keys() - found.keys():
        n = METADATA.tables["institution_names"]
        names = connection.execute(sa.select(n.c.institution_code, n.c.jurisdiction_code))
        found |= {code: place for code, place in names if code in unknown}
    return {code: place for code, place in found.items() if place.startswith(prefix)}


def resolve(name: str) -> Callable[..., Any]:
    """The function that a declaration names as `module:function`."""
    function: Callable[..., Any] = pkgutil.resolve_name(name)
    return function
