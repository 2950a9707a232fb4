"""Pulls from a bucket of a real S3 server."""

import uuid

import pytest

from tests.sources.servers import ACCESS, SECRET, s3_store


@pytest.fixture
def bucket(s3_address):
    name = f"b{uuid.uuid4().hex[:12]}"
    return name, s3_store(s3_address, name)


@pytest.fixture
def cixi(pulls, s3_address, bucket, monkeypatch):
    monkeypatch.setenv("CIXI_S3", SECRET)

    def describe(**more):
        given = {"endpoint": s3_address, "bucket": bucket[0], "prefix": "out", "user": ACCESS, "environment": "CIXI_S3"}
        return pulls.describe("s3", **(given | {"unencrypted": True} | more))

    return describe


def test_what_is_there_is_taken_once_and_what_changed_as_another_file(pulls, bucket, cixi):
    store = bucket[1]
    for key, content in {"out/a.csv": b"A", "out/2020/配送 1.csv": b"B", "other/c.csv": b"C", "out/x.exe": b"X"}.items():
        store.put(key, content)
    assert [pulls.counts(cixi()) for _ in range(2)] == [(2, 0, 0, 0), (0, 2, 0, 0)]
    store.put("out/a.csv", b"A2")
    assert pulls.counts(cixi()) == (1, 1, 0, 0)
    assert pulls.taken() == {"1/2020/配送 1.csv": b"B", "1/a.csv": b"A", "2/a.csv": b"A2"}


def test_a_large_object_comes_whole(pulls, bucket, cixi):
    content = bytes(range(256)) * 40_000
    bucket[1].put("out/large.csv", content)
    assert pulls.counts(cixi()) == (1, 0, 0, 0)
    assert pulls.taken() == {"1/large.csv": content}


def test_an_object_replaced_after_it_was_listed_waits(pulls, bucket, cixi, monkeypatch):
    from pipelines.sources.s3 import S3

    store, read = bucket[1], S3._read
    store.put("out/a.csv", b"A")

    def replace_first(self, opened, key, meta, write):
        store.put("out/a.csv", b"CHANGED")
        read(self, opened, key, meta, write)

    with monkeypatch.context() as patch:
        patch.setattr(S3, "_read", replace_first)
        assert pulls.counts(cixi()) == (0, 0, 1, 0)
    assert pulls.counts(cixi()) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user": "nobody"}, "拒绝了"),
        ({"environment": ""}, "却没有口令"),
        ({"endpoint": "http://127.0.0.1:1", "attempts": 1}, "没有答复"),
    ],
)
def test_a_bucket_that_cannot_be_read_says_why(pulls, bucket, cixi, change, said):
    bucket[1].put("out/a.csv", b"A")
    came = pulls.pull(cixi(**change))
    assert said in came.error and SECRET not in came.error and pulls.taken() == {}
