"""Nights of a few rows, as the tests of publishing make them; and names for the codes in them."""

from collections.abc import Iterator

import pytest

from pipelines.store import keys
from pipelines.store.local import Local
from schemas.reports import REPORTS
from tests.conftest import _make_database
from tests.report_database import Nights, engine, make_table, nights, nights_on

__all__ = ["engine", "name_codes", "nights", "nights_on"]


@pytest.fixture(scope="module")
def shared_postgres_url(postgres_server: str, _migrated_postgres: str) -> Iterator[str]:
    """As `migrated_postgres_url`, for all tests of a module that change nothing in it."""
    with _make_database(postgres_server, _migrated_postgres) as url:
        yield url


def name_codes(nights: Nights, **tables: list[dict[str, object]]) -> Local:
    """Write tables of names, as a night hands them to publishing; tables not named are left out."""
    store = nights.store.below("names")
    store.drop()
    for name, rows in tables.items():
        store.write(keys.ledger(name), make_table(list(REPORTS[name].columns), rows))
    return store
