"""The files of the further trade, the catalogues, and of what was used and scanned, as senders write them, with dirt."""

from __future__ import annotations

from typing import Any

from seeds.sample_maker import dirt
from seeds.sample_maker.cells import Style
from seeds.sample_maker.formats import EXPORT, LandingFile, Sheet, csv_file
from seeds.sample_maker.further import dirt as further_dirt
from seeds.sample_maker.headers import canonical, chinese, platform
from seeds.sample_maker.world.parties import get_invoice_buyer, of_institutions

World = dict[str, list[dict[str, Any]]]
CIXI, LIAOCHENG, SHANGHAI = ("C1", "C3", "B1", "B2", "PV", "PH"), ("L1", "L2", "L3", "L4"), ("SH",)


def make_further_files(world: World) -> list[LandingFile]:
    """Files of what `make_further_world` returns; rows by canonical column."""
    return _make_trade(world) + _make_catalogues(world) + _make_usages(world) + _make_scans(world)


def _make_trade(world: World) -> list[LandingFile]:
    """Deliveries, invoices and payments by place."""
    deliveries, invoices, payments = world["deliveries"], world["invoices"], world["payments"]
    by_buyer = [
        [row for row in invoices if row["buyer_code"] in {get_invoice_buyer(key) for key in place}]
        for place in (CIXI, LIAOCHENG, SHANGHAI)
    ]
    companies = [row for row in invoices if not any(row in rows for rows in by_buyer)]
    plain = canonical(*(c for c in invoices[0] if not c.startswith("red_of")))
    return [
        csv_file("deliveries/zj_platform/further.csv", platform("deliveries"), of_institutions(deliveries, *CIXI)),
        csv_file("deliveries/lc_platform/further.csv", chinese("deliveries"), of_institutions(deliveries, *LIAOCHENG), EXPORT),
        csv_file("deliveries/shanghai/deliveries.csv", canonical(*deliveries[0]), of_institutions(deliveries, *SHANGHAI)),
        csv_file("invoices/zj_tax/further.csv", chinese("invoices"), by_buyer[0], EXPORT),
        csv_file("invoices/lc_tax/further.csv", chinese("invoices"), by_buyer[1], EXPORT, encoding="gb18030"),
        csv_file("invoices/shanghai/invoices.csv", plain, by_buyer[2]),
        csv_file("invoices/zj_platform/company_invoices_further.csv", plain, companies),
        csv_file("payments/cixi/further.csv", chinese("payments"), of_institutions(payments, *CIXI), EXPORT),
        csv_file("payments/lc_platform/further.csv", platform("payments"), of_institutions(payments, *LIAOCHENG)),
        csv_file("payments/shanghai/payments.csv", canonical(*payments[0]), of_institutions(payments, *SHANGHAI)),
    ]


def _make_catalogues(world: World) -> list[LandingFile]:
    """National lists in an export, local ones under canonical names."""
    national = [row for row in world["catalogue_entries"] if not row["jurisdiction_code"]]
    local = [row for row in world["catalogue_entries"] if row["jurisdiction_code"]]
    return [
        csv_file(
            "catalogue_entries/nhsa/catalogues.csv",
            chinese("catalogue_entries"),
            dirt.spread(national, further_dirt.ENTRIES, repeat=2),
            EXPORT,
            encoding="gb18030",
            newline="\r\n",
            titles=("国家目录（示例）",),
        ),
        csv_file("catalogue_entries/bureaus/local.csv", canonical(*local[0]), local),
    ]


def _make_usages(world: World) -> list[LandingFile]:
    rows = world["usages"]
    return [
        LandingFile(
            "usages/c1_his/发药明细_2020.xlsx",
            chinese("usages", 药房="x_room"),
            [
                Sheet(
                    dirt.spread(of_institutions(rows, "C1"), further_dirt.USAGES_HOSPITAL, repeat=5),
                    "发药明细",
                    ("慈溪市示例第一医院发药明细（示例）",),
                    subtotal_every=12,
                    total="合计",
                )
            ],
            Style(dates="cell", chinese_words=True),
        ),
        csv_file("usages/cixi/usages_2020.csv", canonical(*rows[0]), of_institutions(rows, "C3", "B1", "B2", "PV", "PH")),
        csv_file(
            "usages/lc_settlement/usages_2020.csv",
            platform("usages"),
            dirt.spread(of_institutions(rows, "L1"), further_dirt.USAGES_LIAOCHENG, repeat=1),
            Style(dates="time"),
        ),
    ]


def _make_scans(world: World) -> list[LandingFile]:
    rows = world["trace_scans"]
    public, others = of_institutions(rows, "C1", "C3", "B1"), of_institutions(rows, "PV", "PH")
    liaocheng = of_institutions(rows, "L1", "L3")
    return [
        csv_file(
            "trace_scans/zj_platform/scans_2020.csv",
            platform("trace_scans", refCode="x_ref"),
            dirt.spread(public, further_dirt.SCANS_CIXI, repeat=3),
            Style(dates="time"),
            encoding="utf-8-sig",
        ),
        csv_file(
            "trace_scans/cixi_private/追溯码采集_2020.csv",
            chinese("trace_scans"),
            dirt.spread(others, further_dirt.SCANS_ELSEWHERE[:1]),
            Style(dates="slash", chinese_words=True),
            encoding="gb18030",
        ),
        csv_file(
            "trace_scans/liaocheng/scans_2020.csv",
            canonical(*rows[0]),
            dirt.spread(liaocheng, further_dirt.SCANS_ELSEWHERE[1:]),
        ),
    ]
