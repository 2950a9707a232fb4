"""What a sender is told of a dataset and of its columns, in Chinese: all of it is said in the schemas."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.records import RECORDS, Column, Dataset
from schemas.spellings import FLAGS, first_spellings
from schemas.table import in_chinese

_FORMS = {
    "code": "文字（编码，按原样）",
    "text": "文字",
    "enum": "从下拉列表选择",
    "day": "日期，如 2020-04-05",
    "flag": "从下拉列表选择",
    "count": "整数",
    "fen": "金额，最多两位小数，不带“万”等单位",
    "price": "数值，最多四位小数",
    "quantity": "数值，最多四位小数",
}


@dataclass(frozen=True)
class Told:
    """Of one column: whether it is to be filled, what with, in what form and unit, and what it must keep to."""

    need: str
    meaning: str
    form: str
    unit: str
    rules: str


def tell_column(column: Column, dataset: Dataset) -> Told:
    """What is said of a column of a dataset."""
    rules = [rule.asked for rule in dataset.rules if rule.column == column.name and rule.name != "isin"]
    if column.refers:
        target = RECORDS[column.refers]
        rules.append(f"须是已报送的{target.title}")
    return Told(
        _tell_need(column), in_chinese(column.description), _FORMS[column.kind], in_chinese(column.unit), "；".join(rules)
    )


def _tell_need(column: Column) -> str:
    if column.required and column.optional_header:
        return "整列可省"
    if column.required and column.default is None:
        return "必填（主键）" if column.key else "必填"
    told = "可空（主键）" if column.key else "可空"
    if column.default in column.values:
        return f"{told}，空为“{first_spellings(column.values)[column.default]}”"
    if column.kind == "flag" and column.default is not None:
        return f"{told}，空为“{FLAGS[column.default]}”"
    if column.default is None or callable(column.default) or column.default == "":
        return told
    return f"{told}，空为 {column.default}"


def steps_of(dataset: Dataset) -> list[str]:
    """How the workbook is filled in and sent."""
    titles = {c.name: c.title for c in dataset.columns}
    key = "、".join(titles[k] for k in dataset.key)
    targets = [RECORDS[t].title for t in RECORDS if t in dataset.targets and t != dataset.name]
    steps = [
        f"在“{dataset.title}”表中从第 2 行起填写，一行一条；表头请勿改动。带 * 的列（橙色）必填；鼠标移到表头上可看说明。",
        "各编码列已设为文本格式，请直接录入或“选择性粘贴—数值”，以免长编码、前面的零被 Excel 改变。",
        f"主键是：{key}。同一主键再次报送，以后一次的整行为准；同一文件中同一主键只能有一行。",
        "下表最后一列是示例，仅供参考；示例不放在数据表中，以免被当作真实数据接收。",
        f"填好后保存为 xlsx，放入数据目录 {dataset.name}/单位名称/；报送前可用 vbp check 检查。",
    ]
    if targets:
        steps.insert(3, f"所引用的{'、'.join(targets)}须先行或同时报送；暂缺的行会等待，补报后自动接收。")
    return [f"{number}. {step}" for number, step in enumerate(steps, start=1)]


def tell_rules(dataset: Dataset) -> list[str]:
    """What a row must keep to beyond its single columns; empty where that is nothing."""
    titles = {c.name: c.title for c in dataset.columns}
    found = [
        "：".join(filter(None, ("、".join(titles[n] for n in rule.column.split("、") if n), rule.asked)))
        for rule in dataset.rules
        if rule.column not in titles
    ]
    return ["整行的检查；通不过的行会被拒收，提示如下：", *(f"· {told}" for told in found)] if found else []
