"""Nights of a few rows, as the tests of publishing make them; and names for the codes in them."""

from pathlib import Path

from schemas.reports import REPORTS
from tests.publish.conftest import Nights, engine, nights, nights_on, write_table

__all__ = ["engine", "name_codes", "nights", "nights_on"]


def name_codes(nights: Nights, **tables: list[dict[str, object]]) -> Path:
    """Write tables of names, as a night hands them to publishing; tables not named are left out."""
    folder = nights.folder / "names"
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        write_table(folder / f"{name}.parquet", list(REPORTS[name].columns), rows)
    return folder
