"""What the sender of a rejected row can do about it, by the code of the reason."""

from __future__ import annotations

REMEDIES: dict[str, str] = {
    "unreadable_line": "按各列标题把“整行”的内容重新填入对应的单元格",
    "unclear_cell": "取消合并的单元格并逐行填写，错误值（#N/A 等）改为正确的数值或文字",
    "bad_text": "重新填写该格文字",
    "ruined_number": "从业务系统查到完整编码重新填写；本表各格已是文本格式，不会再被改动",
    "unknown_value": "改为“问题”中列出的取值之一",
    "bad_flag": "填写“是”或“否”",
    "bad_integer": "填写整数，不带小数和单位",
    "bad_date": "填写真实存在的日期，写作 2020-04-05",
    "bad_number": "填写数值，不带文字；金额以元为单位，最多两位小数，其余最多四位小数",
    "missing_value": "补填该格",
    "conflicting_key": "同一主键只保留正确的一行，其余各行删除；若确是两笔业务，请改正其中一行的主键",
    "unknown_reference": "核对编码；编码无误的，先补报被引用的那条记录，本行随后自动接收，不必重报",
    "lost_zeros": "按“问题”给出的完整代码与号码填写；本表各格已是文本格式，零不会再丢",
    "one_invoice_a_row": "每张发票拆成一行，分别填写代码、号码、数量与金额",
    "unknown_number": "填写退回整改表中的原编号；新记录请将“退回编号”留空",
    "greater_than": "核对该数值，必须大于下限",
    "greater_than_or_equal_to": "核对该数值，不得小于下限",
    "not_equal_to": "核对该数值；金额为零的行不必报送",
    "str_matches": "按规定的位数和格式填写编码",
    "pack_needs_product": "补填医保药品编码，或把约定量单位改为最小单位",
    "band_has_both_ends": "补填约定采购量上限（不小于约定采购量），或更正约束方向",
    "period_runs_forward": "核对采购周期的开始日与结束日",
    "holds_forward": "核对生效日期与失效日期",
    "received_with_acceptance": "补填收货数量；尚未验收的，清空验收日期",
    "names_what_it_excuses": "按例外类型补填约定编号与数量、配送明细编号或发票号码，并清空其他类型的编号",
    "in_range": "核对该数值及其单位、位数，以及整行是否错位；按各列标题重新填写",
    "is_an_amount": "核对数量与单价两列，多为整行错位；按各列标题重新填写",
    "not_positive_is_negative": "红字发票的数量与金额填负数；蓝字发票把“是否正数发票”改为“是”",
    "red_is_negative": "红字发票的数量与金额填负数；蓝字发票请清空被红冲发票的代码与号码",
    "reversal_names_payment": "补填被冲付款单号；不是冲销的，金额改为正数",
}

OTHERWISE = "按“问题”所述改正后重新报送"


def remedy(code: str) -> str:
    """What to do about a reason of this code."""
    return REMEDIES.get(code, OTHERWISE)
