"""Who takes part: the institutions, the agencies, the companies, the deemed manufacturers and the blacklist. All invented.

The short keys (`C1`, `D2` …) are used by the other tables of this package only; the files hold the codes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

Row = dict[str, Any]

# key: code, name, USCC, jurisdiction, ownership, level, remote, parent's key, responsible person
INSTITUTION_TABLE = {
    "C1": ("H33028200101", "慈溪市示例第一医院", "12330282MB9XXXX01X", "330282", "public", "tertiary", 0, "", "张某某"),
    "C3": ("H33028200103", "慈溪市示例医共体总院", "12330282MB9XXXX034", "330282", "public", "secondary", 0, "", "李某某"),
    "B1": ("H33028200301", "示例医共体东山分院", "12330282MB9XXXX034", "330282", "public", "primary", 0, "C3", "王某某"),
    "B2": ("H33028200302", "示例医共体西河分院", "12330282MB9XXXX05A", "330282", "public", "primary", 0, "C3", "赵某某"),
    "PV": ("H33028200901", "慈溪示例民营医院", "52330282MJ9XXXX06P", "330282", "private", "secondary", 0, "", "钱某某"),
    "PH": ("P33028200001", "慈溪示例大药房", "91330282MA9XXXX079", "330282", "retail", "retail", 0, "", "孙某某"),
    "P2": ("P33028200002", "慈溪示例便民药店", "91330282MA9XXXX11P", "330282", "retail", "retail", 0, "", "秦某某"),
    "P3": ("P33028200003", "慈溪示例街角药店", "91330282MA9XXXX2XF", "330282", "retail", "retail", 0, "", "尤某某"),
    "L1": ("H37150000101", "聊城市示例人民医院", "12371500MB9XXXX11J", "371500", "public", "tertiary", 0, "", "周某某"),
    "L2": ("H37150200102", "东昌府区示例医院", "12371502MB9XXXX12J", "371502", "public", "secondary", 0, "", "吴某某"),
    "L3": ("H37152200301", "莘县示例乡镇卫生院", "12371522MB9XXXX13L", "371522", "public", "primary", 0, "", "郑某某"),
    "L4": ("H37152200401", "莘县示例村卫生室", "", "371522", "public", "village", 1, "L3", "冯某某"),
    "LP": ("H37150200901", "东昌府示例民营医院", "52371502MJ9XXXX811", "371502", "private", "secondary", 0, "", "许某某"),
    "LR": ("P37150200001", "东昌府示例药店", "91371502MA9XXXX973", "371502", "retail", "retail", 0, "", "何某某"),
    "HB": ("H34060300101", "淮北市示例人民医院", "12340603MB9XXXX23H", "340603", "public", "tertiary", 0, "", "吕某某"),
    "SH": ("H31010100101", "上海示例区医院", "12310101MB9XXXX319", "310101", "public", "secondary", 0, "", "华某某"),
    "L5": ("H37152600101", "高唐县示例人民医院", "12371526MB9XXXX51C", "371526", "public", "secondary", 0, "", "金某某"),
    "G1": ("H62010200101", "兰州市示例人民医院", "12620102MB9XXXX613", "620102", "public", "tertiary", 0, "", "魏某某"),
    "G2": ("H62010200102", "兰州市示例中医医院", "12620102MB9XXXX626", "620102", "public", "secondary", 0, "", "陶某某"),
    "G3": ("H62010200301", "示例社区卫生服务中心", "12620102MB9XXXX639", "620102", "public", "primary", 0, "", "姜某某"),
    "G4": ("H62010300301", "七里河示例卫生院", "12620103MB9XXXX64T", "620103", "public", "primary", 0, "", "戚某某"),
    "G5": ("H62010300302", "七里河示例第二卫生院", "12620103MB9XXXX65X", "620103", "public", "primary", 0, "", "谢某某"),
}

# key: code, name, group
ENTERPRISE_TABLE = {
    "M1": ("91330200MA9XXXX210", "示例甲制药有限公司", ""),
    "M2": ("91330200MA9XXXX223", "示例乙制药有限公司", "GRP-YI"),
    "M3": ("F-SAMPLE-0001", "示例海外药业（境外）", ""),
    "M4": ("91330200MA9XXXX236", "示例丁制药有限公司", ""),
    "M5": ("91371500MA9XXXX41E", "示例戊制药有限公司", ""),
    "M6": ("91371500MA9XXXX42H", "示例己制药有限公司", ""),
    "MH": ("91330200MA9XXXX249", "示例药物研究院（上市许可持有人）", ""),
    "MC": ("91330200MA9XXXX25C", "示例医用材料有限公司", ""),
    "S2": ("91330200MA9XXXX26F", "示例乙药品销售有限公司", "GRP-YI"),
    "A3": ("91330200MA9XXXX27J", "示例进口药品总代理有限公司", ""),
    "D1": ("91330200MA9XXXX28M", "宁波示例医药有限公司", "GRP-YIYAO"),
    "D2": ("91330200MA9XXXX29Q", "慈溪示例医药有限公司", "GRP-YIYAO"),
    "D3": ("91371500MA9XXXX43L", "聊城示例医药有限公司", ""),
    "D4": ("91371500MA9XXXX44P", "鲁西示例配送有限公司", ""),
    "D5": ("91371500MA9XXXX45T", "示例县域医药商贸有限公司", ""),
    "D6": ("91330200MA9XXXX30X", "示例失信医药有限公司", ""),
    "D7": ("91330200MA9XXXX311", "示例小型医药商行", ""),
    "D8": ("91620100MA9XXXX41W", "兰州示例医药有限公司", ""),
    "D9": ("91620100MA9XXXX420", "陇上示例配送有限公司", ""),
    "E1": ("91371500MA9XXXX51F", "鲁西示例第一医药有限公司", ""),
    "E2": ("91371500MA9XXXX52J", "鲁西示例第二医药有限公司", ""),
    "E3": ("91371500MA9XXXX53M", "鲁西示例第三医药有限公司", ""),
    "E4": ("91371500MA9XXXX54Q", "鲁西示例第四医药有限公司", ""),
    "E5": ("91371500MA9XXXX55U", "鲁西示例第五医药有限公司", ""),
    "E6": ("91371500MA9XXXX56Y", "鲁西示例第六医药有限公司", ""),
    "E7": ("91371500MA9XXXX572", "鲁西示例第七医药有限公司", ""),
    "E8": ("91371500MA9XXXX585", "鲁西示例第八医药有限公司", ""),
    "E9": ("91371500MA9XXXX598", "鲁西示例第九医药有限公司", ""),
    "E10": ("91371500MA9XXXX60D", "鲁西示例第十医药有限公司", ""),
    "E11": ("91371500MA9XXXX61G", "鲁西示例第十一医药有限公司", ""),
    "E12": ("91371500MA9XXXX62K", "鲁西示例第十二医药有限公司", ""),
}
UNKNOWN_COMPANY = "91330200MA9XXXX324"
INVALID_USCC = "91330110MA27XL5M3P"
NOT_DESIGNATED = {"P3", "LR"}
AGENCY = {code: f"JB{code}" for code in ("330282", "371500", "371502", "371522", "340603")}
# division: name, responsible person; that of 371522 (莘县) is not on record
AGENCY_TABLE = {
    "330282": ("慈溪市医疗保障经办中心（示例）", "施某某"),
    "371500": ("聊城市医疗保险事业中心（示例）", "张某某"),
    "371502": ("东昌府区医疗保险事业中心（示例）", "孔某某"),
    "340603": ("淮北市相山区医疗保障中心（示例）", "曹某某"),
}

INSTITUTION = {key: row[0] for key, row in INSTITUTION_TABLE.items()}
COMPANY = {key: row[0] for key, row in ENTERPRISE_TABLE.items()}


def get_jurisdiction(key: str) -> str:
    """Division code of an institution's key."""
    return INSTITUTION_TABLE[key][3]


