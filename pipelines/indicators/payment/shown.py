"""How people are shown payment timeliness: its headline, figures, sheets and charts."""

from pipelines.indicators.payment.tables import DUE_RULES
from schemas.section import Bars, Entry, Section, Tile, UpTo
from schemas.shown import Chart, Figure, Headline, Sheet, Shown, Watched

_TABLE = "payment_timeliness"
_AGES = ("overdue_0_30_fen", "overdue_31_60_fen", "overdue_61_90_fen", "overdue_91_180_fen", "overdue_over_180_fen")
_PAID = ("matured_fen", "on_time_fen", "late_paid_fen", "overdue_fen", "not_due_fen")
_ON_TIME = ("on_time_rate_amount", "on_time_rate_count", "on_time_rate_amount_excused")
_ARREARS = "payment_arrears"
_OVER = tuple(f"unpaid_over_{days}_fen" for days in (30, 60, 90, 180))
_ACCEPTED = ("payables", "accepted_fen", "paid_fen", "unpaid_fen", *_OVER)
_SINCE = (
    "按验收日所在月份，含未到期的应付；超过的天数为验收日至统计截止日，后一档包含在前一档内。",
    "By month of acceptance, due or not. Days count from acceptance to as_of; each number holds the next.",
)
_WHOSE = ("含民营与零售", "private and retail included")

_APPLICABLE = {"due_rule": "applicable"}
_SECTIONS = (
    Section(
        "payment",
        _TABLE,
        ("货款支付及时", "Payment timeliness"),
        (
            *map(Entry, (*_PAID[:4], "excused_fen")),
            Entry("on_time_rate_amount", ("及时率（金额）", "on time, by amount")),
            Entry("on_time_rate_amount_excused", ("及时率（金额，剔除正当理由）", "on time, excused left out")),
            Entry("matured_count"),
            Entry("on_time_count"),
            Entry("on_time_rate_count", ("及时率（笔数）", "on time, by count")),
        ),
        where=_APPLICABLE,
        note=(
            "按适用到期规则，含全部医疗机构（公立、民营与零售）。"
            "及时率 = Σ按时支付 ÷ Σ已到期；剔除正当理由者，分母减去有正当理由金额。",
            "By the applicable due rule, all institutions (public, private, retail). "
            "On time = Σ paid on time ÷ Σ matured; the excused amount taken off below in the other.",
        ),
        tile=Tile(
            "on_time_rate_amount",
            ("货款支付及时率（金额）", "Paid on time (amount)"),
            "on_time_rate_amount_excused",
            ("剔除正当理由后 {}", "{} with excuses left out"),
        ),
    ),
    Section(
        "ageing",
        _TABLE,
        ("逾期未付账龄", "Overdue by age"),
        tuple(map(Entry, (*_AGES, "overdue_fen"))),
        where=_APPLICABLE,
        note=(
            "按适用到期规则，含全部医疗机构（公立、民营与零售）。账龄自顺延后的到期日起算，各段之和等于逾期未付。",
            "By the applicable due rule, all institutions. "
            "Ageing runs from the rolled due date; its bands add up to what is overdue.",
        ),
        bars=Bars(
            "amounts",
            dict(zip(_AGES, ("#F3D9B1", "#E5B26B", "#D98B3A", "#B3541E", "#7A1F12"), strict=True)),
            titles=("逾期未付账龄（元，适用到期规则）", "Overdue by age (yuan, applicable rule)"),
        ),
    ),
    Section(
        "arrears",
        _ARREARS,
        ("验收货款未付", "Unpaid since acceptance"),
        tuple(map(Entry, _ACCEPTED)),
        note=_SINCE,
        bars=Bars(
            "shares",
            {"paid_fen": "#9DB7D9", "unpaid_fen": "#B3541E"},
            titles=("验收货款：已支付与未付（占比）", "Accepted goods: paid and unpaid (shares)"),
        ),
        tile=Tile(
            "unpaid_over_90_fen",
            ("验收超过90天未付（元）", "Unpaid over 90 days since acceptance (yuan)"),
            "unpaid_fen",
            ("未付合计 {} 元", "{} yuan unpaid in all"),
        ),
    ),
    Section(
        "arrears_up_to",
        _ARREARS,
        ("货款未付", "Unpaid goods"),
        tuple(map(Entry, _ACCEPTED[:4])),
        note=("含全部医疗机构（公立、民营与零售），不论是否到期。", "All institutions (public, private, retail), due or not."),
        up_to=UpTo("month", "unpaid_fen"),
    ),
)

_SUPPLIERS = Sheet(
    "suppliers",
    _TABLE,
    ("配送企业：逾期货款账龄", "Suppliers: ageing of overdue payables"),
    ("distributor_code", *_ON_TIME[::2], "overdue_fen", *_AGES, "matured_fen", "on_time_fen", "late_paid_fen", "not_due_fen"),
    by=("distributor_code",),
    order=("-overdue_fen", "-matured_fen"),
    has_filter=True,
    alone=("全部配送企业", "All suppliers"),
    note=(
        "按适用的到期规则。账龄自顺延后的到期日起算，各档合计等于逾期未付金额。",
        "By the due rule that applies. Age counts from the rolled due date; the bands add up to the overdue amount.",
    ),
    chart=Chart("lying", ("逾期货款账龄（元）", "Ageing of overdue payables (yuan)"), _AGES, ("distributor_code",), 12),
)

_ARREARS_SUPPLIERS = Sheet(
    "arrears_suppliers",
    _ARREARS,
    ("验收货款未付：按配送企业", "Unpaid, by supplier"),
    ("distributor_code", *_ACCEPTED),
    by=("distributor_code",),
    order=("-unpaid_over_180_fen", "-unpaid_over_90_fen", "-unpaid_fen"),
    folded=("jurisdiction", "all"),
    has_filter=True,
    note=_SINCE,
)

