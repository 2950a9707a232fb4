"""Definitions of the report tables: `REPORTS` holds those of this package and of `schemas.ledgers`, and the tables that
the indicators declare where they stand (`TABLES` in `pipelines/indicators/<code>/tables.py`, or in a small one's only file).
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property

from schemas.table import Column, ReportTable

__all__ = ["REPORTS", "Column", "ReportTable"]


def _fixed_tables() -> Iterator[ReportTable]:
    for package in ("schemas.reports", "schemas.ledgers"):
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            yield importlib.import_module(found.name).TABLE


def _figure_tables() -> Iterator[ReportTable]:
    indicators = importlib.import_module("pipelines.indicators")
    for found in pkgutil.iter_modules(indicators.__path__, f"{indicators.__name__}."):
        name = f"{found.name}.tables" if found.ispkg else found.name
        yield from getattr(importlib.import_module(name), "TABLES", ())


class _Reports(Mapping[str, ReportTable]):
    """Gathered when first asked for: an indicator may itself import what speaks of report tables."""

    @cached_property
    def _tables(self) -> dict[str, ReportTable]:
        tables = [*_fixed_tables(), *_figure_tables()]
        return {table.name: table for table in sorted(tables, key=lambda table: table.name)}

    def __getitem__(self, name: str) -> ReportTable:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


REPORTS: Mapping[str, ReportTable] = _Reports()
"""Every report table by its name, in the order of names."""
