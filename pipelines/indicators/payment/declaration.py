"""What payment timeliness declares: its report tables, rules, measures, laws and parameters (rulebook §5)."""

from itertools import pairwise

from pipelines.indicators.payment.tables import ARREARS, DUE_RULES, TIMELINESS, UNALLOCATED, UNPAID
from schemas.component import Component
from schemas.law import Changed, Law, adds_up, at_most
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import ExcusedRows, Rule, Subject

TABLES = (TIMELINESS, UNALLOCATED, ARREARS, UNPAID)

_OVERSIGHT = "pipelines.indicators.payment.oversight"
INSTITUTION_SUPPLIER_MONTH = Subject(
    "institution_supplier_month", "医疗机构、配送企业与月份", ("institution_code", "distributor_code", "due_month")
)

OVERDUE = Rule(
    "payment_overdue",
    "货款逾期",
    "Payment overdue",
    "violation",
    INSTITUTION_SUPPLIER_MONTH,
    "payment_timeliness",
    "clause_payment",
    is_money=True,
    figures=f"{_OVERSIGHT}:figures",
)
RULES = (OVERDUE,)

EXCUSED = (ExcusedRows(UNPAID.name, "未付货款为未付金额", fen="t.unpaid_fen"),)

MEASURES = (
    Measure(
        "paid_on_time",
        "payment_timeliness",
        "on_time_rate_amount",
        "货款及时支付率（金额）",
        "Paid on time, by amount",
        where={"due_rule": "applicable"},
    ),
    Measure(
        "paid_on_time_count",
        "payment_timeliness",
        "on_time_rate_count",
        "货款及时支付率（笔数）",
        "Paid on time, by number",
        where={"due_rule": "applicable"},
        shown=IN_TABLES,
    ),
)

COMPONENTS = (
    Component(
        "payment",
        "货款支付及时",
        "paid_on_time",
        "适用到期规则；到期月份的最后一天顺延到工作日后落在本年的月份",
        "没有到期应付货款",
        excused="excused_payment_fen",
        beside=("matured_count", "on_time_count", "overdue_fen"),
        told_zh="{on_time_count}/{matured_count} 笔",
        sums=f"{_OVERSIGHT}:sums",
    ),
)

_PAIR = ("institution_code", "distributor_code")


def _unlike_totals(changed: Changed) -> str:
    """Pairs whose payables differ in total from rule to rule."""
    totals = {
        rule: f"SUM(CASE due_rule WHEN '{rule}' THEN sign * (matured_fen + not_due_fen) ELSE 0 END)" for rule in DUE_RULES
    }
    shown = ", ".join((*_PAIR, *(f"{total} AS {rule}_fen" for rule, total in totals.items())))
    differs = " OR ".join(f"{total} <> {totals['applicable']}" for total in totals.values())
    rows = changed.rows(TIMELINESS.name, "due_rule", *_PAIR, "matured_fen", "not_due_fen")
    return f"SELECT {shown} FROM {rows} GROUP BY {', '.join(_PAIR)} HAVING {differs}"


def _without_a_rule(changed: Changed) -> str:
    """Pairs that have rows under one rule and none under another."""
    pair, rules = ", ".join(_PAIR), " UNION ALL ".join(f"SELECT '{rule}' AS due_rule" for rule in DUE_RULES)
    delta = changed.delta(TIMELINESS.name, *_PAIR)
    asked = f"SELECT due_rule, {pair} FROM ({rules}) AS rules, ({delta}) AS delta"
    missing = changed.missing(TIMELINESS.name, asked, "due_rule", *_PAIR)
    return (
        f"SELECT {pair}, COUNT(*) AS missing_rules FROM ({missing}) AS missing"
        f" GROUP BY {pair} HAVING COUNT(*) < {len(DUE_RULES)}"
    )


def _pairs(changed: Changed) -> str:
    return f"SELECT COUNT(*) FROM ({changed.delta(TIMELINESS.name, *_PAIR)}) AS pairs"


def _unlike_timeliness(changed: Changed) -> str:
    """Pairs whose payables come to one sum by month of acceptance and to another by due month, or what was paid."""
    pair = ", ".join(_PAIR)
    accepted = changed.rows(ARREARS.name, *_PAIR, "accepted_fen", "paid_fen")
    due = changed.rows(TIMELINESS.name, "due_rule", *_PAIR, "matured_fen", "not_due_fen", "paid_fen", beside=ARREARS.name)
    return _differing(
        f"SELECT {pair}, sign * accepted_fen AS accepted_fen, sign * paid_fen AS paid_fen FROM {accepted} UNION ALL"
        f" SELECT {pair}, -sign * (matured_fen + not_due_fen), -sign * paid_fen FROM {due} WHERE due_rule = 'applicable'",
        "accepted_fen",
        "paid_fen",
    )


