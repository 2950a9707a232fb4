"""Homes without runs, whose morning pages are looked at."""

import shutil
from pathlib import Path

import pytest

from tests.reports.mornings import Mornings


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
