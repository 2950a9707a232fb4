"""The landing zone is the same every time, keeps its proportions, and is bad only on purpose."""

import hashlib
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UsageError
from schemas.records import RECORDS
from seeds.generator import generate

LARGE = ("deliveries", "invoices", "payments")
BESIDE = ("usages", "trace_scans")
NATION = ("catalogue_entries", "reference_prices", "misconduct")
SPOILT = (*LARGE, *BESIDE, "commitments", "commitment_adjustments", "prepayments", "surplus_bases", "evaluations", *NATION)


def digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    parts = [str(p.relative_to(folder)).encode() + p.read_bytes() for p in files]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def test_same_scale_and_seed_give_the_same_bytes(tmp_path):
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        generate(tmp_path / name, 0.001, seed)
    assert digest(tmp_path / "one") == digest(tmp_path / "two") != digest(tmp_path / "other")


def test_what_comes_beside_leaves_all_other_files_as_they_are(tmp_path):
    for name, beside in (("without", ()), ("trace", ("trace",)), ("both", ("trace", "usages")), ("again", ("trace", "usages"))):
        generate(tmp_path / name, 0.001, 3, beside=beside)
    assert digest(tmp_path / "both") == digest(tmp_path / "again")
    assert digest(tmp_path / "trace" / "trace_scans") == digest(tmp_path / "both" / "trace_scans")
    for dataset in BESIDE:
        shutil.rmtree(tmp_path / "both" / dataset)
    assert digest(tmp_path / "both") == digest(tmp_path / "without")


def test_what_is_not_known_cannot_come_beside(tmp_path):
    with pytest.raises(UsageError, match="tracing"):
        generate(tmp_path, 0.001, 1, beside=["tracing"])


def test_proportions(zone):
    rows = zone.rows
    assert set(rows) == set(RECORDS)
    assert rows["deliveries"] == 2_000
    assert rows["invoices"] == pytest.approx(2_600, rel=0.05)
    assert rows["payments"] == pytest.approx(1_200, rel=0.05)
    assert rows["usages"] == pytest.approx(10_000, rel=0.1)
    assert rows["trace_scans"] == pytest.approx(40_000, rel=0.1)
    assert (rows["institutions"], rows["commitments"], rows["products"]) == (14 + 1, 400 + 12 + 2, 1_000)


def test_selected_products_and_districts_stay_constant(zone):
    assert zone.accepted["selections"]["product_code"].n_unique() == 500
    assert zone.accepted["institutions"]["jurisdiction_code"].n_unique() == 14


def test_small_scale_keeps_fourteen_institutions_and_both_formats(tmp_path):
    assert generate(tmp_path, 0.0005, 1)["institutions"] == 14 + 1
    assert {p.suffix for p in (tmp_path / "invoices").iterdir()} == {".csv", ".parquet"}


def test_csv_has_chinese_headers_and_parquet_canonical_names(zone):
    csv = pl.read_csv(next((zone.folder / "invoices").glob("*.csv")), infer_schema=False)
    parquet = pl.read_parquet(next((zone.folder / "invoices").glob("*.parquet")))
    assert {"发票代码", "发票号码", "价税合计", "开票日期"} <= set(csv.columns)
    assert {"invoice_code", "invoice_no", "amount", "issued_on"} <= set(parquet.columns)
    assert set(parquet.dtypes) == {pl.String}


@pytest.mark.parametrize("dataset", sorted(set(RECORDS) - set(SPOILT)))
def test_small_datasets_are_accepted_whole(zone, dataset):
    assert zone.rejected[dataset] == 0


@pytest.mark.parametrize("dataset", SPOILT)
def test_one_row_in_two_hundred_is_bad(zone, dataset):
    assert zone.rejected[dataset] == pytest.approx(zone.rows[dataset] / 200, abs=2)


@pytest.mark.parametrize("dataset", sorted(RECORDS))
def test_no_two_rows_share_a_key(zone, dataset):
    assert not zone.accepted[dataset].select(RECORDS[dataset].key).is_duplicated().any()


def test_progress_is_told_once_a_region(tmp_path):
    told: list[str] = []
    generate(tmp_path, 0.0005, 1, progress=told.append)
    assert told == ["已生成 1/2 个区域，配送明细 250 行", "已生成 2/2 个区域，配送明细 500 行"]


def test_a_used_folder_is_refused(tmp_path):
    (tmp_path / "old.csv").touch()
    with pytest.raises(UsageError, match="输出目录不为空"):
        generate(tmp_path, 0.001, 1)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf")])
def test_a_scale_is_positive(tmp_path, scale):
    with pytest.raises(UsageError, match="规模"):
        generate(tmp_path, scale, 1)