_UNPAID = Sheet(
    "unpaid",
    "payment_unpaid",
    ("未付应付逐笔", "Unpaid payables one by one"),
    (
        "accepted_on",
        "payment_due_on",
        "distributor_code",
        "delivery_id",
        "invoice_no",
        "product_code",
        "amount_fen",
        "paid_fen",
        "unpaid_fen",
        "due_rule",
        "excuse_id",
    ),
    order=("accepted_on", "delivery_id"),
    levels=("institution",),
    folded=("institution",),
    has_filter=True,
)

SHOWN = Shown(
    sections=_SECTIONS,
    watched=(
        Watched(_ARREARS, "unpaid_fen", ("验收货款未付（含未到期）", "Unpaid since acceptance, due or not")),
        Watched(_ARREARS, "unpaid_over_90_fen", ("验收超过90天未付", "Unpaid over 90 days since acceptance")),
    ),
    titles=("货款支付", "Payment"),
    whose=("全部机构（含民营与零售）", "all institutions, private ones included"),
    scope=("货款支付含全部医疗机构（公立、民营与零售）。", "Payment counts all institutions, public, private and retail."),
    headlines=(
        Headline(
            _TABLE,
            "货款支付及时（元，含民营与零售）",
            ("到期规则", "到期应付", "按时支付", "逾期支付", "逾期未付", "及时率（金额）", "及时率（笔数）"),
            (("", (*_PAID[:4], *_ON_TIME[:2])),),
            by=("due_rule",),
        ),
        Headline(
            _ARREARS,
            "验收货款未付（元，含民营与零售）",
            ("范围", "应付笔数", "验收应付", "已支付", "未付", *(f"超过{days}天" for days in (30, 60, 90, 180))),
            (("合计", _ACCEPTED),),
        ),
    ),
    figures=(
        Figure(
            "paid_on_time",
            _TABLE,
            "on_time_rate_amount",
            ("按金额支付及时率", "Paid on time, by amount"),
            tile=("matured",),
            whose=_WHOSE,
        ),
        Figure("paid_on_time_count", _TABLE, "on_time_rate_count", ("按笔数支付及时率", "Paid on time, by number")),
        Figure("matured", _TABLE, "matured_fen", ("已到期金额", "Matured")),
        Figure("overdue", _TABLE, "overdue_fen", ("逾期未付金额", "Overdue"), tile=("overdue_over_90",)),
        Figure("overdue_over_90", _TABLE, " + ".join(_AGES[3:]), ("逾期90天以上金额", "Overdue over 90 days")),
        Figure(
            "unpaid_over_90",
            _ARREARS,
            "unpaid_over_90_fen",
            ("验收超过90天未付金额", "Unpaid over 90 days since acceptance"),
            tile=("unpaid",),
        ),
        Figure("unpaid", _ARREARS, "unpaid_fen", ("未付金额（含未到期）", "Unpaid, due or not")),
    ),
    sheets=(
        _SUPPLIERS,
        _SUPPLIERS.seen_from(
            "enterprise", "distributor_code", ("医疗机构：逾期货款账龄", "Institutions: ageing of overdue payables")
        ),
        Sheet(
            "due_rules",
            _TABLE,
            ("各到期规则并列", "Due rules side by side"),
            ("due_rule", "matured_count", *_PAID, *_ON_TIME, "excused_fen", "paid_fen", "weighted_days"),
            by=("due_rule",),
            where={"due_rule": tuple(DUE_RULES)},
        ),
        Sheet(
            "due_months",
            _TABLE,
            ("按到期月份", "By month of the due date"),
            ("due_month", "matured_count", *_PAID, *_ON_TIME, "excused_fen"),
            by=("due_month",),
            order=("-due_month",),
            folded=("jurisdiction", "all"),
            note=("按适用的到期规则；月份为顺延前的到期月份。", "By the due rule that applies; months before rolling."),
            chart=Chart("stacked", ("按到期月份（元）", "By month of the due date (yuan)"), _PAID[1:], ("due_month",), 24),
        ),
        Sheet(
            "payables",
            _TABLE,
            ("配送企业 × 到期月份", "Supplier × month of the due date"),
            (
                "distributor_code",
                "due_month",
                *_ON_TIME,
                "overdue_fen",
                *_AGES,
                "matured_fen",
                "on_time_fen",
                "late_paid_fen",
                "not_due_fen",
                "excused_fen",
                "weighted_days",
            ),
            order=("-overdue_fen", "distributor_code", "due_month"),
            levels=("institution",),
            folded=("institution",),
            has_filter=True,
        ),
        Sheet(
            "arrears",
            _ARREARS,
            ("验收货款未付：按验收月份", "Unpaid, by month of acceptance"),
            ("month", *_ACCEPTED),
            by=("month",),
            order=("-month",),
            note=_SINCE,
            chart=Chart(
                "stacked", ("按验收月份（元）", "By month of acceptance (yuan)"), ("paid_fen", "unpaid_fen"), ("month",), 24
            ),
        ),
        _ARREARS_SUPPLIERS,
        _ARREARS_SUPPLIERS.seen_from("enterprise", "distributor_code", ("验收货款未付：按医疗机构", "Unpaid, by institution")),
        _UNPAID,
        _UNPAID.seen_from("enterprise", "distributor_code"),
        Sheet(
            "unallocated",
            "payment_unallocated",
            ("未分配付款", "Unallocated payments"),
            ("distributor_code", "unallocated_fen"),
            order=("-unallocated_fen",),
            levels=("institution",),
        ),
    ),
)
