"""Objects of a home, below a folder and in an object store: whole or not there, never written through, under keys that stay below
the prefix.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import polars as pl
import pytest

from pipelines.errors import DamagedError, UsageError
from pipelines.store.local import Local
from pipelines.store.places import open_store
from pipelines.store.remote import Remote
from pipelines.store.store import scan_objects

ROWS = pl.DataFrame({"name": ["a", "b", "c"]})


def test_what_is_written_is_read_back_and_named_by_its_bytes(store):
    written = store.write("run/rows.parquet", pl.concat([ROWS, ROWS]).lazy())
    assert store.scan("run/rows.parquet").collect().equals(pl.concat([ROWS, ROWS]))
    assert written.rows == 6
    assert written.sha256 == sha256(written.read()).hexdigest()
    with written.local() as path:
        assert (path.name, path.read_bytes()) == ("rows.parquet", written.read())


def test_a_second_key_keeps_what_the_first_no_longer_has(store):
    store.write("one.parquet", ROWS)
    store.copy("one.parquet", "run/two.parquet")
    store.write("one.parquet", ROWS.clear())
    assert store.scan("run/two.parquet").collect().equals(ROWS)
    store.drop("one.parquet")
    assert store.scan("run/two.parquet").collect().equals(ROWS)


def test_a_copy_goes_from_one_kind_of_store_to_the_other(store, tmp_path):
    store.write("one.parquet", ROWS)
    store.copy("one.parquet", "run/two.parquet", Local(tmp_path))
    Local(tmp_path).copy("run/two.parquet", "three.parquet", store)
    found = scan_objects([Local(tmp_path).at("run/two.parquet"), store.at("one.parquet"), store.at("three.parquet")])
    assert found.collect().equals(pl.concat([ROWS] * 3))


def test_a_write_that_fails_leaves_what_stood(store):
    store.write("rows.parquet", ROWS)
    with pytest.raises(OSError, match="disk full"), store.at("rows.parquet").writing(ROWS.schema) as write:
        write(ROWS.clear())
        raise OSError("disk full")
    assert store.scan("rows.parquet").collect().equals(ROWS)
    assert list(store.list()) == ["rows.parquet"]


def test_an_object_is_written_frame_by_frame_and_read_in_slices_of_any_size(store):
    with store.at("rows.parquet").writing(ROWS.schema) as write:
        for frame in (ROWS, ROWS.clear(), ROWS):
            write(frame)
    assert [rows.height for rows in store.at("rows.parquet").slices(4)] == [4, 2]
    assert store.scan("rows.parquet", "rows.parquet", numbered="n").select(pl.col("n").max()).collect().item() == 11


def test_what_is_divided_lies_below_its_value_while_it_is_needed(store):
    with store.scratch() as heap:
        heap.write_divided(ROWS.lazy().with_columns(part=pl.int_range(3) % 2), "part")
        assert heap.scan(*heap.list("part=0")).collect()["name"].to_list() == ["a", "c"]
    assert list(store.list()) == []


def test_a_copy_in_another_store_is_the_same_object(store):
    store.write("one.parquet", ROWS)
    store.copy("one.parquet", "one.parquet", store.below("run"))
    assert store.identity("one.parquet") == store.below("run").identity("one.parquet")
    store.write("one.parquet", ROWS.reverse())
    assert store.identity("one.parquet") != store.below("run").identity("one.parquet")
    assert store.identity("none.parquet") is None


def test_of_many_writers_of_one_key_one_succeeds(store):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.put("key", str(n).encode(), if_absent=True), range(40)))
    assert won.count(True) == 1 and store.read("key") == str(won.index(True)).encode()


def test_keys_are_listed_below_whole_segments(store):
    for key in ("run/a/1", "run/a/2", "run/ab"):
        store.put(key, b"x")
    assert list(store.list("run")) == ["run/a/1", "run/a/2", "run/ab"]
    assert list(store.list("run/a")) == ["run/a/1", "run/a/2"]
    assert (store.folders("run"), store.folders()) == (["a"], ["run"])
    assert store.sizes_of(["run/ab", "run/b", *["run/a/1"] * 20]) == [1, None, *[1] * 20]
    store.drop("run/a")
    assert list(store.list()) == ["run/ab"]
    store.drop("run/a")  # nothing is there
    store.drop()
    assert list(store.list()) == []


def test_a_folder_that_is_filled_becomes_objects(store):
    with store.filling("site") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "page.html").write_text("页")
        (folder / "index.html").write_text("首页")
    assert {key: store.read(key).decode() for key in store.list()} == {"site/deep/page.html": "页", "site/index.html": "首页"}


def test_a_lock_is_held_by_one_or_shared(store):
    with store.hold(shared=True), store.hold(shared=True), pytest.raises(BlockingIOError), store.hold():
        pass
    with store.hold(), pytest.raises(BlockingIOError), store.hold(shared=True):
        pass


@pytest.mark.parametrize("key", ["", "/etc/x", "../x", "a/../../x", "a//b", "."])
def test_a_key_stays_below_the_prefix(key, store):
    with pytest.raises(ValueError, match="no key"):
        store.put(key, b"")


@pytest.mark.parametrize("read", [lambda s, key: s.scan(key), lambda s, key: s.read(key), lambda s, key: s.digest(key)])
def test_an_object_that_is_not_there_is_named(store, read):
    with pytest.raises(DamagedError, match=r"gone\.parquet"):
        read(store, "gone.parquet")


@pytest.mark.parametrize(
    "address", ["s3://", "s3://bucket", "s3://bucket/", "s3://bucket/数据", "s3://bucket/a#b", "s3://b/a//b"]
)
def test_an_address_that_no_lake_can_have_is_refused_with_what_it_should_be(address):
    with pytest.raises(UsageError, match="s3://桶/前缀"):
        open_store(address)


def test_an_address_says_which_store_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_store("var") == Local(tmp_path / "var")
    assert open_store("s3://bucket/province/home/") == Remote("bucket", "province/home")
    assert os.fspath(tmp_path / "var") == str(open_store(tmp_path / "var"))
