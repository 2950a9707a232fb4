"""Every rule of every model: a row that keeps it, one that breaks it, one where there is nothing to check."""

import random
from datetime import date
from decimal import Decimal

import pandera.errors
import polars as pl
import pytest

from pipelines.validate.cells import UNREADABLE
from pipelines.validate.rows import check_rows
from schemas.records import RECORDS
from tests.validate.good import GOOD, judge, text_frame

UNREADABLE_TEXT = {
    "enum": "从未见过",
    "flag": "2",
    "count": "1.5",
    "day": "2020-02-30",
    "price": "x",
    "quantity": "1,00",
    "fen": "0.001",
    "code": "2.6332E+19",
}

# what a column holds at most, and the least that is more: (dataset, column) → two texts
MOST = {
    **{("deliveries", f"{c}_quantity"): ("100000000", "100000000.0001") for c in ("ordered", "shipped", "received")},
    **{("deliveries", f"{c}_price"): ("10000000", "10000000.0001") for c in ("unit", "charge")},
    ("deliveries", "trace_codes_count"): ("1000000000", "1000000001"),
    ("returns", "returned_quantity"): ("100000000", "999999999999.9999"),
    ("products", "units_per_pack"): ("100000", "100000.0001"),
    ("products", "listing_price"): ("10000000", "10000000.01"),
    ("selections", "selected_price"): ("10000000", "10000000.01"),
    ("selections", "conversion_factor"): ("1000", "1000.0001"),
    ("commitments", "agreed_quantity"): ("10000000000", "-10000000000.0001"),
    ("commitments", "agreed_quantity_max"): ("-10000000000", "10000000000.0001"),
    ("commitment_adjustments", "delta_quantity"): ("-10000000000", "-10000000000.0001"),
    ("excuses", "quantity"): ("10000000000", "10000000000.0001"),
    ("invoices", "quantity"): ("-100000000", "-100000000.0001"),
    ("invoices", "amount_fen"): ("10000000000", "99999999999999.99"),
    ("reference_prices", "price"): ("10000000", "10000000.0001"),
    ("misconduct", "amount_fen"): ("10000000000", "10000000000.01"),
    ("misconduct", "single_amount_fen"): ("10000000000", "10000000000.01"),
    ("surplus_bases", "base_quantity"): ("10000000000", "10000000000.0001"),
    ("surplus_bases", "price_before"): ("10000000", "10000000.0001"),
    **{("surplus_bases", c): ("1", "1.0001") for c in ("fund_pay_ratio", "fund_pay_ratio_before", "insured_share")},
    ("evaluations", "score"): ("100", "100.0001"),
    ("usages", "quantity"): ("10000000000", "10000000000.0001"),
    ("usages", "amount_fen"): ("10000000000", "10000000000.01"),
    ("trace_scans", "packs_per_code"): ("100000000", "100000000.0001"),
    ("payments", "amount_fen"): ("10000000000.00", "10000000000.01"),
    ("prepayments", "amount_fen"): ("-10000000000", "-10000000000.01"),
    **{(name, "line_no"): ("1000000000", "-1000000001") for name in ("invoices", "payments")},
}

# what stands beside, so that no other rule breaks
BESIDE = {
    ("surplus_bases", "base_quantity"): {"price_before": "0.01"},
    ("surplus_bases", "price_before"): {"base_quantity": "1"},
    ("surplus_bases", "fund_pay_ratio"): {"fund_pay_ratio_before": "0"},
}

