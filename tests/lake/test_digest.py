"""The digest of the records: of what they say, not of the way they came."""

import random

import pytest

from tests.lake.house import House
from tests.validate.good import HOSPITAL, OTHER_PRODUCT, PRODUCT

BRANCH = "H33028200002"
ROWS = {
    "institutions": [{}, {"institution_code": BRANCH, "parent_institution_code": HOSPITAL}],
    "products": [{}, {"product_code": OTHER_PRODUCT}],
    "lots": [{}, {"lot_code": "L2"}],
    "commitments": [{}, {"commitment_id": "C2", "lot_code": "L2"}],
    "deliveries": [{"delivery_id": f"D{n}", "institution_code": h} for n in range(6) for h in (HOSPITAL, BRANCH)],
    "returns": [{"return_id": f"R{n}", "delivery_id": f"D{n}"} for n in range(3)],
    "payments": [{"payment_id": f"P{n}", "amount": f"{n + 1}"} for n in range(4)],
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("whole"))
    for dataset, rows in ROWS.items():
        house.land(f"{dataset}/a.csv", *rows)
    house.night()
    return house.digest()


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4))
def test_split_order_and_nights_change_nothing(seed, house, whole):
    rng = random.Random(seed)
    parts = [(d, i, rows[i :: seed + 1]) for d, rows in ROWS.items() for i in range(seed + 1)]
    rng.shuffle(parts)
    for number, (dataset, _, rows) in enumerate(parts):
        if rows:
            house.land(f"{dataset}/{number:02d}.csv", *rng.sample(rows, len(rows)))
        if number % (seed + 2) == 0:
            house.night()
    house.night()
    assert house.digest() == whole


def test_a_changed_value_changes_it(house, whole):
    for dataset, rows in ROWS.items():
        house.land(f"{dataset}/a.csv", *rows)
    house.land("lots/b.csv", {"name": "OTHER"})
    house.night()
    assert house.digest() != whole


@pytest.mark.parametrize("nights", [1, 2, 3])
def test_withdrawals_give_the_same_records_over_one_night_or_more(nights, house):
    steps = [
        lambda: [house.land(f"{d}/a.csv", *rows) for d, rows in ROWS.items()],
        lambda: house.land("deliveries/b.csv", {"delivery_id": "D0", "product_code": OTHER_PRODUCT}),
        lambda: house.land("products/c.csv", {"product_code": OTHER_PRODUCT, "is_withdrawn": "1"}),
    ]
    for number, step in enumerate(steps, start=1):
        step()
        if number > len(steps) - nights:
            house.night()
    products = house.records("deliveries").filter(delivery_id="D0")["product_code"].to_list()
    assert (products, house.keys("returns")) == ([PRODUCT, PRODUCT], ["R0", "R1", "R2"])
