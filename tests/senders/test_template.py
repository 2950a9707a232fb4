"""Templates: read by the night without a remark, empty or filled with the example of the schema; examples are no rows."""

import fastexcel
import pytest

from pipelines.senders.check import check_files
from pipelines.senders.template import header_of, is_needed, write_template, write_templates
from pipelines.store.local import Local
from schemas.records import RECORDS
from schemas.records.examples import example_of
from schemas.table import in_chinese
from tests.ingest.files import write_xlsx


def in_full(file):
    return (file.status, file.rows_read, file.rows_accepted, file.rows_rejected, file.unknown_columns, file.remarks)


def test_untouched_templates_have_no_rows(tmp_path):
    checked = check_files(write_templates(tmp_path, list(RECORDS)))
    assert {in_full(f) for f in checked.files} == {("accepted", 0, 0, 0, (), ())}
    assert [f.dataset for f in checked.files] == sorted(RECORDS)


def test_examples_filled_in_are_accepted_without_a_remark(tmp_path):
    files = [write_template(tmp_path / "out" / f"{n}.xlsx", d, [example_of(n)]) for n, d in RECORDS.items()]
    (tmp_path / "home" / "batches").mkdir(parents=True)
    checked = check_files(files, home=Local(tmp_path / "home"))
    assert {in_full(f) for f in checked.files} == {("accepted", 1, 1, 0, (), ())}
    assert {f.because for f in checked.files} == {"按表头识别"} and {f.dataset for f in checked.files} == set(RECORDS)
    assert checked.missing.is_empty()


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_column_is_explained(name):
    dataset = RECORDS[name]
    for column in dataset.columns:
        assert in_chinese(column.description), column.name
        assert in_chinese(column.unit) or not column.unit
        assert example_of(name)[column.name] or not is_needed(column), column.name
        assert header_of(column).endswith("*") == is_needed(column)


def test_pages(tmp_path):
    book = fastexcel.read_excel(write_template(tmp_path / "t.xlsx", RECORDS["excuses"]))
    assert book.sheet_names == ["正当理由备案", "说明"]
    told = [row for row in book.load_sheet("说明", header_row=None, dtypes="string").to_polars().rows() if any(row)]
    assert told[0][0] == "填报模板：正当理由备案（excuses）" and "主键是：备案编号" in "".join(row[0] for row in told)
    (quantity,) = (row for row in told if row[0] == "数量")
    assert [quantity[i] for i in (1, 4, 6)] == ["可空", "最小单位", "不得小于 0；绝对值不得超过 10,000,000,000"]
    assert any("采购量备案必须填写协议明细编号和数量" in (row[0] or "") for row in told)


def test_a_cover_of_others_is_told(tmp_path):
    rows = [list(example_of("lots")), list(example_of("lots").values())]
    write_xlsx(tmp_path / "x.xlsx", 批次=rows, 说明=[["本表由省平台导出"]])
    (file,) = check_files([tmp_path / "x.xlsx"], "lots").files
    assert file.remarks == (f"{tmp_path / 'x.xlsx'}：工作表“说明”没有可识别的表头，未读取",)
