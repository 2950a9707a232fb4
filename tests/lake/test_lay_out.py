"""Records carried from night to night are those that the whole lake gives."""

import random

import polars as pl
import pytest

from pipelines.lake import batches, parts
from pipelines.lake.changed import changed_records, changed_sides, have_one_base
from pipelines.lake.lay_out import lay_out
from pipelines.lake.scan_records import parts_of, scan_records
from pipelines.lake.snapshot import snapshot
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.records import RECORDS
from tests.lake.random_nights import HOSPITALS, land_random, land_start, make_parts_small
from tests.random_worlds import worlds
from tests.validate.good import OTHER_PRODUCT


@pytest.fixture
def small_parts(monkeypatch):
    make_parts_small(monkeypatch)


def assert_same_records(house, folder):
    batch = batches.last_batch(house.home)
    snapshot(house.home, batch, Local(folder / "whole"))
    for dataset in RECORDS.values():
        whole, carried = (scan_records(Local(folder / f), dataset.name).collect() for f in ("whole", "records"))
        assert carried.sort(dataset.key).equals(whole.sort(dataset.key)), dataset.name


@pytest.mark.thorough
@pytest.mark.parametrize("seed", worlds(0, 2))
def test_carried_records_are_those_of_the_whole_lake(seed, house, tmp_path, small_parts):
    rng, carried = random.Random(seed), 0
    land_start(house)
    for number in range(1, 10):
        house.night()
        carried += lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))
        assert_same_records(house, tmp_path)
        land_random(house, rng, number)
    assert carried > 1


@pytest.mark.parametrize("seed", worlds(0, 2))
def test_what_changed_is_told_by_content(seed, house, tmp_path, small_parts):
    rng, compared = random.Random(seed), 0
    land_start(house)
    then = None
    for number in range(1, 8):
        house.night()
        now = Local(tmp_path / f"records{number}")
        lay_out(house.home, batches.last_batch(house.home), now)
        if then is not None and have_one_base(then, now):
            compared += 1
            for name, dataset in RECORDS.items():
                before, after = (
                    set(map(repr, scan_records(f, name).select(list(dataset.schema())).collect().iter_rows()))
                    for f in (then, now)
                )
                found = changed_records(then, now, name)
                assert sorted(map(repr, found.iter_rows())) == sorted(before ^ after), name
                for folder, rows in zip((then, now), changed_sides(then, now, name), strict=True):
                    stands = scan_records(folder, name).join(rows.lazy(), on=rows.columns, nulls_equal=True)
                    assert stands.collect().height == rows.height, name
        then = now if number % 3 else then  # and over several nights
        land_random(house, rng, number)
        if rng.random() < 0.5:  # sent again with the same content
            house.land(f"products/again{number}.csv", {}, {"product_code": OTHER_PRODUCT, "strength": None})
    assert compared > 1


def test_records_laid_out_with_keys_alone_are_read_as_before(house, tmp_path, small_parts):
    land_start(house)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))
    house.land("deliveries/b.csv", {"delivery_id": "D1", "institution_code": HOSPITALS[1], "unit_price": "3.00"})
    house.night()
    assert lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))
    assert pl.read_parquet(tmp_path / "records/deliveries/replaced.parquet")["delivery_id"].to_list() == ["D1"]
    (tmp_path / "records/deliveries/replaced.parquet").unlink()
    assert_same_records(house, tmp_path)


def test_records_of_an_earlier_batch_leave_the_base_to_the_later(house, tmp_path):
    land_start(house)
    house.night()
    first = batches.last_batch(house.home)
    house.land("deliveries/b.csv", {"delivery_id": "LATER"})
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))
    base = house.home.digest(keys.PLACE)
    assert not lay_out(house.home, first, Local(tmp_path / "first"))
    assert house.home.digest(keys.PLACE) == base
    assert len(house.home.below(keys.RECORDS).folders()) == 1
    now, then = (scan_records(Local(tmp_path / name), "deliveries").collect() for name in ("records", "first"))
    assert set(now["delivery_id"]) - set(then["delivery_id"]) == {"LATER"}


@pytest.mark.parametrize("seed", worlds(0, 2))
def test_a_part_lies_in_its_order_and_keeps_families_together(seed, house, tmp_path, small_parts):
    land_start(house)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))
    land_random(house, random.Random(seed), 1)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))
    seen = []
    for part in parts_of(Local(tmp_path / "records"), "deliveries"):
        rows = scan_records(Local(tmp_path / "records"), "deliveries", part).collect()
        assert rows.equals(rows.sort(parts.order_of(RECORDS["deliveries"])))
        seen.append(set(rows["institution_code"]))
    assert len(seen) == 4
    assert sum(bool(set(HOSPITALS[:3]) & hospitals) for hospitals in seen) == 1


def test_a_base_of_another_lake_is_not_used(house, tmp_path):
    land_start(house)
    house.night()
    first = batches.last_batch(house.home)
    lay_out(house.home, first, Local(tmp_path / "records"))
    manifest = batches.objects_of_batch(house.home, 1).folder / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("run1", "restored"), encoding="utf-8")
    assert not lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))


def test_the_base_is_never_written_through(house, tmp_path):
    land_start(house)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "first"))
    house.land("lots/b.csv", {"name": "OTHER"})
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "second"))
    names = [pl.read_parquet(tmp_path / f / "lots.parquet")["name"].item() for f in ("first", "second")]
    assert names == ["第一批", "OTHER"]


def test_who_came_since_has_a_place_and_a_family_that_moves_takes_the_base_anew(house, tmp_path, small_parts):
    land_start(house)
    house.night()
    records = Local(tmp_path / "records")
    lay_out(house.home, batches.last_batch(house.home), records)
    house.land("institutions/new.csv", {"institution_code": "H33028200099"})
    house.night()
    assert lay_out(house.home, batches.last_batch(house.home), records)
    places = dict(records.scan(keys.places("institution")).select("institution_code", "part").collect().iter_rows())
    assert places.keys() == {*HOSPITALS, "H33028200099"}
    assert set(places.values()) <= set(parts_of(records, "deliveries"))
    apart = next(code for code in HOSPITALS[3:] if places[code] != places[HOSPITALS[0]])
    house.land("institutions/moved.csv", {"institution_code": apart, "parent_institution_code": HOSPITALS[0]})
    house.night()
    assert not lay_out(house.home, batches.last_batch(house.home), records)
    assert_same_records(house, tmp_path)
