"""Pulls from an SFTP folder, with what goes wrong there."""

import os

import pytest

from tests.sources.conftest import put
from tests.sources.servers import PASSWORD


@pytest.fixture
def cixi(pulls, sftp):
    """Describe the server as a source."""

    def describe(**more):
        given = {"host": "127.0.0.1", "port": sftp.port, "user": "vbp", "folder": "/", "host_keys": [sftp.host_key]}
        return pulls.describe("sftp", **(given | {"environment": "CIXI_SECRET"} | more))

    return describe


def test_what_is_there_is_taken_once_and_what_changed_as_another_file(pulls, sftp, cixi):
    source = cixi()
    put(sftp.root, "a.csv", "A"), put(sftp.root, "2020/b.csv", "B"), put(sftp.root, "note.docx"), put(sftp.root, "c.csv.part")
    assert pulls.counts(source) == (2, 0, 0, 0)
    assert pulls.taken() == {"1/2020/b.csv": b"B", "1/a.csv": b"A"}
    sftp.opened.clear()
    assert pulls.counts(source) == (0, 2, 0, 0)
    assert sftp.opened == [], "the same size and time of long ago are believed"
    put(sftp.root, "a.csv", "A2", day=2)
    assert pulls.counts(source) == (1, 1, 0, 0)
    assert pulls.taken() == {"1/2020/b.csv": b"B", "1/a.csv": b"A", "2/a.csv": b"A2"}
    put(sftp.root, "a.csv", "A3", day=2)
    assert pulls.counts(source, again=True) == (1, 1, 0, 0), "read anew whatever size and time say"


def test_a_file_that_goes_back_to_an_earlier_content_is_told_until_it_is_another(pulls, sftp, cixi):
    source = cixi()
    for day, content in enumerate(("OLD", "NEW"), start=1):
        put(sftp.root, "a.csv", content, day)
        pulls.pull(source)
    put(sftp.root, "a.csv", "OLD", day=3)
    for _ in range(2):
        assert pulls.counts(source) == (0, 0, 0, 1)
    assert "退回到以前的一版" in pulls.pull(source).error
    put(sftp.root, "a.csv", "OLD\n", day=4)
    assert pulls.counts(source) == (1, 0, 0, 0)


def test_a_fresh_file_is_read_again_the_next_time_and_not_taken_twice(pulls, sftp, cixi):
    put(sftp.root, "a.csv").touch()
    assert pulls.counts(cixi()) == (1, 0, 0, 0)
    sftp.opened.clear()
    assert pulls.counts(cixi()) == (0, 1, 0, 0)
    assert len(sftp.opened) == 1


def test_a_connection_that_breaks_in_a_file_is_made_again_and_leaves_no_half(pulls, sftp, cixi):
    put(sftp.root, "big.csv", os.urandom(3_000_000)), put(sftp.root, "next.csv", "N")
    sftp.drop_after = [100_000, 2_000_000]
    assert pulls.counts(cixi()) == (2, 0, 0, 0)
    assert pulls.taken() == {"1/big.csv": (sftp.root / "big.csv").read_bytes(), "1/next.csv": b"N"}


def test_a_connection_that_stays_broken_fails_that_file_and_the_next_pull_goes_on(pulls, sftp, cixi):
    put(sftp.root, "big.csv", os.urandom(3_000_000)), put(sftp.root, "next.csv", "N")
    sftp.drop_after = [100_000] * 2
    assert pulls.counts(cixi(attempts=2)) == (1, 0, 0, 1)
    assert pulls.taken() == {"1/next.csv": b"N"}
    assert pulls.read("SELECT status, objects_new, objects_failed, error LIKE 'big.csv：%' FROM pulls") == [("failed", 1, 1, 1)]
    assert pulls.counts(cixi()) == (1, 1, 0, 0)


def test_a_file_that_grows_while_it_is_read_waits(pulls, sftp, cixi):
    put(sftp.root, "growing.csv"), put(sftp.root, "whole.csv", "W")
    sftp.grow = {b"/growing.csv"}
    assert pulls.counts(cixi()) == (1, 0, 1, 0)
    sftp.grow = set()
    assert pulls.counts(cixi()) == (1, 1, 0, 0)
    assert pulls.taken()["2/growing.csv"].endswith(b"more\n")


def test_a_file_younger_than_the_settling_time_waits(pulls, sftp, cixi):
    put(sftp.root, "young.csv").touch()
    pulls.settings = pulls.settings.model_copy(update={"settle_seconds": 300})
    assert pulls.counts(cixi()) == (0, 0, 1, 0)
    assert pulls.taken() == {}


def test_another_host_key_is_refused_before_the_password_is_sent(pulls, sftp, cixi):
    source = cixi()
    put(sftp.root, "a.csv")
    sftp.change_key()
    source = source.model_copy(update={"port": sftp.port})
    came = pulls.pull(source)
    assert "主机公钥不在 host_keys 之中" in came.error and "向对方核实" in came.error
    assert (came.seen, pulls.taken(), sftp.opened) == (0, {}, [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user": "nobody"}, "拒绝登录"),
        ({"folder": "/none"}, "找不到文件夹 /none"),
        ({"environment": "NOT_THERE"}, "没有环境变量 NOT_THERE"),
        ({"environment": "", "connection": "cixi"}, "只有 DAG 能取"),
        ({"port": 1, "attempts": 1}, "连接 127.0.0.1 失败"),
    ],
)
def test_a_source_that_cannot_be_reached_says_why_and_no_password(pulls, sftp, cixi, change, said):
    came = pulls.pull(cixi(**change))
    assert said in came.error and PASSWORD not in came.error
    assert pulls.read("SELECT status, error FROM pulls") == [("failed", came.error)]


def test_a_password_of_an_airflow_connection(pulls, sftp, cixi):
    put(sftp.root, "a.csv")
    source = cixi(environment="", connection="cixi_sftp", user="")
    assert pulls.counts(source, connections={"cixi_sftp": ("vbp", PASSWORD)}.__getitem__) == (1, 0, 0, 0)


def test_odd_names_come_to_lie_safely_and_apart(pulls, sftp, cixi):
    names = [
        "配送 明细.csv",
        "a:b?.csv",
        "a_b_.csv",
        "..odd/deep.csv",
        "new\nline.csv",
        "new_line.csv",
        "x" * 200 + ".csv",
        "~a.csv",
    ]
    for number, name in enumerate(names):
        put(sftp.root, name, str(number))
    (sftp.root / os.fsdecode("发票.csv".encode("gb18030"))).write_bytes(b"GBK")
    came = pulls.pull(cixi())
    assert (came.new, came.error) == (len(names) + 1, "")
    taken = pulls.taken()
    assert sorted(taken.values()) == sorted([*(str(n).encode() for n in range(len(names))), b"GBK"])
    assert {"1/配送 明细.csv", "1/a_b_.csv", "1/new_line.csv"} <= taken.keys()
    assert all(part.isprintable() and len(part.encode()) < 250 for path in taken for part in path.split("/"))
    assert any(path.startswith("1/发票~") for path in taken)
    assert pulls.counts(cixi()) == (0, len(names) + 1, 0, 0)


def test_ten_thousand_files_are_listed_in_seconds(pulls, sftp, cixi):
    import time

    for number in range(10_000):
        (sftp.root / f"{number}.csv").touch()
    begun = time.monotonic()
    came = pulls.pull(cixi(), dry_run=True)
    assert (len(came.would_take), pulls.taken()) == (10_000, {})
    assert time.monotonic() - begun < 20
