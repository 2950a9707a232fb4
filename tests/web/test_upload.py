"""A file that somebody sends: it lies in the landing zone whole, with its sender's name on record, or not at all."""

import asyncio
import errno
import os
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from pipelines.ingest.discover import discover
from pipelines.store.local import Local
from pipelines.store.uploads import read_uploads
from pipelines.web import receive
from tests.web.visitor import HERE, Visitor


def nothing_is_left(visitor):
    return visitor.landed() == [] and read_uploads(Local(visitor.home)) == []


def test_it_lies_there_whole_with_a_record(visitor):
    answer = visitor.send("发货 明细.csv", b"a,b\n1,2\n")
    [path] = visitor.landed()
    [upload] = read_uploads(Local(visitor.home))
    assert (visitor.landing / path).read_bytes() == b"a,b\n1,2\n"
    assert (answer.status_code, answer.json()["path"]) == (200, path)
    assert (upload.by, upload.dataset, upload.sender, upload.name) == ("zhangsan", "deliveries", "cixi", "发货 明细.csv")
    assert (upload.path, upload.bytes) == (path, 8)
    [file] = discover(visitor.landing, set())
    assert (file.path, file.sha256, file.status) == (path, upload.sha256, "new")


@pytest.mark.parametrize(
    ("who", "headers", "status"),
    [
        ("viewer", {}, 403),
        ("", {}, 401),
        ("zhangsan", {"origin": "http://evil.test"}, 403),
        ("zhangsan", {"origin": "null"}, 403),
        ("zhangsan", {"origin": ""}, 403),
        ("zhangsan", {"origin": f"{HERE}.evil.test"}, 403),
        ("zhangsan", {"origin": "http://evil.test", "authorization": "Bearer T"}, 200),
        ("zhangsan", {}, 200),
    ],
)
def test_who_may_send(visitor, who, headers, status):
    visitor.who = who
    assert visitor.send(**headers).status_code == status
    assert nothing_is_left(visitor) == (status != 200)


def test_viewers_do_not_get_the_upload_page(visitor):
    assert visitor.get("/upload").status_code == 200
    visitor.who = "viewer"
    assert visitor.get("/upload").status_code == 403
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("name", "sender", "dataset", "told"),
    [
        ("", "cixi", "deliveries", "文件名"),
        ("../x.csv", "cixi", "deliveries", "含有"),
        ("a\\b.csv", "cixi", "deliveries", "含有"),
        ("/etc/passwd", "cixi", "deliveries", "含有"),
        (".x.csv", "cixi", "deliveries", "隐藏"),
        ("~$x.xlsx", "cixi", "deliveries", "临时文件"),
        ("x.part", "cixi", "deliveries", "不读取"),
        ("x", "cixi", "deliveries", "没有扩展名"),
        ("x.exe", "cixi", "deliveries", "不读取"),
        ("x\n.csv", "cixi", "deliveries", "看不见"),
        ("x\u202ecsv.csv", "cixi", "deliveries", "看不见"),
        ("x\x00.csv", "cixi", "deliveries", "看不见"),
        (" x.csv", "cixi", "deliveries", "空格"),
        ("长" * 60 + ".csv", "cixi", "deliveries", "过长"),
        ("x.csv", "", "deliveries", "报送单位"),
        ("x.csv", "..", "deliveries", "不可用"),
        ("x.csv", "cixi/../../home", "deliveries", "不可用"),
        ("x.csv", "cixi//a", "deliveries", "不可用"),
        ("x.csv", ".ssh", "deliveries", "隐藏"),
        ("x.csv", "a.csv", "deliveries", "像是文件名"),
        ("x.csv", "a/b/c/d/e", "deliveries", "层"),
        ("x.csv", "cixi", "../home", "没有数据集"),
        ("x.csv", "cixi", "", "没有数据集"),
    ],
)
def test_what_names_no_place_is_refused(visitor, name, sender, dataset, told):
    answer = visitor.send(name, sender=sender, dataset=dataset)
    assert (answer.status_code, told in answer.text) == (400, True), answer.text
    assert nothing_is_left(visitor)


ODD = ["CON.csv", "a b.csv", "100%.csv", "发货（终）#2.xlsx", "A.CSV", "e\u0301.csv", "readme.txt", "'--;&.csv"]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_names(visitor, name):
    assert visitor.send(name).status_code == 200
    assert [f.status for f in discover(visitor.landing, set())] == ["new"]


def test_a_new_sender_gets_a_folder_and_a_link_may_not_lead_away(visitor, tmp_path):
    assert visitor.send(sender="新医院/二院").status_code == 200
    (tmp_path / "share").mkdir()
    (visitor.landing / "deliveries" / "linked").symlink_to(tmp_path / "share")
    assert "数据目录之外" in visitor.send(sender="linked").text
    assert list((tmp_path / "share").iterdir()) == []
    allowed = Visitor(visitor.home, visitor.landing, landing_roots=str(tmp_path / "share"))
    assert allowed.send(sender="linked").status_code == 200


