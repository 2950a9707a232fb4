"""Downloads: content decides, whatever a server says or does on the way."""

import pytest

from tests.sources.servers import PASSWORD


@pytest.fixture
def cixi(pulls, http):
    def describe(**more):
        return pulls.describe("http", **({"url": http.url, "unencrypted": True, "environment": "CIXI_SECRET"} | more))

    return describe


def test_the_same_content_is_taken_once(pulls, http, cixi):
    http.content = b"1"
    assert [pulls.counts(cixi()) for _ in range(2)] == [(1, 0, 0, 0), (0, 1, 0, 0)]
    http.content = b"2"
    assert pulls.counts(cixi()) == (1, 0, 0, 0)
    assert pulls.taken() == {"1/export.csv": b"1", "2/export.csv": b"2"}
    assert set(http.asked) == {f"Bearer {PASSWORD}"}


def test_with_a_user_it_is_a_password(pulls, http, cixi):
    pulls.pull(cixi(user="vbp", file_name="明细.csv"))
    assert http.asked[0].startswith("Basic ")
    assert list(pulls.taken()) == ["1/明细.csv"]


def test_a_busy_server_and_half_a_body_are_tried_again(pulls, http, cixi):
    http.content, http.faults = b"x" * 100_000, [503, "cut", 429]
    assert pulls.counts(cixi()) == (1, 0, 0, 0)
    assert pulls.taken() == {"1/export.csv": http.content}


@pytest.mark.parametrize(
    ("faults", "said"),
    [([503] * 4, "忙或故障（503）"), (["cut"] * 4, "中途断开"), ([401], "拒绝了口令"), ([404], "404"), (["page"], "网页")],
)
def test_what_cannot_be_had_leaves_nothing(pulls, http, cixi, faults, said):
    http.content, http.faults = b"x" * 100_000, list(faults)
    came = pulls.pull(cixi())
    assert said in came.error and http.faults == [] and pulls.taken() == {}


def test_what_is_too_large_is_left(pulls, http, cixi):
    http.content = b"x" * (1 << 21)
    assert "超过 1 MiB" in pulls.pull(cixi(max_mib=1)).error
    assert pulls.taken() == {}
