"""The files of what happens: deliveries, returns, invoices, payments, as senders write them, with dirt."""

from __future__ import annotations

from datetime import date
from typing import Any

from seeds.sample_maker import dirt
from seeds.sample_maker.cells import Style
from seeds.sample_maker.formats import EXPORT, LandingFile, Sheet, csv_file
from seeds.sample_maker.headers import canonical, chinese, platform
from seeds.sample_maker.world.parties import INSTITUTION_TABLE, get_invoice_buyer, of_institutions

World = dict[str, list[dict[str, Any]]]
HALF_YEAR = date(2020, 7, 1)
CORRECTED = "PS-OVERPRICED-01"


def make_trade_files(world: World) -> list[LandingFile]:
    """Files of deliveries, returns, invoices and payments; rows by canonical column."""
    return _make_deliveries(world) + _make_returns(world) + _make_invoices(world) + _make_payments(world)


def _make_deliveries(world: World) -> list[LandingFile]:
    rows = sorted(world["deliveries"], key=lambda r: (_day_of(r), r["delivery_id"]))
    cixi = of_institutions(rows, "C1", "C3", "B1", "B2")
    first = [r for r in cixi if _day_of(r) < HALF_YEAR and r["delivery_id"] != CORRECTED]
    second = [r for r in cixi if _day_of(r) >= HALF_YEAR]
    corrected = next(r for r in cixi if r["delivery_id"] == CORRECTED)
    wrong = corrected | {"received_quantity": 400, "ordered_quantity": 400, "shipped_quantity": 400, "_dirt": "superseded"}
    lower = of_institutions(rows, "L2", "L3", "L4")
    marked = next(r for r in lower if r["batch_no"] == "无") | {"_dirt": "no_batch"}
    aged = [r | {"x_expiry": date(2088, 12, 31), "_dirt": "odd_expiry"} for r in lower[3:5]]
    lower = [marked if r["batch_no"] == "无" else r for r in lower[:3] + aged + lower[5:]]
    return [
        csv_file(
            "deliveries/zj_platform/deliveries_2020H1.csv",
            platform("deliveries", prodName="x_name", remark="x_note"),
            dirt.spread(first, [*dirt.ZHEJIANG_FIRST_HALF, wrong], repeat=4),
            Style(dates="time"),
        ),
        csv_file(
            "deliveries/zj_platform/deliveries_2020H2.csv",
            platform("deliveries"),
            dirt.spread(second, dirt.ZHEJIANG_SECOND_HALF, repeat=9),
            Style(dates="compact"),
            encoding="utf-8-sig",
        ),
        csv_file(
            "deliveries/zj_platform/deliveries_2020H2_correction.csv",
            platform("deliveries", is_withdrawn="is_withdrawn"),
            [corrected | {"_dirt": "correction", "is_withdrawn": False}, dirt.WITHDRAWAL],
        ),
        LandingFile(
            "deliveries/cixi_private/收货明细_2020.xlsx",
            chinese("deliveries", 药品名称="x_name"),
            [
                Sheet(
                    dirt.spread(of_institutions(rows, "PV"), dirt.PRIVATE, repeat=1),
                    "民营医院",
                    ("民营医疗机构收货明细（示例）", "期间：2020年3月至12月"),
                    subtotal_every=6,
                    total="合计",
                ),
                Sheet(
                    of_institutions(rows, "PH"), "零售药店", ("零售药店收货明细（示例）",), repeat_header_every=8, total="合计"
                ),
                Sheet([{"_dirt": "no_header"}], "填表说明", ("本表由示例医药科技导出，仅供演示。",), has_header=False),
            ],
            Style(dates="cell", amounts="cell", chinese_words=True),
        ),
        LandingFile("deliveries/lc_h1/deliveries.parquet", canonical(*rows[0]), [Sheet(of_institutions(rows, "L1"))], Style()),
        csv_file(
            "deliveries/lc_platform/deliveries_2020.csv",
            chinese("deliveries", 有效期至="x_expiry"),
            dirt.spread(lower, dirt.LIAOCHENG, repeat=6),
            Style(dates="slash", amounts="mixed", chinese_words=True),
            encoding="gb18030",
            newline="\r\n",
            titles=("聊城市药品采购平台收货明细（示例）",),
            repeat_header_every=40,
            total="合计",
        ),
        csv_file(
            "deliveries/lc_platform/deliveries_without_order_date.csv",
            chinese("deliveries", "ordered_on"),
            dirt.WITHOUT_ORDER_DATE,
            EXPORT,
            file_dirt="missing_column",
        ),
    ]


def _day_of(row: dict[str, Any]) -> date:
    day: date = row["accepted_on"] or row["ordered_on"]
    return day


