"""Files judged together, one by one, and one by one before they are settled come to the same."""

import csv
import io
import random
from datetime import date

import polars as pl
import pytest

from pipelines.desk.decide import decide
from pipelines.lake import batches
from pipelines.lake.tables import scan
from pipelines.rejects import sources
from schemas.records import RECORDS
from tests.ingest.files import write_xlsx
from tests.random_worlds import worlds
from tests.rejects.desk import UNTIL, Desk
from tests.validate.good import GOOD, HOSPITAL, OTHER_PRODUCT, csv_text


@pytest.mark.thorough
@pytest.mark.parametrize("seed", worlds(0, 2))
def test_how_files_are_grouped_changes_nothing(seed, tmp_path, masters, monkeypatch):
    found = []
    for way, rows, as_of in (("together", 1_000_000, None), ("apart", 1, None), ("ahead", 1, date(2020, 12, 31))):
        monkeypatch.setattr(sources, "GROUP_ROWS", rows)
        house = Desk(tmp_path / way, as_of=as_of)
        house.begin_as(masters)
        found.append(_tell(house, random.Random(seed)))
    assert found[0] == found[1] == found[2]


def test_files_are_grouped_by_their_rows():
    counts = [1, 1, 300_000, 150_000, 50_000, 1]
    named = [sources.Source(n, None, sources.TakenIn(rows_read=rows), None) for n, rows in enumerate(counts)]
    grouped = [[s.seq for s in group] for group in sources.group_sources(named)]
    assert grouped == [[0, 1], [2], [3, 4], [5]]


def _tell(house, rng):
    """Three nights with whatever can happen to a row, a waiver and a retry in between; what stood after each."""
    told = []
    for night in range(3):
        numbers = house.register().filter(dataset="payments").sort("record_id")["record_id"].to_list() if night else []
        for file in range(rng.randint(3, 6)):
            _land(house, rng, f"payments/{night}{file}", numbers)
        if night:
            heads = {"institution_code": f"H3302820000{night}", "parent_institution_code": "H33028200009"}
            house.land(f"institutions/{night}a.csv", heads, heads, heads | {"name": ""})
            house.land(f"institutions/{night}b.csv", {"institution_code": "H33028200009"}, heads | {"name": "乙"})
            house.land(f"deliveries/{night}a.csv", {"product_code": OTHER_PRODUCT}, {"delivery_id": "D2"})
            house.land(f"deliveries/{night}b.csv", {"delivery_id": "D2"}, {"delivery_id": "D2", "batch_no": "B"})
        if night == 2:
            house.land("products/z.csv", {"product_code": OTHER_PRODUCT})
            twins = [{"payment_id": "P9", "amount": "90", "退回编号": number} for number in numbers[-2:]]
            house.land("payments/twins-in-conflict.csv", {"payment_id": "P9", "amount": "95"}, *twins)
            house.land("payments/twins.csv", *twins)
        house.night()
        told.append(_look(house))
        _decide(house)
        told.append(_look(house))
    return told


def _land(house, rng, path, numbers):
    spellings = {
        "payment_id": ["P1", "P2"],
        "line_no": ["", "", "", "1", "2"],
        "amount": ["66", "66.00", "x", "0", "70", "80"],
        "institution_code": [HOSPITAL] * 6 + ["H33028200009"],
        "备注": ["一", ""],
        "paid_on": ["2020-06-01"] * 3 + ["2020/6/1"],
    }
    if numbers and rng.random() < 0.7:
        spellings["退回编号"] = ["", *numbers, "f" * 64]
    rows = [{c: rng.choice(found) for c, found in spellings.items()} for _ in range(rng.randint(1, 6))]
    text = csv_text("payments", *rows) + rng.choice(["", "P3,一行,多余\n"])
    if rng.random() < 0.4:
        header, *lines = csv.reader(io.StringIO(csv_text("payments", *rows)))
        write_xlsx(_make(house, f"{path}.xlsx"), 二=[header, *lines[::2]], 一=[header, *lines[1::2]])
    else:
        _make(house, f"{path}.csv").write_text(text, encoding="utf-8")


def _make(house, path):
    target = house.landing / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _decide(house):
    register = house.register().filter(dataset="payments").sort("record_id")
    code = pl.col("reasons").list.eval(pl.element().struct.field("code")).list.join(" ")
    zero = register.filter((code == "not_equal_to") & (pl.col("state") == "open"))
    again = register.filter(state="open").head(3)
    for kind, records, until in (("waive", zero.head(2), UNTIL), ("retry", again, None)):
        if not records.is_empty():
            decide(house.settings, kind, records["record_id"].to_list(), "张三", until, "已核实")


def _look(house):
    batch = batches.last_batch(house.home)
    waiting = sorted((batches.objects_of_batch(house.home, batch.number).folder / "waiting").glob("*.parquet"))
    rows = [scan(house.home, RECORDS[d], batch.versions.get(d), batch.number).collect() for d in GOOD]
    frames = [house.register(), *map(pl.read_parquet, waiting), *rows]
    files = [{k: v for k, v in f.items() if k not in ("sha256", "bytes")} for f in batch.files]  # a workbook is dated
    return files, batch.changes, [sorted(f.rows(), key=str) for f in frames]
