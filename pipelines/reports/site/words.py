"""The words of the site, in Chinese and English side by side; headings of columns come from the report tables."""

from __future__ import annotations

TEXT: dict[str, tuple[str, str]] = {
    # pages and the way between them
    "site": ("带量采购执行监测", "Volume-based procurement monitor"),
    "overview": ("总览", "Overview"),
    "all_institutions": ("全部医疗机构", "All institutions"),
    "all_items": ("全部品种", "All items"),
    "all_suppliers": ("全部配送企业", "All suppliers"),
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
    "volume": ("约定采购量", "Agreed volume"),
    "payment": ("货款支付", "Payment"),
    "invoice": ("两票制", "Two-invoice system"),
    "findings": ("问题清单", "Findings"),
    "trends": ("变化趋势", "Trends"),
    "lists": ("统筹区", "Divisions"),
    # sheets
    "sheet_volume": ("完成汇总（按约定金额）", "Completion, valued in yuan"),
    "sheet_commitments": ("协议明细：执行率与序时进度", "Commitments: execution against time"),
    "sheet_due_rules": ("各到期规则并列", "Due rules side by side"),
    "sheet_suppliers": ("配送企业：逾期货款账龄", "Suppliers: ageing of overdue payables"),
    "sheet_due_months": ("按到期月份", "By month of the due date"),
    "sheet_payables": ("配送企业 × 到期月份", "Supplier × month of the due date"),
    "sheet_unallocated": ("未分配付款", "Unallocated payments"),
    "sheet_invoice_months": ("按开票月份", "By month of issue"),
    "sheet_lines": ("违规与无法核实的发票行", "Invoice lines not compliant or not verifiable"),
    "sheet_findings": ("问题清单", "Findings"),
    "sheet_rules": ("问题分类", "Findings by rule"),
    "sheet_institutions": ("医疗机构", "Institutions"),
    "sheet_jurisdictions": ("统筹区", "Divisions"),
    "sheet_lots": ("采购批次", "Procurement lots"),
    "sheet_items": ("品种", "Items"),
    # notes
    "note_commitments": (
        "条为完成率（满格 100%），竖线为序时进度。数量为最小单位（片、粒、支等）；协议明细编号用于 vbp explain。",
        "The bar is the execution rate (full at 100%), the line on it the time progress. Quantities are in minimum "
        "units; the commitment id is what vbp explain asks for.",
    ),
    "note_volume": (
        "执行率为 Σ净采购/Σ约定，封顶完成率每条至多计 100%：一种药超量不掩盖另一种药不足。",
        "Executed is Σnet/Σagreed; capped counts each commitment to 100% at most, so that more of one product does not "
        "hide the lack of another.",
    ),
    "note_suppliers": (
        "按适用的到期规则。账龄自顺延后的到期日起算，各档合计等于逾期未付金额。",
        "By the due rule that applies. Age counts from the rolled due date; the bands add up to the overdue amount.",
    ),
    "note_due_months": (
        "按适用的到期规则；月份为顺延前的到期月份。",
        "By the due rule that applies; months before rolling.",
    ),
    "note_invoice_months": (
        "合规率 = 合规 ÷（合规 + 违规）；无法核实的不算合规，核实率 =（合规 + 违规）÷ 纳入范围。",
        "Compliance = compliant ÷ (compliant + violation). What cannot be verified is not compliant; verified = "
        "(compliant + violation) ÷ in scope.",
    ),
    "note_lists": (
        "执行率、封顶完成率、序时进度只计执行中的协议，序时进度与执行率同按约定金额加权；统筹区的这三项只计公立机构（自愿参加的见各统筹区页）。"
        "货款支付含全部医疗机构（公立、民营与零售）；两票制只计公立医疗机构购药。“本级”只含市（省）直属的机构，全市（全省）另列合计。",
        "Executed, capped and time progress are of running agreement years, weighed by agreed amounts; those of divisions count "
        "public institutions only (voluntary ones stand on the division's page). Payment counts all institutions, public, "
        "private and retail; two-invoice the purchases of public ones. The code of a city (…00) is its own institutions; "
        "the city as a whole has a row of its own.",
    ),
    "place_note": (
        "约定采购量：公立与自愿分列，标题数字只计公立；货款支付：含全部医疗机构（公立、民营与零售）；两票制：只计公立医疗机构购药。",
        "Agreed volume: public and voluntary apart, the headline counts public ones; payment: all institutions, public, private "
        "and retail; two-invoice: purchases of public institutions.",
    ),
    "own_note": (
        "本页只含编码为本级（末两位 00）的医疗机构，不含所辖区县，不是全市（全省）的数字。",
        "This page holds the institutions of the city's (or province's) own level only, not those of its counties.",
    ),
    "whole_note": ("本页为以下 {n} 个统筹区之和：", "This page is the sum of these {n} divisions:"),
    "part_note": ("所属合计：", "Added up in:"),
    "against_time": ("序时进度 {rate}（同按约定金额加权）", "time progress {rate}, weighed alike"),
    "breaks_note": (
        "竖线处执行中的批次有变，前后的执行率不是同一批协议，不宜直接比较：",
        "At the vertical lines the running lots change: the rates before and after are of different agreements:",
    ),
    "begins": ("{day} {lots} 开始", "{day} {lots} begins"),
    "ends": ("{day} {lots} 已到期", "{day} {lots} has ended"),
    "everybody": ("含民营与零售", "private and retail included"),
    # charts
    "chart_progress": ("执行率与序时进度", "Execution against time progress"),
    "chart_ageing": ("逾期货款账龄（元）", "Ageing of overdue payables (yuan)"),
    "chart_months": ("按到期月份（元）", "By month of the due date (yuan)"),
    "chart_invoices": (
        "两票制三分（元，按开票月份）",
        "Two-invoice in three parts (yuan, by month of issue)",
    ),
    "chart_trends": ("主要比率（按发布日）", "Rates by published date"),
    "chart_none": ("没有可画的数字", "Nothing to draw"),
    # tables
    "rows": ("{n} 行", "{n} rows"),
    "csv": ("下载 CSV", "CSV"),
    "filter": ("筛选", "Filter"),
    "sort_note": ("点击表头排序", "Click a heading to sort"),
    "no_rows": ("没有记录", "No rows"),
    # tiles
    "tile_volume": ("执行率·执行中", "Executed, running"),
    "tile_capped": ("封顶完成率·执行中", "Capped, running"),
    "tile_payment": ("支付及时率（金额）", "Paid on time (amount)"),
    "tile_overdue": ("逾期未付（元）", "Overdue (yuan)"),
    "tile_invoice": ("两票制合规率（金额）", "Two-invoice compliant (amount)"),
    "tile_verified": ("核实率（金额）", "Verified (amount)"),
    "tile_findings": ("待处理问题", "Open findings"),
    "of_commitments": ("{n} 条协议，完成 {m} 条", "{m} of {n} commitments completed"),
    "of_matured": ("已到期 {yuan} 元", "of {yuan} yuan matured"),
    "of_aged": ("其中 90 天以上 {yuan}", "over 90 days: {yuan}"),
    "of_scope": ("纳入范围 {yuan} 元", "of {yuan} yuan in scope"),
    "mandatory_only": ("公立机构", "public institutions"),
    # indicator cards
    "card": ("指标卡", "Indicator card"),
    "no_cards": ("没有指标说明文件", "No indicator cards"),
}

