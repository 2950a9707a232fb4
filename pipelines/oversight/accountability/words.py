"""What a reader of a list is told about its parts and quantities."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.declared import RULES

WHY = {
    "named": "拟列入通报的条目；异议成立的不进入定稿名单",
    "excused": "已有经批准的备案覆盖，不列入通报",
    "voluntary": "民营医疗机构、零售药店自愿参加采购，只列示，不列入通报",
    "not_named": "按政策参数 accountability_rules 只列示，不列入通报",
}


def say_sides(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """On whose side what fell short lies, in the words of the rules that have items on the list."""
    listed = {item["rule_code"] for item in items}
    found = (
        rule.sides
        for rule in RULES.values()
        if rule.sides and (rule.code in listed or (rule.excused and rule.excused.code in listed))
    )
    return [pkgutil.resolve_name(name) for name in dict.fromkeys(found)]
