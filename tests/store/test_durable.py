"""What a manifest names is on the disk before it is; and that costs one pass, not one per file."""

import hashlib
import os
from pathlib import Path

import pytest

from pipelines.errors import VbpError
from pipelines.ingest.archive import archive
from pipelines.lake.batches import Batch, commit, committed
from pipelines.store import durable
from pipelines.store.dossier import LandingFile
from pipelines.store.local import Local


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What is brought to the disk, in order: names of files and folders, and which names stood in the batch by then."""
    told = []

    def note(kind):
        def tell(descriptor):
            place = Path(f"/proc/self/fd/{descriptor}").readlink()
            told.append((kind, place.name, len(list(tmp_path.glob("batches/*/manifest.json")))))

        return tell

    monkeypatch.setattr(os, "fsync", note("file"))
    monkeypatch.setattr(durable, "_sync_file_system", note("all"))
    return told


def lot(path, content):
    return LandingFile("lots", path, hashlib.sha256(content.encode()).hexdigest(), len(content), "new")


def test_a_json_file_and_its_name_are_on_the_disk(tmp_path, asked):
    Local(tmp_path).put_json("x.json", {"a": 1})
    half, folder = (name for _, name, _ in asked)
    assert half.startswith("x.json.") and half.endswith(".part") and folder == tmp_path.name


def test_a_batch_of_many_files_takes_one_pass_before_its_manifest(tmp_path, asked):
    for n in range(200):
        (tmp_path / f"{n}.csv").write_text(str(n))
        archive(tmp_path / f"{n}.csv", lot(f"{n}.csv", str(n)), Local(tmp_path / "archive"))
    assert asked == []
    commit(Local(tmp_path), Batch(1, "R1"))
    assert [(kind, stood) for kind, _, stood in asked] == [("all", 0), ("file", 0), ("file", 1)]


def test_a_copy_that_a_power_cut_left_empty_is_made_again(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    file, kept = lot("a.csv", "x"), Local(tmp_path / "archive")
    archive(tmp_path / "a.csv", file, kept).put(b"")
    assert archive(tmp_path / "a.csv", file, kept).read() == b"x"


@pytest.mark.parametrize("content", ["", "{", '{"number": 1}', "null", '{"number": 1, "run_id": "R", "x": 1}', "\udcff"])
def test_a_damaged_manifest_is_named_with_what_to_do(tmp_path, content):
    path = tmp_path / "batches" / "000001" / "manifest.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(VbpError, match=r"000001/manifest\.json已损坏.*Damaged home"):
        list(committed(Local(tmp_path)))


def test_a_missing_file_of_a_run_is_named(tmp_path):
    with pytest.raises(VbpError, match=r"facts\.json已损坏或缺失（文件不存在）"):
        Local(tmp_path).read_json("facts.json")
