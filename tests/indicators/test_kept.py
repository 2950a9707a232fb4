"""Sums on disk: what changed stands beside the parts until it is put among them."""

import polars as pl

from pipelines.engine.kept import Kept
from pipelines.store.local import Local


def frame(**values: int) -> pl.DataFrame:
    return pl.DataFrame({"unit": list(values), "rows": list(values.values())})


def test_parts_alone_hold_what_parts_and_changes_held(tmp_path):
    kept, carried, whole = (Kept(Local(tmp_path / name), ("unit",)) for name in ("kept", "carried", "whole"))
    kept.write(0, frame(a=1, b=2, c=3, d=4, e=5, f=6))
    kept.carry_on(carried, frame(b=0, g=0).select("unit"), frame(g=7))  # b is gone, g has come
    assert carried.store.has("changes.parquet")

    carried.consolidate(whole)

    assert list(whole.store.list()) == ["part-000.parquet", "part-001.parquet"]
    assert whole.scan().collect().equals(frame(a=1, c=3, d=4, e=5, f=6, g=7))
    assert carried.scan().collect().equals(whole.scan().collect())  # a second name is not written through
    assert kept.scan().collect().height == 6
