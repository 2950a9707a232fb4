"""A published year to draft, score and draw from; it is read only."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from tests.oversight.accountability.year import publish_year


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_year(tmp_path_factory.mktemp("year"))


@pytest.fixture(scope="module")
def home(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for the module, whose tables may be written to."""
    return Path(shutil.copytree(published, tmp_path_factory.mktemp("copy") / "home"))


@pytest.fixture(scope="module")
def engine(home: Path):
    engine: sa.Engine = open_database(f"sqlite:///{home / 'compliance.db'}")
    yield engine
    engine.dispose()