def _unlike_payables(changed: Changed) -> str:
    """Pairs of which by month of acceptance another sum is unpaid than payable by payable."""
    pair = ", ".join(_PAIR)
    one_by_one = changed.rows(UNPAID.name, *_PAIR, "unpaid_fen")
    return _differing(
        f"SELECT {pair}, sign * unpaid_fen AS unpaid_fen FROM {changed.rows(ARREARS.name, *_PAIR, 'unpaid_fen')} UNION ALL"
        f" SELECT {pair}, -sign * unpaid_fen FROM {one_by_one}",
        "unpaid_fen",
    )


def _differing(signed: str, *columns: str) -> str:
    differences = ", ".join(f"SUM({column}) AS {column}_difference" for column in columns)
    differs = " OR ".join(f"SUM({column}) <> 0" for column in columns)
    return f"SELECT {', '.join(_PAIR)}, {differences} FROM ({signed}) AS signed GROUP BY {', '.join(_PAIR)} HAVING {differs}"


_OVER = tuple(f"unpaid_over_{days}_fen" for days in (180, 90, 60, 30))

LAWS = (
    adds_up(
        "payment_timeliness",
        "matured",
        "matured_fen",
        ("on_time_fen", "late_paid_fen", "overdue_fen"),
        "已到期金额不等于按时支付、逾期后支付与逾期未付之和",
    ),
    adds_up(
        "payment_timeliness",
        "ageing",
        "overdue_fen",
        ("overdue_0_30_fen", "overdue_31_60_fen", "overdue_61_90_fen", "overdue_91_180_fen", "overdue_over_180_fen"),
        "逾期未付金额不等于各账龄段之和",
    ),
    adds_up(
        "payment_timeliness",
        "paid",
        "paid_fen",
        ("paid_within_30_fen", "paid_31_60_fen", "paid_over_60_fen"),
        "已支付金额不等于各时段支付之和",
    ),
    at_most("payment_timeliness", "on_time_count", "on_time_count", "matured_count", "按时付清笔数多于已到期笔数"),
    Law(
        "payment_timeliness",
        "same_total",
        "同一机构与配送企业在四种到期规则下的应付总额不一致",
        failing=_unlike_totals,
        applied=_pairs,
    ),
    Law(
        "payment_timeliness", "all_rules", "机构与配送企业并非在四种到期规则下都有数据", failing=_without_a_rule, applied=_pairs
    ),
    adds_up("payment_arrears", "accepted", "accepted_fen", ("paid_fen", "unpaid_fen"), "验收应付金额不等于已支付与未付之和"),
    Law(
        "payment_arrears",
        "nested",
        "未付金额各时段没有依次包含",
        " OR ".join(("unpaid_over_180_fen < 0", *(f"{n} > {next_}" for n, next_ in pairwise((*_OVER, "unpaid_fen"))))),
        (*_OVER, "unpaid_fen"),
    ),
    Law(
        "payment_arrears",
        "timeliness",
        "按验收月份与按到期月份的应付或已支付总额不一致（差额 = 前者 − 后者）",
        failing=_unlike_timeliness,
    ),
    Law("payment_arrears", "payables", "未付金额与逐笔未付之和不一致（差额 = 汇总 − 明细）", failing=_unlike_payables),
    adds_up("payment_unpaid", "amount", "amount_fen", ("paid_fen", "unpaid_fen"), "应付金额不等于已支付与未付之和"),
    Law("payment_unpaid", "unpaid", "列出的应付没有未付金额", "unpaid_fen <= 0 OR paid_fen < 0", ("paid_fen", "unpaid_fen")),
)

_DUE_RULES = ("D30", "EONM", "D60")

PARAMETERS = {
    "payment_rule_selected": Parameter(
        "str",
        "code",
        "Due rule of a product that is in a selection on the acceptance date.",
        _DUE_RULES,
        title="中选品种的到期规则",
        words=DUE_RULES,
    ),
    "payment_rule_other": Parameter(
        "str", "code", "Due rule of every other product.", _DUE_RULES, title="其他品种的到期规则", words=DUE_RULES
    ),
    "payment_days_D30": Parameter(
        "int", "day", "Days from acceptance to the due date under D30.", minimum=1, maximum=366, title="“验收后30日”的天数"
    ),
    "payment_days_D60": Parameter(
        "int", "day", "Days from acceptance to the due date under D60.", minimum=1, maximum=366, title="“验收后60日”的天数"
    ),
    "payment_months_EONM": Parameter(
        "int",
        "month",
        "Months from the month of acceptance to the month whose last day is due under EONM.",
        minimum=0,
        maximum=12,
        title="“次月底”的月数",
    ),
    "payment_roll_to_working_day": Parameter(
        "bool", "flag", "Whether a due date on a day off rolls forward to the next working day.", title="到期日遇休息日顺延"
    ),
    "clause_payment": Parameter("str", "text", "Clause cited on payment findings.", title="货款支付问题引用的条款"),
}
