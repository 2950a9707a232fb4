"""Values that records and report tables share, each with its Chinese spellings; the first is the word we print."""

from collections.abc import Mapping

OWNERSHIPS = {
    "public": "公立|公立医院|公立医疗机构|公办|国有",
    "private": "民营|私立|社会办|民营医院|非公立|民办",
    "retail": "零售|零售药店|药店|定点零售药店|定点药店",
}
LEVELS = {
    "tertiary": "三级|三级甲等|三级乙等|三级丙等|三甲|三乙",
    "secondary": "二级|二级甲等|二级乙等|二级丙等|二甲|二乙",
    "primary": "基层|一级|一级甲等|一级乙等|社区|乡镇卫生院|社区卫生服务中心|未定级",
    "village": "村级|村卫生室|村卫生所",
    "retail": "药店|零售药店|零售",
}
EXCUSES = {
    "volume": "约定采购量|采购量|用量|短缺",
    "payment": "货款支付|货款|付款|支付",
    "prepayment": "预付|医保基金预付|预付款",
    "two_invoice": "两票制|票据",
}
PROGRAMS = {
    "national": "国家|国家集采|国家组织|国家组织集采|国家组织药品集中采购",
    "alliance": "联盟|省际联盟|联盟采购",
    "provincial": "省级|省|省域|省级集采|省域集中带量采购",
    "municipal": "市级|市|市级集采",
    "budgeted": "带预算|带预算采购",
}
PRODUCT_KINDS = {"drug": "药品|西药|中成药|化学药品|化药|生物制品", "consumable": "耗材|医用耗材|高值医用耗材"}
SPECIAL_CATEGORIES = {
    "none": "无|普通|普通药品|一般|常规|否|非特殊药品|非特殊",
    "narcotic": "麻醉药品|麻醉|麻药",
    "psychotropic_1": "第一类精神药品|一类精神药品|精神药品一类|精一",
    "vaccine": "疫苗",
    "tcm_decoction": "中药饮片|饮片",
    "reserve": "国家储备|储备药品|国家储备药品",
}

MISCONDUCT = {
    "bribery": "商业贿赂|贿赂|给予回扣",
    "tax": "税收|涉税违法|虚开发票|虚开",
    "price": "价格|价格违法",
    "competition": "垄断|反垄断|不正当竞争",
    "supply": "供应|配送失信|供应失信",
    "quality": "质量|质量违法",
    "other": "其他|其它",
}

EVALUATIONS = {"rational_use": "合理用药|合理用药考核", "surplus": "结余留用|结余留用考核"}
EVALUATION_RESULTS = {"pass": "合格|通过|达标|合格及以上", "fail": "不合格|未通过|不达标"}

FLAGS = {True: "是", False: "否"}
"""The words for a flag."""

PLACEHOLDER = r"(?i)^(?:[-－‐‑–—―]+|[/／]|无|null|none|nan|n/a|\\n)$"
"""What people and programs write into a cell to say that there is nothing (rulebook §10)."""


UNSEEN = (
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What nobody sees and programs leave behind, as a class of a regular expression: what Unicode calls default ignorable (zero
width, byte order marks, soft hyphens, marks of direction, variation selectors, fillers), and controls that are no blanks."""


def first_spellings(spellings: Mapping[str, str]) -> dict[str, str]:
    """The word we print for each value."""
    return {value: chinese.split("|")[0] for value, chinese in spellings.items()}


SPECIAL = {code: word for code, word in first_spellings(SPECIAL_CATEGORIES).items() if code != "none"}
"""The special categories, as rules name them."""

DUTIES = {"mandatory": "公立", "voluntary": "自愿"}
"""Who must keep an agreed volume, and who chose to."""
