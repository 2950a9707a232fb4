"""A night that is killed and done again leaves what an undisturbed one leaves."""

import pytest

from pipelines.lake import batches
from pipelines.lake.batches import last_batch
from pipelines.rejects import rejections
from pipelines.settle import lake_tonight
from tests.lake.house import House
from tests.validate.good import OTHER_PRODUCT


class Killed(Exception):  # noqa: N818
    """What the test throws into a night."""


def land_second_night(house):
    house.land_masters()
    house.land("returns/late.csv", {"return_id": "WAITS", "delivery_id": "D9"})
    house.night()
    house.land("deliveries/b.csv", {"delivery_id": "D9"}, {"delivery_id": "BAD", "unit_price": "x"})
    house.land("products/b.csv", {"listing_price": "9"}, {"product_code": OTHER_PRODUCT})
    house.land("payments/b.csv", {}, {"payment_id": "P2", "institution_code": "H9"})
    house.land("lots/b.csv", {"name": "REPLACED"}, {"lot_code": "L2", "is_withdrawn": "1"})


def outcome(house):
    register = house.register().drop("first_seen_run", "last_seen_run", "resolved_run")
    batch = last_batch(house.home)
    return house.digest(), register.rows(), batch.number, batch.files, batch.changes


def kill(monkeypatch, name, *, nth=1, after=False):
    calls = []
    place = {"commit": batches, "update_register": rejections, "write_batch": lake_tonight}[name]
    real = getattr(place, name)

    def deadly(*args):
        calls.append(args)
        if len(calls) == nth and not after:
            raise Killed
        result = real(*args)
        if len(calls) == nth:
            raise Killed
        return result

    monkeypatch.setattr(place, name, deadly)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A house before its second night."""
    house = House(tmp_path_factory.mktemp("prepared"))
    land_second_night(house)
    return house


@pytest.fixture(scope="module")
def undisturbed(prepared, tmp_path_factory):
    house = House(tmp_path_factory.mktemp("undisturbed"))
    house.begin_as(prepared)
    house.night()
    return outcome(house)


@pytest.mark.thorough
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", range(1, 6))
def test_killed_at_the_table_of_a_dataset(nth, after, house, prepared, undisturbed, monkeypatch):
    house.begin_as(prepared)
    digest, number = house.digest(), last_batch(house.home).number
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill(patch, "write_batch", nth=nth, after=after)
        house.night()
    assert (house.digest(), last_batch(house.home).number) == (digest, number)
    house.night()
    assert outcome(house) == undisturbed


@pytest.mark.parametrize("step", ["update_register", "commit"])
def test_killed_before_the_manifest(step, house, prepared, undisturbed, monkeypatch):
    house.begin_as(prepared)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill(patch, step)
        house.night()
    house.night()
    assert outcome(house) == undisturbed


def test_killed_after_the_manifest_is_done(house, prepared, undisturbed, monkeypatch):
    house.begin_as(prepared)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill(patch, "commit", after=True)
        house.night()
    house.night()
    assert outcome(house) == undisturbed


@pytest.mark.parametrize("first_night", [True, False])
def test_what_a_killed_night_wrote_never_comes_back(first_night, house, monkeypatch):
    if not first_night:
        house.land("lots/a.csv")
        house.night()
    house.land("lots/b.csv", {"lot_code": "GHOST"})
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill(patch, "commit")
        house.night()
    (house.landing / "lots" / "b.csv").unlink()
    house.land("enterprises/a.csv")
    house.night()
    house.land("lots/c.csv", {"lot_code": "L3"})
    house.night()
    assert house.keys("lots") == (["L3"] if first_night else ["L1", "L3"])
