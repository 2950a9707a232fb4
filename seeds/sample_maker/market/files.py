"""The files of the market as senders write them, with dirt."""

from __future__ import annotations

from typing import Any

from seeds.sample_maker.cells import Style
from seeds.sample_maker.dirt import spread
from seeds.sample_maker.formats import EXPORT, LandingFile, Sheet, csv_file
from seeds.sample_maker.headers import canonical, chinese, platform
from seeds.sample_maker.market import dirt
from seeds.sample_maker.world.parties import INSTITUTION_TABLE, get_invoice_buyer, of_institutions

World = dict[str, list[dict[str, Any]]]
LANZHOU = tuple(key for key in INSTITUTION_TABLE if key.startswith("G"))


def make_market_files(world: World) -> list[LandingFile]:
    """Files of what `make_market_world` returns; rows by canonical column."""
    return _make_trade(world) + _make_prices(world["reference_prices"]) + _make_cases(world)


def _make_trade(world: World) -> list[LandingFile]:
    """Lanzhou reports in one file each, Gaotang deliveries alone; companies' invoices stand apart."""
    deliveries, invoices, payments = world["deliveries"], world["invoices"], world["payments"]
    buyers = {get_invoice_buyer(key) for key in LANZHOU}
    plain = canonical(*(column for column in invoices[0] if not column.startswith("red_of")))
    return [
        csv_file("deliveries/gansu/deliveries.csv", canonical(*deliveries[0]), of_institutions(deliveries, *LANZHOU)),
        csv_file("deliveries/lc_platform/gaotang.csv", platform("deliveries"), of_institutions(deliveries, "L5")),
        csv_file("invoices/gansu/invoices.csv", plain, [row for row in invoices if row["buyer_code"] in buyers]),
        csv_file("invoices/gansu/company_invoices.csv", plain, [row for row in invoices if row["buyer_code"] not in buyers]),
        csv_file("payments/gansu/payments.csv", canonical(*payments[0]), payments),
    ]


def _make_prices(rows: list[dict[str, Any]]) -> list[LandingFile]:
    """Payment standards in an export, listings from the platform, those of Gansu under canonical names."""
    standards = [row for row in rows if row["kind"] == "payment_standard"]
    gansu = [row for row in rows if row["jurisdiction_code"].startswith("62")]
    listings = [row for row in rows if row not in standards and row not in gansu]
    return [
        csv_file(
            "reference_prices/nhsa/医保支付标准.csv",
            chinese("reference_prices"),
            spread(standards, dirt.PRICES_NATION, repeat=1),
            EXPORT,
            encoding="gb18030",
            newline="\r\n",
            titles=("医保支付标准（示例）", "导出日期：2020年12月31日"),
        ),
        csv_file(
            "reference_prices/zj_platform/listings.csv",
            platform("reference_prices"),
            spread(listings, dirt.PRICES_ZHEJIANG),
            Style(dates="time"),
        ),
        csv_file("reference_prices/gansu/prices.csv", canonical(*gansu[0]), spread(gansu, dirt.PRICES_GANSU, repeat=0)),
    ]


def _make_cases(world: World) -> list[LandingFile]:
    """Cases by who decided them, and the listings for a place."""
    rows = world["misconduct"]
    zhejiang, shandong, gansu = ([r for r in rows if r["decided_by"].startswith(place)] for place in ("浙江", "山东", "甘肃"))
    return [
        LandingFile(
            "misconduct/shandong/失信评级_2020.xlsx",
            chinese("misconduct", 备注="x_note"),
            [Sheet(spread(shandong, dirt.CASES_NATION, repeat=0), "评级结果", ("医药企业信用评级结果（示例）",), total="合计")],
            Style(dates="cell", chinese_words=True),
        ),
        csv_file(
            "misconduct/zj_platform/cases.csv",
            platform("misconduct"),
            spread(zhejiang, dirt.CASES_ZHEJIANG),
            Style(amounts="comma"),
            encoding="utf-8-sig",
        ),
        csv_file("misconduct/gansu/cases.csv", canonical(*rows[0]), spread(gansu, dirt.CASES_GANSU)),
        csv_file("blacklist/gansu/blacklist.csv", canonical(*world["blacklist"][0]), world["blacklist"]),
    ]
