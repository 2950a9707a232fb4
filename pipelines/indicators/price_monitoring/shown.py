"""How people are shown prices: the index with what it covers, the months' peers, and series that rose."""

from schemas.shown import Chart, Sheet, Shown

_COVERED = (
    "按上年同月数量，只比当月和上年同月都采购了的药品；可比药品金额与药品采购金额之比说明覆盖面。没有可比药品的月份没有指数。",
    "By the quantities of the same month a year before, of drugs bought in both; matched value beside all purchases says how "
    "much that covers. A month without matched drugs has no index.",
)
_MOVED = (
    "每个下单日取最低价；独家生产（生产企业 1 家）和短缺药品请先核对供应情况。涨价不一定不当，如换批次、挂网价调整。",
    "Of each order day the lowest price. A rise need not be wrong: a new round of procurement or another listing price may be "
    "the reason; of a sole manufacturer, or what is short, look at supply first.",
)
_COMPARED = (
    "公立医疗机构每包装均价（金额 ÷ 包装数），应急采购不计；家数少于 5 家的不宜比较。",
    "Mean price of a pack of each public institution, emergencies left out; few institutions are no measure.",
)
_PEERS = ("institutions", "lowest_price", "median_price", "highest_price", "packs", "value_fen", "manufacturers")
_INDEX = ("price_index", "matched_products", "matched_fen", "base_fen", "purchase_fen")

SHOWN = Shown(
    titles=("价格监测", "Price monitoring"),
    sheets=(
        Sheet(
            "price_index",
            "price_index",
            ("药品采购价格指数（上年同月 = 100%）", "Price index of drugs, same month a year before = 100%"),
            ("month", *_INDEX),
            order=("-month",),
            levels=("jurisdiction",),
            single=True,
            note=_COVERED,
            chart=Chart("lines", ("价格指数（按验收月份）", "Price index by month"), ("price_index",), ("month",), 24),
        ),
        Sheet(
            "price_index_all",
            "price_index",
            ("药品采购价格指数（按统筹区）", "Price index of drugs by division"),
            ("jurisdiction_code", "month", *_INDEX),
            order=("-month", "jurisdiction_code"),
            levels=("all",),
            folded=("all",),
            has_filter=True,
            note=_COVERED,
        ),
        Sheet(
            "price_movements",
            "price_movements",
            ("采购价变动（涨幅大的在前）", "Movements of prices, greatest rise first"),
            (
                *("product_code", "distributor_code", "rise", "fall", "changes", "lines"),
                *("first_price", "last_price", "lowest_price", "highest_price", "manufacturers", "is_listed"),
            ),
            order=("-rise", "-changes", "product_code", "distributor_code"),
            levels=("institution",),
            has_filter=True,
            note=_MOVED,
        ),
        Sheet(
            "price_peers",
            "price_peers",
            ("同省公立机构采购价比较", "Prices of public institutions of the province"),
            ("product_code", "month", "province", *_PEERS),
            order=("-month", "-institutions", "product_code", "province"),
            levels=("all",),
            folded=("all",),
            has_filter=True,
            note=_COMPARED,
            alone=("同省比价", "Prices of peers"),
        ),
        Sheet(
            "price_peers_of_product",
            "price_peers",
            ("同省公立机构采购价比较", "Prices of public institutions of the province"),
            ("month", "province", *_PEERS),
            order=("-month", "province"),
            levels=("product",),
            note=_COMPARED,
            chart=Chart(
                "spans",
                (
                    "同省公立机构均价（元）：最低、中位、最高",
                    "Mean prices of public institutions (yuan): lowest, median, highest",
                ),
                ("lowest_price", "median_price", "highest_price"),
                ("month", "province"),
                24,
            ),
        ),
    ),
)
