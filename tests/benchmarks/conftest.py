"""A small night that has computed its indicators and is not published yet."""

import pytest

from benchmarks.place import AS_OF, Place
from benchmarks.yardsticks import INDICATORS, write_given
from pipelines.night import steps as nightly
from pipelines.settings import Settings
from seeds.generator import generate


@pytest.fixture(scope="session")
def night(tmp_path_factory) -> Place:
    place = Place(tmp_path_factory.mktemp("bench"))
    generate(place.landing, 0.002, 1, beside=("usages", "trace"))
    run = nightly.begin(Settings(home=place.home, landing=place.landing, database="", policies=None), AS_OF)
    for portion in nightly.list_portions(run, "ingest"):
        nightly.ingest(run, portion)
    nightly.validate(run)
    for code in INDICATORS:
        nightly.compute(run, code)
    return place


@pytest.fixture(scope="session")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given")
    write_given(folder)
    return folder
