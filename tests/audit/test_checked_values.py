"""Values that are accepted with a warning: their counts are carried from night to night."""

import random

import pytest

from pipelines.audit.checked_values import count_values
from pipelines.lake import batches
from pipelines.lake.changed import have_one_base
from pipelines.lake.lay_out import lay_out
from pipelines.store.local import Local
from tests.lake.random_nights import HOSPITALS, land_start, lay_out_nights, make_parts_small
from tests.random_worlds import worlds

ODD = "91330000TEST00000X"


def rows_of(counts, check):
    return dict(counts.filter(check=check).select("value", "rows").iter_rows())


def test_odd_values_are_counted_and_all_that_have_one(house, tmp_path):
    land_start(house)
    house.land("deliveries/odd.csv", {"delivery_id": "D0", "institution_code": HOSPITALS[0], "invoice_no": "12A"})
    house.land("invoices/odd.csv", {"invoice_no": "00000001", "seller_code": ODD})
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(tmp_path / "records"))
    found = count_values(Local(tmp_path / "records"))
    assert rows_of(found, "format:deliveries:invoice_no") == {None: 1, "12A": 1}
    sellers = rows_of(found, "unknown_company:invoices:seller_code")
    assert (sellers[None], sellers[ODD], sum(sellers.values())) == (20, 1, 40)


@pytest.mark.parametrize("seed", worlds(0, 2))
def test_carried_counts_are_those_counted_anew(seed, house, monkeypatch):
    make_parts_small(monkeypatch)
    rng, carried = random.Random(seed), 0
    base = None
    for number, now in lay_out_nights(house, rng, 7):
        found = count_values(now, base)
        carried += base is not None and have_one_base(base, now)
        assert found.equals(count_values(now)), number
        base = now
        delivery = {"delivery_id": f"D{rng.randint(0, 25)}", "institution_code": rng.choice(HOSPITALS)}
        invoice = {"invoice_no": rng.choice(["00000001", "00000002", "1"]), "seller_code": rng.choice([ODD, "S"])}
        house.land(f"deliveries/odd{number}.csv", delivery | {"invoice_no": rng.choice(["12A", "B", None])})
        house.land(f"invoices/odd{number}.csv", invoice)
        house.land(f"enterprises/odd{number}.csv", {"enterprise_code": rng.choice([ODD, ODD + "1"])})
    assert carried > 1