CHART: dict[str, tuple[str, str]] = {
    "rate": ("执行率", "Executed"),
    "time": ("序时进度", "Time progress"),
    "level": ("与进度持平", "In step with time"),
    "status": ("状态", "Status"),
    "month": ("月份", "Month"),
    "amount": ("金额（元）", "Amount (yuan)"),
    "part": ("部分", "Part"),
    "supplier": ("配送企业", "Supplier"),
    "begins": ("批次开始", "Lot begins"),
    "ends": ("批次到期", "Lot has ended"),
    "day": ("发布日", "Published"),
    "on_time_fen": ("按时支付", "Paid on time"),
    "late_paid_fen": ("逾期后支付", "Paid late"),
    "overdue_fen": ("逾期未付", "Overdue"),
    "not_due_fen": ("未到期", "Not due"),
    "compliant_fen": ("合规", "Compliant"),
    "violation_fen": ("违规", "Violation"),
    "unverifiable_fen": ("无法核实", "Unverifiable"),
    "overdue_0_30_fen": ("0–30 天", "0–30 days"),
    "overdue_31_60_fen": ("31–60 天", "31–60 days"),
    "overdue_61_90_fen": ("61–90 天", "61–90 days"),
    "overdue_91_180_fen": ("91–180 天", "91–180 days"),
    "overdue_over_180_fen": ("180 天以上", "over 180 days"),
    "volume": ("执行率·执行中", "Executed, running"),
    "payment": ("支付及时率", "Paid on time"),
    "invoice": ("两票制合规率", "Two-invoice"),
}
"""Words inside the charts, which are drawn in the reader's browser."""
