"""Whose a rejected row or a file is: by whom its rows name; and the register of excuses, with those withdrawn."""

import pytest

from pipelines.lake import batches
from pipelines.lake.lay_out import lay_out
from pipelines.night.divisions import row_divisions
from pipelines.night.ledgers import excuse_register, paths_of, rejected_records
from pipelines.store.local import Local
from tests.lake.house import House
from tests.validate.good import HOSPITAL

CIXI, XIN = "330282", "371522"
OTHER, USCC = "H37152200001", "91330000TEST000000"


@pytest.fixture
def house(tmp_path) -> House:
    found = House(tmp_path)
    found.land_masters()
    found.land("institutions/xin.csv", {"institution_code": OTHER, "jurisdiction_code": XIN, "uscc": USCC})
    return found


def divisions(house: House) -> dict[tuple[str, str], str]:
    """(table, path or number of the row) → division, of the night that is done."""
    batch = house.night()
    records = Local(house.folder / "records")
    lay_out(house.home, batch, records)
    rejected = rejected_records(house.home, batch, batch.number - 1)
    named = dict(zip(rejected["record_id"], rejected["natural_key"], strict=True))
    rows = row_divisions(house.home, records, batch, batch.number - 1, paths_of([batch]), "R", rejected)
    found = {}
    for table, key, place in rows.iter_rows():
        _, _, rest = key.partition("|")
        found[table, named.get(rest, rest)] = place
    return found


def test_a_rejected_row_is_of_the_division_of_whom_it_names(house):
    bad = {"unit_price": "-1"}
    house.land("deliveries/a.csv", bad | {"delivery_id": "KNOWN", "institution_code": OTHER})
    house.land("deliveries/b.csv", bad | {"delivery_id": "NEVER_HEARD_OF", "institution_code": "H33028299999"})
    house.land("invoices/a.csv", {"quantity": "x", "invoice_no": "00000001", "buyer_code": USCC})
    house.land("invoices/b.csv", {"quantity": "x", "invoice_no": "00000002", "buyer_code": "A company"})
    house.land("institutions/new.csv", {"institution_code": "H33028200077", "jurisdiction_code": CIXI, "ownership": "?"})
    house.land("products/a.csv", {"product_code": "P9", "units_per_pack": "0"})
    found = {key: place for (table, key), place in divisions(house).items() if table == "rejected_records"}
    assert found == {f"{OTHER}|KNOWN": XIN, "|00000001|1": XIN, "H33028200077": CIXI}


def test_a_file_is_of_the_division_that_all_its_rows_are_of(house):
    bad = {"unit_price": "-1"}
    house.land("deliveries/cixi/a.csv", {"delivery_id": "D2"}, {"delivery_id": "D3"} | bad)
    house.land("deliveries/both/b.csv", {"delivery_id": "D4"}, {"delivery_id": "D5", "institution_code": OTHER})
    house.land(
        "deliveries/bad/c.csv", {"delivery_id": "D6"}, {"delivery_id": "D7", "institution_code": OTHER, "unit_price": "-1"}
    )
    house.land("invoices/companies/d.csv", {"invoice_no": "00000001"}, {"invoice_no": "00000002", "buyer_code": "A company"})
    found = {key: place for (table, key), place in divisions(house).items() if table == "source_files"}
    own = {"commitments/00.csv", "deliveries/00.csv", "institutions/00.csv", "deliveries/cixi/a.csv"}
    assert found == {**dict.fromkeys(own, CIXI), "institutions/xin.csv": XIN}


def test_withdrawn_excuses_stay_in_the_register_as_they_stood(house):
    house.land("excuses/a.csv", {"excuse_id": "STANDS"}, {"excuse_id": "GONE"}, {"excuse_id": "BACK"})
    house.night()
    house.land("excuses/b.csv", *({"excuse_id": code, "is_withdrawn": "1"} for code in ("GONE", "BACK")))
    house.night()
    house.land("excuses/c.csv", {"excuse_id": "BACK", "reason_code": "更正"})
    batch = house.night()
    lay_out(house.home, batches.last_batch(house.home), records := Local(house.folder / "records"))
    rows = excuse_register(house.home, batch, records)
    told = rows.select("excuse_id", "institution_code", "reason_code", "quantity", "invoice_code", "state").rows()
    assert told == [
        ("BACK", HOSPITAL, "更正", 5.0, None, "standing"),
        ("GONE", HOSPITAL, "短缺", 5.0, None, "withdrawn"),
        ("STANDS", HOSPITAL, "短缺", 5.0, None, "standing"),
    ]