def _make_returns(world: World) -> list[LandingFile]:
    liaocheng = of_institutions(world["returns"], "L1", "L2", "L3", "L4")
    cixi = [r for r in world["returns"] if r not in liaocheng]
    return [
        csv_file(
            "returns/zj_platform/returns.csv",
            platform("returns"),
            dirt.spread(cixi, dirt.RETURNS_ZHEJIANG, repeat=0),
            Style(dates="time"),
        ),
        LandingFile(
            "returns/lc_platform/returns.xlsx",
            chinese("returns", 退货原因="x_note"),
            [Sheet(liaocheng, "退货明细", ("退货明细（示例）",), total="合计")],
            Style(dates="mixed", chinese_words=True),
        ),
    ]


def _make_invoices(world: World) -> list[LandingFile]:
    cixi_buyers = {get_invoice_buyer(key) for key in INSTITUTION_TABLE if key[0] != "L"}
    all_buyers = {get_invoice_buyer(key) for key in INSTITUTION_TABLE}
    rows = sorted(world["invoices"], key=lambda r: (r["issued_on"], r["invoice_code"], r["invoice_no"], r["line_no"]))
    cixi = [r for r in rows if r["buyer_code"] in cixi_buyers]
    elsewhere = [r for r in rows if r["buyer_code"] in all_buyers - cixi_buyers]
    liaocheng = [r for r in elsewhere if r["invoice_code"]]
    electronic = [r for r in elsewhere if not r["invoice_code"]]
    companies = [r for r in rows if r["buyer_code"] not in all_buyers]
    red = [r | {"_dirt": "red_on_two_sheets"} for r in cixi if r["quantity"] < 0]
    return [
        LandingFile(
            "invoices/zj_tax/invoices_2020.xlsx",
            chinese("invoices", 商品名称="x_name"),
            [
                Sheet(
                    dirt.spread(cixi, dirt.INVOICES_ZHEJIANG, repeat=3),
                    "发票明细",
                    ("发票查询导出结果（示例）", "所属期：2020年3月—12月"),
                    repeat_header_every=100,
                    total="合计",
                ),
                Sheet(red, "红字发票"),
            ],
            Style(dates="chinese", amounts="mixed", chinese_words=True),
        ),
        csv_file(
            "invoices/lc_tax/invoices_2020.csv",
            chinese("invoices", 是否正数发票="x_positive"),
            dirt.spread([r | {"x_positive": r["quantity"] > 0} for r in liaocheng], dirt.INVOICES_LIAOCHENG),
            Style(dates="mixed", amounts="mixed", chinese_words=True),
            encoding="gb18030",
            newline="\r\n",
            total="合计",
        ),
        csv_file(
            "invoices/lc_tax/invoices_2020_fully_electronic.csv",
            chinese("invoices", "line_no", "red_of_invoice_code", "red_of_invoice_no"),
            dirt.spread(electronic, dirt.INVOICES_20_DIGITS),
            Style(dates="iso", amounts="mixed", chinese_words=True),
            encoding="utf-8-sig",
        ),
        csv_file(
            "invoices/zj_platform/company_invoices_2020.csv",
            canonical(*(c for c in rows[0] if not c.startswith("red_of"))),
            dirt.spread(companies, dirt.INVOICES_COMPANIES, repeat=5),
            Style(amounts="comma"),
        ),
    ]


def _make_payments(world: World) -> list[LandingFile]:
    rows = world["payments"]
    fund = [r for r in rows if r["channel"] == "fund_direct"]
    hospital = [r for r in rows if r["channel"] != "fund_direct"]
    return [
        csv_file(
            "payments/cixi/payments_2020.csv",
            chinese("payments", 经办人="x_clerk"),
            dirt.spread(of_institutions(hospital, "C1", "C3", "PV", "PH"), dirt.PAYMENTS_CIXI, repeat=12),
            Style(dates="mixed", amounts="mixed", chinese_words=True),
            encoding="utf-8-sig",
            titles=("货款支付明细（示例）",),
            total="合计",
        ),
        LandingFile(
            "payments/lc_h1/付款明细_2020.xlsx",
            chinese("payments"),
            [
                Sheet(
                    dirt.spread(of_institutions(hospital, "L1"), dirt.PAYMENTS_LIAOCHENG_HOSPITAL),
                    "付款明细",
                    ("聊城市示例人民医院付款明细",),
                    subtotal_every=15,
                    total="合计",
                )
            ],
            Style(dates="serial", amounts="cell", chinese_words=True),
        ),
        csv_file(
            "payments/lc_platform/payments_2020.csv",
            platform("payments"),
            dirt.spread(of_institutions(hospital, "L2", "L3"), dirt.PAYMENTS_LIAOCHENG_PLATFORM),
            Style(dates="time", amounts="plain"),
        ),
        csv_file("payments/zj_fund/fund_direct_2020.csv", canonical(*rows[0]), fund),
        csv_file(
            "payments/lc_platform/payments_in_ten_thousands.csv",
            {("付款金额（万元）" if h == "付款金额" else h): c for h, c in chinese("payments").items()},
            dirt.IN_TEN_THOUSANDS,
            EXPORT,
            file_dirt="scaled_unit",
        ),
    ]
