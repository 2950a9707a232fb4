"""What execution by lot declares: its report table and laws (obligations §32). It has no rules, and no parameters."""

from schemas.law import adds_up, at_most
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, VOLUME_CLAUSE, Column, ReportTable, count, date, rate, text

_NAME = "lot_execution"


def _products(name: str, title_zh: str, description: str, source: str = "") -> Column:
    return count(name, "products", title_zh, description, source)


def _share(name: str, of: str, title_zh: str, description: str) -> Column:
    return rate(name, title_zh, description, of=(of, "agreed_products"))


EXECUTION = ReportTable(
    name=_NAME,
    title_zh="带量采购分批次执行情况",
    description="Execution of an institution's commitments of a lot that began on one day; a commitment is an agreed product.",
    key=("as_of", "institution_code", "lot_code", "period_start"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("lot_code", "采购批次编码", "Procurement lot; lots are never merged.", refers="lot"),
        date("period_start", "采购周期开始", "First day of the commitments."),
        RUN_ID,
        JURISDICTION,
        date("period_end", "采购周期结束", "Latest last day of the commitments, as adjusted."),
        rate("time_progress", "序时进度", "Days gone divided by days of the periods, both added up over the commitments."),
        _products("agreed_products", "签约产品总数", "Commitments begun and not cancelled.", VOLUME_CLAUSE),
        _products("zero_products", "零采购产品数", "Agreed products of which nothing net was bought."),
        _share("zero_share", "zero_products", "零采购占比", "Of the agreed products, those of which nothing was bought."),
        _products("over_products", "超量产品数", "Agreed products bought beyond the agreed quantity."),
        _share("over_share", "over_products", "超量占比", "Of the agreed products, those bought beyond the agreed quantity."),
        _products("below_products", "低于序时进度产品数", "Others executed less than their own time progress."),
        _share("below_share", "below_products", "低于序时进度占比", "Of the agreed products, those below their time progress."),
        _products("normal_products", "正常产品数", "All other agreed products."),
        _share("normal_share", "normal_products", "正常占比", "Of the agreed products, those that are executed in time."),
        _products(
            "non_selected_products",
            "非中选产品数",
            "Drugs of the agreed generics that are not selected where the institution is, on the last day counted.",
        ),
        _products("non_selected_bought", "采购非中选产品数", "Non-selected drugs of these generics bought in the period."),
        _products(
            "non_selected_over_quantity",
            "非中选采购量大于中选的产品数",
            "Agreed products of whose generic more non-selected units were bought than selected ones.",
        ),
        _products(
            "non_selected_over_amount",
            "非中选采购金额大于中选的产品数",
            "Agreed products of whose generic more was spent on non-selected drugs than on selected ones.",
        ),
        _products("substitutable_products", "可替代产品数", "Products that may stand in for those of these items."),
        _products("substitutable_bought", "采购可替代产品数", "Of the products that may stand in, those bought in the period."),
        _products(
            "below_and_over",
            "滞后且非中选超过中选的产品数",
            "Agreed products not bought or below time progress, of whose generic more non-selected units were bought.",
        ),
    ),
)

TABLES = (EXECUTION,)

LAWS = (
    at_most(_NAME, "period", "period_start", "period_end", "采购周期的结束早于开始"),
    adds_up(
        _NAME,
        "states",
        "agreed_products",
        ("zero_products", "over_products", "below_products", "normal_products"),
        "零采购、超量、低于序时进度、正常的产品数相加不等于签约产品总数",
    ),
    at_most(_NAME, "substitutes", "substitutable_bought", "substitutable_products", "采购的可替代产品多于可替代产品"),
    at_most(_NAME, "both", "below_and_over", "non_selected_over_quantity", "两者兼有的产品多于非中选采购量大于中选的产品"),
)
