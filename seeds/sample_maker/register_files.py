"""The files of what stands still: registers, lots, agreements. How each sender writes them, dirt included."""

from __future__ import annotations

from typing import Any

from seeds.sample_maker import dirt, dirt_of_agreements
from seeds.sample_maker.cells import Style
from seeds.sample_maker.formats import EXPORT, LandingFile, Sheet, csv_file
from seeds.sample_maker.headers import canonical, chinese, platform
from seeds.sample_maker.world.parties import of_institutions

World = dict[str, list[dict[str, Any]]]


def make_register_files(world: World) -> list[LandingFile]:
    """Files of all datasets but deliveries, returns, invoices and payments; rows by canonical column."""
    return _make_registers(world) + _make_agreements(world)


def _make_registers(world: World) -> list[LandingFile]:
    """Institutions, agencies, companies, deemed manufacturers, blacklist, products, lots, selections, substitutes."""
    cixi = [r for r in world["institutions"] if r["jurisdiction_code"] == "330282"]
    liaocheng = [r for r in world["institutions"] if r["jurisdiction_code"].startswith("3715")]
    shanghai = [r for r in world["institutions"] if r["jurisdiction_code"].startswith("31")]
    gansu = [r for r in world["institutions"] if r["jurisdiction_code"].startswith("62")]
    huaibei = [r for r in world["institutions"] if r["jurisdiction_code"].startswith("3406")]
    drugs = [r for r in world["products"] if r["kind"] == "drug"]
    consumables = [r for r in world["products"] if r["kind"] == "consumable"]
    return [
        csv_file(
            "institutions/cixi/institutions.csv",
            chinese("institutions", 床位数="x_beds"),
            dirt.spread(cixi, dirt.INSTITUTIONS),
            EXPORT,
            encoding="utf-8-sig",
        ),
        LandingFile(
            "institutions/liaocheng/institutions.xlsx",
            chinese("institutions"),
            [Sheet(liaocheng, "定点医疗机构", ("聊城市定点医疗机构名单（示例）", "导出日期：2020年12月31日"))],
            EXPORT,
        ),
        csv_file("institutions/huaibei/institutions.csv", canonical(*huaibei[0]), huaibei),
        csv_file("institutions/gansu/institutions.csv", canonical(*gansu[0]), gansu),
        csv_file("institutions/shanghai/institutions.csv", canonical(*shanghai[0]), shanghai),
        csv_file(
            "agencies/bureaus/agencies.csv",
            chinese("agencies", 联系电话="x_telephone"),
            dirt.spread(world["agencies"], dirt_of_agreements.AGENCIES, repeat=1),
            EXPORT,
            encoding="gb18030",
        ),
        csv_file(
            "enterprises/zj_platform/enterprises.csv",
            platform("enterprises"),
            dirt.spread(world["enterprises"], dirt.ENTERPRISES, repeat=0),
        ),
        csv_file(
            "deemed_manufacturers/zj_platform/deemed.csv",
            canonical("enterprise_code", "manufacturer_code", "basis", "product_code", "valid_from", "valid_to"),
            world["deemed_manufacturers"],
        ),
        csv_file("blacklist/zj_platform/blacklist.csv", chinese("blacklist"), world["blacklist"], EXPORT, encoding="gb18030"),
        csv_file(
            "products/zj_platform/drugs.csv", platform("products", prodName="generic_name"), dirt.spread(drugs, dirt.PRODUCTS)
        ),
        LandingFile("products/zj_platform/consumables.xlsx", chinese("products"), [Sheet(consumables, "耗材目录")], EXPORT),
        csv_file("lots/nhsa/lots.csv", canonical(*world["lots"][0]), world["lots"]),
        csv_file(
            "selections/nhsa/selections.csv",
            chinese("selections"),
            world["selections"],
            EXPORT,
            encoding="gb18030",
            newline="\r\n",
        ),
        csv_file("substitutes/nhsa/substitutes.csv", canonical("lot_code", "item_code", "product_code"), world["substitutes"]),
    ]


def _make_agreements(world: World) -> list[LandingFile]:
    """Commitments, adjustments, excuses and prepayments."""
    liaocheng = of_institutions(world["commitments"], "L1", "L2", "L3", "L4")
    huaibei = of_institutions(world["commitments"], "HB")
    cixi = [r for r in world["commitments"] if r not in liaocheng + huaibei]
    limits = [r for r in liaocheng if r["lot_code"] == "LC-LIMIT"]
    liaocheng = [r for r in liaocheng if r not in limits]
    drugs = [r for r in cixi if not r["lot_code"].endswith(("HC", "STENT"))]
    consumables = [r for r in cixi if r not in drugs]
    known = {agency["agency_code"] for agency in world["agencies"]}
    prepaid = [r if r["agency_code"] in known else r | {"_dirt": "unknown_agency"} for r in world["prepayments"]]
    stray = liaocheng[0] | {"commitment_id": "XY-UNKNOWN-LOT", "lot_code": "GY-99", "_dirt": "unknown_lot"}
    return [
        LandingFile(
            "commitments/cixi/commitments.xlsx",
            chinese("commitments", 备注说明="x_note"),
            [
                Sheet(drugs, "药品", ("慈溪市约定采购量汇总表（示例）",), subtotal_every=20, total="合计"),
                Sheet(consumables, "耗材", ("慈溪市耗材约定采购量（示例）",), total="合计"),
            ],
            Style(dates="cell", chinese_words=True),
        ),
        csv_file("commitments/liaocheng/commitments.csv", platform("commitments"), dirt.spread(liaocheng, [stray], repeat=2)),
        csv_file(
            "commitments/liaocheng/limits.csv",
            chinese("commitments"),
            dirt.spread(limits, dirt_of_agreements.LIMITS),
            EXPORT,
            encoding="gb18030",
        ),
        csv_file("commitments/huaibei/commitments.csv", canonical(*world["commitments"][0]), huaibei),
        csv_file(
            "commitment_adjustments/cixi/adjustments.csv",
            chinese("commitment_adjustments"),
            dirt.spread(world["commitment_adjustments"], dirt_of_agreements.ADJUSTMENTS),
            Style(dates="chinese"),
            encoding="utf-8-sig",
        ),
        csv_file(
            "excuses/bureaus/excuses.csv",
            chinese("excuses"),
            dirt.spread(world["excuses"], dirt_of_agreements.EXCUSES),
            Style(dates="mixed", chinese_words=True),
            encoding="gb18030",
            newline="\r\n",
        ),
        csv_file(
            "prepayments/agencies/prepayments.csv",
            chinese("prepayments"),
            dirt.spread(prepaid, dirt_of_agreements.PREPAYMENTS, repeat=0),
            Style(amounts="comma"),
        ),
    ]
