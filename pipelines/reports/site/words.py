"""The words of the site, in Chinese and English side by side; headings of columns come from the report tables."""

from __future__ import annotations

TEXT: dict[str, tuple[str, str]] = {
    # pages and the way between them
    "site": ("带量采购执行监测", "Volume-based procurement monitor"),
    "all_institutions": ("全部医疗机构", "All institutions"),
    "indicators": ("指标说明", "Indicators"),
    "morning": ("晨报", "Morning pages"),
    "jurisdiction": ("统筹区", "Division"),
    "institution": ("医疗机构", "Institution"),
    "colon": ("：", ": "),
    "none": ("无", "None"),
    # dates
    "as_of": ("统计截止日", "As of"),
    "unchanged": ("（本页数字自 {day} 起未变）", "(the figures of this page have not changed since {day})"),
    "published_by": ("由运行 {run} 发布", "published by run {run}"),
    "rewritten_note": (
        "数字取自已发布的结果表，未作任何重新计算；合计为各行之和，率为 Σ 分子 ÷ Σ 分母。数字未变的页面不重写。",
        "Figures are those of the published report tables; sums are sums of their rows, rates are Σ/Σ. A page whose "
        "figures have not changed is not written again.",
    ),
    "signal_note": (
        "问题是需要核对的线索，不是结论；每条附条款、责任人与期限。",
        "A finding is a signal to be checked, not a conclusion; each has its clause, its owner and its deadline.",
    ),
    # institution
    "level": ("等级", "Level"),
    "ownership": ("性质", "Ownership"),
    "responsible": ("负责人", "Responsible"),
    "code": ("编码", "Code"),
    # sections
    "findings": ("问题清单", "Findings"),
    "trends": ("变化趋势", "Trends"),
    "lists": ("统筹区", "Divisions"),
    # sheets
    "sheet_institutions": ("医疗机构", "Institutions"),
    # notes
    "note_lists": (
        "“本级”只含市（省）直属的机构，全市（全省）另列合计。",
        "The code of a city (…00) is its own institutions; the city as a whole has a row of its own.",
    ),
    "own_note": (
        "本页只含编码为本级（末两位 00）的医疗机构，不含所辖区县，不是全市（全省）的数字。",
        "This page holds the institutions of the city's (or province's) own level only, not those of its counties.",
    ),
    "whole_note": ("本页为以下 {n} 个统筹区之和：", "This page is the sum of these {n} divisions:"),
    "part_note": ("所属合计：", "Added up in:"),
    "begins": ("{day} {lots} 开始", "{day} {lots} begins"),
    "ends": ("{day} {lots} 已到期", "{day} {lots} has ended"),
    # charts
    "chart_trends": ("主要比率（按发布日）", "Rates by published date"),
    # tables
    "rows": ("{n} 行", "{n} rows"),
    "csv": ("下载 CSV", "CSV"),
    "filter": ("筛选", "Filter"),
    # indicator cards
    "card": ("指标卡", "Indicator card"),
    "no_cards": ("没有指标说明文件", "No indicator cards"),
}

CHART: dict[str, tuple[str, str]] = {
    "amount": ("金额（元）", "Amount (yuan)"),
    "number": ("数量", "Number"),
    "part": ("部分", "Part"),
    "rate": ("比率", "Rate"),
    "begins": ("开始", "Begins"),
    "ends": ("已到期", "Has ended"),
    "day": ("发布日", "Published"),
}
"""Words inside the charts, which are drawn in the reader's browser; those of their parts are the titles of columns."""
