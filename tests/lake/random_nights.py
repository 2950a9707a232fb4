"""Random nights: records of every large dataset that come, change hands, are corrected and withdrawn."""

from pipelines.lake import batches, changes, parts
from pipelines.lake.lay_out import lay_out
from pipelines.store.local import Local
from tests.validate.good import OTHER_PRODUCT, PRODUCT

HOSPITALS = [f"H3302820000{n}" for n in range(1, 8)]


def make_parts_small(monkeypatch):
    """Let a few rows make a part, and carry nights on whose changes are many beside what stood."""
    monkeypatch.setattr(parts, "_ROWS", 5)
    monkeypatch.setattr(changes, "_SHARE", 0.9)


def lay_out_nights(house, rng, nights):
    """Do random nights; yield the number of each, from 1, and the store in which its records are laid out.

    What the caller lands meanwhile is of the next night.
    """
    land_start(house)
    for number in range(1, nights + 1):
        house.night()
        records = Local(house.folder / f"at{number}")
        lay_out(house.home, batches.last_batch(house.home), records)
        yield number, records
        if number < nights:
            land_random(house, rng, number)


def land_start(house):
    heads = {HOSPITALS[1]: HOSPITALS[0], HOSPITALS[2]: HOSPITALS[1]}
    house.land("institutions/a.csv", *({"institution_code": h, "parent_institution_code": heads.get(h)} for h in HOSPITALS))
    house.land("products/a.csv", {}, {"product_code": OTHER_PRODUCT})
    house.land("lots/a.csv", {})
    house.land("commitments/a.csv", *({"commitment_id": f"C{n}", "institution_code": h} for n, h in enumerate(HOSPITALS)))
    house.land("deliveries/a.csv", *({"delivery_id": f"D{n}", "institution_code": HOSPITALS[n % 7]} for n in range(20)))
    house.land("invoices/a.csv", *({"invoice_no": f"{n:08d}"} for n in range(20)))
    house.land("payments/a.csv", *({"payment_id": f"P{n}", "institution_code": HOSPITALS[n % 7]} for n in range(20)))


def land_random(house, rng, number):
    hospital = rng.choice(HOSPITALS)
    day = f"2020-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    mixed = rng.choice([PRODUCT, OTHER_PRODUCT])
    gone = {"is_withdrawn": rng.choice(["0"] * 9 + ["1"])}
    steps = {
        "deliveries": {
            "delivery_id": f"D{rng.randint(0, 25)}",
            "institution_code": hospital,
            "accepted_on": rng.choice([day, None]),
            **gone,
        },
        "invoices": {"invoice_no": f"{rng.randint(0, 25):08d}", "product_code": mixed, "issued_on": day, **gone},
        "payments": {"payment_id": f"P{rng.randint(0, 25)}", "institution_code": hospital, "paid_on": day, **gone},
        "commitments": {"commitment_id": f"C{rng.randint(0, 8)}", "institution_code": hospital},
        "returns": {
            "return_id": f"R{rng.randint(0, 4)}",
            "institution_code": hospital,
            "delivery_id": f"D{rng.randint(0, 30)}",
        },
        "institutions": {
            "institution_code": rng.choice([*HOSPITALS, "H33028200009"]),
            "parent_institution_code": rng.choice([None, hospital]),
        },
        "products": {"product_code": rng.choice([PRODUCT, OTHER_PRODUCT, "XA03CCC003C003030300003"])},
        "excuses": {"excuse_id": f"X{rng.randint(0, 3)}", "institution_code": hospital},
    }
    for dataset in rng.sample(sorted(steps), rng.randint(1, 4)):
        house.land(f"{dataset}/{number:02d}.csv", steps[dataset])