def test_the_same_content_is_taken_once_as_long_as_it_lies_there(visitor):
    assert visitor.send("a.csv").json()["is_new"]
    visitor.who = "lisi"
    again = visitor.send("b.csv").json()
    assert (again["is_new"], again["by"]) == (False, "zhangsan")
    assert len(visitor.landed()) == len(read_uploads(Local(visitor.home))) == 1
    (visitor.landing / again["path"]).unlink()
    assert visitor.send("b.csv").json()["is_new"]
    assert visitor.send("b.csv", sender="another").json()["is_new"]


def test_a_double_click_sends_once(visitor):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: visitor.send(content=b"y" * 100_000).json()["is_new"], range(4)))
    assert sorted(answers) == [False, False, False, True]
    assert len(visitor.landed()) == 1


def test_of_two_with_one_name_the_later_is_read_later(visitor):
    for content in (b"first", b"second"):
        assert visitor.send("z.csv" if content == b"first" else "a.csv", content).status_code == 200
    assert [(visitor.landing / f.path).read_bytes() for f in discover(visitor.landing, set())] == [b"first", b"second"]


async def _blocks(*blocks):
    for block in blocks:
        yield block


@pytest.mark.parametrize("is_announced", [True, False])
def test_what_is_too_large_is_refused_and_nothing_stays(visitor, is_announced):
    small = Visitor(visitor.home, visitor.landing, upload_limit_mib=1)
    content = bytes((1 << 20) + 1)
    answer = small.send(content=content if is_announced else _blocks(content[: 1 << 19], content[1 << 19 :]))
    assert (answer.status_code, "1 MiB" in answer.text) == (413, True)
    assert nothing_is_left(small)
    assert small.send(content=bytes(1 << 20)).status_code == 200


def _talk(visitor, *messages, announced=None):
    """Send what a client sends, message by message; what it is answered, if it is still there."""
    asked = urlencode({"dataset": "deliveries", "sender": "cixi", "name": "a.csv"}).encode()
    headers = [(b"host", b"vbp.test"), (b"origin", HERE.encode()), (b"cookie", b"who=zhangsan")]
    if announced is not None:
        headers.append((b"content-length", str(announced).encode()))
    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/files",
        "raw_path": b"/files",
        "query_string": asked,
        "headers": headers,
        "scheme": "http",
        "server": ("vbp.test", 80),
        "root_path": "",
    }
    said, coming = [], iter(messages)

    async def receive_next():
        return next(coming)

    async def send(message):
        said.append(message)

    asyncio.run(visitor.application(scope, receive_next, send))
    return said[0]["status"]


def test_a_client_that_goes_away_leaves_nothing(visitor):
    begun = {"type": "http.request", "body": b"half", "more_body": True}
    assert _talk(visitor, begun, {"type": "http.disconnect"}, announced=8) == 400
    assert nothing_is_left(visitor)


def test_less_than_was_announced_is_not_taken(visitor):
    assert _talk(visitor, {"type": "http.request", "body": b"half", "more_body": False}, announced=8) == 400
    assert nothing_is_left(visitor)


@pytest.mark.parametrize("step", ["write", "fsync", "record"])
def test_a_full_disk_is_told_and_nothing_stays(visitor, monkeypatch, step):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "write":
        monkeypatch.setattr(receive.Arriving, "write", full)
    elif step == "fsync":
        monkeypatch.setattr(receive.os, "fsync", full)
    else:
        monkeypatch.setattr(receive, "write_upload", full)
    answer = visitor.send()
    assert (answer.status_code, "磁盘空间不足" in answer.text) == (507, True)
    assert nothing_is_left(visitor)


def test_no_file_is_ever_without_a_record(visitor, monkeypatch):
    """Killed between the two: the record stands, the file does not, and sending again does what is missing."""
    name = receive._name
    monkeypatch.setattr(receive, "_name", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        visitor.send()
    assert visitor.landed() == []
    assert len(read_uploads(Local(visitor.home))) == 1
    assert 'data-state="gone"' in visitor.get("/").text
    monkeypatch.setattr(receive, "_name", name)
    assert visitor.send().json()["is_new"]
    assert 'data-state="waiting"' in visitor.get("/").text


def test_a_share_without_hard_links_will_do(visitor, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(receive.os, "link", refuse)
    assert visitor.send(content=b"y").status_code == 200
    [path] = visitor.landed()
    assert (visitor.landing / path).read_bytes() == b"y"


def test_what_a_killed_server_left_goes_the_next_day(visitor):
    folder = visitor.landing / "deliveries" / "cixi"
    for name, age in ((".vbp-upload-old.part", 2), (".vbp-upload-now.part", 0)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age * 86_400,) * 2)
    visitor.send()
    assert [p.rpartition("/")[2] for p in visitor.landed() if p.endswith(".part")] == [".vbp-upload-now.part"]
