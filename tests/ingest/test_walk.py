"""Links, folders that cannot be read, and what only looks like a file: nothing is passed over, nothing is read twice."""

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.ingest import archive as archives
from pipelines.ingest import walk as walks
from pipelines.ingest.discover import discover
from pipelines.ingest.take_in import take_in
from pipelines.store.local import Local
from tests.ingest.test_take_in import found, put

WORDS = ("文件夹", "命名管道", "套接字", "设备", "不存在", "链接成环")


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def messages(landing, **options):
    return {f.path: f.message for f in discover(landing, frozenset(), **options) if f.status == "failed"}


@pytest.fixture
def landing(tmp_path):
    """Payments of one hospital; beside the landing zone lies another's."""
    put(tmp_path, "landing/payments/h1/a.csv", "1")
    put(tmp_path, "outside/h2/b.csv", "2")
    return tmp_path / "landing"


@pytest.mark.parametrize("name", ["payments/h2", "returns", "payments/h1/deep/h2", "payments/h2.csv"])
def test_a_folder_that_leads_out_stops_the_night(name, landing):
    link(landing / name, landing.parent / "outside" / "h2")
    with pytest.raises(UsageError, match=f"{name} .*{landing.parent}/outside/h2.*VBP_LANDING_ROOTS"):
        discover(landing, frozenset())


def test_below_a_root_that_is_allowed_it_is_read(landing):
    link(landing / "payments" / "h2", landing.parent / "outside" / "h2")
    link(landing / "returns", landing.parent / "outside")
    assert found(landing, roots=[landing.parent / "outside"]) == {
        "payments/h1/a.csv": "new",
        "payments/h2/b.csv": "new",
        "returns/h2/b.csv": "new",
    }


def test_a_root_allows_no_folder_that_only_begins_like_it(landing):
    link(landing / "payments" / "h2", landing.parent / "outside" / "h2")
    with pytest.raises(UsageError):
        discover(landing, frozenset(), roots=[landing.parent / "out"])


def test_a_file_that_leads_out_is_refused_and_the_others_go_on(landing):
    link(landing / "payments" / "b.csv", landing.parent / "outside" / "h2" / "b.csv")
    assert found(landing) == {"payments/b.csv": "failed", "payments/h1/a.csv": "new"}
    assert "outside/h2/b.csv" in messages(landing)["payments/b.csv"]
    assert found(landing, roots=[landing.parent])["payments/b.csv"] == "new"


def test_links_within_are_followed_and_what_lies_there_is_read_once(landing):
    """`a` and `h9` are the same folder; it is read where it lies, and once more as another dataset."""
    link(landing / "payments" / "a", "h1")
    link(landing / "payments" / "h9", landing / "payments" / "h1")
    link(landing / "returns", "payments")
    link(landing / "payments" / "z.csv", "h1/a.csv")
    assert found(landing) == {
        "payments/h1/a.csv": "new",
        "payments/z.csv": "skipped",
        "returns/h1/a.csv": "new",
        "returns/z.csv": "skipped",
    }


def test_loops_end(landing):
    link(landing / "payments" / "h1" / "up", "..")
    link(landing / "payments" / "h1" / "top", landing)
    link(landing / "payments" / "self", ".")
    for one, other in (("h3", "h4"), ("h4", "h3")):
        put(landing, f"payments/{one}/{one}.csv", one)
        link(landing / "payments" / one / "other", f"../{other}")
    assert list(found(landing)) == ["payments/h1/a.csv", "payments/h3/h3.csv", "payments/h4/h4.csv"]


@pytest.mark.parametrize("target", ["/nowhere", "payments/h1/a.csv/x", ".", "returns"])
def test_a_dataset_that_leads_nowhere_stops_the_night(target, landing):
    link(landing / "returns", target)
    with pytest.raises(UsageError, match=f"{landing}/returns .*没有运行"):
        discover(landing, frozenset())


