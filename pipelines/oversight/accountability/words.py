"""What a reader of a list is told about its parts and quantities."""

from __future__ import annotations

WHY = {
    "named": "拟列入通报的条目；异议成立的不进入定稿名单",
    "excused": "已有经批准的备案覆盖，不列入通报",
    "voluntary": "民营医疗机构、零售药店自愿参加采购，只列示，不列入通报",
    "not_named": "按政策参数 accountability_rules 只列示，不列入通报",
}
SIDES = (
    "缺口 = 约定采购量 − 净采购量。已订未到 = 周期内下单、到周期末（或统计截止日）尚未验收的数量（未到、迟到或少到）。"
    "缺口中已订未到 = min(缺口, 已订未到)，属供应一侧；其余（未订，或退货后未再订）属采购一侧。"
    "两个数量都是核对线索，不是定责结论。"
)
