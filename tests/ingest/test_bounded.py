"""The child that reads: it dies of a file, and nothing else does."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.readers import bounded
from pipelines.ingest.readers.bounded import read_grids
from pipelines.ingest.take_in import read_sheets
from schemas.records import RECORDS
from tests.ingest.books import KINDS, as_xlsx, ods_of

ROWS = [["lot_code", "name", "program", "category", "document_no"], ["L1", "甲", "国家", "药品", "文1"]]


@pytest.fixture
def good(tmp_path):
    (tmp_path / "good.xlsx").write_bytes(as_xlsx(ROWS))
    return tmp_path / "good.xlsx"


def child():
    return bounded._SHARED._child._process


def test_one_child_reads_file_after_file(good):
    read_grids(good, "xlsx")
    first = child().pid
    assert [grid.cells.height for grid in read_grids(good, "xlsx")] == [2]
    assert child().pid == first


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_child_that_somebody_ended_is_started_anew(end, good):
    read_grids(good, "xlsx")
    child().send_signal(end)
    assert len(read_grids(good, "xlsx")) == 1


def test_file_that_takes_too_long_is_refused_and_the_next_is_read(good, tmp_path, monkeypatch):
    monkeypatch.setenv("VBP_READER_SECONDS", "1")
    row = "<table:table-row>" + "<table:table-cell office:value-type='string'><text:p>1</text:p></table:table-cell>" * 9
    (tmp_path / "long.ods").write_bytes(ods_of(f"{row}</table:table-row>" * 120_000))
    with pytest.raises(FileRefusedError, match=r"long.ods：读取超过 \d 秒仍未完成.*VBP_READER_SECONDS"):
        read_grids(tmp_path / "long.ods", "ods")
    assert len(read_grids(good, "xlsx")) == 1


def test_file_that_takes_too_much_memory_is_refused_and_the_next_is_read(good, tmp_path, monkeypatch):
    monkeypatch.setenv("VBP_READER_MEMORY_MIB", "64")
    row = '<table:table-row table:number-rows-repeated="100000">'
    cell = '<table:table-cell office:value-type="string" office:string-value="{}" table:number-columns-repeated="99"/>'
    (tmp_path / "bomb.ods").write_bytes(ods_of(row + cell.format("x" * 9) + "</table:table-row>"))
    with pytest.raises(FileRefusedError, match=r"bomb.ods：.*VBP_READER_MEMORY_MIB"):
        read_grids(tmp_path / "bomb.ods", "ods")
    assert len(read_grids(good, "xlsx")) == 1


def test_threads_share_the_child(good):
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda _: read_grids(good, "xlsx")[0].cells.height, range(8)))
    assert read == [2] * 8


def test_child_dies_with_its_parent(good):
    code = (
        "import os, sys, pathlib; from pipelines.ingest.readers import bounded\n"
        f"bounded.read_grids(pathlib.Path({str(good)!r}), 'xlsx')\n"
        "print(bounded._SHARED._child._process.pid, flush=True); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path.cwd())
    deadline = time.monotonic() + 30
    while Path(f"/proc/{int(done.stdout)}").exists() or _is_alive(int(done.stdout)):
        assert time.monotonic() < deadline, "the child outlives its parent"
        time.sleep(0.05)


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def damage(data, seed):
    """Some bytes flipped, or the end cut off."""
    chance, broken = random.Random(seed), bytearray(data)
    if chance.random() < 0.2:
        return bytes(broken[: chance.randrange(1, len(broken))])
    for _ in range(chance.choice([1, 1, 2, 8])):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "xls", "ods", "parquet", "zip", "html"])
def test_storm_of_damaged_files_ends_in_rows_or_refusals(kind, tmp_path):
    whole = KINDS[kind](ROWS)
    for seed in range(8):
        path = tmp_path / f"{seed}.{kind}"
        path.write_bytes(damage(whole, seed))
        try:
            sheets = read_sheets(path, RECORDS["lots"])[0]
        except FileRefusedError as error:
            assert path.name in str(error) and "\n" not in str(error)
        else:
            if kind in ("xlsx", "zip"):  # checksums: what is read is what was sent
                assert sheets[0].rows.row(0)[1:] == tuple(ROWS[1])


def test_json_that_takes_too_much_memory_is_refused_and_the_next_is_read(good, tmp_path, monkeypatch):
    (tmp_path / "one.json").write_text('{"lot_code": "L1"}')
    assert len(read_grids(tmp_path / "one.json", "json", "lots")) == 1
    monkeypatch.setattr(bounded, "_MEMORY_PER_BYTE", 0)
    monkeypatch.setenv("VBP_READER_MEMORY_MIB", "64")
    objects = ",".join(f'{{"lot_code": "L{n}", "name": "甲", "c{n % 50}": "1"}}' for n in range(200_000))
    (tmp_path / "many.json").write_text(f"[{objects}]")
    with pytest.raises(FileRefusedError, match=r"^many.json：(?!many)"):
        read_sheets(tmp_path / "many.json", RECORDS["lots"])
    assert len(read_grids(good, "xlsx")) == 1
