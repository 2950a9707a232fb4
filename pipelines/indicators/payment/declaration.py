"""What payment timeliness declares: its report tables, rules, measures, laws and parameters (rulebook §5)."""

from schemas.component import Component, Condition
from schemas.law import Changed, Law, adds_up, at_most
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import INSTITUTION_SUPPLIER_MONTH, Rule
from schemas.table import (
    AS_OF,
    DISTRIBUTOR,
    INSTITUTION,
    JURISDICTION,
    PAYMENT_CLAUSE,
    RUN_ID,
    Alternatives,
    Column,
    ReportTable,
    count,
    fen,
    rate,
    text,
)

DUE_RULES = {"applicable": "适用规则", "D30": "验收后30日", "EONM": "次月底", "D60": "验收后60日"}
DUE_RULE_SOURCES = (
    "验收后30日：国办发〔2015〕7号；次月底（中选品种）：医保发〔2019〕56号，国办发〔2021〕2号；"
    "验收后60日：国务院令第728号，国务院令第802号"
)

TIMELINESS = ReportTable(
    name="payment_timeliness",
    title_zh="货款支付及时情况",
    description="Payables by due rule, institution, supplier and due month: paid on time, late, not at all.",
    key=("as_of", "due_rule", "institution_code", "distributor_code", "due_month"),
    figure=True,
    stays=True,
    alternatives=Alternatives("due_rule", "applicable", "各规则", "other rules"),
    columns=(
        AS_OF,
        text("due_rule", "到期规则", "Rule that sets the due date.", DUE_RULE_SOURCES, values=DUE_RULES),
        INSTITUTION,
        DISTRIBUTOR,
        text("due_month", "到期月份", "Month (YYYY-MM) of the due date before it rolls to a working day."),
        RUN_ID,
        JURISDICTION,
        fen("matured_fen", "已到期金额", "Payables whose due date is at or before as_of.", PAYMENT_CLAUSE),
        fen("on_time_fen", "按时支付金额", "Part of the matured payables paid on or before the due date.", PAYMENT_CLAUSE),
        fen("late_paid_fen", "逾期后支付金额", "Part of the matured payables paid after the due date."),
        fen("overdue_fen", "逾期未付金额", "Unpaid part of the matured payables."),
        fen("not_due_fen", "未到期金额", "Whole amount of the payables not yet matured."),
        count("matured_count", "payables", "已到期笔数", "Number of matured payables."),
        count("on_time_count", "payables", "按时付清笔数", "Number of matured payables fully paid by the due date."),
        rate(
            "on_time_rate_amount",
            "按金额支付及时率",
            "On-time amount divided by matured amount.",
            PAYMENT_CLAUSE,
            of=("on_time_fen", "matured_fen"),
        ),
        rate(
            "on_time_rate_count",
            "按笔数支付及时率",
            "Payables paid on time divided by matured payables.",
            PAYMENT_CLAUSE,
            of=("on_time_count", "matured_count"),
        ),
        fen("excused_fen", "有正当理由金额", "What excused matured payables lack of on-time payment.", PAYMENT_CLAUSE),
        rate(
            "on_time_rate_amount_excused",
            "剔除正当理由支付及时率",
            "On-time amount divided by matured less excused.",
            of=("on_time_fen", "matured_fen - excused_fen"),
        ),
        fen("paid_fen", "已支付金额", "All payments allocated to the payables of the row, matured or not."),
        Column("paid_fen_days", "count", "fen·day", "支付金额天数", "Paid amount times days from acceptance, at least 0."),
        rate(
            "weighted_days",
            "加权回款天数",
            "Fen-days divided by paid amount, null when nothing is paid.",
            unit="day",
            maximum=None,
            of=("paid_fen_days", "paid_fen"),
        ),
        fen("paid_within_30_fen", "30天内支付金额", "Paid within 30 days of acceptance."),
        fen("paid_31_60_fen", "31至60天支付金额", "Paid 31 to 60 days after acceptance."),
        fen("paid_over_60_fen", "60天后支付金额", "Paid more than 60 days after acceptance."),
        fen("overdue_0_30_fen", "逾期0至30天金额", "Overdue for at most 30 days since the rolled due date."),
        fen("overdue_31_60_fen", "逾期31至60天金额", "Overdue for 31 to 60 days."),
        fen("overdue_61_90_fen", "逾期61至90天金额", "Overdue for 61 to 90 days."),
        fen("overdue_91_180_fen", "逾期91至180天金额", "Overdue for 91 to 180 days."),
        fen("overdue_over_180_fen", "逾期180天以上金额", "Overdue for more than 180 days."),
    ),
)

UNALLOCATED = ReportTable(
    name="payment_unallocated",
    title_zh="未分配付款",
    description="Payments left over after all payables were served; a row only where cash is left.",
    key=("as_of", "institution_code", "distributor_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        DISTRIBUTOR,
        RUN_ID,
        fen("unallocated_fen", "未分配金额", "Paid amount that matches no payable of the institution and payee."),
    ),
)

TABLES = (TIMELINESS, UNALLOCATED)

_OVERSIGHT = "pipelines.indicators.payment.oversight"
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
        condition=Condition("contract_performed", "months", "unexcused_overdue_fen"),
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
    touched = changed.touched(TIMELINESS.name, *_PAIR)
    asked = f"SELECT due_rule, {pair} FROM ({rules}) AS rules, ({touched}) AS touched"
    missing = changed.missing(TIMELINESS.name, asked, "due_rule", *_PAIR)
    return (
        f"SELECT {pair}, COUNT(*) AS missing_rules FROM ({missing}) AS missing"
        f" GROUP BY {pair} HAVING COUNT(*) < {len(DUE_RULES)}"
    )


def _pairs(changed: Changed) -> str:
    return f"SELECT COUNT(*) FROM ({changed.touched(TIMELINESS.name, *_PAIR)}) AS pairs"


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
