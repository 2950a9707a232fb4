"""The report tables of payment timeliness: payables by due month, by month of acceptance, and one by one while they are
unpaid; cash that met none (rulebook §5, obligations §33).
"""

from schemas.table import (
    AS_OF,
    DISTRIBUTOR,
    EXCUSE_CLAUSE,
    INSTITUTION,
    JURISDICTION,
    PAYMENT_CLAUSE,
    RUN_ID,
    Alternatives,
    Column,
    ReportTable,
    count,
    date,
    fen,
    rate,
    text,
)

PAYABLE_RULES = {"D30": "验收后30日", "EONM": "次月底", "D60": "验收后60日"}
DUE_RULES = {"applicable": "适用规则", **PAYABLE_RULES}
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

ARREARS = ReportTable(
    name="payment_arrears",
    title_zh="验收货款未付情况",
    description="Payables by institution, supplier and month of acceptance: paid, and unpaid for how long since acceptance.",
    key=("as_of", "institution_code", "distributor_code", "month"),
    figure=True,
    stays=True,
    columns=(
        AS_OF,
        INSTITUTION,
        DISTRIBUTOR,
        text("month", "验收月份", "Month (YYYY-MM) of acceptance."),
        RUN_ID,
        JURISDICTION,
        count("payables", "payables", "应付笔数", "Number of payables accepted in the month."),
        fen("accepted_fen", "验收应付金额", "What the payables accepted in the month come to.", PAYMENT_CLAUSE),
        fen("paid_fen", "已支付金额", "All payments allocated to these payables."),
        fen("unpaid_fen", "未付款金额", "What is unpaid of these payables, due or not.", PAYMENT_CLAUSE),
        fen("unpaid_over_30_fen", "超过30天未付金额", "Unpaid, and accepted more than 30 days before as_of.", PAYMENT_CLAUSE),
        fen("unpaid_over_60_fen", "超过60天未付金额", "Unpaid, and accepted more than 60 days before as_of."),
        fen("unpaid_over_90_fen", "超过90天未付金额", "Unpaid, and accepted more than 90 days before as_of."),
        fen("unpaid_over_180_fen", "超过180天未付金额", "Unpaid, and accepted more than 180 days before as_of."),
    ),
)

UNPAID = ReportTable(
    name="payment_unpaid",
    title_zh="未付应付明细",
    description="Payables of which something is unpaid, due or not: from which delivery, since when.",
    key=("as_of", "institution_code", "delivery_id"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("delivery_id", "配送明细编号", "Delivery line that is to be paid."),
        RUN_ID,
        JURISDICTION,
        DISTRIBUTOR,
        text("product_code", "医保药品编码", "Product delivered.", refers="product"),
        text("invoice_code", "发票代码", "Invoice code of the delivery, empty text for none."),
        text("invoice_no", "发票号码", "Invoice number of the delivery.", nullable=True),
        date("accepted_on", "验收日期", "Day of acceptance: since when it is owed.", days="验收后天数"),
        text("due_rule", "适用规则", "Due rule that applies.", DUE_RULE_SOURCES, values=PAYABLE_RULES),
        date(
            "payment_due_on",
            "到期日",
            "Due date by that rule, rolled to a working day: since when it is overdue.",
            PAYMENT_CLAUSE,
            days="逾期天数",
        ),
        fen("amount_fen", "应付金额", "What is to be paid: packs received less returns, times unit price."),
        fen("paid_fen", "已支付金额", "All payments allocated to the payable."),
        fen("unpaid_fen", "未付款金额", "What is unpaid of it."),
        text("excuse_id", "备案编号", "Approved excuses that cover it.", EXCUSE_CLAUSE, nullable=True),
    ),
)
