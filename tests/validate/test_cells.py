"""Every form in which a date, a number, a flag or a code comes (rulebook §10)."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pipelines.validate.cells import read_cells, read_column
from schemas.records import RECORDS

COLUMNS = {c.name: c for name in ("invoices", "payments", "deliveries") for c in RECORDS[name].columns}
DAY = date(2020, 4, 5)


def read(column, text):
    return read_column(pl.Series([text], dtype=pl.String), COLUMNS[column])[1].to_list()[0]


@pytest.mark.parametrize(
    "text",
    [
        "2020-04-05",
        "2020/4/5",
        "2020/04/05",
        "2020.4.5",
        "2020年4月5日",
        "2020年04月05",
        "20200405",
        "43926",
        "43926.75",
        "2020-04-05 10:30",
        "2020/4/5 9:05:03",
        "2020-04-05T10:30:00.123",
        "2020年4月5日 10时30分",
        "20200405103000",
        "202004051030",
        "20200405 103000",
        "　2020-04-05\t",
        "２０２０－０４－０５",
        "2020- 4- 5",
        "2020-04-05T15:59:59Z",
        "2020-04-04T16:00:00Z",
        "2020-04-05 00:30:00+08:00",
        "2020-04-05 01:30:00+0900",
        "2020-04-04 12:00:00-05:00",
    ],
)
def test_days(text):
    assert read("accepted_on", text) == DAY


def test_a_time_with_an_offset_is_a_day_of_shanghai():
    assert read("accepted_on", "2020-04-05T23:59:59+08:00") == DAY
    assert read("accepted_on", "2020-04-05T16:00:00Z") == date(2020, 4, 6)
    assert read("accepted_on", "2020-04-05 00:59:00+0900") == date(2020, 4, 4)


@pytest.mark.parametrize("text", ["2020-02-29", "2088-12-31", "1900-01-01", "9999-12-31"])
def test_rare_days(text):
    assert read("accepted_on", text) == date.fromisoformat(text)


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-30",
        "2021-02-29",
        "2020-13-01",
        "20201301",
        "2020-4",
        "2020年4月",
        "04/05/2020",
        "5/4/20",
        "123",
        "4392",
        "2020-04-05 25:00",
        "无",
        "待定",
        "0000-04-05",
        "0020-04-05",
        "+020-04-05",
        "2020-04-05 上午",
        "-",
    ],
)
def test_no_days(text):
    assert read("accepted_on", text) is None


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("1,234,567", 123456700),
        ("￥1,234.50", 123450),
        ("¥5", 500),
        ("5元", 500),
        ("(100.00)", -10000),
        ("（100.00）", -10000),
        ("(1,234.50)", -123450),
        ("-3", -300),
        ("+3", 300),
        ("-0.01", -1),
        ("１２３．４５", 12345),
        ("1，234.5", 123450),
        (" 7 ", 700),
        ("12 345.60", 1234560),
        ("10.550", 1055),
        ("10.5000000", 1050),
        ("5.", 500),
        (".5", 50),
        ("-.5", -50),
        ("0", 0),
        ("0.1", 10),
        ("0.29", 29),
        ("1.15", 115),
        ("999999999999.99", 99999999999999),
    ],
)
def test_amounts(text, fen):
    assert read("amount_fen", text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "10.555",
        "0.001",
        "1,23.50",
        "12,34",
        "1234,567",
        ",100",
        "1,234,56",
        "--3",
        "(-3)",
        "(3",
        "1.2.3",
        "1e3",
        "1.0E+05",
        "abc",
        "-",
        "NaN",
        "inf",
        "1_000",
        "5 元 整",
        "3-",
        "9" * 20,
        "９" * 20,
    ],
)
def test_no_amounts(text):
    assert read("amount_fen", text) is None


@pytest.mark.parametrize(
    ("text", "packs"),
    [("1.2345", "1.2345"), ("1.23450", "1.2345"), ("1,000.2345", "1000.2345"), ("1.23456", None), ("0.00001", None)],
)
def test_quantities_have_four_decimals(text, packs):
    assert read("received_quantity", text) == (packs and Decimal(packs))


@pytest.mark.parametrize("text", ["1", "是", "true", "TRUE", "Y", "y", "Ｙ", "1.0", " 是 "])
def test_yes(text):
    assert read("is_gift", text) is True


@pytest.mark.parametrize("text", ["0", "否", "false", "False", "N", "n", "０"])
def test_no(text):
    assert read("is_gift", text) is False


@pytest.mark.parametrize("text", ["2", "不详", "-", "是否"])
def test_neither_yes_nor_no(text):
    assert read("is_gift", text) is None


@pytest.mark.parametrize(("text", "count"), [("3", 3), ("3.0", 3), ("３", 3), ("3.5", None), ("1e3", None), ("三", None)])
def test_counts(text, count):
    assert read("trace_codes_count", text) == count


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00123456", "00123456"),
        ("'00123456", "00123456"),
        ('="00123456"', "00123456"),
        (" ０１２３ ", "0123"),
        ("A-1/2", "A-1/2"),
        ("26332000000012345678", "26332000000012345678"),
        ("123456789012345", "123456789012345"),
        ("1" * 15 + "00", "1" * 15 + "00"),
        ("20E012", "20E012"),
        ("1e5", "1e5"),
    ],
)
def test_codes(text, code):
    assert read("invoice_no", text) == code


@pytest.mark.parametrize(
    "text",
    ["2.6332E+19", "2.6332e19", "2E+19", "2.6332 E+19", "'2.6332E+19", "26332000000000000000", "1" * 15 + "000", "12345678.0"],
)
def test_ruined_codes_are_refused_never_repaired(text):
    assert read("invoice_no", text) is None


def test_batch_stays_as_it_is_written():
    assert [read("batch_no", t) for t in ("无", " 2E05 ", "Ａ１", "20200401")] == ["无", "2E05", "Ａ１", "20200401"]


@pytest.mark.parametrize("text", ["", " ", "　", "\u200b", "\ufeff", "\u00a0"])
@pytest.mark.parametrize("column", ["accepted_on", "amount_fen", "is_gift", "invoice_no", "batch_no", "channel"])
def test_blank_is_null_and_no_error(column, text):
    cleaned, value = read_column(pl.Series([text]), COLUMNS[column])
    assert (cleaned.to_list(), value.to_list()) == ([None], [None])


@pytest.mark.parametrize(
    "unseen",
    [
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u200e",
        "\u202c",
        "\u2060",
        "\u2069",
        "\ufe0f",
        "\u3164",
        "\U000e0100",
        "\x00",
        "\x7f",
    ],
)
@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("institution_code", "H330~28~200~001", "H33028200001"),
        ("invoice_no", "~'00~12", "0012"),
        ("batch_no", "A~1", "A1"),
        ("remark", "退货 ~见~附件", "退货 见附件"),
        ("amount_fen", "1~,234.5", 123450),
        ("accepted_on", "2020-~04-05", DAY),
        ("is_gift", "~是", True),
        ("channel", "平~台", "platform"),
        ("invoice_no", "-~-", None),
        ("remark", " ~ ", None),
    ],
)
def test_what_nobody_sees_is_not_there(column, text, value, unseen):
    cells = pl.Series([text.replace("~", unseen), text.replace("~", "")])
    assert read_column(cells, COLUMNS[column])[1].to_list() == [value, value]
    assert read_cells(cells, COLUMNS[column])[0].to_list() == [value, value]


def test_what_is_seen_stays():
    assert [read("remark", t) for t in ("A B", "a\tb", "〇·é", "㐀")] == ["A B", "a\tb", "〇·é", "㐀"]


@pytest.mark.parametrize("text", ["--", "-", "/", "无", "NULL", "None", "null", "\\N", "—", "－－", " -- ", "／", "NaN"])
@pytest.mark.parametrize(
    "column", ["accepted_on", "amount_fen", "invoice_no", "invoice_code", "remark", "channel", "trace_codes_count"]
)
def test_placeholders_are_empty(column, text):
    for read_so in (read_column, read_cells):
        value, other = read_so(pl.Series([text, "x", None]), COLUMNS[column])
        assert value[0] is None and (other is None or not other[0]), read_so


def test_a_placeholder_that_is_a_value_of_its_column_is_that_value():
    special = next(c for c in RECORDS["products"].columns if c.name == "special_category")
    assert read_column(pl.Series(["无"]), special)[1].to_list() == ["none"]
    assert (read("is_gift", "无"), read("is_gift", "--"), read("invoice_no", "N-1")) == (False, None, "N-1")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("正常", "normal"),
        ("已红冲-全额", "normal"),
        ("已红冲－部分", "normal"),
        ("有效发票", "normal"),
        ("已作废", "void"),
        ("作废发票", "void"),
    ],
)
def test_states_of_invoices_as_the_tax_bureau_and_others_write_them(text, status):
    assert read("status", text) == status


@pytest.mark.parametrize("name", RECORDS)
def test_every_spelling_of_every_enumeration(name):
    for column in (c for c in RECORDS[name].columns if c.kind == "enum"):
        spellings = [
            (s, value) for value, chinese in column.values.items() for s in (value, value.upper(), *chinese.split("|"))
        ]
        text = pl.Series([s for s, _ in spellings])
        assert read_column(text, column)[1].to_list() == [value for _, value in spellings]
        assert read_column(pl.Series(["从未见过"]), column)[1].to_list() == [None]


ODD = [
    "",
    None,
    " ",
    "　",
    "１２",
    " 7 ",
    "'0012",
    '="0012"',
    "= 1",
    "`a",
    "a b",
    "ﬁ",
    "٣",
    "A１",
    "9E3A",
    "2.6E+19",
    "12.0",
    "1" * 15 + "000",
    "1" * 17,
    "1" * 18,
    "+3",
    "-0.01",
    "10.550",
    "10.555",
    "1.23456",
    "(3)",
    "5.",
    "2020-04-05",
    "2020/4/5",
    "-",
    "--",
    "／",
    "无",
    "Null",
    "None",
    "NaN",
    "\\N",
    "n/a",
    "N12",
    "1\u200b2",
    "\ufeff5",
    "a\x7fb",
    " +2020-4-5",
    " 2020-4-05",
    "2020-02-30",
    "43926",
    "是",
    "Ｙ",
    "3.0",
    "平台",
    "PLATFORM",
    "plat form",
    "x",
]


@pytest.mark.parametrize("name", RECORDS)
def test_the_quick_way_reads_what_the_careful_way_reads(name):
    text = pl.Series(ODD * 2, dtype=pl.String)
    for column in RECORDS[name].columns:
        cleaned, value = read_column(text, column)
        quick, unreadable = read_cells(text, column)
        failed = [False] * text.len() if unreadable is None else unreadable.to_list()
        assert quick.to_list() == value.to_list(), column.name
        assert failed == (cleaned.is_not_null() & value.is_null()).to_list(), column.name
