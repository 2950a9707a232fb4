"""Records carried from night to night are those that the whole lake gives."""

import random

import polars as pl
import pytest

from pipelines.lake import batches, changes, parts
from pipelines.lake.lay_out import lay_out
from pipelines.lake.scan_records import parts_of, scan_records
from pipelines.lake.snapshot import snapshot
from schemas.records import RECORDS
from tests.validate.good import OTHER_PRODUCT, PRODUCT

HOSPITALS = [f"H3302820000{n}" for n in range(1, 8)]


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "_ROWS", 5)
    monkeypatch.setattr(changes, "_SHARE", 0.9)


def land_start(house):
    heads = {HOSPITALS[1]: HOSPITALS[0], HOSPITALS[2]: HOSPITALS[1]}
    house.land(
        "institutions/a.csv",
        *({"institution_code": h, "parent_institution_code": heads.get(h)} for h in HOSPITALS),
    )
    house.land("products/a.csv", {}, {"product_code": OTHER_PRODUCT})
    house.land("lots/a.csv", {})
    house.land(
        "commitments/a.csv",
        *({"commitment_id": f"C{n}", "institution_code": h} for n, h in enumerate(HOSPITALS)),
    )
    house.land(
        "deliveries/a.csv",
        *({"delivery_id": f"D{n}", "institution_code": HOSPITALS[n % 7]} for n in range(20)),
    )
    house.land("invoices/a.csv", *({"invoice_no": f"{n:08d}"} for n in range(20)))
    house.land(
        "payments/a.csv", *({"payment_id": f"P{n}", "institution_code": HOSPITALS[n % 7]} for n in range(20))
    )


def land_random(house, rng, number):
    hospital = rng.choice(HOSPITALS)
    day = f"2020-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    mixed = rng.choice([PRODUCT, OTHER_PRODUCT])
    gone = {"is_withdrawn": rng.choice(["0"] * 9 + ["1"])}
    steps = {
        "deliveries": {
            "delivery_id": f"D{rng.randint(0, 25)}", "institution_code": hospital, "accepted_on": rng.choice([day, None]), **gone,
        },
        "invoices": {"invoice_no": f"{rng.randint(0, 25):08d}", "product_code": mixed, "issued_on": day, **gone},
        "payments": {"payment_id": f"P{rng.randint(0, 25)}", "institution_code": hospital, "paid_on": day, **gone},
        "commitments": {"commitment_id": f"C{rng.randint(0, 8)}", "institution_code": hospital},
        "returns": {"return_id": f"R{rng.randint(0, 4)}", "institution_code": hospital, "delivery_id": f"D{rng.randint(0, 30)}"},
        "institutions": {
            "institution_code": rng.choice([*HOSPITALS, "H33028200009"]), "parent_institution_code": rng.choice([None, hospital]),
        },
        "products": {"product_code": rng.choice([PRODUCT, OTHER_PRODUCT, "XA03CCC003C003030300003"])},
        "excuses": {"excuse_id": f"X{rng.randint(0, 3)}", "institution_code": hospital},
    }  # fmt: skip
    for dataset in rng.sample(sorted(steps), rng.randint(1, 4)):
        house.land(f"{dataset}/{number:02d}.csv", steps[dataset])


def assert_same_records(house, folder):
    batch = batches.last_batch(house.home)
    snapshot(house.home, batch, folder / "whole")
    for dataset in RECORDS.values():
        whole, carried = (
            scan_records(f, dataset.name).collect() for f in (folder / "whole", folder / "records")
        )
        assert carried.sort(dataset.key).equals(whole.sort(dataset.key)), dataset.name


@pytest.mark.parametrize("seed", range(4))
def test_carried_records_are_those_of_the_whole_lake(seed, house, tmp_path, small_parts):
    rng, carried = random.Random(seed), 0
    land_start(house)
    for number in range(1, 10):
        house.night()
        carried += lay_out(house.home, batches.last_batch(house.home), tmp_path / "records")
        assert_same_records(house, tmp_path)
        land_random(house, rng, number)
    assert carried > 1


@pytest.mark.parametrize("seed", range(4))
def test_a_part_lies_in_its_order_and_keeps_families_together(seed, house, tmp_path, small_parts):
    land_start(house)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), tmp_path / "records")
    land_random(house, random.Random(seed), 1)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), tmp_path / "records")
    seen = []
    for part in parts_of(tmp_path / "records", "deliveries"):
        rows = scan_records(tmp_path / "records", "deliveries", part).collect()
        assert rows.equals(rows.sort(parts.order_of(RECORDS["deliveries"])))
        seen.append(set(rows["institution_code"]))
    assert len(seen) == 4
    assert sum(bool(set(HOSPITALS[:3]) & hospitals) for hospitals in seen) == 1


def test_a_base_of_another_lake_is_not_used(house, tmp_path):
    land_start(house)
    house.night()
    first = batches.last_batch(house.home)
    lay_out(house.home, first, tmp_path / "records")
    manifest = batches.folder(house.home, 1) / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("run1", "restored"), encoding="utf-8")
    assert not lay_out(house.home, batches.last_batch(house.home), tmp_path / "records")


def test_the_base_is_never_written_through(house, tmp_path):
    land_start(house)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), tmp_path / "first")
    house.land("lots/b.csv", {"name": "OTHER"})
    house.night()
    lay_out(house.home, batches.last_batch(house.home), tmp_path / "second")
    names = [pl.read_parquet(tmp_path / f / "lots.parquet")["name"].item() for f in ("first", "second")]
    assert names == ["第一批", "OTHER"]
