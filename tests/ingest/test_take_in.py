"""Files found, archived and taken in."""

import csv
import hashlib
import io
import json
import os

import polars as pl
import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.archive import archive
from pipelines.ingest.discover import discover
from pipelines.ingest.take_in import take_in
from pipelines.store.dossier import LandingFile
from pipelines.store.local import Local
from tests.validate.good import csv_text


def put(folder, path, text="x"):
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return target


def found(landing, seen=frozenset(), **options):
    return {f.path: f.status for f in discover(landing, seen, **options)}


def lot(path, content):
    return LandingFile("lots", path.name, hashlib.sha256(content).hexdigest(), len(content), "new")


def test_files_come_in_the_order_of_their_paths(tmp_path):
    for path in ["lots/b.csv", "lots/a/z.csv", "lots/B.csv", "lots/a.csv", "lots/10.csv", "lots/9.csv"]:
        put(tmp_path, path, path)
    assert list(found(tmp_path)) == ["lots/10.csv", "lots/9.csv", "lots/B.csv", "lots/a.csv", "lots/a/z.csv", "lots/b.csv"]


def test_unfinished_and_foreign_files_wait(tmp_path):
    for path in ["lots/a.csv.part", "lots/~$a.xlsx", "lots/.a.csv", "lots/README.md", "readme.txt"]:
        put(tmp_path, path)
    assert found(tmp_path) == {"lots/.a.csv": "waiting", "lots/a.csv.part": "waiting", "lots/~$a.xlsx": "waiting"}


def test_a_table_is_no_note_whatever_it_is_called(tmp_path):
    put(tmp_path, "lots/readme_2020.csv")
    assert found(tmp_path) == {"lots/readme_2020.csv": "new"}


def test_young_files_wait(tmp_path):
    put(tmp_path, "lots/young.csv", "1")
    os.utime(put(tmp_path, "lots/old.csv", "2"), (1, 1))
    assert found(tmp_path, settle_seconds=60) == {"lots/old.csv": "new", "lots/young.csv": "waiting"}
    assert set(found(tmp_path).values()) == {"new"}


def test_content_seen_before_is_skipped_within_its_dataset(tmp_path):
    for path in ["lots/a.csv", "lots/again.csv", "products/a.csv", "lots/other.csv"]:
        put(tmp_path, path, "y" if "other" in path else "x")
    seen = {("lots", hashlib.sha256(b"y").hexdigest())}
    assert found(tmp_path, seen) == {
        "lots/a.csv": "new",
        "lots/again.csv": "skipped",
        "lots/other.csv": "skipped",
        "products/a.csv": "new",
    }


def test_unknown_folder_and_type_fail_with_a_message(tmp_path):
    put(tmp_path, "orders/a.csv")
    put(tmp_path, "lots/a.pdf")
    put(tmp_path, "loose.csv")
    files = discover(tmp_path, frozenset())
    assert [(f.path, f.status) for f in files] == [
        ("loose.csv", "failed"),
        ("lots/a.pdf", "failed"),
        ("orders/a.csv", "failed"),
    ]
    assert all(f.message.startswith(f"{f.path}：") for f in files)


def test_a_file_with_the_content_of_one_that_is_no_table_is_read(tmp_path):
    put(tmp_path, "lots/a.pdf")
    put(tmp_path, "lots/b.csv")
    assert found(tmp_path) == {"lots/a.pdf": "failed", "lots/b.csv": "new"}


def test_file_changed_or_moved_since_it_was_found_is_refused(tmp_path):
    path = put(tmp_path, "a.csv", "new")
    with pytest.raises(FileRefusedError, match="被改动"):
        archive(path, lot(path, b"old"), Local(tmp_path / "archive"))
    path.unlink()
    with pytest.raises(FileRefusedError, match="移走"):
        archive(path, lot(path, b"new"), Local(tmp_path / "archive"))
    assert list((tmp_path / "archive" / "lots").iterdir()) == []


def test_archive_keeps_the_file_under_its_content(tmp_path):
    path = put(tmp_path, "a.CSV", "x")
    file, kept = lot(path, b"x"), Local(tmp_path / "archive")
    assert archive(path, file, kept) == kept.at(f"lots/{file.sha256}.csv")
    path.unlink()
    assert archive(path, file, kept).read() == b"x"


def test_taken_in_file_says_what_it_holds(tmp_path):
    put(tmp_path, "lots/a.csv", csv_text("lots", {"备注": "无"}, {"lot_code": "L2", "备注": ""}))
    (file,) = discover(tmp_path, frozenset())
    taken = take_in(file, tmp_path, Local(tmp_path / "archive"), Local(tmp_path).at("text.parquet"))
    assert (taken.encoding, taken.rows_read, taken.unknown_columns) == ("utf-8", 2, ["备注"])
    assert taken.headers[""]["lot_code"] == "lot_code"
    assert pl.read_parquet(tmp_path / "text.parquet")["lot_code"].to_list() == ["L1", "L2"]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.txt", "a.tsv"])
def test_text_of_every_kind_is_taken_in(name, tmp_path):
    rows = list(csv.DictReader(io.StringIO(csv_text("lots", {}, {"lot_code": "L2"}))))
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    put(tmp_path, f"lots/{name}", json.dumps(rows) if "json" in name else "\n".join(map("\t".join, lines)) + "\n")
    (file,) = discover(tmp_path, frozenset())
    assert take_in(file, tmp_path, Local(tmp_path / "archive"), Local(tmp_path).at("text.parquet")).rows_read == 2
    assert pl.read_parquet(tmp_path / "text.parquet")["lot_code"].to_list() == ["L1", "L2"]


def test_sentence_passed_over_is_told_with_its_file(tmp_path):
    put(tmp_path, "lots/甲/a.csv", csv_text("lots") + "数据来自平台\n")
    (file,) = discover(tmp_path, frozenset())
    (told,) = take_in(file, tmp_path, Local(tmp_path / "archive"), Local(tmp_path).at("text.parquet")).remarks
    assert told.startswith("lots/甲/a.csv：第 3 行“数据来自平台”共 1 行是合计、表尾或说明文字")


def test_refused_file_is_archived_and_named_by_its_path(tmp_path):
    put(tmp_path, "lots/甲/a.csv", "lot_code,name\nL1,甲\n")
    (file,) = discover(tmp_path, frozenset())
    taken = take_in(file, tmp_path, Local(tmp_path / "archive"), Local(tmp_path).at("text.parquet"))
    assert taken.refused == "missing_column"
    assert taken.message.startswith("lots/甲/a.csv：第 1 行表头缺少")
    assert not (tmp_path / "text.parquet").exists()
    assert (tmp_path / "archive" / "lots" / f"{file.sha256}.csv").exists()
