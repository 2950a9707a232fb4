"""The commands and workbooks as people use them, on a copy of the published year."""

import json
import re
import zipfile

import fastexcel
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli.app import app


@pytest.fixture(scope="module")
def vbp(home):
    environment = {"VBP_HOME": str(home), "VBP_DATABASE": "", "VBP_POLICIES": "", "USER": "张三", "COLUMNS": "140"}

    def call(*arguments, status=0):
        result = CliRunner().invoke(app, [str(a) for a in arguments], env=environment)
        assert result.exit_code == status, result.output
        return result.output

    return call


@pytest.fixture(scope="module")
def list_id(vbp):
    said = vbp("accountability", "draft", "--as-of", "2020-12-31")
    assert "拟通报 7 条，有正当理由 4 条，自愿参加 2 条，仅列示 4 条" in said
    return re.search(r"名单 (\S+)", said)[1]


def read_items(engine, part):
    query = f"SELECT * FROM accountability_items WHERE part = '{part}' ORDER BY item_no"
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(query)).mappings()]


def read_book(path):
    book = fastexcel.read_excel(path)
    return {name: book.load_sheet(name).to_polars() for name in book.sheet_names}


def test_draft_show_object_decide_and_not_yet_final(vbp, engine, list_id):
    assert "内容相同，已有名单" in vbp("accountability", "draft")
    shown = vbp("accountability", "show", list_id)
    assert "缺口 60：已订未到 50，未订 10" in shown and "备案 X-PAY2" in shown
    first = read_items(engine, "named")[0]["item_id"][:12]
    told = ("--by", "一院", "--note", "=已付")
    assert "已记录异议" in vbp("accountability", "object", first, *told)
    assert "没有变化" in vbp("accountability", "object", first, *told)
    decided = ("accountability", "decide", first, "rejected", "--by", "李四", "--note", "未付", "--document-no", "复1号")
    assert "已记录复核结果" in vbp(*decided)
    assert "异议期到" in vbp("accountability", "final", list_id, "--note", "通过", status=2)
    assert list_id in vbp("accountability", "list")


def test_the_workbook_shows_what_the_table_holds(vbp, engine, list_id, tmp_path):
    path = tmp_path / "list.xlsx"
    vbp("accountability", "export", list_id, "--to", path)
    book = read_book(path)
    assert list(book) == ["说明", "拟通报名单", "有正当理由", "自愿参加", "仅列示", "异议与复核"]
    named, rows = book["拟通报名单"], read_items(engine, "named")
    assert named["说明"].to_list() == [i["message_zh"] for i in rows]
    assert named["涉及金额（元）"].to_list() == [None if i["amount_fen"] is None else i["amount_fen"] / 100 for i in rows]
    for title, column in (("完成率或及时率", "strict_rate"), ("剔除正当理由后", "excused_rate")):
        assert [_to_15_digits(v) for v in named[title]] == [_to_15_digits(i[column]) for i in rows]
    assert [len(book[sheet]) for sheet in ("有正当理由", "自愿参加", "仅列示")] == [4, 2, 4]


def _to_15_digits(value):
    """What a workbook keeps of a double."""
    return value if value is None else f"{value:.15g}"


def test_a_workbook_has_number_formats_frozen_headers_and_no_formula(vbp, list_id, tmp_path):
    path = tmp_path / "list.xlsx"
    vbp("accountability", "export", list_id, "--to", path)
    with zipfile.ZipFile(path) as book:
        sheets = [book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        styles, texts = book.read("xl/styles.xml").decode(), book.read("xl/sharedStrings.xml").decode()
    assert "=配送公司" in texts and not any("<f>" in sheet for sheet in sheets)
    assert all('state="frozen"' in sheet for sheet in sheets[1:])
    assert set(re.findall(r'formatCode="([^"]+)"', styles)) >= {"0.00%", "#,##0.00", "#,##0", "yyyy-mm-dd", "@"}


def test_a_changed_list_is_named_when_it_is_shown(vbp, engine, list_id):
    def set_name(name):
        with engine.begin() as connection:
            connection.execute(sa.text(f"UPDATE accountability_items SET institution_name = '{name}' WHERE item_no = 1"))

    set_name("二院")
    assert "可能被改动" in vbp("accountability", "show", list_id, status=1)
    set_name("一院")
    vbp("accountability", "show", list_id)


def test_assess(vbp, tmp_path):
    path = tmp_path / "scores.xlsx"
    said = vbp("assess", "--year", 2020, "--to", path)
    assert "49.00" in said and "自愿参加（不计分）（1 家）" in said and "合理用药 未评估" in said
    assert "没有另记" in vbp("assess", "--year", 2020)
    rows = json.loads(vbp("assess", "--year", 2020, "--json"))
    assert [(row["institution_name"], row["score"]) for row in rows if row["duty"] == "mandatory"] == [("一院", 49.0)]
    book = read_book(path)
    assert book["公立"]["得分"].to_list() == [49.0]
    assert book["公立"]["到期应付金额（元）"].to_list() == [300.0]
    assert book["自愿参加"]["医疗机构名称"].to_list() == ["民营医院"]
    vbp("assess", "--year", 2019, status=2)


def test_sample(vbp, tmp_path):
    path, people = tmp_path / "sample.xlsx", tmp_path / "people.txt"
    people.write_text("A1\nA2\nA3\n", encoding="utf-8")
    said = vbp("sample", "--size", 1, "--seed", "S", "--inspectors", people, "--to", path)
    assert "1 / 2 家，不分层" in said and "S（由抽取人给定）" in said
    book = read_book(path)
    assert (len(book["样本"]), len(book["总体"])) == (1, 2)
    assert len(book["样本"]["检查人员"][0].split(",")) == 2
    vbp("sample", "--size", 3, status=2)
    vbp("sample", "--size", 1, "--stratum", "level", status=2)
