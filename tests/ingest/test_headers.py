"""Which row is the header, and which column is which."""

import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.headers import find_header
from schemas.records import RECORDS

LOTS = ["lot_code", "name", "program", "category", "document_no"]


def find(dataset, *rows):
    return find_header(rows, RECORDS[dataset], "甲.csv")


def positions(dataset, *header):
    return find(dataset, header).positions


def refusal(dataset, *rows):
    with pytest.raises(FileRefusedError) as caught:
        find(dataset, *rows)
    return caught.value.code, str(caught.value)


RETURNS = {"institution_code": 0, "return_id": 1, "delivery_id": 2, "returned_quantity": 3, "returned_on": 4}


@pytest.mark.parametrize(
    "header",
    [
        ["institution_code", "return_id", "delivery_id", "returned_quantity", "returned_on"],
        ["医疗机构编码", "退货单号", "收货明细编号", "退货数量", "退货日期"],
        ["medinsCode", "retnId", "shpId", "rtnbCnt", "delventpPassTime"],
        ["定点医疗机构代码", "retnId", "delivery_id", "退货数量(盒)", "退货时间"],
        ["ＭＥＤＩＮＳＣＯＤＥ", " RetnID ", "配送明细\n编号", "退 货 数 量", "*退货日期"],
    ],
    ids=["canonical", "Chinese", "platform", "mixed", "folded"],
)
def test_three_vocabularies_name_the_same_columns(header):
    assert positions("returns", *header) == RETURNS


def test_preferred_header_wins_wherever_it_stands():
    assert positions("lots", "采购批次编码", "批次编码", *LOTS[1:])["lot_code"] == 1
    assert positions("lots", "采购批次编码", "批次编码", *LOTS)["lot_code"] == 2


def test_first_of_two_equal_headers_wins():
    assert positions("lots", "lot_code", *LOTS)["lot_code"] == 0


@pytest.mark.parametrize(
    "header", ["付款金额(元)", "付款金额（元）", "付款金额（单位：元）", "付款金额(人民币元)"]
)
def test_yuan_behind_a_header_is_ignored(header):
    found = positions("payments", "institution_code", "payment_id", "payee_code", "paid_on", header)
    assert found["amount_fen"] == 4


@pytest.mark.parametrize("header", ["采购单价(元/盒)", "采购单价（元）"])
def test_price_of_a_pack(header):
    assert positions("deliveries", *_without("deliveries", "unit_price"), header)["unit_price"] == 7


@pytest.mark.parametrize("unit", ["盒", "元"])
def test_unit_in_which_a_volume_is_not_read_is_no_such_column(unit):
    row = [*_without("commitments", "agreed_quantity"), f"约定采购量({unit})"]
    assert refusal("commitments", row)[0] == "missing_column"


@pytest.mark.parametrize(
    ("dataset", "column", "header"),
    [
        ("payments", "amount", "付款金额(万元)"),
        ("payments", "amount", "付款金额（单位：万元）"),
        ("payments", "amount", "付款金额万元"),
        ("payments", "amount", "付款金额/万元"),
        ("payments", "amount", "付款金额(人民币万元)"),
        ("payments", "amount", "amount(千元)"),
        ("payments", "amount", "付款金额（亿）"),
        ("commitments", "agreed_quantity", "约定采购量(万片)"),
        ("commitments", "agreed_quantity", "协议量 万支"),
        ("deliveries", "received_quantity", "收货数量(百盒)"),
    ],
)
def test_scaled_header_is_refused(dataset, column, header):
    code, message = refusal(dataset, [*_without(dataset, column), header])
    assert code == "scaled_unit"
    assert header in message


@pytest.mark.parametrize(
    "title", ["单位：万元", "（金额单位：万元）", "单位:人民币万元", "计量单位：万片", "单位 ： 万"]
)
def test_scaled_title_is_refused(title):
    assert refusal("lots", ["报表"], [title], LOTS)[0] == "scaled_unit"


@pytest.mark.parametrize(
    "title", ["单位：元", "报送单位：万宁市人民医院", "填报单位：千岛湖医院", "百万元项目"]
)
def test_other_title_is_no_scale(title):
    assert find("lots", [title], LOTS).row == 1


def test_missing_required_column_is_refused_by_name():
    code, message = refusal("lots", LOTS[:-1])
    assert code == "missing_column"
    assert "甲.csv" in message
    assert "document_no" in message


def test_line_no_and_defaulted_columns_may_be_missing():
    found = positions("invoices", *_without("invoices", "line_no"))
    assert "line_no" not in found
    assert "invoice_code" not in found


def test_titles_above_and_data_below_do_not_confuse():
    found = find("lots", ["2020年采购批次"], [], [None, "制表：张三"], LOTS, ["L1", "name", "国家"], LOTS)
    assert found.row == 3


def test_one_known_word_makes_no_header():
    assert find("lots", ["name"], ["lot_code", "别的"]) is None


def test_unknown_columns_are_listed_as_written():
    assert find("lots", [*LOTS, " 备注 ", "", None]).unknown == [" 备注 "]


def test_header_below_the_searched_rows_is_none():
    assert find("lots", *[["标题"]] * 60, LOTS) is None


def _without(dataset, column):
    required = [c for c in RECORDS[dataset].columns if c.required and not c.optional_header]
    return [n for c in required if (n := c.canonical or c.name) != column]
