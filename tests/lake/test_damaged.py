"""A damaged lake is named by table and file, with what to do; it is never read as a smaller one."""

import shutil

import polars as pl
import pytest

from pipelines.errors import DamagedError
from pipelines.lake.tables import PLACE, scan, write_batch
from pipelines.store.local import Local
from schemas.records import RECORDS

LOTS = RECORDS["lots"]


@pytest.fixture
def home(tmp_path):
    home, base = Local(tmp_path), None
    for number in (1, 2):
        row = dict.fromkeys(LOTS.schema()) | {"lot_code": f"L{number}", "_file": 1, "_sheet": "", "_line": 2}
        part = home.write("part.parquet", pl.DataFrame([row], schema={**LOTS.schema(), **PLACE}))
        base = write_batch(home, LOTS, [part], number, base)
    return home


def log(home, version):
    return home.folder / "lake" / "lots" / "_delta_log" / f"{version:020d}.json"


def file(home):
    return min((home.folder / "lake" / "lots").glob("_batch=1/*.parquet"))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda home: file(home).unlink(), "不在"),
        (lambda home: file(home).write_bytes(file(home).read_bytes()[:100]), "大小"),
        (lambda home: file(home).write_bytes(b""), "大小"),
        (lambda home: log(home, 0).write_text(""), "是空的"),
        (lambda home: log(home, 1).write_text(""), "是空的"),
        (lambda home: log(home, 1).write_text(log(home, 1).read_text()[:60]), "日志无法读取"),
        (lambda home: log(home, 1).write_text("?"), "日志无法读取"),
        (lambda home: log(home, 1).unlink(), "日志无法读取"),
        (lambda home: shutil.rmtree(home.folder / "lake" / "lots"), "日志无法读取"),
    ],
)
def test_a_damaged_table_is_named(home, harm, said):
    assert scan(home, LOTS, 1, 2).collect()["lot_code"].sort().to_list() == ["L1", "L2"]
    harm(home)
    with pytest.raises(DamagedError, match=rf"数据湖的表 lots.*{said}.*Damaged home"):
        scan(home, LOTS, 1, 2).collect()


@pytest.mark.parametrize("torn", ["", "?", '{"add":{"pa'])
def test_what_a_power_cut_tore_of_an_uncommitted_batch_never_happened(home, torn):
    log(home, 2).write_text(torn)
    row = home.scan("part.parquet").collect().with_columns(lot_code=pl.lit("L3"))
    version = write_batch(home, LOTS, [home.write("part.parquet", row)], 3, 1)
    found = scan(home, LOTS, version, 3).collect()["lot_code"].sort().to_list()
    assert found == ["L1", "L2", "L3"]
