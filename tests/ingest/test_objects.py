"""json and jsonl: which objects are records, what their values say, and what is wrong with others."""

import json
import time

import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.objects import read_json
from schemas.records import RECORDS
from tests.ingest.files import names, rows_of

ONE = '{"医疗机构编码": "H1", "payment_id": "P1", "payee_code": "E1", "paid_on": "2020-05-06", "付款金额": 1234.50}'
TWO = ONE.replace("P1", "P2")


def read(folder, content, dataset="payments"):
    path = folder / "file.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (sheet,), _ = read_json(path, RECORDS[dataset])
    return rows_of(sheet, dataset)


def refusal(folder, content):
    with pytest.raises(FileRefusedError) as caught:
        read(folder, content)
    return caught.value.code, str(caught.value)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (f"[{ONE},{TWO}]", [1, 2]),
        (f"\ufeff[\n{ONE},\n\n{TWO}\n]\n", [1, 2]),
        (f"{ONE}\n\n{TWO}\n", [1, 3]),
        (f"{ONE}\r\n{TWO}", [1, 2]),
        (f'{{"code": 0, "status": "ok", "data": [{ONE}, {TWO}]}}', [1, 2]),
        (f'{{"data": {{"total": 2, "errors": [], "list": [{ONE}, {TWO}]}}}}', [1, 2]),
    ],
    ids=["array", "array over lines", "jsonl", "jsonl of Windows", "wrapped", "wrapped twice"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_records(content, lines, encoding, tmp_path):
    found = read(tmp_path, content.encode(encoding))
    assert names(found, "payment_id") == dict(zip(lines, ["P1", "P2"], strict=True))


def test_one_object_is_one_record(tmp_path):
    assert names(read(tmp_path, json.dumps(json.loads(ONE), indent=1)), "payment_id") == {1: "P1"}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1234.50", "1234.50"),
        ("20332000000012345671", "20332000000012345671"),
        ("1e3", "1e3"),
        ("NaN", "NaN"),
        ("true", "true"),
        ("null", None),
        ('"\\u5143"', "元"),
        ('"a\tb"', "a\tb"),
    ],
)
def test_values_are_the_text_that_was_written(written, text, tmp_path):
    (row,) = read(tmp_path, f"[{ONE.replace('1234.50', written)}]")
    assert row.get("amount_fen") == text


def test_objects_may_lack_names_and_have_others(tmp_path):
    third = TWO[:-1] + ', "备注": "补", "发票号码": "--", "数电发票号码": 20332000000012345671}'
    found = read(tmp_path, f"[{ONE},{third}]")
    assert names(found, "invoice_no") == {1: None, 2: "20332000000012345671"}
    assert json.loads(found[1]["_extra"])["备注"] == "补"


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (ONE.replace("1234.50", '{"元": 1}'), "“付款金额”的值是数组或对象"),
        (ONE[:-1] + ', "明细": []}', "“明细”的值是数组或对象"),
        (ONE[:-1] + ', "payment_id": "P9"}', "“payment_id”出现了不止一次"),
        (ONE.replace("H1", "\\ud800"), "无法解码"),
        (ONE.replace("H1", "\\u0000"), "NUL"),
        ('["H1", "P1"]', "不是 JSON 对象"),
        ("66", "不是 JSON 对象"),
    ],
)
@pytest.mark.parametrize("form", ["[{},{}]", "{}\n{}\n"])
def test_bad_object_costs_its_record_only(bad, told, form, tmp_path):
    rows = read(tmp_path, form.replace("{}", TWO, 1).replace("{}", bad, 1))
    assert [r["_line"] for r in rows] == [1, 2]
    assert "_problem" not in rows[0]
    assert told in rows[1]["_problem"]
    assert rows[1]["_raw"]


def test_broken_line_costs_that_line_only(tmp_path):
    rows = read(tmp_path, f"{ONE}\n{TWO[:-9]}\n{TWO}\n{TWO[:40]}")
    assert [(r["_line"], "_problem" in r) for r in rows] == [(1, False), (2, True), (3, False), (4, True)]
    assert "第 " in rows[1]["_problem"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"[{ONE},\n{TWO[:-9]}", "第 2 行第"),
        (f"[{ONE}][{TWO}]", "第 1 行第"),
        (ONE[:-9], "第 1 行第"),
        (f'{{"data": [\n{ONE},\n{TWO}\n', "第 4 行第"),
        (f'{{"a": [{ONE}], "b": [{TWO}]}}', "有几个数组（a、b）"),
        (f'{{"医疗机构编码": "H1", "lines": [{ONE}]}}', "“医疗机构编码”写在数组之外"),
    ],
)
def test_broken_or_ambiguous_file_is_refused_with_the_place(content, told, tmp_path):
    code, message = refusal(tmp_path, content)
    assert (code, "file.json" in message) == ("unreadable_file", True)
    assert told in message


@pytest.mark.parametrize("content", ["[]", "{}", '[{"a": 1}]', '{"code": 0, "data": []}', "[1, 2]"])
def test_file_without_names_that_we_know_is_refused(content, tmp_path):
    assert refusal(tmp_path, content)[0] == "missing_column"


def test_missing_required_column_is_refused_by_name(tmp_path):
    assert "付款单号" in refusal(tmp_path, f"[{ONE.replace('payment_id', 'x')}]")[1]


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_deep_nesting_is_refused_at_once(opening, tmp_path):
    start = time.perf_counter()
    assert refusal(tmp_path, opening * 1_000_000)[0] == "unreadable_file"
    rows = read(tmp_path, f"{ONE}\n" + '{"a":' * 100_000 + "1" + "}" * 100_000 + "\n")
    assert "嵌套" in rows[1]["_problem"]
    assert time.perf_counter() - start < 10


def test_names_without_end_are_refused(tmp_path):
    many = ",".join(f'"x{n}": 1' for n in range(17_000))
    assert refusal(tmp_path, f"[{ONE[:-1]},{many}}}]")[0] == "too_many_columns"
