"""What the further two-invoice signals declare: their report table, rules, laws and parameters (obligations §29)."""

from schemas.law import Law
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, RUN_ID, Column, ReportTable, fen, rate, text

_CLAUSE = "聊城 3715：聊政发〔2018〕44号 三(五)3；其他地区：本系统默认"
LIMIT = "chain_markup_limit"
SIGNALS = {
    "number_reused": ("同号发票对应多个销方或购方", "Invoice number with several sellers or buyers"),
    "circular": ("企业之间循环开票", "Companies that invoice each other"),
    "chain_markup": ("流通环节加价过高", "Mark-up between two invoices"),
    "payee_not_seller": ("收款方不是开票方", "Payee is not the seller"),
    "paid_unverified": ("票据链未核实而已付款", "Paid without a verified chain"),
    "short_invoiced": ("开票数量少于验收数量", "Invoiced less than received"),
    "deemed_not_unique": ("视同生产企业不唯一", "More than one deemed manufacturer"),
}
"""What each signal is called, in Chinese and English."""

TABLE = ReportTable(
    name="invoice_signals",
    title_zh="两票制其他线索",
    description="What invoices, receipts and payments say that does not go together: signals to be looked into, no verdicts.",
    key=("as_of", "signal", "subject_key"),
    figure=True,
    columns=(
        AS_OF,
        text("signal", "线索", "What does not go together.", _CLAUSE, values={code: zh for code, (zh, _) in SIGNALS.items()}),
        text(
            "subject_key",
            "线索对象",
            "What the signal is about: its codes and numbers, parted by |, as the card says for each.",
        ),
        RUN_ID,
        text(
            "jurisdiction_code",
            "统筹区编码",
            "Six-digit division (GB/T 2260) of the institution; empty text without one.",
            refers="jurisdiction",
        ),
        text(
            "institution_code",
            "医疗机构编码",
            "Institution that bought or paid; null where the signal is about companies alone.",
            nullable=True,
            refers="institution",
        ),
        text(
            "counterparty_code",
            "相关企业编码",
            "Seller of the invoice, payee, or the first of two companies; null where no one company is meant.",
            nullable=True,
            refers="enterprise",
        ),
        fen(
            "amount_fen",
            "涉及金额",
            "Money that the signal is about, as the card says for each; null of quantities.",
            nullable=True,
        ),
        Column(
            "quantity",
            "double",
            "",
            "涉及数量",
            "Packs that the signal is about, or number of deemed companies; null of money alone.",
            nullable=True,
            minimum=0.0,
        ),
        rate("rate", "加价率", "Mark-up between the two invoices; null of other signals.", _CLAUSE, maximum=None),
    ),
)
TABLES = (TABLE,)


def _rule(signal: str) -> Rule:
    return Rule(
        f"invoice_{signal}",
        *SIGNALS[signal],
        "signal",
        Subject("invoice_signal", "两票制线索", ("signal", "subject_key")),
        TABLE.name,
        "clause_invoice_signals",
        may_be_named=False,
        is_money=signal not in ("short_invoiced", "deemed_not_unique"),
        fades=True,
    )


RULES = tuple(map(_rule, SIGNALS))

LAWS = (
    Law(
        TABLE.name,
        "money",
        "数量类线索应有数量而没有金额，其他线索应有金额",
        "(amount_fen IS NULL) <> (signal IN ('short_invoiced', 'deemed_not_unique'))",
        ("amount_fen",),
    ),
    Law(
        TABLE.name,
        "numbers",
        "加价、开票数量和认定企业的线索应有数量，其他线索没有",
        "(quantity IS NULL) <> (signal NOT IN ('chain_markup', 'short_invoiced', 'deemed_not_unique'))",
        ("quantity",),
    ),
    Law(TABLE.name, "markup", "只有流通环节加价的线索有加价率", "(rate IS NULL) <> (signal <> 'chain_markup')", ("rate",)),
    Law(
        TABLE.name,
        "parties",
        "医疗机构或企业的有无与线索的种类不符",
        "(signal IN ('circular', 'deemed_not_unique') AND institution_code IS NOT NULL)"
        " OR (signal NOT IN ('number_reused', 'circular', 'deemed_not_unique') AND institution_code IS NULL)"
        " OR ((counterparty_code IS NULL) <> (signal = 'deemed_not_unique'))"
        " OR ((institution_code IS NULL) <> (jurisdiction_code = ''))",
        ("institution_code", "counterparty_code", "jurisdiction_code"),
    ),
)

PARAMETERS = {
    LIMIT: Parameter(
        "decimal",
        "ratio",
        "A mark-up of the distributor's price over the manufacturer's above this is a signal; absent, none is.",
        title="流通环节加价率上限",
        minimum=0,
        maximum=1000,
        may_be_absent=True,
    ),
    "clause_invoice_signals": Parameter(
        "str", "text", "Clause cited on further two-invoice signals.", title="两票制其他线索引用的条款"
    ),
}
