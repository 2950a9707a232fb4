"""The report tables of price monitoring: movements, peers, index (obligations §25)."""

from schemas.table import (
    AS_OF,
    DISTRIBUTOR,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    Column,
    ReportTable,
    count,
    fen,
    flag,
    rate,
    text,
)

_NATIONAL = "全国：中共中央、国务院 2020-02-25 深化医疗保障制度改革的意见 (十九)"
CLAUSE = f"{_NATIONAL}；聊城 3715：聊政发〔2018〕44号 三(五)3"

_PRODUCT = text("product_code", "产品编码", "Product the prices are of.", refers="product")
_MONTH = text("month", "验收月份", "Month of acceptance, YYYY-MM.")


def _price(name: str, title_zh: str, description: str) -> Column:
    return Column(name, "double", "yuan", title_zh, description, CLAUSE, minimum=0.0)


def _packs(description: str) -> Column:
    return Column("packs", "double", "packs", "采购包装数", description)


def _makers(description: str) -> Column:
    return count("manufacturers", "manufacturers", "生产企业数", description)


def _policy(parameter: str) -> Column:
    return text("policy_id", "政策条目", f"Policy row of {parameter}; null where none holds.", nullable=True)


def _change(name: str, title_zh: str, description: str, maximum: float | None = None) -> Column:
    return Column(name, "double", "ratio", title_zh, description, CLAUSE, minimum=0.0, maximum=maximum)


MOVEMENTS = ReportTable(
    name="price_movements",
    title_zh="采购价变动",
    description="How the price of a product from a supplier to an institution changed from order day to order day in the window.",
    key=("as_of", "institution_code", "distributor_code", "product_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        DISTRIBUTOR,
        _PRODUCT,
        RUN_ID,
        JURISDICTION,
        count("lines", "lines", "采购行数", "Lines ordered in the window, all of them."),
        count(
            "changes", "changes", "价格变动次数", "Order days whose lowest price is not that of the order day before.", CLAUSE
        ),
        _price("first_price", "最初价格", "Lowest price of a pack on the first order day."),
        _price("last_price", "最近价格", "Lowest price of a pack on the last order day."),
        _price("lowest_price", "最低价格", "Lowest of these daily prices."),
        _price("highest_price", "最高价格", "Highest of these daily prices."),
        _change("rise", "最大涨幅", "Greatest rise from an earlier daily price above 0 to a later one, of the earlier."),
        _change("fall", "最大跌幅", "Greatest fall from an earlier daily price above 0 to a later one, of the earlier.", 1.0),
        flag("is_listed", "短缺或易短缺药品", "Whether the product is listed as short or prone to be short at as_of."),
        _makers("Manufacturers of the generic of whose products the province has lines this year."),
        _policy("price_rise_limit"),
    ),
)

PEERS = ReportTable(
    name="price_peers",
    title_zh="同省机构采购价比较",
    description="What public institutions of a province paid for a pack of a product in a month, emergencies left out.",
    key=("as_of", "province", "product_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        text("province", "省份", "First two digits of the divisions of the institutions."),
        _PRODUCT,
        _MONTH,
        RUN_ID,
        count("institutions", "institutions", "采购机构数", "Public institutions with a line in the month."),
        _price("lowest_price", "最低均价", "Lowest mean price of a pack that one of them paid."),
        _price("median_price", "中位均价", "Median of their mean prices; of an even number the mean of the middle two."),
        _price("highest_price", "最高均价", "Highest mean price of a pack that one of them paid."),
        _packs("Packs that they bought."),
        fen("value_fen", "采购金额", "What they cost.", CLAUSE),
        _makers("Manufacturers of the generic of whose products the province has lines in the month."),
        _policy("peer_limit"),
    ),
)

INDEX = ReportTable(
    name="price_index",
    title_zh="药品采购价格指数",
    description="Prices of a month against the same month of the year before, by the quantities of that, of public institutions.",
    key=("as_of", "jurisdiction_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        JURISDICTION,
        _MONTH,
        RUN_ID,
        fen("purchase_fen", "药品采购金额", "Value of all drug lines of public institutions in the month."),
        count(
            "matched_products", "products", "可比药品数", "Products bought in the month and in the same month a year before."
        ),
        fen("matched_fen", "可比药品金额", "Value of the matched products in the month.", CLAUSE),
        fen("base_fen", "可比药品上年同月金额", "Value of the matched products in the same month of the year before.", CLAUSE),
        rate(
            "price_index",
            "价格指数",
            "Quantities of the same month a year before at the mean prices of the month, against what they cost then.",
            CLAUSE,
            maximum=None,
        ),
    ),
)

TABLES = (MOVEMENTS, PEERS, INDEX)
