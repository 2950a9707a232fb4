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

PLACEHOLDER = r"(?i)^(?:[-－‐‑–—―]+|[/／]|无|null|none|nan|n/a|\\n)$"
"""What people and programs write into a cell to say that there is nothing (rulebook §10)."""


def first_spellings(spellings: Mapping[str, str]) -> dict[str, str]:
    """The word we print for each value."""
    return {value: chinese.split("|")[0] for value, chinese in spellings.items()}
