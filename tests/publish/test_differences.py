"""Rows that come and go between two tables."""

import random

import polars as pl
import pytest

from pipelines.publish.differences import SLICE_ROWS, differences
from pipelines.store.local import Local

SCHEMA = {"k": pl.String, "n": pl.Int64, "rate": pl.Float64, "name": pl.String}


def change(tmp_path, old, new, slice_rows=SLICE_ROWS):
    store = Local(tmp_path)
    for name, rows in (("old", old), ("new", new)):
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("k", "n")
        store.write(f"{name}.parquet", frame)
    before, after, came, gone = (store.at(f"{name}.parquet") for name in ("old", "new", "came", "gone"))
    differences(after, before, ["k", "n"], came, gone, slice_rows)
    return tuple(rows.scan().collect().rows() for rows in (came, gone))


def by_key(row):
    return row[:2]


A, B = ("a", 1, 0.5, None), ("b", 1, None, "x")


@pytest.mark.parametrize(
    ("old", "new", "came", "gone"),
    [
        pytest.param([], [A], [A], [], id="FIRST"),
        pytest.param([A, B], [A, B], [], [], id="EQUAL"),
        pytest.param([A], [A, B], [B], [], id="ONE_COMES"),
        pytest.param([A, B], [B], [], [A], id="ONE_GOES"),
        pytest.param([A, B], [("a", 1, None, None), B], [("a", 1, None, None)], [A], id="VALUE_TO_NULL"),
        pytest.param([B], [("b", 1, None, "")], [("b", 1, None, "")], [B], id="EMPTY_TEXT_IS_NOT_ANOTHER_TEXT"),
        pytest.param([A], [("a", 2, 0.5, None)], [("a", 2, 0.5, None)], [A], id="SAME_VALUES_ANOTHER_KEY"),
    ],
)
def test_what_comes_and_goes(tmp_path, old, new, came, gone):
    assert change(tmp_path, old, new) == (came, gone)


@pytest.mark.parametrize("slice_rows", [1, 2, 7, SLICE_ROWS])
@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_difference_of_sets_in_slices_of_any_size(tmp_path, seed, slice_rows):
    rng = random.Random(seed)

    def table():
        keys = {(rng.choice("abc"), rng.randint(0, 9)) for _ in range(rng.randint(0, 25))}
        return [(*key, rng.choice([None, 0.5]), rng.choice([None, "x"])) for key in keys]

    old, new = table(), table()
    came, gone = change(tmp_path, old, new, slice_rows)
    assert (set(came), set(gone)) == (set(new) - set(old), set(old) - set(new))
    assert (came, gone) == (sorted(set(came), key=by_key), sorted(set(gone), key=by_key))
