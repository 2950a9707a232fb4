"""Definitions of the report tables: `REPORTS` holds those of this package and of `schemas.ledgers`, and those that the
indicators declare.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from schemas.declared import Gathered, declared
from schemas.table import Column, ReportTable

__all__ = ["REPORTS", "Column", "ReportTable"]


def _fixed_tables() -> Iterator[ReportTable]:
    for package in ("schemas.reports", "schemas.ledgers"):
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            yield importlib.import_module(found.name).TABLE


def _all_tables() -> dict[str, ReportTable]:
    tables: list[ReportTable] = [*_fixed_tables(), *declared("TABLES")]
    return {table.name: table for table in sorted(tables, key=lambda table: table.name)}


REPORTS: Mapping[str, ReportTable] = Gathered(_all_tables)
"""Every report table by its name, in the order of names."""
