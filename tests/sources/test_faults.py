"""A pull that is killed, or cannot write, or is not alone."""

import errno

import pytest

from pipelines.errors import VbpError
from pipelines.sources import ledger, place
from pipelines.sources import pull as module
from pipelines.sources.place import next_stamp, safe_path
from tests.sources.conftest import put


@pytest.fixture
def cixi(pulls, sftp):
    given = {"host": "127.0.0.1", "port": sftp.port, "user": "vbp", "folder": "/", "host_keys": [sftp.host_key]}
    return pulls.describe("sftp", **given, environment="CIXI_SECRET")


def test_killed_between_rename_and_ledger_nothing_is_taken_twice(pulls, sftp, cixi, monkeypatch):
    put(sftp.root, "a.csv", "A"), put(sftp.root, "b.csv", "B")
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pulls.pull(cixi)
    assert pulls.taken() == {"1/a.csv": b"A"}
    assert pulls.counts(cixi) == (2, 0, 0, 0)
    assert pulls.taken() == {"1/a.csv": b"A", "2/b.csv": b"B"}
    lines = "SELECT object_name, path LIKE 'deliveries/cixi/%/' || object_name FROM pulled_objects ORDER BY 1"
    assert pulls.read(lines) == [("a.csv", 1), ("b.csv", 1)]
    assert pulls.read("SELECT status FROM pulls ORDER BY pull_id") == [("broken",), ("done",)]


def test_killed_in_a_file_its_half_is_cleared_away(pulls, sftp, cixi, monkeypatch):
    put(sftp.root, "a.csv", "A")
    with monkeypatch.context() as patch:
        patch.setattr(place.Place, "keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        patch.setattr(place.Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            pulls.pull(cixi)
    assert list(pulls.taken()) == ["1/a.csv.part"]
    assert pulls.counts(cixi) == (1, 0, 0, 0)
    assert pulls.taken() == {"1/a.csv": b"A"}


def test_a_full_disk_ends_the_pull_and_is_no_fault_of_the_source(pulls, sftp, cixi, monkeypatch):
    put(sftp.root, "a.csv", "A"), put(sftp.root, "b.csv", "B")

    class Full:
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    write = place.Incoming.write
    monkeypatch.setattr(place.Incoming, "write", lambda self, block: (setattr(self, "file", Full()), write(self, block)))
    with pytest.raises(VbpError, match="无法写入数据目录"):
        pulls.pull(cixi)
    assert pulls.taken() == {}
    assert pulls.read("SELECT status, objects_seen FROM pulls") == [("failed", 0)]


def test_one_source_is_pulled_by_one_process(pulls, cixi):
    with module._alone(pulls.settings.home, cixi.id), pytest.raises(VbpError, match="正由另一个进程拉取"):
        pulls.pull(cixi)


def test_a_landing_zone_that_was_lost_is_filled_again_on_request(pulls, sftp, cixi):
    import shutil

    put(sftp.root, "a.csv", "A"), pulls.pull(cixi), shutil.rmtree(pulls.settings.landing / "deliveries")
    assert pulls.counts(cixi) == (0, 1, 0, 0)
    assert pulls.counts(cixi, again=True) == (1, 0, 0, 0)
    assert pulls.taken() == {"1/a.csv": b"A"}


def test_two_objects_of_one_content_are_one_file(pulls, sftp, cixi):
    put(sftp.root, "a.csv", "A"), put(sftp.root, "copy/of a.csv", "A")
    assert pulls.counts(cixi) == (1, 1, 0, 0)
    assert pulls.read("SELECT COUNT(DISTINCT path), COUNT(*) FROM pulled_objects") == [(1, 2)]


def test_a_pull_sorts_behind_the_one_before_whatever_the_clock_says():
    import datetime as dt

    now = dt.datetime(2026, 12, 1, 2, 0, 0)
    assert next_stamp(now, "") == "2026-12-01T020000"
    assert next_stamp(now, "2026-12-01T020000") == "2026-12-01T020001"
    assert next_stamp(now, "2027-01-01T000000") == "2027-01-01T000001"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "/abs.csv", "a//b.csv", "./a.csv", "..", ".hid/a.csv", "a/../b.csv", "a\x00.csv"]
)
def test_no_name_leads_out_of_its_folder(name):
    path = safe_path(name)
    assert path != name and not path.startswith("/") and not any(p in ("", ".", "..") or p[0] == "." for p in path.split("/"))


def test_a_name_and_what_it_was_made_of_stay_apart():
    names = ["a:b.csv", "a?b.csv", "a_b.csv", "../a_b.csv", "x/../a_b.csv"]
    assert len({safe_path(name) for name in names}) == len(names)
