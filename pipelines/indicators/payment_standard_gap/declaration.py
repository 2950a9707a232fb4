"""What payment standards beside selected prices declare: report table, rule and parameters (obligations §30)."""

from dataclasses import replace

from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, RUN_ID, Column, ReportTable, rate, text

NAME = "payment_standard_gap"
CLAUSE = "中共中央 国务院关于深化医疗保障制度改革的意见 (十八)"
BASES = {"selected": "中选价", "estimated": "按规格折算", "same_generic": "同通用名最低中选价"}


def _price(name: str, title_zh: str, description: str, source: str = "", *, nullable: bool = False) -> Column:
    return Column(name, "double", "yuan", title_zh, description, source, nullable)


GAP = ReportTable(
    name=NAME,
    title_zh="医保支付标准与中选价差异",
    description="Payment standards of a place beside the selected price of the product there, and beside what is paid for it.",
    key=("as_of", "jurisdiction_code", "product_code"),
    figure=True,
    columns=(
        AS_OF,
        text(
            "jurisdiction_code", "统筹区编码", "Division that the standard is of; empty for the nation.", refers="jurisdiction"
        ),
        text("product_code", "产品编码", "Product that the standard is of.", refers="product"),
        RUN_ID,
        _price("standard", "医保支付标准", "Payment standard of a pack, valid at as_of.", CLAUSE),
        _price("price", "比较价格", "Price of a pack that the standard is held against.", CLAUSE),
        text("basis", "价格依据", "What says the price that the standard is held against.", values=BASES),
        _price("gap", "标准与价格之差", "Standard less price."),
        replace(
            rate(
                "gap_rate",
                "标准与价格之差幅度",
                "Standard less price, of the price.",
                maximum=None,
                of=("standard - price", "price"),
            ),
            minimum=None,
        ),
        _price(
            "paid_average",
            "本年平均采购价",
            "Mean price of a pack of this year's lines there; null without any.",
            nullable=True,
        ),
        _price("paid_gap", "标准与平均采购价之差", "Standard less the mean price paid.", nullable=True),
    ),
)
TABLES = (GAP,)

DIFFERS = Rule(
    "payment_standard_differs",
    "支付标准与中选价不一致",
    "Payment standard differs from the selected price",
    "warning",
    Subject("division_product", "统筹区与产品", ("jurisdiction_code", "product_code")),
    NAME,
    f"clause_{NAME}",
    may_be_named=False,
    fades=False,
)
RULES = (DIFFERS,)

PARAMETERS = {
    f"clause_{NAME}": Parameter(
        "str", "text", "Clause cited on payment standards that differ from the selected price.", title="支付标准问题引用的条款"
    )
}