def get_invoice_buyer(key: str) -> str:
    """What stands as buyer on an institution's invoices: its USCC, or its code where it has none."""
    return INSTITUTION_TABLE[key][2] or INSTITUTION[key]


def of_institutions(rows: list[Row], *keys: str) -> list[Row]:
    """The rows of these institutions (keys)."""
    codes = {INSTITUTION[key] for key in keys}
    return [row for row in rows if row["institution_code"] in codes]


def make_parties() -> dict[str, list[Row]]:
    """Rows of institutions, agencies, enterprises, deemed_manufacturers and blacklist by canonical column name."""
    return {
        "institutions": [_make_institution(key, row) for key, row in INSTITUTION_TABLE.items()],
        "agencies": [
            {"agency_code": AGENCY[code], "name": name, "jurisdiction_code": code, "responsible_person": person}
            for code, (name, person) in AGENCY_TABLE.items()
        ],
        "enterprises": [
            {"enterprise_code": code, "name": name, "group_code": group} for code, name, group in ENTERPRISE_TABLE.values()
        ],
        "deemed_manufacturers": [
            _make_deemed("S2", "M2", "group_sales_company"),
            _make_deemed("A3", "M3", "sole_import_agent"),
            _make_deemed("MH", "M2", "group_sales_company"),  # a second one, which sells none of its drugs
        ],
        "blacklist": [
            _make_listing("D6", date(2020, 6, 1), date(2022, 5, 31), "严重", "虚构：商业贿赂", "示例信用〔2020〕1号"),
            _make_listing("D5", date(2018, 3, 1), date(2019, 2, 28), "一般", "虚构：配送率不足", "示例信用〔2018〕7号"),
        ],
    }


def _make_institution(key: str, row: tuple[Any, ...]) -> Row:
    code, name, uscc, division, ownership, level, remote, parent, person = row
    return {
        "institution_code": code,
        "name": name,
        "uscc": uscc,
        "jurisdiction_code": division,
        "ownership": ownership,
        "level": level,
        "is_remote": bool(remote),
        "is_designated": key not in NOT_DESIGNATED,
        "parent_institution_code": INSTITUTION[parent] if parent else "",
        "responsible_person": person,
    }


def _make_deemed(enterprise: str, manufacturer: str, basis: str) -> Row:
    return {
        "enterprise_code": COMPANY[enterprise],
        "manufacturer_code": COMPANY[manufacturer],
        "basis": basis,
        "product_code": "",
        "valid_from": date(2019, 1, 1),
        "valid_to": None,
    }


def _make_listing(key: str, listed: date, delisted: date, grade: str, reason: str, document: str) -> Row:
    return {
        "enterprise_code": COMPANY[key],
        "listed_on": listed,
        "delisted_on": delisted,
        "grade": grade,
        "reason": reason,
        "document_no": document,
    }
