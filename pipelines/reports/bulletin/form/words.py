"""The words of the bulletin's pages, in Chinese and English side by side; names of figures come from the listings."""

from __future__ import annotations

TEXT: dict[str, tuple[str, str]] = {
    "bulletin": ("通报", "Bulletin"),
    "as_of": ("统计截止日", "As of"),
    "run": ("运行编号", "Run"),
    "scope": ("范围", "Scope"),
    "all_divisions": ("全部统筹区", "all divisions"),
    "frozen": (
        "季度通报：本日数字已冻结，此后的变动只登记为修订。",
        "Quarterly bulletin: the figures of this date are frozen; later changes are entered as restatements.",
    ),
    "not_frozen": (
        "情况通报：数字未冻结，重新计算后可能变动。",
        "Not frozen: the figures may change when the date is computed again.",
    ),
    "contents": ("目录", "Contents"),
    "downloads": ("文件", "Files"),
    "workbook": ("工作簿（全部数据）", "Workbook (all data)"),
    "pdf": ("打印版（PDF）", "Printed (PDF)"),
    "all_sections": ("合并页（打印用）", "All sections on one page"),
    "back": ("返回目录", "Back to the contents"),
    "summary": ("摘要", "Summary"),
    "institutions": ("医疗机构", "Institutions"),
    "named": ("通报名单", "Named list"),
    "restatements": ("数据修订", "Restatements"),
    "definitions": ("指标口径与政策依据", "Definitions and policy"),
    "facts": ("运行信息", "Facts of the run"),
    "rows": ("共 {n} 行", "{n} rows"),
    "cut": (
        "共 {n} 行，此处只列前 {m} 行，全部见工作簿。",
        "{n} rows, of which the first {m} are shown; the workbook has all.",
    ),
    "none": ("无", "None"),
    "signals": (
        "问题是待核实的信号，不是结论。被点名的单位以定稿名单为准。",
        "Findings are signals to be looked into, no verdicts. Only a final list names anybody.",
    ),
    "no_list": ("本日没有通报名单。", "There is no named list for this date."),
    "draft_list": (
        "本日的通报名单尚未定稿（征求意见或异议复核中），此处不公布名称。",
        "The list of this date is not final yet (comments or objections pending); no names are published here.",
    ),
}