# dataset, rule, its column, what breaks it, what just keeps it
BROKEN = [
    ("institutions", "str_matches", "jurisdiction_code", {"jurisdiction_code": "33028"}, {"jurisdiction_code": "000000"}),
    ("agencies", "str_matches", "jurisdiction_code", {"jurisdiction_code": "3302"}, {"jurisdiction_code": "330200"}),
    ("products", "greater_than", "units_per_pack", {"units_per_pack": "0"}, {"units_per_pack": "0.0001"}),
    ("products", "greater_than_or_equal_to", "listing_price", {"listing_price": "-0.01"}, {"listing_price": "0"}),
    ("selections", "greater_than", "selected_price", {"selected_price": "0"}, {"selected_price": "0.0001"}),
    ("selections", "greater_than", "conversion_factor", {"conversion_factor": "-1"}, {"conversion_factor": "0.5"}),
    ("commitments", "pack_needs_product", "", {"product_code": ""}, {"product_code": "", "unit": "片"}),
    (
        "commitments",
        "band_has_both_ends",
        "agreed_quantity_max",
        {"direction": "区间", "agreed_quantity_max": "99999.9999"},
        {"direction": "区间", "agreed_quantity_max": "100000"},
    ),
    (
        "commitments",
        "band_has_both_ends",
        "agreed_quantity_max",
        {"direction": "区间"},
        {"direction": "上限", "agreed_quantity_max": "1"},
    ),
    ("commitments", "period_runs_forward", "", {"period_end": "2020-04-19"}, {"period_end": "2020-04-20"}),
    *(
        ("deliveries", "greater_than_or_equal_to", column, {column: "-0.0001"}, {column: "0"})
        for column in ("ordered_quantity", "shipped_quantity", "received_quantity", "unit_price", "charge_price")
    ),
    ("deliveries", "greater_than_or_equal_to", "trace_codes_count", {"trace_codes_count": "-1"}, {"trace_codes_count": "0"}),
    ("deliveries", "received_with_acceptance", "", {"received_quantity": ""}, {"received_quantity": "", "accepted_on": ""}),
    ("returns", "greater_than", "returned_quantity", {"returned_quantity": "0"}, {"returned_quantity": "0.0001"}),
    (
        "deliveries",
        "is_an_amount",
        "ordered_quantity、shipped_quantity、received_quantity、unit_price",
        {"received_quantity": "1000001", "unit_price": "10000"},
        {"shipped_quantity": "1000000", "unit_price": "10000"},
    ),
    (
        "invoices",
        "not_positive_is_negative",
        "is_positive、quantity、amount_fen",
        {"is_positive": "否", "quantity": "-1"},
        {"is_positive": "否", "quantity": "0", "amount": "-6.60"},
    ),
    (
        "invoices",
        "red_is_negative",
        "",
        {"red_of_invoice_no": "87654321"},
        {"red_of_invoice_no": "87654321", "quantity": "-1", "amount": "(6.60)"},
    ),
    *(
        (name, "one_invoice_a_row", "invoice_code、invoice_no", {"invoice_no": "10000001、10000002", **more}, more)
        for name, more in (
            ("deliveries", {}),
            ("invoices", {}),
            ("payments", {}),
            ("excuses", {"kind": "货款", "commitment_id": "", "quantity": "", "delivery_id": "D1"}),
        )
    ),
    *(
        (name, "in_range", c, *({c.removesuffix("_fen"): text} | BESIDE.get((name, c), {}) for text in (over, most)))
        for (name, c), (most, over) in MOST.items()
    ),
    ("payments", "not_equal_to", "amount_fen", {"amount": "0"}, {"amount": "0.01"}),
    ("prepayments", "not_equal_to", "amount_fen", {"amount": "0"}, {"amount": "-0.01"}),
    ("catalogue_entries", "holds_forward", "valid_from、valid_to", {"valid_to": "2019-12-31"}, {"valid_to": "2020-01-01"}),
    ("reference_prices", "holds_forward", "valid_from、valid_to", {"valid_to": "2019-12-31"}, {"valid_to": "2020-01-01"}),
    ("reference_prices", "greater_than", "price", {"price": "0"}, {"price": "0.0001"}),
    ("misconduct", "greater_than", "amount_fen", {"amount": "0"}, {"amount": "0.01"}),
    ("misconduct", "greater_than", "single_amount_fen", {"single_amount": "-1"}, {"single_amount": "0.01"}),
    (
        "surplus_bases",
        "period_runs_forward",
        "period_start、period_end",
        {"period_end": "2019-12-31"},
        {"period_end": "2020-01-01"},
    ),
    (
        "surplus_bases",
        "is_an_amount",
        "base_quantity、price_before",
        {"base_quantity": "100001", "price_before": "100000"},
        {"base_quantity": "100000", "price_before": "100000"},
    ),
    *(
        (
            "surplus_bases",
            "greater_than_or_equal_to",
            c,
            *({c: text} | BESIDE.get(("surplus_bases", c), {}) for text in ("-0.0001", "0")),
        )
        for c in ("base_quantity", "price_before", "fund_pay_ratio", "fund_pay_ratio_before", "insured_share")
    ),
    ("evaluations", "greater_than_or_equal_to", "score", {"score": "-1"}, {"score": "0"}),
    ("evaluations", "str_matches", "year", {"year": "20"}, {"year": "2021"}),
    ("usages", "greater_than", "quantity", {"quantity": "0"}, {"quantity": "0.0001"}),
    ("usages", "greater_than_or_equal_to", "amount_fen", {"amount": "-0.01"}, {"amount": "0"}),
    ("trace_scans", "greater_than", "packs_per_code", {"packs_per_code": "0"}, {"packs_per_code": "0.5"}),
    ("payments", "reversal_names_payment", "", {"amount": "-1"}, {"amount": "-1", "reverses_payment_id": "P0"}),
    ("excuses", "greater_than_or_equal_to", "quantity", {"quantity": "-1"}, {"quantity": "0"}),
    ("excuses", "names_what_it_excuses", "", {"quantity": ""}, {"kind": "预付", "commitment_id": "", "quantity": ""}),
]


