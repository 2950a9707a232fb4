"""What price monitoring declares beside its tables: rules, laws and parameters (obligations §25)."""

from dataclasses import replace

from pipelines.indicators.price_monitoring.tables import INDEX, MOVEMENTS, PEERS, TABLES
from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.rule import Rule, Subject

__all__ = ["TABLES"]

OFTEN = Rule(
    "price_changes_often",
    "采购价变动频繁",
    "Price changes often",
    "signal",
    Subject(
        "institution_supplier_product", "医疗机构、配送企业与产品", ("institution_code", "distributor_code", "product_code")
    ),
    MOVEMENTS.name,
    "clause_price_movements",
    may_be_named=False,
)
RISE = replace(OFTEN, code="price_rise", title_zh="采购价涨幅较大", title_en="Price rose much")
ABOVE_PEERS = Rule(
    "price_above_peers",
    "采购价高于同省机构",
    "Price above that of peers",
    "signal",
    Subject("institution_product_month", "医疗机构、产品与月份", ("institution_code", "product_code", "month")),
    PEERS.name,
    "clause_price_peers",
    may_be_named=False,
    is_money=True,
    fades=True,
)
RULES = (OFTEN, RISE, ABOVE_PEERS)

LAWS = (
    Law(
        MOVEMENTS.name, "changes", "价格变动次数为 0 或不少于采购行数", "changes < 1 OR changes >= lines", ("changes", "lines")
    ),
    *(
        Law(
            MOVEMENTS.name,
            name,
            f"{zh}价格不在最低价格与最高价格之间",
            f"{name}_price < lowest_price OR {name}_price > highest_price",
            (f"{name}_price", "lowest_price", "highest_price"),
        )
        for name, zh in (("first", "最初"), ("last", "最近"))
    ),
    Law(
        PEERS.name,
        "order",
        "最低、中位、最高均价不依次递增，或单价差出自一家机构",
        "lowest_price > median_price OR median_price > highest_price OR (institutions = 1 AND lowest_price <> highest_price)",
        ("lowest_price", "median_price", "highest_price", "institutions"),
    ),
    Law(
        PEERS.name,
        "buyers",
        "没有采购机构、包装数或生产企业却列出比较",
        "institutions < 1 OR packs <= 0 OR manufacturers < 1",
        ("institutions", "packs", "manufacturers"),
    ),
    at_most(INDEX.name, "matched", "matched_fen", "purchase_fen", "可比药品金额多于药品采购金额"),
    Law(
        INDEX.name,
        "base",
        "上年同月没有可比金额却有价格指数，或有金额却没有指数",
        "(price_index IS NULL AND base_fen <> 0) OR (price_index IS NOT NULL AND base_fen = 0)"
        " OR (matched_products = 0 AND matched_fen + base_fen <> 0)",
        ("price_index", "base_fen", "matched_products", "matched_fen"),
    ),
)

_CLAUSE = Parameter(
    "str", "text", "Clause cited on signals of prices that change often or rise much.", title="采购价变动线索引用的条款"
)
_RATIO = Parameter(
    "decimal",
    "ratio",
    "A rise of a price in the window from which it is a signal; of a sole manufacturer half of it.",
    title="采购价涨幅达到多少提示",
    minimum=0,
    maximum=1000,
    may_be_absent=True,
)
PARAMETERS = {
    "price_window_days": Parameter(
        "int", "day", "Days up to as_of whose orders price movements look at.", title="采购价变动的观察天数", minimum=1
    ),
    "price_changes_max": Parameter(
        "int",
        "changes",
        "Changes of a price in the window from which it is a signal.",
        title="采购价变动达到多少次提示",
        minimum=1,
        may_be_absent=True,
    ),
    "price_rise_limit": _RATIO,
    "peers_min": Parameter(
        "int",
        "institutions",
        "Public institutions of a province that must have bought a product in a month for their prices to be compared.",
        title="同省比价的最少机构数",
        minimum=1,
    ),
    "peer_limit": replace(
        _RATIO,
        meaning="A mean price that lies above the median of the province by more than this share is a signal.",
        title="高于同省中位价多少提示",
    ),
    "clause_price_movements": _CLAUSE,
    "clause_price_peers": replace(
        _CLAUSE, meaning="Clause cited on signals of prices above those of peers.", title="高于同省机构线索引用的条款"
    ),
}
