"""The home in which a night on the sample was published: made once a session, for all its workers; each module has a copy."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.night.run import run_night
from pipelines.settings import Settings
from seeds.sample_maker.sample import SAMPLE
from tests.once import made_once

AS_OF = date(2020, 12, 31)


def sample_home(factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    """The folder of a copy, whose report database is a file in it, and its settings."""
    shared = made_once(factory, "sample", _publish)
    home = shutil.copytree(shared / "home", factory.mktemp("sample") / "home")
    return home, _settings(home)


def _publish(shared: Path) -> None:
    shutil.rmtree(shared / "home", ignore_errors=True)
    status, _ = run_night(_settings(shared / "home"), AS_OF, lambda _: None)
    assert status == "published"


def _settings(home: Path) -> Settings:
    return Settings(home=home, landing=SAMPLE, database="", policies=None, settle_seconds=0)