@pytest.mark.parametrize(("dataset", "rule", "column", "broken", "kept"), BROKEN)
def test_rule(dataset, rule, column, broken, kept):
    assert judge(dataset, broken) == [[f"{rule}:{column}"]]
    assert judge(dataset, kept) == [[]]


def test_every_rule_is_tested():
    declared = {(n, r.name, r.column) for n, d in RECORDS.items() for r in d.rules if r.name != "isin"}
    assert {row[:3] for row in BROKEN} == declared


def test_every_number_is_bounded():
    numbers = {(n, c.name) for n, d in RECORDS.items() for c in d.columns if c.dtype.is_numeric()}
    assert {(n, r.column) for n, d in RECORDS.items() for r in d.rules if r.name == "in_range"} == numbers


def test_a_number_beyond_belief_is_told_with_its_value_and_the_limit_in_yuan():
    bad = check_rows(text_frame("payments", GOOD["payments"] | {"amount": "99999999999999.99"}), RECORDS["payments"])[1]
    (reason,) = bad["_reasons"][0]
    assert (reason["value"], reason["column"]) == ("99999999999999.99", "amount_fen")
    assert "付款金额：" in reason["message_zh"] and "不得超过 10,000,000,000；" in reason["message_zh"]


@pytest.mark.parametrize("dataset", RECORDS)
def test_good_row_is_good(dataset):
    assert judge(dataset, {}) == [[]]


@pytest.mark.parametrize("dataset", RECORDS)
def test_required_columns_must_be_filled_and_others_need_not(dataset):
    for c in RECORDS[dataset].columns:
        is_needed = (c.required and not c.optional_header) or c.name in ("received_quantity", "commitment_id", "quantity")
        is_needed |= (dataset, c.name) == ("commitments", "product_code")
        reasons = judge(dataset, {c.canonical or c.name: ""})[0]
        assert bool(reasons) == is_needed, (c.name, reasons)
        if c.required and not c.optional_header:
            assert reasons == [f"missing_value:{c.name}"]


@pytest.mark.parametrize("dataset", RECORDS)
def test_unreadable_cells_are_named(dataset):
    for c in RECORDS[dataset].columns:
        if c.kind != "text":
            reasons = judge(dataset, {c.canonical or c.name: UNREADABLE_TEXT[c.kind]})[0]
            assert f"{UNREADABLE[c.kind][0]}:{c.name}" in reasons
            assert f"missing_value:{c.name}" not in reasons