@pytest.fixture
def refuse(monkeypatch):
    """Have the system refuse to list a folder: root, who runs the tests, may read all."""

    def begin(refused):
        scan = os.scandir

        def listed(folder):
            if Path(folder) == refused:
                raise PermissionError(13, "Permission denied", str(folder))
            return scan(folder)

        monkeypatch.setattr(walks.os, "scandir", listed)

    return begin


@pytest.mark.parametrize("name", ["", "payments", "payments/h1"])
def test_a_folder_that_cannot_be_read_stops_the_night(name, landing, refuse):
    refuse(landing / name)
    with pytest.raises(UsageError, match=f"目录 {landing / name} 无法读取（没有权限）"):
        discover(landing, frozenset())


def test_a_folder_of_no_dataset_that_cannot_be_read_is_told(landing, refuse):
    refuse(landing / "lost+found")
    (landing / "lost+found").mkdir()
    link(landing / "old", landing.parent / "outside")
    assert found(landing) == {"lost+found": "failed", "old": "failed", "payments/h1/a.csv": "new"}


def test_what_is_no_file_is_told_and_never_waited_for(landing, monkeypatch):
    os.mkfifo(landing / "payments" / "fifo.csv")
    put(landing, "payments/spark.csv/part-0.csv", "3")
    (landing / "payments" / "empty.xlsx").mkdir()
    link(landing / "payments" / "gone.csv", "nowhere.csv")
    link(landing / "payments" / "null.csv", "/dev/null")
    link(landing / "payments" / "round.csv", "round.csv")
    monkeypatch.chdir(landing / "payments")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind("socket.csv")
        told = messages(landing, roots=[Path("/dev")])
    assert {path.removeprefix("payments/"): next(w for w in WORDS if w in m) for path, m in told.items()} == {
        "empty.xlsx": "文件夹",
        "fifo.csv": "命名管道",
        "gone.csv": "不存在",
        "null.csv": "设备",
        "round.csv": "链接成环",
        "socket.csv": "套接字",
        "spark.csv": "文件夹",
    }
    assert {p for p, s in found(landing).items() if s == "new"} == {"payments/h1/a.csv", "payments/spark.csv/part-0.csv"}


def test_names_that_are_no_utf8_are_refused_by_a_name_that_can_be_told(landing):
    for name in ("付款.csv", "付款/b.csv"):
        put(landing, os.fsdecode(b"payments/" + name.encode("gbk")))
    told = messages(landing)
    assert list(told) == [r"payments/\xb8\xb6\xbf\xee.csv", r"payments/\xb8\xb6\xbf\xee/b.csv"]
    assert "按 GBK 读作“payments/付款.csv”" in told[r"payments/\xb8\xb6\xbf\xee.csv"]
    assert "".join(told.values()).encode()


def test_a_name_with_unseen_characters_is_a_name(landing, tmp_path):
    put(landing, "lots/a\tb\u200b\n.csv", "lot_code,name\nL1,甲\n")
    file = next(f for f in discover(landing, frozenset()) if f.dataset == "lots")
    assert take_in(file, landing, Local(tmp_path / "archive"), Local(tmp_path).at("text")).refused == "missing_column"


def test_a_file_that_cannot_be_opened_is_refused(landing, tmp_path, monkeypatch):
    put(landing, "payments/h1/b.csv", "2")
    (a, _) = discover(landing, frozenset())
    opened = Path.open

    def refuse(path, *arguments, **options):
        if path.name == "a.csv":
            raise OSError(5, "Input/output error")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(archives.Path, "open", refuse)
    assert found(landing) == {"payments/h1/a.csv": "failed", "payments/h1/b.csv": "new"}
    assert "存储设备读写故障" in messages(landing)["payments/h1/a.csv"]
    taken = take_in(a, landing, Local(tmp_path / "archive"), Local(tmp_path).at("text"))
    assert (taken.refused, taken.message) == (
        "file_unreadable",
        "payments/h1/a.csv：无法读取（存储设备读写故障）；请检查权限与磁盘",
    )
    assert list((tmp_path / "archive" / "payments").iterdir()) == []
