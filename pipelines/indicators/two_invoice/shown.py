"""How people are shown two-invoice compliance: its headline, figures, sheets and charts."""

from pipelines.indicators.two_invoice.declaration import CLASSES, UNVERIFIABLE, VIOLATION
from schemas.section import Bars, Entry, Section, Tile
from schemas.shown import Chart, Figure, Headline, Sheet, Shown

_TABLE = "two_invoice_compliance"
_AMOUNTS = ("scope_fen", *(f"{name}_fen" for name in CLASSES))
_RATES = ("compliance_rate_amount", "compliance_rate_count", "verified_rate_amount", "verified_rate_count")

_PARTS = ("scope", "compliant", "violation", "unverifiable", "exempt")
_SECTIONS = (
    Section(
        "invoice",
        _TABLE,
        ("两票制执行", "Two-invoice compliance"),
        (
            *(Entry(f"{part}_fen") for part in _PARTS),
            Entry("compliance_rate_amount", ("合规率（金额）", "compliant, by amount")),
            Entry("verified_rate_amount", ("核实率（金额）", "verified, by amount")),
            *(Entry(f"{part}_count") for part in _PARTS),
            Entry("compliance_rate_count", ("合规率（行数）", "compliant, by lines")),
            Entry("verified_rate_count", ("核实率（行数）", "verified, by lines")),
        ),
        note=(
            "只计公立医疗机构购药。"
            "合规率 = 合规 ÷（合规 + 违规）；核实率 =（合规 + 违规）÷ 纳入范围。无法核实不算合规；豁免另计，不在范围内。",
            "Purchases of public institutions. Compliant = compliant ÷ (compliant + violation); verified = both ÷ in scope. "
            "What cannot be verified is not compliant.",
        ),
        bars=Bars(
            "shares",
            {"compliant_fen": "#2E7D4F", "violation_fen": "#B3261E", "unverifiable_fen": "#B9BEC6"},
            titles=("两票制三部分（按金额）", "Two-invoice lines in three parts (by amount)"),
        ),
        tile=Tile(
            "compliance_rate_amount",
            ("两票制合规率（金额）", "Two-invoice (amount)"),
            "verified_rate_amount",
            ("核实率 {}", "{} verified"),
        ),
    ),
)

_LINES = Sheet(
    "lines",
    "two_invoice_line",
    ("违规与无法核实的发票行", "Invoice lines not compliant or not verifiable"),
    (
        "verdict",
        "issued_on",
        "seller_code",
        "product_code",
        "batch_no",
        "net_quantity",
        "net_fen",
        "hops",
        "invoice_code",
        "invoice_no",
        "line_no",
    ),
    where={"verdict": (*VIOLATION, *UNVERIFIABLE)},
    order=("verdict", "-net_fen"),
    levels=("institution",),
    has_filter=True,
)

SHOWN = Shown(
    sections=_SECTIONS,
    titles=("两票制", "Two-invoice system"),
    scope=("两票制只计公立医疗机构购药。", "Two-invoice counts purchases of public institutions."),
    headlines=(
        Headline(
            _TABLE,
            "两票制",
            ("口径", "纳入范围", *CLASSES.values(), "合规率", "核实率"),
            (
                ("金额（元）", (*_AMOUNTS, *_RATES[::2])),
                ("行数", (*(a.replace("_fen", "_count") for a in _AMOUNTS), *_RATES[1::2])),
            ),
            counted="two_invoice_line.verdict",
        ),
    ),
    figures=(
        Figure(
            "two_invoice_compliant",
            _TABLE,
            "compliance_rate_amount",
            ("两票制合规率（金额）", "Two-invoice compliant"),
            tile=("scope",),
        ),
        Figure(
            "two_invoice_verified", _TABLE, "verified_rate_amount", ("两票制核实率（金额）", "Two-invoice verified"), tile=()
        ),
        Figure("scope", _TABLE, "scope_fen", ("纳入范围金额", "In scope")),
        Figure("violation", _TABLE, "violation_fen", ("违规金额", "Violation")),
    ),
    sheets=(
        Sheet(
            "invoice_months",
            _TABLE,
            ("按开票月份", "By month of issue"),
            ("month", *_AMOUNTS, *_RATES),
            by=("month",),
            order=("-month",),
            note=(
                "合规率 = 合规 ÷（合规 + 违规）；无法核实的不算合规，核实率 =（合规 + 违规）÷ 纳入范围。",
                "Compliance = compliant ÷ (compliant + violation). What cannot be verified is not compliant; verified = "
                "(compliant + violation) ÷ in scope.",
            ),
            chart=Chart(
                "stacked",
                ("两票制三分（元，按开票月份）", "Two-invoice in three parts (yuan, by month of issue)"),
                ("compliant_fen", "unverifiable_fen", "violation_fen"),
                ("month",),
                24,
            ),
        ),
        _LINES,
        _LINES.seen_from("product", "product_code"),
        _LINES.seen_from("enterprise", "seller_code"),
    ),
)
