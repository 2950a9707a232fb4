"""Values that are accepted with a warning: their counts are carried from night to night."""

import random

import pytest

from pipelines.checked_values import count_values
from pipelines.lake import batches, changes, parts
from pipelines.lake.changed import have_one_base
from pipelines.lake.lay_out import lay_out
from tests.lake.random_nights import HOSPITALS, land_random, land_start

ODD = "91330000TEST00000X"


def lay_out_night(house, folder):
    house.night()
    lay_out(house.home, batches.last_batch(house.home), folder)
    return folder


def rows_of(counts, check):
    return dict(counts.filter(check=check).select("value", "rows").iter_rows())


def test_odd_values_are_counted_and_all_that_have_one(house, tmp_path):
    land_start(house)
    house.land(
        "deliveries/odd.csv", {"delivery_id": "D0", "institution_code": HOSPITALS[0], "invoice_no": "12A"}
    )
    house.land("invoices/odd.csv", {"invoice_no": "00000001", "seller_code": ODD})
    found = count_values(lay_out_night(house, tmp_path / "records"))
    assert rows_of(found, "format:deliveries:invoice_no") == {None: 1, "12A": 1}
    sellers = rows_of(found, "unknown_company:invoices:seller_code")
    assert (sellers[None], sellers[ODD], sum(sellers.values())) == (20, 1, 40)


@pytest.mark.parametrize("seed", range(4))
def test_carried_counts_are_those_counted_anew(seed, house, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_ROWS", 5)
    monkeypatch.setattr(changes, "_SHARE", 0.9)
    rng, carried = random.Random(seed), 0
    land_start(house)
    stood = None
    for number in range(1, 8):
        now = lay_out_night(house, tmp_path / f"at{number}")
        found = count_values(now, stood)
        carried += stood is not None and have_one_base(stood, now)
        assert found.equals(count_values(now)), number
        stood = now
        land_random(house, rng, number)
        delivery = {"delivery_id": f"D{rng.randint(0, 25)}", "institution_code": rng.choice(HOSPITALS)}
        invoice = {
            "invoice_no": rng.choice(["00000001", "00000002", "1"]),
            "seller_code": rng.choice([ODD, "S"]),
        }
        house.land(f"deliveries/odd{number}.csv", delivery | {"invoice_no": rng.choice(["12A", "B", None])})
        house.land(f"invoices/odd{number}.csv", invoice)
        house.land(f"enterprises/odd{number}.csv", {"enterprise_code": rng.choice([ODD, ODD + "1"])})
    assert carried > 1