@pytest.mark.parametrize(
    ("code", "number", "is_good"),
    [
        ("3300204130", "10000001", True),
        ("", "20332000000012345671", True),
        ("", "2020-00123", True),
        ("", "FP/2020/1", True),
        ("", "10000001/02", False),
        ("", "10000001-10000005", False),
        ("", "10000001\n10000002", False),
        ("", "10000001；10000002", False),
        ("3300204130-10000001", "10000001", False),
        ("", "12345,12346", False),
    ],
)
def test_a_cell_holds_one_number(code, number, is_good):
    reasons = [] if is_good else ["one_invoice_a_row:invoice_code、invoice_no"]
    assert judge("payments", {"invoice_code": code, "invoice_no": number}) == [reasons]


def test_several_faults_of_a_row_are_all_told():
    (reasons,) = judge("deliveries", {"unit_price": "-1", "ordered_on": "昨天", "channel": "别处", "distributor_code": ""})
    assert sorted(reasons) == [
        "bad_date:ordered_on",
        "greater_than_or_equal_to:unit_price",
        "missing_value:distributor_code",
        "unknown_value:channel",
    ]


def test_a_reason_names_column_value_and_remedy():
    bad = check_rows(text_frame("payments", GOOD["payments"] | {"amount": "10.555"}), RECORDS["payments"])[1]
    (reason,) = bad["_reasons"][0]
    assert (reason["value"], reason["column"]) == ("10.555", "amount_fen")
    assert "付款金额" in reason["message_zh"]
    assert "最多到分" in reason["message_zh"]


@pytest.mark.parametrize(
    ("kind", "names", "is_good"),
    [
        ("采购量", {"commitment_id": "C1", "quantity": "5"}, True),
        ("采购量", {"commitment_id": "C1"}, False),
        ("采购量", {"invoice_no": "12345678", "quantity": "5"}, False),
        ("货款", {"delivery_id": "D1"}, True),
        ("货款", {"invoice_no": "12345678"}, True),
        ("货款", {"commitment_id": "C1", "quantity": "5"}, False),
        ("两票制", {"invoice_no": "12345678"}, True),
        ("两票制", {"delivery_id": "D1"}, False),
    ],
)
def test_excuse_names_what_it_excuses(kind, names, is_good):
    row = {"kind": kind, "commitment_id": "", "quantity": ""} | names
    assert judge("excuses", row) == [[] if is_good else ["names_what_it_excuses:"]]


@pytest.mark.parametrize(
    ("remark", "named"),
    [
        ("对应正数发票代码:3300204130号码:10000002", ("3300204130", "10000002")),
        ("对应正数发票代码：０３３００２０４１３０１ 号码 ： １００００００２ 开票人张", ("033002041301", "10000002")),
        ("对应正数发票代码:3300204130,发票号码:10000002", ("3300204130", "10000002")),
        ("对应正数发票代码:33002041号码:10000002", (None, None)),
    ],
)
def test_a_red_paper_invoice_is_found_in_the_remark(remark, named):
    row = GOOD["invoices"] | {"remark": remark, "quantity": "-1", "amount": "-6.6"}
    good = check_rows(text_frame("invoices", row), RECORDS["invoices"])[0]
    assert good.select("red_of_invoice_code", "red_of_invoice_no").row(0) == named


def test_the_code_in_a_remark_belongs_to_the_number_in_the_remark():
    remark = {"remark": "对应正数发票代码:3300204130号码:10000002", "quantity": "-1", "amount": "-6.6"}
    numbers = [{"red_of_invoice_no": no, "line_no": str(n)} for n, no in enumerate(("10000002", "87654321", "--"))]
    rows = (GOOD["invoices"] | remark | number for number in numbers)
    good = check_rows(text_frame("invoices", *rows), RECORDS["invoices"])[0]
    assert good["red_of_invoice_code"].to_list() == ["3300204130", None, "3300204130"]


