"""Two processes that write one lake, as the lease of one ran out unseen: what came second does not count, nothing is lost."""

import polars as pl
import pytest

from pipelines.errors import ConflictError
from pipelines.lake import tables
from pipelines.lake.batches import Batch, commit, committed, last_batch
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
