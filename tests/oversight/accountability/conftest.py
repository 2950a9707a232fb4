"""A published year to draft, score and draw from; it is read only."""

import shutil

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.store.local import Local
from tests.oversight.accountability.year import publish_year


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Local:
    return publish_year(tmp_path_factory.mktemp("year"))


@pytest.fixture(scope="module")
def home(published: Local, tmp_path_factory: pytest.TempPathFactory) -> Local:
    """A copy for the module, whose tables may be written to."""
    return Local(shutil.copytree(published.folder, tmp_path_factory.mktemp("copy") / "home"))


@pytest.fixture(scope="module")
def engine(home: Local):
    engine: sa.Engine = open_database(f"sqlite:///{home.folder / 'compliance.db'}")
    yield engine
    engine.dispose()
