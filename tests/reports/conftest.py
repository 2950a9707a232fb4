"""Homes without runs, whose morning pages are looked at."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.mornings import MONDAY, Mornings
from tests.reports.sites import CLINIC, HOSPITAL, Sites


@pytest.fixture
def mornings(tmp_path: Path, _migrated_sqlite: Path):
    """A home without runs."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(_migrated_sqlite, home / "compliance.db")
    house = Mornings(home, f"sqlite:///{home / 'compliance.db'}")
    yield house
    house.engine.dispose()


@pytest.fixture
def mornings_anywhere(tmp_path: Path, migrated_database_url: str):
    """A home without runs, once with SQLite and once with PostgreSQL."""
    house = Mornings(tmp_path / "home", migrated_database_url)
    yield house
    house.engine.dispose()


@pytest.fixture
def site(tmp_path: Path, migrated_database_url: str) -> Iterator[Sites]:
    """Two institutions on Monday, published."""
    site = Sites(tmp_path / "home", migrated_database_url)
    for institution in (HOSPITAL, CLINIC):
        site.add_figures(institution, MONDAY)
    site.add("institution_names", institution_code=HOSPITAL, name="慈溪某医院", jurisdiction_code="330282", ownership="public")
    site.add("enterprise_names", enterprise_code="S1", name="某医药公司")
    site.run("mon", MONDAY)
    yield site
    site.engine.dispose()
