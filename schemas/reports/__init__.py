"""Definitions of the report tables; `REPORTS` holds every `TABLE` found in the modules of this package."""

import importlib
import pkgutil

from schemas.reports.table import Column, ReportTable

__all__ = ["REPORTS", "Column", "ReportTable"]


def _find_tables() -> dict[str, ReportTable]:
    modules = (
        importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
    )
    tables: list[ReportTable] = [module.TABLE for module in modules if hasattr(module, "TABLE")]
    return {table.name: table for table in tables}


REPORTS: dict[str, ReportTable] = _find_tables()
