"""A line paid beyond the price led back to the selection, sibling or listing that says the price, and its calculation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import codes, distinct, line_of, plain, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.indicators.price_compliance.declaration import BASES, METHODS
from pipelines.indicators.price_compliance.declaration import LINE as TABLE
from pipelines.indicators.price_compliance.lines import LINE, METHOD, TOLERANCE, priced_lines
from pipelines.lines.estimated import estimates_of
from pipelines.lines.expected import ITEM, committed_items, listings_here, priced_scopes, selections_here
from schemas.policies import PolicyRow

_PRICE = 10**4


def _open(inputs: Inputs) -> Explain:
    """The lines paid beyond the price, among those of the institution."""
    over = priced_lines(inputs).filter(pl.col("side") == "over")
    rows = inputs.with_place(over.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)), "deliveries").collect()

    def explain(key: Key) -> Explanation | None:
        row = next(iter(rows.filter(pl.col(c) == key[c] for c in LINE).to_dicts()), None)
        return None if row is None else _explain(row, inputs)

    return explain


def _of_product(record: Record, inputs: Inputs) -> pl.DataFrame:
    """The lines of the product of a record."""
    return priced_lines(inputs).filter(pl.col("product_code").cast(pl.String) == record["product_code"]).select(LINE)


def _selected(record: Record, inputs: Inputs) -> pl.DataFrame:
    """The lines of the product of a selection, and those whose price is estimated by one of another."""
    is_own = pl.col("product_code").cast(pl.String) == record["product_code"]
    return priced_lines(inputs).filter(is_own | (pl.col("basis") == "estimated")).select(LINE)


def _explain(row: Record, inputs: Inputs) -> Explanation:
    expected, paid, packs = row["expected"], row["paid"], row["packs"]
    policies = [inputs.policies.resolve(TOLERANCE, row["jurisdiction_code"], row["ordered_on"])]
    if row["basis"] == "estimated":
        policies.append(inputs.policies.resolve(METHOD, row["jurisdiction_code"], row["ordered_on"]))
    formula, numbers, said = _said(row, inputs, policies)
    gap = paid - expected
    word = BASES[row["basis"]]
    return Explanation(
        steps=(
            Step("paid_price", "采购价：收货记录的单价", f"{_yuan(paid)} 元", paid / _PRICE),
            Step("packs", "数量 = 验收数量 − 截至统计日已确认的退货", plain(packs, _PRICE), packs / _PRICE),
            Step("expected_price", f"应执行价格：{formula}", numbers, expected / _PRICE),
            Step(
                "over_fen",
                f"高出金额 =（采购价 − 应执行价格）× 数量，相差大于 {policies[0].value} 元的计入",
                f"({_yuan(paid)} − {_yuan(expected)}) × {plain(packs, _PRICE)} = {yuan(row['gap_fen'])} 元",
                row["gap_fen"],
            ),
            Step(
                "over_rate",
                "高出幅度 =（采购价 − 应执行价格）÷ 应执行价格",
                f"{_yuan(gap)} ÷ {_yuan(expected)}" if expected else "应执行价格为 0，不计算幅度",
                gap / expected if expected else None,
            ),
        ),
        policies=distinct(policies),
        lines=(
            line_of(
                "deliveries",
                row,
                "收货",
                {
                    "产品": row["product_code"],
                    "下单日期": row["ordered_on"],
                    "验收日期": row["accepted_on"],
                    "采购价": _yuan(paid),
                    "数量": plain(packs, _PRICE),
                },
            ),
            *said,
        ),
        left_out=(),
        notes=(f"价格依据：{word}；按下单日 {row['ordered_on']} 机构所在地有效的价格比较。",),
        concerned=(("deliveries", {"institution_code": codes(row["institution_code"])}),),
    )


def _said(row: Record, inputs: Inputs, policies: list[PolicyRow]) -> tuple[str, str, tuple[Line, ...]]:
    """The formula of the expected price, the same with its numbers, and the record that says it."""
    match row["basis"]:
        case "selected":
            first, committed = _selection(row, inputs)
            why = f"；机构或其牵头机构的协议 {committed} 指明该批次" if committed else ""
            numbers = (
                f"批次 {first['lot_code']} 品种 {first['item_code']}，{first['since']} 起中选{why}：{_yuan(first['price'])} 元"
            )
            return "下单日该产品的中选价", numbers, (_selection_line(first, first["product_code"], inputs),)
        case "estimated":
            method = str(policies[-1].value)
            here = _here(inputs.once(selections_here), inputs, row, product=None)
            rows = estimates_of(here, inputs).filter(pl.col("product_code").cast(pl.String) == row["product_code"])
            order = [pl.col("since"), pl.col(method), pl.col("sibling_code").cast(pl.String)]
            found = rows.sort(order, descending=[True, False, False]).row(0, named=True)
            times, factor = f"({plain(found['own_units'], _PRICE)} ÷ {plain(found['units'], _PRICE)})", ""
            factor = f"1.95^log₂{times}" if method == "ratio" else times
            numbers = f"{found['sibling_code']} 中选价 {_yuan(found['price'])} × {factor} = {_yuan(row['expected'])} 元"
            formula = f"同一企业其他包装规格的中选价折算（{METHODS[method]}）"
            return formula, numbers, (_selection_line(found, found["sibling_code"], inputs),)
    listed = _here(inputs.once(listings_here), inputs, row).sort("order")
    if listed.is_empty():
        return "产品自己的挂网价", f"{_yuan(row['expected'])} 元", (_product_line(row, inputs),)
    first = listed.row(0, named=True)
    where = first["prefix"] or "全国"
    numbers = f"{where} {first['since']} 起的挂网价 {_yuan(first['price'])} 元"
    keys = {"kind": "listing", "product_code": row["product_code"], "jurisdiction_code": first["prefix"]}
    record = _record("reference_prices", {**keys, "valid_from": first["since"]}, inputs)
    return "下单日当地的挂网价", numbers, (line_of("reference_prices", record, "挂网价", {"价格": _yuan(first["price"])}),)


def _selection(row: Record, inputs: Inputs) -> tuple[Record, str]:
    """The selection that counts, and the commitment that says so, where several hold."""
    held = _here(inputs.once(selections_here), inputs, row).with_columns(pl.col(*ITEM).cast(pl.String)).sort("order")
    runs = pl.lit(row["ordered_on"]).is_between("period_start", "period_end")
    own = pl.col("institution_code").cast(pl.String) == row["institution_code"]
    agreed = committed_items(inputs).filter(own, runs).with_columns(pl.col(*ITEM).cast(pl.String)).collect()
    known = held.join(agreed, on=ITEM, maintain_order="left_right") if held.height > 1 else held.clear()
    if known.is_empty():
        return held.row(0, named=True), ""
    first = known.row(0, named=True)
    return first, first["commitment_id"]


def _here(spans: pl.DataFrame, inputs: Inputs, row: Record, product: str | None = "product_code") -> pl.DataFrame:
    """What holds on the day of the order where the institution is, of the product or of all."""
    own = pl.col("institution_code").cast(pl.String) == row["institution_code"]
    scope = inputs.once(priced_scopes).filter(own)["scope"].cast(pl.String).item()
    held = spans.filter(pl.col("scope").cast(pl.String) == scope, pl.lit(row["ordered_on"]).is_between("since", "until"))
    return held if product is None else held.filter(pl.col(product).cast(pl.String) == row["product_code"])


def _selection_line(found: Mapping[str, Any], product_code: str, inputs: Inputs) -> Line:
    keys = {"product_code": product_code, "valid_from": found["since"], **{c: found[c] for c in ITEM}}
    until = "长期" if found["until"] == date.max else found["until"]
    facts = {"产品": product_code, "中选价": _yuan(found["price"]), "有效期": f"{found['since']} 至 {until}"}
    return line_of("selections", _record("selections", keys, inputs), "中选", facts)


def _product_line(row: Record, inputs: Inputs) -> Line:
    record = _record("products", {"product_code": row["product_code"]}, inputs)
    return line_of("products", record, "挂网价", {"挂网价": _yuan(row["expected"])})


def _record(dataset: str, keys: Mapping[str, Any], inputs: Inputs) -> Record:
    return inputs.scan(dataset).filter(pl.col(c) == value for c, value in keys.items()).collect().row(0, named=True)


def _yuan(price: int) -> str:
    """A price of 10⁻⁴ yuan as people write it: at least two decimals."""
    whole, part = f"{plain(price, _PRICE)}", ""
    head, dot, part = whole.partition(".")
    return f"{head}.{part.ljust(2, '0')}" if dot else f"{head}.00"


EXPLAINED = Explained(
    table=TABLE.name,
    indicator="price_compliance",
    open=_open,
    lists={"deliveries": tuple(LINE), **dict.fromkeys(("products", "reference_prices"), _of_product), "selections": _selected},
)
