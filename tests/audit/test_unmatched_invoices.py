"""Receipts and payments whose invoice cannot be matched: told by place, carried from night to night."""

import random

import pytest

from pipelines.audit.unmatched_invoices import unmatched_invoices
from pipelines.lake import batches
from pipelines.lake.changed import have_one_base
from pipelines.lake.lay_out import lay_out
from pipelines.store.local import Local
from tests.lake.random_nights import HOSPITALS, lay_out_nights, make_parts_small
from tests.random_worlds import worlds

PAPER = {"invoice_code": "3302204130", "invoice_no": "10000001"}
BARE = PAPER | {"invoice_code": ""}


@pytest.mark.parametrize(
    ("receipts", "payment", "is_told"),
    [
        ([PAPER], PAPER, False),
        ([PAPER], BARE, False),
        ([PAPER, PAPER], BARE, False),
        ([PAPER, PAPER | {"invoice_code": "3302204139"}], BARE, True),
        ([PAPER], BARE | {"payee_code": "E2"}, True),
        ([PAPER], {"invoice_no": "99999999"}, True),
        ([PAPER], {"invoice_no": ""}, False),
        ([{}], {"invoice_no": "20332000000012345671"}, True),
        ([PAPER], {"invoice_no": "99999999", "amount": "-1", "reverses_payment_id": "P9"}, False),
    ],
)
def test_a_payment_is_matched_by_a_receipt_that_names_its_invoice(house, receipts, payment, is_told):
    house.land_masters()
    for n, receipt in enumerate(receipts):
        house.land(f"deliveries/{n + 10}.csv", receipt | {"delivery_id": f"D{n + 10}"})
    house.land("payments/a.csv", payment)
    house.night()
    lay_out(house.home, batches.last_batch(house.home), Local(house.folder / "now"))
    found = unmatched_invoices(Local(house.folder / "now"))[0].filter(dataset="payments")
    assert found["_line"].to_list() == ([2] if is_told else [])


@pytest.mark.parametrize("seed", worlds(0, 2))
def test_carried_they_are_those_found_anew(seed, house, monkeypatch):
    make_parts_small(monkeypatch)
    rng, carried, told, base = random.Random(seed), 0, 0, None
    for number, now in lay_out_nights(house, rng, 6):
        carried += base is not None and have_one_base(base, now)
        some, anew = unmatched_invoices(now, base), unmatched_invoices(now)
        assert some[1] == anew[1]
        columns = ["dataset", "_line", "invoice_code", "invoice_no"]
        assert some[0].select(columns).sort(columns).equals(anew[0].select(columns).sort(columns)), number
        told, base = told + some[0].height, now
        for name, key in (("deliveries", "delivery_id"), ("payments", "payment_id"), ("invoices", "line_no")):
            named = {"invoice_code": rng.choice(["", "3302204130", "3302204139"]), "invoice_no": f"1000000{rng.randint(0, 3)}"}
            named |= {key: str(rng.randint(1, 6)), "institution_code": rng.choice(HOSPITALS)}
            named.pop("institution_code") if name == "invoices" else None
            house.land(f"{name}/named{number}.csv", named)
    assert carried > 1 and told > 0
