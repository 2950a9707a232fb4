"""What is bought: products, lots, selections and substitutes.

Real: generic names; the codes marked `R` (rows of the national code list; maker, strength, pack and price given to them
here need not be theirs); the selected prices marked `P` (published: first national round, 2018-12; acarbose: second,
2020-01). Everything else, above all the codes whose last five digits are 999xx, is made up in the national shape.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from seeds.sample_maker.world.parties import COMPANY

Row = dict[str, Any]

# key: code, generic name, form, strength, minimum unit, units per pack, manufacturer, price per pack, marks
DRUG_TABLE = {
    "ATOR7": ("XC10AAA061A001010199901", "阿托伐他汀钙片", "薄膜衣片", "20mg", "片", 7, "M1", "6.60", "P"),
    "ATOR28": ("XC10AAA061A001010299901", "阿托伐他汀钙片", "薄膜衣片", "20mg", "片", 28, "M1", "26.40", ""),
    "ESCI7": ("XN06ABA012A001010199902", "草酸艾司西酞普兰片", "薄膜衣片", "10mg", "片", 7, "M2", "30.94", "P"),
    "MONT15": ("XA07BCM054R001010199904", "蒙脱石散", "散剂", "3g", "袋", 15, "M4", "10.20", "P"),
    "GEFI10": ("XL01XEJ015A001010199903", "吉非替尼片", "薄膜衣片", "250mg", "片", 10, "M3", "547.00", "P"),
    "AMLO28": ("XC08CAA125A001010199902", "苯磺酸氨氯地平片", "片剂", "5mg", "片", 28, "M2", "1.6800", ""),
    "ENTE28": ("XJ05AFE031A006010199901", "恩替卡韦分散片", "分散片", "0.5mg", "片", 28, "M1", "5.3200", ""),
    "ENTE7": ("XJ05AFE031A006010299901", "恩替卡韦分散片", "分散片", "0.5mg", "片", 7, "M1", "1.3300", ""),
    "CLOP7": ("XB01ACL130A001010199904", "硫酸氢氯吡格雷片", "薄膜衣片", "75mg", "片", 7, "M4", "17.08", ""),
    "ROSU28": ("XC10AAR064A001010199901", "瑞舒伐他汀钙片", "薄膜衣片", "10mg", "片", 28, "M1", "5.60", ""),
    "ROSU5": ("XC10AAR064A001020199901", "瑞舒伐他汀钙片", "薄膜衣片", "5mg", "片", 28, "M1", "3.2900", ""),
    "IRBE28": ("XC09CAE036A001010199905", "厄贝沙坦片", "片剂", "75mg", "片", 28, "M5", "5.43", ""),
    "IRBE14": ("XC09CAE036A001020199906", "厄贝沙坦片", "片剂", "150mg", "片", 14, "M6", "5.43", ""),
    "OLAN14": ("XN05AHA086A001010199902", "奥氮平片", "片剂", "10mg", "片", 14, "M2", "87.36", ""),
    "CEFU12": ("XJ01DCT084A001010199905", "头孢呋辛酯片", "薄膜衣片", "0.25g", "片", 12, "M5", "4.31", ""),
    "LEVE30": ("XN03AXZ089A001010199901", "左乙拉西坦片", "薄膜衣片", "0.25g", "片", 30, "M1", "70.80", ""),
    "ACAR30": ("XA10BFA043A001010199903", "阿卡波糖片", "片剂", "50mg", "片", 30, "M3", "5.42", "P"),
    "AMOX24": ("XJ01CAA040E001010199905", "阿莫西林胶囊", "胶囊剂", "0.25g", "粒", 24, "M5", "1.58", ""),
    "TADA4": ("XG04BET001A001010102038", "他达拉非片", "薄膜衣片", "20mg", "片", 4, "M4", "98.40", "R"),
    "ABIR120": ("XL02BBA292A001010106716", "醋酸阿比特龙片", "片剂", "250mg", "片", 120, "M2", "2898.00", "R"),
    "YIMU10": ("ZD01BAY0318010100798", "益母草颗粒", "颗粒剂", "15g", "袋", 10, "M6", "12.50", "R"),
    "DANS5": ("ZA12CAD0073010101424", "丹参注射液", "注射液", "10ml", "支", 5, "M6", "21.80", "R"),
    "AMLO14N": ("XC08CAA125A001010199906", "苯磺酸氨氯地平片", "片剂", "5mg", "片", 14, "M6", "9.80", ""),
    "ATOR7N": ("XC10AAA061A001010199903", "阿托伐他汀钙片", "薄膜衣片", "20mg", "片", 7, "M3", "43.20", ""),
    "CLOP7N": ("XB01ACL130A001010199906", "硫酸氢氯吡格雷片", "薄膜衣片", "75mg", "片", 7, "M6", "58.60", ""),
    "SIMV20": ("XC10AAX031A001010199906", "辛伐他汀片", "薄膜衣片", "20mg", "片", 20, "M6", "8.60", ""),
    "SILD5": ("XG04BEX006A001010103592", "枸橼酸西地那非片", "薄膜衣片", "50mg", "片", 5, "M4", "118.00", "R"),
    "ANGO1": ("ZA07AAA0061010101352", "安宫牛黄丸", "大蜜丸", "3g", "丸", 1, "M6", "560.00", "R"),
    "XIAO10": ("XN02BEX085N001010101101", "小儿氨酚黄那敏颗粒", "颗粒剂", "6g", "袋", 10, "M5", "6.90", "R"),
    "OXYT10": ("XH01BBS194B002010101598", "缩宫素注射液", "注射液", "1ml:10单位", "支", 10, "M5", "38.00", "R"),
    "AMIN1": ("XB05BAF150B002010101708", "复方氨基酸注射液(18AA)", "注射液", "250ml", "瓶", 1, "M1", "16.40", "R"),
    "RABI1": (
        "XJ07BGR030B014010101246",
        "冻干人用狂犬病疫苗(Vero细胞)",
        "注射用无菌粉末",
        "0.5ml",
        "瓶",
        1,
        "M4",
        "88.00",
        "R",
    ),
    "RACE9": ("XA07XAX061N001010202120", "消旋卡多曲颗粒", "颗粒剂", "10mg", "袋", 9, "M4", "27.90", "R"),
}
# key: code, name, strength, minimum unit, units per pack, manufacturer, price per pack
CONSUMABLE_TABLE = {
    "CATH1": ("C0301010010000199901", "一次性使用静脉留置针（示例）", "22G", "支", 1, "MC", "3.60"),
    "FILM100": ("C0601010010000299901", "医用干式胶片（示例）", "14×17英寸", "张", 100, "MC", "690.00"),
    "STENT1": ("C02030101000003999010000001", "冠状动脉药物洗脱支架（示例）", "3.0×18mm", "套", 1, "MC", "645.00"),
}
# what no agreement names, under the same columns; it comes last, so that batches and sellers of what stands above stay
FURTHER_DRUG_TABLE = {
    "OSIM30": ("XL01XEA190A001010199903", "甲磺酸奥希替尼片", "薄膜衣片", "80mg", "片", 30, "M3", "15300.00", ""),
    "PARAT1": ("XN02BEA067A001010199905", "对乙酰氨基酚片", "片剂", "0.1g", "片", 24, "M5", "3.20", ""),
    "PARAT3": ("XN02BEA067A001020199905", "对乙酰氨基酚片", "片剂", "0.3g", "片", 24, "M5", "4.80", ""),
    "PARAT5": ("XN02BEA067A001030199906", "对乙酰氨基酚片", "片剂", "0.5g", "片", 12, "M6", "4.10", ""),
    "PARAC3": ("XN02BEA067E001010199905", "对乙酰氨基酚胶囊", "胶囊剂", "０．３ g", "粒", 12, "M5", "5.60", ""),
    "PARAG1": ("XN02BEA067N001010199906", "对乙酰氨基酚颗粒", "颗粒剂", "0.1g", "袋", 10, "M6", "7.50", ""),
    "PARAS1": ("XN02BEA067P001010199906", "对乙酰氨基酚散", "散剂", "0.1g", "袋", 10, "M6", "6.40", ""),
    "OXYG1": ("XV03ANY001Q001010199905", "医用氧（气态）", "气体", "", "瓶", 1, "M5", "35.00", ""),
    "HUANG500": ("T001599901", "黄芪饮片（示例）", "", "", "克", 500, "M6", "48.00", ""),
}
FURTHER_CONSUMABLE_TABLE = {
    "BALL1": ("C0203040170001199902", "冠状动脉球囊扩张导管（示例）", "2.5×15mm", "根", 1, "MC", "2980.00")
}
# a pack that is not selected, of what is selected in others; after all of them for the same reason
MARKET_DRUG_TABLE = {"ENTE14": ("XJ05AFE031A006010399901", "恩替卡韦分散片", "分散片", "0.5mg", "片", 14, "M1", "2.59", "")}
ALL_DRUGS = DRUG_TABLE | FURTHER_DRUG_TABLE | MARKET_DRUG_TABLE
ALL_CONSUMABLES = CONSUMABLE_TABLE | FURTHER_CONSUMABLE_TABLE
_IN_ORDER = DRUG_TABLE | CONSUMABLE_TABLE | FURTHER_DRUG_TABLE | FURTHER_CONSUMABLE_TABLE | MARKET_DRUG_TABLE
ORIGINATORS = {"ATOR7N", "CLOP7N", "GEFI10", "OSIM30"}
PASSED = {"ATOR7", "ATOR28", "ESCI7", "MONT15", "AMLO28", "ENTE28", "ENTE7", "CLOP7", "ROSU28", "ROSU5", "IRBE28", "OLAN14"}
SETTLED_AS = {"AMLO14N": "YB3302-0014", "XIAO10": "YB3302-0027"}  # the insurance fund's own code
DEVICE_IDENTIFIER = {"CATH1": "06900000000018", "BALL1": "06900000000025"}
SPECIAL = {"RABI1": "vaccine", "HUANG500": "tcm_decoction"}
HELD_BY_RESEARCH_INSTITUTE = {"MONT15", "RABI1"}
ESSENTIAL = {"AMLO28", "ENTE28", "AMOX24", "CEFU12", "MONT15", "CLOP7", "XIAO10", "OXYT10", "YIMU10"}
KEY_MONITORED = {"AMIN1", "DANS5"}

LOT_COLUMNS = ("lot_code", "name", "program", "category", "document_no", "jurisdiction_code")  # a division empty: the nation
LOT_TABLE = [
    ("4+7", "国家组织药品集中采购试点（第一批）", "national", "drug", "国办发〔2019〕2号", ""),
    ("4+7-KW", "国家组织药品集中采购试点扩大区域范围", "alliance", "drug", "医保发〔2019〕56号", ""),
    ("GY-2", "第二批国家组织药品集中采购", "national", "drug", "联采办 GY-YD2019-2", ""),
    ("LC-ZCY", "聊城市中成药带量采购（虚构）", "municipal", "drug", "示例聊采〔2020〕1号", "3715"),
    ("NB-BUDGET", "宁波市药品带预算采购（虚构）", "budgeted", "drug", "示例甬采〔2020〕3号", "3302"),
    ("LC-LIMIT", "聊城市重点监控药品限量采购（虚构）", "budgeted", "drug", "示例聊采〔2020〕6号", "3715"),
    ("NB-HC", "宁波市医用耗材带量采购（虚构）", "municipal", "consumable", "示例甬采〔2020〕5号", "3302"),
    ("GH-STENT", "国家组织冠脉支架集中带量采购", "national", "consumable", "联采办 GH-HD2020-1", ""),
    ("SH-2019", "上海市药品带量采购（虚构）", "municipal", "drug", "示例沪采〔2019〕1号", "31"),
]

# lot, item, products (the first is the usual one), period from, period to
ITEM_TABLE: list[tuple[str, str, tuple[str, ...], date, date]] = [
    ("4+7", "ATOR", ("ATOR7", "ATOR28"), date(2020, 3, 1), date(2020, 11, 30)),
    ("4+7", "ESCI", ("ESCI7",), date(2020, 3, 1), date(2020, 11, 30)),
    ("4+7", "MONT", ("MONT15",), date(2020, 3, 1), date(2020, 11, 30)),
    ("4+7", "GEFI", ("GEFI10",), date(2020, 3, 1), date(2020, 11, 30)),
    ("4+7-KW", "AMLO", ("AMLO28",), date(2020, 4, 20), date(2021, 4, 19)),
    ("4+7-KW", "ENTE", ("ENTE28", "ENTE7"), date(2020, 4, 20), date(2021, 4, 19)),
    ("4+7-KW", "CLOP", ("CLOP7",), date(2020, 4, 20), date(2021, 4, 19)),
    ("4+7-KW", "ROSU", ("ROSU28", "ROSU5"), date(2020, 4, 20), date(2021, 4, 19)),
    ("4+7-KW", "IRBE", ("IRBE28",), date(2020, 4, 20), date(2021, 4, 19)),
    ("4+7-KW", "OLAN", ("OLAN14",), date(2020, 4, 20), date(2021, 4, 19)),
    ("4+7-KW", "CEFU", ("CEFU12",), date(2020, 4, 20), date(2021, 4, 19)),
    ("4+7-KW", "LEVE", ("LEVE30",), date(2020, 4, 20), date(2021, 4, 19)),
    ("GY-2", "ACAR", ("ACAR30",), date(2020, 4, 20), date(2021, 4, 19)),
    ("GY-2", "AMOX", ("AMOX24",), date(2020, 4, 20), date(2021, 4, 19)),
    ("GY-2", "TADA", ("TADA4",), date(2020, 4, 20), date(2021, 4, 19)),
    ("GY-2", "ABIR", ("ABIR120",), date(2020, 4, 20), date(2021, 4, 19)),
    ("LC-ZCY", "YIMU", ("YIMU10",), date(2020, 1, 1), date(2020, 12, 31)),
    ("LC-ZCY", "DANS", ("DANS5",), date(2020, 1, 1), date(2020, 12, 31)),
    ("NB-BUDGET", "AMIN", ("AMIN1",), date(2020, 4, 20), date(2021, 4, 19)),
    ("NB-BUDGET", "RACE", ("RACE9",), date(2020, 4, 20), date(2021, 4, 19)),
    ("NB-HC", "CATH", ("CATH1",), date(2020, 4, 20), date(2021, 4, 19)),
    ("NB-HC", "FILM", ("FILM100",), date(2020, 4, 20), date(2021, 4, 19)),
    ("GH-STENT", "STENT", ("STENT1",), date(2021, 1, 1), date(2022, 12, 31)),
    ("SH-2019", "AMLO", ("AMLO28",), date(2019, 3, 20), date(2019, 12, 31)),
    ("SH-2019", "ATOR", ("ATOR7",), date(2019, 3, 20), date(2019, 12, 31)),
]
CONVERSION = {"ROSU5": Decimal("0.5")}
SUBSTITUTE_TABLE = [
    ("4+7", "ATOR", "SIMV20"),
    ("4+7-KW", "ROSU", "SIMV20"),
    ("GY-2", "TADA", "SILD5"),
    ("SH-2019", "ATOR", "SIMV20"),
]
UNKNOWN_PRODUCT = "XC09AAF026A001010199999"

PRODUCT = {key: row[0] for key, row in _IN_ORDER.items()}
UNITS = {k: r[5] for k, r in ALL_DRUGS.items()} | {k: r[4] for k, r in ALL_CONSUMABLES.items()}
MAKER = {k: r[6] for k, r in ALL_DRUGS.items()} | {k: r[5] for k, r in ALL_CONSUMABLES.items()}
PRICE = {k: Decimal(r[7]) for k, r in ALL_DRUGS.items()} | {k: Decimal(r[6]) for k, r in ALL_CONSUMABLES.items()}
PRODUCTS_OF_ITEM = {(lot, item): products for lot, item, products, *_ in ITEM_TABLE}
PERIOD_OF_ITEM = {(lot, item): (start, end) for lot, item, _, start, end in ITEM_TABLE}


def make_products() -> dict[str, list[Row]]:
    """Rows of products, lots, selections and substitutes by canonical column name; prices in yuan per pack."""
    return {
        "products": [_make_drug(k) for k in ALL_DRUGS] + [_make_consumable(k) for k in ALL_CONSUMABLES],
        "lots": [dict(zip(LOT_COLUMNS, row, strict=True)) for row in LOT_TABLE],
        "selections": [
            _make_selection(lot, item, product, start, end)
            for lot, item, products, start, end in ITEM_TABLE
            for product in products
        ],
        "substitutes": [
            {"lot_code": lot, "item_code": item, "product_code": PRODUCT[product]} for lot, item, product in SUBSTITUTE_TABLE
        ],
    }


def _make_drug(key: str) -> Row:
    code, name, form, strength, unit, units, maker, price, _ = ALL_DRUGS[key]
    return {
        "product_code": code,
        "kind": "drug",
        "generic_code": "",
        "generic_name": name,
        "dosage_form": form,
        "strength": strength,
        "min_unit": unit,
        "units_per_pack": units,
        "manufacturer_code": COMPANY[maker],
        "mah_code": COMPANY["MH"] if key in HELD_BY_RESEARCH_INSTITUTE else "",
        "special_category": SPECIAL.get(key, "none"),
        "is_essential": key in ESSENTIAL,
        "is_key_monitored": key in KEY_MONITORED,
        "listing_price": Decimal(price),
        "insurance_code": SETTLED_AS.get(key, ""),
        "evaluation": "originator" if key in ORIGINATORS else "passed" if key in PASSED else "none",
        "udi_di": "",
    }


def _make_consumable(key: str) -> Row:
    code, name, strength, unit, units, maker, price = ALL_CONSUMABLES[key]
    return {
        "product_code": code,
        "kind": "consumable",
        "generic_code": "",
        "generic_name": name,
        "dosage_form": "",
        "strength": strength,
        "min_unit": unit,
        "units_per_pack": units,
        "manufacturer_code": COMPANY[maker],
        "mah_code": "",
        "special_category": "none",
        "is_essential": False,
        "is_key_monitored": False,
        "listing_price": Decimal(price),
        "insurance_code": "",
        "evaluation": "none",
        "udi_di": DEVICE_IDENTIFIER.get(key, ""),
    }


def _make_selection(lot: str, item: str, product: str, start: date, end: date) -> Row:
    return {
        "lot_code": lot,
        "item_code": item,
        "product_code": PRODUCT[product],
        "selected_price": PRICE[product],
        "conversion_factor": CONVERSION.get(product, Decimal(1)),
        "valid_from": start,
        "valid_to": end,
    }
