"""Two processes that write one lake, as the lease of one ran out unseen: what came second does not count, nothing is lost."""

import polars as pl
import pytest

from pipelines.errors import ConflictError, DamagedError
from pipelines.lake import lay_out as laying
from pipelines.lake import tables
from pipelines.lake.batches import Batch, commit, committed, last_batch
from pipelines.lake.laid_out import forget, records_of
from pipelines.lake.scan_records import scan_records
from pipelines.rejects import rejections
from pipelines.settle import lake_tonight
from pipelines.settle import settle as settling
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.records import RECORDS
from tests.lake.house import House

LOTS = RECORDS["lots"]


def test_a_batch_that_was_committed_by_another_is_not_written_over(tmp_path):
    home = Local(tmp_path)
    commit(home, Batch(1, "first"))
    with pytest.raises(ConflictError, match="第 1 批正由另一个进程写入"):
        commit(home, Batch(1, "second"))
    assert [batch.run_id for batch in committed(home)] == ["first"]


def test_rows_that_another_put_into_a_table_meanwhile_are_not_taken_for_ones_own(tmp_path, monkeypatch):
    house = House(tmp_path)
    home, enter = Local(tmp_path / "home"), tables._enter

    def enter_after_another(*given):
        enter(*given)
        return enter(*given)

    house.land_masters()
    for number in (1, 2):  # where the table is made, and where it stands
        with monkeypatch.context() as patch:
            patch.setattr(tables, "_enter", enter_after_another)
            with pytest.raises(ConflictError, match=r"数据湖的表 .*正由另一个进程写入"):
                house.night()
        assert last_batch(home).number == number - 1
        batch = house.night()
        assert batch.number == number
        lots = tables.scan(home, LOTS, batch.versions["lots"], number).select(pl.len()).collect().item()
        assert lots == number
        house.land("lots/b.csv", {"lot_code": "L2"})


class Asleep:
    """A night that stops before a step of its work until another process has done all of it, and then goes on."""

    def __init__(self, monkeypatch, place, name, meanwhile):
        step, self.is_over = getattr(place, name), False

        def sleep_first(*given, **more):
            if not self.is_over:
                self.is_over = True
                meanwhile()
            return step(*given, **more)

        monkeypatch.setattr(place, name, sleep_first)


MOMENTS = {
    "before it looks what stands": (settling, "Night"),
    "before anything is removed": (settling.batches, "refuse_committed"),
    "before the table of a dataset": (lake_tonight, "write_batch"),
    "before the register": (rejections.Rejections, "write"),
    "before the manifest": (settling.batches, "commit"),
}


@pytest.mark.parametrize("is_first", [True, pytest.param(False, marks=pytest.mark.thorough)], ids=["first", "second"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_that_wakes_up_when_another_did_its_work_destroys_nothing(moment, is_first, tmp_path, monkeypatch):
    house = House(tmp_path)
    if not is_first:
        house.land_masters()
        house.night()
    house.land("lots/b.csv", {"lot_code": "L2"})
    house.land("payments/b.csv", {"payment_id": "P2", "institution_code": "H9"})
    stood = []

    def another():
        house.nights -= 1  # the same run
        house.night()
        stood.extend([house.digest(), house.register().rows(), last_batch(house.home)])

    with monkeypatch.context() as patch:
        asleep = Asleep(patch, *MOMENTS[moment], another)
        with pytest.raises(ConflictError):
            house.night()
    assert asleep.is_over
    assert [house.digest(), house.register().rows(), last_batch(house.home)] == stood
    house.land("lots/c.csv", {"lot_code": "L3"})
    house.night()
    assert house.keys("lots") == (["L2", "L3"] if is_first else ["L1", "L2", "L3"])


def test_a_worker_that_wakes_up_and_is_killed_takes_nothing_away(tmp_path, monkeypatch):
    house = House(tmp_path)
    house.land("lots/b.csv", {"lot_code": "L2"})

    def another():
        house.night()
        monkeypatch.setattr(tables, "_enter", lambda *_, **__: pytest.fail("killed"))

    Asleep(monkeypatch, lake_tonight, "write_batch", another)
    with pytest.raises(pytest.fail.Exception, match="killed"):
        house.night()
    assert house.keys("lots") == ["L2"]


LAYING = {
    "before it looks for the base": "_find_base",
    "before its copies": "_copy",
    "before its changes": "find_changes",
    "before it takes the base": "snapshot",
    "before the base counts": "last_batch",
    "before its records count": "name_once",
}


@pytest.mark.parametrize("moment", LAYING)
def test_a_worker_that_wakes_up_lays_nothing_over_what_another_laid_out(moment, tmp_path, monkeypatch):
    """The other one lays out the same for the same run, and a later night takes the base of the home anew."""
    house = House(tmp_path)
    house.land_masters()
    laying.lay_out_once(house.home, house.night(), house.home.below("runs/first"))
    house.land("lots/b.csv", {"lot_code": "L2"})
    house.land("deliveries/b.csv", {"delivery_id": "D2"})
    batch, of_run, of_later = house.night(), house.home.below("runs/second"), house.home.below("runs/third")
    if moment in ("before it takes the base", "before the base counts"):
        forget(house.home)
    left = []

    def stands():
        return [{key: records.digest(key) for key in records.list()} for records in map(records_of, (of_run, house.home))]

    def another():
        laying.lay_out_once(house.home, batch, of_run)
        house.land("lots/c.csv", {"lot_code": "L3"})
        forget(house.home)
        laying.lay_out_once(house.home, house.night(), of_later)
        left.append(stands())

    with monkeypatch.context() as patch:
        asleep = Asleep(patch, laying, LAYING[moment], another)
        with pytest.raises((ConflictError, DamagedError)):
            laying.lay_out_once(house.home, batch, of_run)
    assert asleep.is_over
    assert left == [stands()] and len(of_run.folders(keys.RECORDS)) == 1
    assert [scan_records(records_of(of), "lots").collect().height for of in (of_run, of_later)] == [2, 3]


def test_a_base_that_lacks_an_object_is_taken_anew(tmp_path):
    house = House(tmp_path)
    house.land_masters()
    batch = house.night()
    assert not laying.lay_out(house.home, batch, house.home.below("one"))
    assert laying.lay_out(house.home, batch, house.home.below("two"))
    records_of(house.home).drop(keys.part("deliveries", 0))
    assert not laying.lay_out(house.home, batch, house.home.below("three"))
    assert scan_records(house.home.below("three"), "deliveries").collect().height == 1
