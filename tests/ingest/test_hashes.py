"""Hashes kept from one night to the next: believed only where no change can have gone unseen."""

import hashlib
import os
import time

import pytest

from pipelines.ingest import hashes
from pipelines.ingest.hashes import Hashes
from pipelines.store.local import Local

OLD, NEW = hashlib.sha256(b"old").hexdigest(), hashlib.sha256(b"new").hexdigest()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    return path


@pytest.fixture
def night(tmp_path, monkeypatch):
    """Hash a file as a night does that comes an hour after; say what came of it and whether the file was read."""
    read = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashes.hashlib, "file_digest", lambda *of: read.append(of) or digest(*of))
    clock = time.time_ns
    monkeypatch.setattr(hashes.time, "time_ns", lambda: clock() + 3600 * 10**9)

    def hash_again(path):
        read.clear()
        known = Hashes(Local(tmp_path).at("kept.txt"))
        found = known.hash_file(path)[0]
        known.keep()
        return found, bool(read)

    return hash_again


def test_what_did_not_change_is_read_once(file, night):
    assert [night(file), night(file)] == [(OLD, True), (OLD, False)]


def test_another_file_of_the_same_size_and_time_is_seen(file, night):
    night(file)
    times = file.stat()
    other = file.with_name("b.csv")
    other.write_bytes(b"new")
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    assert night(file) == (NEW, True)


def test_a_file_written_over_with_its_time_put_back_is_seen(file, night):
    night(file)
    times = file.stat()
    time.sleep(0.05)  # a tick of the file system's clock
    file.write_bytes(b"new")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert night(file) == (NEW, True)


def test_a_file_hashed_as_soon_as_it_was_written_is_read_again(file, night, monkeypatch):
    monkeypatch.setattr(hashes.time, "time_ns", lambda: max(file.stat().st_mtime_ns, file.stat().st_ctime_ns) + 10**9)
    assert [night(file), night(file)] == [(OLD, True), (OLD, True)]


@pytest.mark.parametrize("harm", [lambda t: "", lambda t: t[:-9], lambda t: t.replace(OLD, NEW), lambda t: "\x00" + t])
def test_damaged_or_missing_memory_is_no_memory(harm, file, night, tmp_path):
    night(file)
    kept = tmp_path / "kept.txt"
    kept.write_text(harm(kept.read_text()))
    assert night(file) == (OLD, True)
    kept.unlink()
    assert night(file) == (OLD, True)


def test_a_file_that_is_gone_is_forgotten(file, night, tmp_path):
    night(file)
    other = file.with_name("b.csv")
    other.write_bytes(b"new")
    night(other)
    assert "a.csv" not in (tmp_path / "kept.txt").read_text()
