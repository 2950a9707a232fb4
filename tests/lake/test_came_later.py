"""Datasets and columns that came after a home was begun: what it accepted before has what an empty cell means."""

import pytest

from pipelines.ingest import headers
from pipelines.lake import batches
from pipelines.lake.lay_out import lay_out
from pipelines.lake.scan_records import scan_records
from pipelines.store.local import Local
from schemas.records import RECORDS
from tests.lake.random_nights import HOSPITALS, land_start, make_parts_small
from tests.lake.test_lay_out import assert_same_records

CAME = {"institutions": "is_designated", "deliveries": "is_gift", "excuses": "lot_code"}


@pytest.fixture
def old(monkeypatch):
    """The program of before, until the context is left: it knew neither agencies nor some columns."""
    with monkeypatch.context() as before:
        before.delitem(RECORDS, "agencies")
        for name, column in CAME.items():
            dataset = RECORDS[name]
            kept = {c: refers for c, refers in dataset.references.items() if c != column}
            before.setitem(vars(dataset), "columns", tuple(c for c in dataset.columns if c.name != column))
            before.setitem(vars(dataset), "references", kept)
        headers._vocabulary.cache_clear()
        yield before


def lay(house, folder):
    return lay_out(house.home, batches.last_batch(house.home), Local(folder / "records"))


def test_a_home_of_before_goes_on(house, tmp_path, monkeypatch, old):
    make_parts_small(monkeypatch)
    land_start(house)
    house.land("excuses/a.csv", {"commitment_id": "C0", "institution_code": HOSPITALS[0]})
    house.night()
    assert not lay(house, tmp_path)
    assert "is_gift" not in scan_records(Local(tmp_path / "records"), "deliveries").collect_schema()
    old.undo()
    headers._vocabulary.cache_clear()
    house.land("agencies/a.csv")
    house.land("institutions/new.csv", {"institution_code": "H33028200099", "is_designated": "否"})
    house.land("deliveries/new.csv", {"delivery_id": "NEW", "institution_code": HOSPITALS[0], "is_gift": "是"})
    house.night()
    assert not lay(house, tmp_path)  # the base knew neither
    assert_same_records(house, tmp_path)
    found = {n: scan_records(Local(tmp_path / "records"), n).collect() for n in (*CAME, "agencies")}
    designated = dict(found["institutions"].select("institution_code", "is_designated").iter_rows())
    assert designated == {**dict.fromkeys(HOSPITALS, True), "H33028200099": False}
    assert found["deliveries"].filter("is_gift")["delivery_id"].to_list() == ["NEW"]
    assert found["deliveries"].filter(~found["deliveries"]["is_gift"]).height > 1
    assert found["excuses"]["lot_code"].to_list() == [None]
    assert found["agencies"]["agency_code"].to_list() == ["A1"]
    house.land("deliveries/more.csv", {"delivery_id": "MORE", "institution_code": HOSPITALS[0]})
    house.night()
    assert lay(house, tmp_path)
    assert_same_records(house, tmp_path)


def test_a_row_that_waited_before_is_accepted_with_what_an_empty_cell_means(house, tmp_path, monkeypatch, old):
    make_parts_small(monkeypatch)
    land_start(house)
    house.land("deliveries/waits.csv", {"delivery_id": "WAITED", "institution_code": "H33028200098"})
    house.night()
    old.undo()
    headers._vocabulary.cache_clear()
    house.land("institutions/came.csv", {"institution_code": "H33028200098"})
    house.night()
    lay(house, tmp_path)
    found = scan_records(Local(tmp_path / "records"), "deliveries").collect()
    assert found.filter(delivery_id="WAITED")["is_gift"].to_list() == [False]