def test_red_invoice_is_found_in_the_remark():
    remark = {"remark": "被红冲蓝字数电发票号码：24332000000012345678"}
    assert judge("invoices", remark | {"invoice_no": "1" * 20}) == [["red_is_negative:"]]
    good = check_rows(
        text_frame("invoices", GOOD["invoices"] | remark | {"quantity": "-1", "amount": "-6.6"}), RECORDS["invoices"]
    )[0]
    assert good["red_of_invoice_no"].to_list() == ["24332000000012345678"]


def test_the_share_paid_before_is_that_paid_now_where_it_is_not_given():
    rows = (
        GOOD["surplus_bases"] | {"item_code": f"I{n}"} | more for n, more in enumerate(({}, {"fund_pay_ratio_before": "0.8"}))
    )
    good = check_rows(text_frame("surplus_bases", *rows), RECORDS["surplus_bases"])[0]
    assert good["fund_pay_ratio_before"].to_list() == [Decimal("0.7"), Decimal("0.8")]


def test_defaults_fill_what_is_not_given():
    good = check_rows(
        text_frame("products", GOOD["products"], GOOD["products"] | {"product_code": "ZA01AAA0001010100001"}),
        RECORDS["products"],
    )[0]
    assert good["generic_code"].to_list() == ["XA01AAA001", "ZA01AAA0001"]
    assert good["special_category"].to_list() == ["none", "none"]
    assert good["is_withdrawn"].to_list() == [False, False]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", RECORDS)
def test_fused_pass_agrees_with_pandera_row_for_row(name, seed):
    frame = _draw_rows(name, random.Random(f"{name} {seed}"))
    try:
        RECORDS[name].model.validate(frame, lazy=True)
        refused = set()
    except pandera.errors.SchemaErrors as errors:
        refused = {line + 2 for line in errors.failure_cases["index"]}
    bad = check_rows(_spell(frame, name), RECORDS[name])[1]
    assert set(bad["_line"]) == refused
    assert 0 < len(refused) < frame.height


def _draw_rows(name, rng, rows=150):
    """Typed rows with nulls, boundary values and values outside the enumerations; no key twice."""
    pools = {
        "code": ["A1", "330282", "2020", "33028"],
        "text": ["文字"],
        "flag": [True, False],
        "count": [-1, 0, 3],
        "fen": [-1, 0, 5],
        "day": [date(2020, 4, 19), date(2020, 4, 20)],
        "price": [Decimal("-0.0001"), Decimal(0), Decimal("1.5")],
        "quantity": [Decimal("-0.0001"), Decimal(0), Decimal("0.5")],
    }

    def draw(column, number):
        if column.name == "is_withdrawn":
            return False
        if column.name == first_code and number % 20:
            return f"{number}号"
        may_lack = column.default is None or callable(column.default)
        if may_lack and not column.optional_header and rng.random() < 0.06:
            return None
        if column.kind == "enum":
            return rng.choice([*column.values] * 8 + ["zzz"])
        choices = pools[column.kind]
        return rng.choice(choices[-1:] * 12 + choices)

    columns = RECORDS[name].columns
    first_code = next(c.name for c in columns if c.key)
    drawn = [{c.name: draw(c, n) for c in columns} for n in range(rows)]
    frame = pl.DataFrame(drawn, schema={c.name: c.dtype for c in columns})
    return frame.unique(RECORDS[name].key, keep="first", maintain_order=True)


def _spell(frame, name):
    text = frame.select(pl.all().cast(pl.String))
    fen = [c for c in RECORDS[name].columns if c.kind == "fen"]
    text = text.with_columns((frame[c.name] / 100).cast(pl.Decimal(16, 2)).cast(pl.String) for c in fen)
    rows = [{c.canonical or c.name: row[c.name] for c in RECORDS[name].columns} for row in text.to_dicts()]
    return text_frame(name, *rows)
