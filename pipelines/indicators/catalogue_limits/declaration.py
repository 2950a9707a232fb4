"""What forms and strengths declare: their report table, rules, laws and parameters (obligations §21)."""

from dataclasses import replace

from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, count, text

_LIAOCHENG = "聊城 3715：聊政发〔2018〕44号 三(四)3"
_PRESCRIPTIONS = "处方管理办法 (卫生部令第53号) 16"

TABLE = ReportTable(
    name="catalogue_limits",
    title_zh="药品剂型与规格数量",
    description="How many forms and strengths of a drug an institution received from 1 January to as_of.",
    key=("as_of", "institution_code", "drug_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("drug_code", "药品通用名编码", "The drug, whatever its form and strength.", refers="generic"),
        RUN_ID,
        JURISDICTION,
        count("forms", "forms", "剂型数", "Distinct dosage forms.", _LIAOCHENG),
        count("strengths", "strengths", "同一剂型最多规格数", "The most distinct strengths within one form.", _LIAOCHENG),
        count("products", "products", "产品数", "Distinct products of known form and strength."),
        count("unknown_products", "products", "剂型或规格不明产品数", "Products without form or without strength."),
        count(
            "injection_products",
            "products",
            "注射剂品种数",
            "Distinct pairs of form and strength that are injected.",
            _PRESCRIPTIONS,
        ),
        count(
            "oral_products",
            "products",
            "口服剂品种数",
            "Distinct pairs of form and strength that are taken by mouth.",
            _PRESCRIPTIONS,
        ),
        text("policy_id", "政策条目", "Policy row of the most products by one way of giving.", nullable=True),
    ),
)
TABLES = (TABLE,)

TOO_MANY_FORMS = Rule(
    "too_many_forms",
    "同一药品剂型过多",
    "Too many forms of a drug",
    "warning",
    Subject("institution_drug", "医疗机构与药品", ("institution_code", "drug_code")),
    TABLE.name,
    "clause_catalogue_limits",
    may_be_named=False,
)
TOO_MANY_STRENGTHS = replace(
    TOO_MANY_FORMS, code="too_many_strengths", title_zh="同一剂型规格过多", title_en="Too many strengths of a form"
)
TOO_MANY_PRODUCTS = replace(
    TOO_MANY_FORMS,
    code="too_many_products",
    title_zh="同一药品注射或口服品种过多",
    title_en="Too many products of a drug by one way of giving",
    clause="clause_too_many_products",
)
RULES = (TOO_MANY_FORMS, TOO_MANY_STRENGTHS, TOO_MANY_PRODUCTS)

LAWS = (
    at_most(TABLE.name, "strengths", "strengths", "products", "同一剂型的规格多于产品"),
    Law(
        TABLE.name,
        "pairs",
        "注射与口服品种之和多于产品",
        "injection_products + oral_products > products",
        ("injection_products", "oral_products", "products"),
    ),
    Law(TABLE.name, "forms", "剂型多于产品", "forms > products + unknown_products", ("forms", "products", "unknown_products")),
)


def _limit(what: str, title_zh: str) -> Parameter:
    return Parameter("int", "count", what, title=title_zh, minimum=1, maximum=999, may_be_absent=True)


def _forms(what: str, title_zh: str) -> Parameter:
    return Parameter("list", "text", what, title=title_zh)


def _clause(what: str, title_zh: str) -> Parameter:
    return Parameter("str", "text", what, title=title_zh)


PARAMETERS = {
    "forms_max": _limit("More forms of a drug than this are a warning; absent, there is none.", "同一药品剂型数上限"),
    "strengths_max": _limit("More strengths of a form than this are a warning; absent, there is none.", "同一剂型规格数上限"),
    "products_max": _limit(
        "More products of a drug that are injected, or taken by mouth, than this are a warning; absent, there is none.",
        "同一药品注射或口服品种数上限",
    ),
    "injection_forms": _forms("A dosage form that contains one of these is injected.", "注射剂型的用字"),
    "oral_forms": _forms(
        "A dosage form that contains one of these, and none of injected or other ones, is taken by mouth.", "口服剂型的用字"
    ),
    "non_oral_forms": _forms("A dosage form that contains one of these is not taken by mouth.", "非口服剂型的用字"),
    "clause_catalogue_limits": _clause("Clause cited where there are too many forms or strengths.", "剂型、规格过多引用的条款"),
    "clause_too_many_products": _clause(
        "Clause cited where there are too many products of a drug.", "注射或口服品种过多引用的条款"
    ),
}
