"""What moved in the lake between two nights, and how it is named."""

import random

import pytest

from pipelines.causes import world
from pipelines.causes.moved import KINDS, find_moved
from pipelines.lake import batches
from pipelines.lake.changed import have_one_base
from pipelines.lake.changes import NotCarriedError
from pipelines.lake.scan_records import scan_records
from pipelines.lake.snapshot import snapshot
from pipelines.store.local import Local
from schemas.records import RECORDS
from tests.lake.random_nights import land_random, land_start, lay_out_nights, make_parts_small
from tests.random_worlds import worlds


def moved_since(house, before):
    after = batches.last_batch(house.home)
    records = Local(house.folder / "after")
    snapshot(house.home, after, records)
    return find_moved(house.home, batches.find_batch(house.home, before), after, records)


def refuse(*_):
    raise NotCarriedError("families moved")


def content_of(records):
    return {
        name: sorted(scan_records(records, name).select(list(dataset.schema())).collect().rows(), key=str)
        for name, dataset in RECORDS.items()
    }


def test_withdrawn_corrected_and_late(house):
    house.land_masters()
    house.land("payments/a.csv", *({"payment_id": p} for p in ("SAME", "GONE", "CHANGED")))
    house.night()
    house.land("payments/b.csv", {"payment_id": "GONE", "is_withdrawn": "1"}, {"payment_id": "SAME"})
    house.land("payments/c.csv", {"payment_id": "CHANGED", "amount": "7.00"}, {"payment_id": "NEW"})
    house.night()
    moved = moved_since(house, 1)
    assert set(moved) == {"payments"}
    found = {side: dict(rows.select("payment_id", "_kind").iter_rows()) for side, rows in moved["payments"].__dict__.items()}
    assert found["was"] == {"GONE": "withdrawal", "CHANGED": "correction"}
    assert found["now"] == {"CHANGED": "correction", "NEW": "late_record"}
    assert moved_since(house, 2) == {}


def test_what_referred_to_a_withdrawn_record_is_withdrawn_with_it_and_late_when_it_is_back(house):
    house.land_masters()
    house.land("returns/a.csv", {})
    house.night()
    house.land("deliveries/b.csv", {"is_withdrawn": "1"})
    house.night()
    gone = moved_since(house, 1)
    assert {d: m.kinds for d, m in gone.items()} == {"deliveries": {"withdrawal"}, "returns": {"withdrawal"}}
    house.land("deliveries/c.csv", {"unit_price": "3.00"})
    house.night()
    back = moved_since(house, 2)
    assert {d: m.kinds for d, m in back.items()} == {"deliveries": {"late_record"}, "returns": {"late_record"}}
    assert {d: m.kinds for d, m in moved_since(house, 1).items()} == {"deliveries": {"correction"}}


def test_a_row_that_waited_for_its_reference_is_late(house):
    house.land("institutions/a.csv", {})
    house.land("deliveries/a.csv", {})
    house.night()
    house.land("products/a.csv", {})
    house.night()
    assert {d: m.kinds for d, m in moved_since(house, 1).items()} == {
        "products": {"late_record"},
        "deliveries": {"late_record"},
    }


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(2))
def test_the_keys_touched_are_enough(seed, house, tmp_path):
    """Two whole snapshots, compared by their rows, say the same."""
    rng = random.Random(seed)
    land_start(house)
    for number in range(1, 8):
        house.night()
        snapshot(house.home, batches.last_batch(house.home), Local(tmp_path / f"at{number}"))
        land_random(house, rng, number)
        land_random(house, rng, number + 20)
    after = batches.last_batch(house.home)
    for number in (1, 3, 6):
        before = batches.find_batch(house.home, number)
        moved = find_moved(house.home, before, after, Local(tmp_path / "at7"))
        for name, dataset in RECORDS.items():
            columns = [c for c in dataset.schema() if c != "is_withdrawn"]
            was, now = (
                {row[:-1] for row in scan_records(Local(tmp_path / at), name).select(*columns, "is_withdrawn").collect().rows()}
                for at in (f"at{number}", "at7")
            )
            found = moved.get(name)
            rows = [set(side.select(columns).rows()) for side in (found.was, found.now)] if found else [set(), set()]
            assert rows == [was - now, now - was], name
            assert found is None or found.kinds <= set(KINDS)


@pytest.mark.parametrize("seed", worlds(0, 2))
def test_records_that_are_kept_say_what_the_lake_says_and_undone_are_what_stood(seed, house, tmp_path, monkeypatch):
    make_parts_small(monkeypatch)
    rng, compared, bases = random.Random(seed), 0, 0
    for number, now in lay_out_nights(house, rng, 7):
        stood = Local(tmp_path / f"at{max(1, number - rng.randint(1, 2))}")
        if stood != now and have_one_base(stood, now):
            compared += 1
            nights = batches.find_batch(house.home, int(stood.folder.name[2:])), batches.last_batch(house.home)
            by_lake, kept = (find_moved(house.home, *nights, now, folder) for folder in (None, stood))
            assert set(kept) == set(by_lake)
            for name, moved in kept.items():
                for mine, its in ((moved.was, by_lake[name].was), (moved.now, by_lake[name].now)):
                    columns = [c for c in its.columns if c not in ("_file", "_sheet", "_line")]
                    assert mine.select(columns).sort(columns).equals(its.select(columns).sort(columns)), name
            for families_move in (False, True):
                with monkeypatch.context() as patch:
                    if families_move:
                        patch.setattr(world, "write_changes", refuse)
                    undone = Local(tmp_path / f"undone{number}{families_move}")
                    world.lay_out_world(now, kept, KINDS, undone)
                bases += have_one_base(undone, now)
                assert content_of(undone) == content_of(stood)
    assert 0 < compared <= bases < 2 * compared
