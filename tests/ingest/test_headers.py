"""Which row is the header, and which column is which."""

import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.headers import find_header
from schemas.records import RECORDS

LOTS = ["lot_code", "name", "program", "category", "document_no"]


def find(dataset, *rows):
    return find_header(rows, RECORDS[dataset], "甲.csv")


def positions(dataset, *header):
    """Canonical column → position of the column that counts first."""
    return {column: at[0] for column, at in find(dataset, header).positions.items()}


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


def test_all_columns_that_say_one_thing_are_found_in_order_of_preference():
    found = find("lots", ["采购批次编码", *LOTS, "批次编码", "LOT_CODE"])
    assert found.positions["lot_code"] == (1, 7, 6, 0)
    assert found.unknown == []


def test_first_of_two_equal_headers_wins():
    assert positions("lots", "lot_code", *LOTS)["lot_code"] == 0


@pytest.mark.parametrize("header", ["付款金额(元)", "付款金额（元）", "付款金额（单位：元）", "付款金额(人民币元)"])
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


@pytest.mark.parametrize("title", ["单位：万元", "（金额单位：万元）", "单位:人民币万元", "计量单位：万片", "单位 ： 万"])
def test_scaled_title_is_refused(title):
    assert refusal("lots", ["报表"], [title], LOTS)[0] == "scaled_unit"


@pytest.mark.parametrize("title", ["单位：元", "报送单位：万宁市人民医院", "填报单位：千岛湖医院", "百万元项目"])
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


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u200f", "\ufeff", "\u00ad", "\u2060", "\u202a", "\u2066", "\u00a0", "\ufe0f", "\u3164", "\x00", "\x1f"],
)
def test_what_nobody_sees_is_not_there(unseen):
    assert positions("lots", *LOTS[:-1], f"{unseen}文{unseen}号{unseen}")["document_no"] == 4


PAID = ["医疗机构编码", "付款单号", "收款企业编码"]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ([*PAID, "付款", "", "发票", ""], ["", "", "", "日期", "金额", "代码", "号码"]),
        ([*PAID, "付款", "付款", "发票", "发票"], [*PAID, "日期", "金额", "代码", "号码"]),
        ([*PAID, "本次", None, "票据"], [None, None, None, "付款日期", "付款金额（元）", "发票代码", "发票号码"]),
        (["基本信息", "", "", "付款", "", "发票", ""], [*PAID, "日期", "金额", "代码", "号码"]),
    ],
    ids=["groups", "merged cells told in each", "whole names below", "groups above all"],
)
def test_header_of_two_rows(above, below):
    found = find("payments", ["付款明细表"], above, below, ["H1", "P1", "E1", "2020-05-06", "66", "", ""])
    assert found.row == 2
    assert list(found.positions) == [
        "institution_code",
        "payment_id",
        "payee_code",
        "paid_on",
        "amount_fen",
        "invoice_code",
        "invoice_no",
    ]
    assert found.unknown == []


def test_units_below_a_header_belong_to_it():
    header, units = [*PAID, "付款日期", "付款金额"], ["", "", "", "", "（元）"]
    assert find("payments", header, units).row == 1
    assert refusal("payments", header, [*units[:-1], "（万元）"])[0] == "scaled_unit"


def test_unknown_column_below_a_group_has_both_names():
    found = find("lots", [*LOTS, "其他", ""], ["", "", "", "", "", "甲", "乙"], ["L1"])
    assert (found.row, found.unknown) == (0, ["其他"])
    found = find("lots", [*LOTS[:-1], "其他", "", ""], ["", "", "", "", "甲", "乙", "文号"], ["L1"])
    assert (found.row, found.unknown) == (1, ["其他甲", "其他乙"])


def test_title_or_data_beside_a_header_is_no_part_of_it():
    assert find("lots", ["名称", "", "", "", ""], LOTS, ["L1", "第一批", "国家", "药品", "文1"]).row == 1
    assert find("lots", [*LOTS, "备注"], ["L1", "第一批", "国家", "药品", "文1", "文号"]).row == 0


def test_too_many_columns_are_refused():
    assert refusal("lots", [*LOTS, *(f"x{n}" for n in range(17_000))])[0] == "too_many_columns"
