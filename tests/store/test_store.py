"""Objects of a home: whole or not there, never written through, under keys that stay below the folder."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import polars as pl
import pytest

from pipelines.errors import DamagedError
from pipelines.store.store import Store

ROWS = pl.DataFrame({"name": ["a", "b", "c"]})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "a?b #中文")  # what other libraries take for a pattern or an escape


def test_what_is_written_is_read_back_and_named_by_its_bytes(store):
    written = store.write("run/rows.parquet", pl.concat([ROWS, ROWS]))
    assert store.scan("run/rows.parquet").collect().equals(pl.concat([ROWS, ROWS]))
    assert written.rows == 6
    assert written.sha256 == sha256((store.folder / "run/rows.parquet").read_bytes()).hexdigest()


def test_a_second_key_keeps_what_the_first_no_longer_has(store):
    store.write("one.parquet", ROWS)
    store.copy("one.parquet", "run/two.parquet")
    store.write("one.parquet", ROWS.clear())
    assert store.scan("run/two.parquet").collect().equals(ROWS)
    store.drop("one.parquet")
    assert store.scan("run/two.parquet").collect().equals(ROWS)


def test_a_write_that_fails_leaves_what_stood(store):
    store.write("rows.parquet", ROWS)
    with pytest.raises(OSError, match="disk full"), store.at("rows.parquet").writing(ROWS.schema) as write:
        write(ROWS.clear())
        raise OSError("disk full")
    assert store.scan("rows.parquet").collect().equals(ROWS)
    assert [path.name for path in store.folder.iterdir()] == ["rows.parquet"]


def test_an_object_is_written_frame_by_frame_and_read_in_slices_of_any_size(store):
    with store.at("rows.parquet").writing(ROWS.schema) as write:
        for frame in (ROWS, ROWS.clear(), ROWS):
            write(frame)
    assert [rows.height for rows in store.at("rows.parquet").slices(4)] == [4, 2]
    assert store.scan("rows.parquet", "rows.parquet", numbered="n").select(pl.col("n").max()).collect().item() == 11


def test_what_is_divided_lies_below_its_value(store):
    store.write_divided("heap", ROWS.lazy().with_columns(part=pl.int_range(3) % 2), "part")
    assert store.scan(*store.list("heap/part=0")).collect()["name"].to_list() == ["a", "c"]


def test_a_copy_in_another_store_is_the_same_object_and_an_equal_one_is_not(store):
    store.write("one.parquet", ROWS)
    store.copy("one.parquet", "one.parquet", store.below("run"))
    assert store.identity("one.parquet") == store.below("run").identity("one.parquet")
    store.write("one.parquet", ROWS)
    assert store.identity("one.parquet") != store.below("run").identity("one.parquet")


def test_of_many_writers_of_one_key_one_succeeds(store):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.put("key", str(n).encode(), if_absent=True), range(40)))
    assert won.count(True) == 1 and (store.folder / "key").read_text() == str(won.index(True))


def test_keys_are_listed_below_whole_segments(store):
    for key in ("run/a/1", "run/a/2", "run/ab", "run/half.part"):
        store.put(key, b"")
    assert list(store.list("run")) == ["run/a/1", "run/a/2", "run/ab"]
    assert list(store.list("run/a")) == ["run/a/1", "run/a/2"]
    store.drop("run/a")
    assert list(store.list()) == ["run/ab"]
    store.drop("run/a")  # nothing is there


@pytest.mark.parametrize("key", ["", "/etc/x", "../x", "a/../../x", "a//b", "."])
def test_a_key_stays_below_the_folder(key, store):
    with pytest.raises(ValueError, match="no key"):
        store.put(key, b"")


def test_an_object_that_is_not_there_is_named(store):
    with pytest.raises(DamagedError, match=r"gone\.parquet"):
        store.scan("gone.parquet")
