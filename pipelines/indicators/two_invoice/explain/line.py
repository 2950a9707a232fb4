"""A two-invoice verdict led back to the invoice line, its red lines and its chain (rulebook §6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import (
    codes,
    distinct,
    excuse_facts,
    line_of,
    plain,
    records_of,
    spelling,
    units,
    word,
    yuan,
)
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.two_invoice.explain.conditions import Condition, Stock, first_of, judge
from pipelines.indicators.two_invoice.explain.left_out import invoice_facts, silent_lines, unused_reds
from pipelines.indicators.two_invoice.explain.take_off import Net, key_of, take_off
from pipelines.indicators.two_invoice.indicator import INDICATOR
from pipelines.indicators.two_invoice.lines import LINE
from pipelines.indicators.two_invoice.scope import POLICIES

_ORDER = ["issued_on", *LINE]


def _open(inputs: Inputs) -> Explain:
    found, _ = run_once(INDICATOR, inputs)
    texts = pl.col(pl.Categorical).cast(pl.String)
    lines = found["lines"].lazy().collect().with_columns(texts, pl.col("verdict").cast(pl.String))
    groups = inputs.scan("enterprises").select("enterprise_code", "group_code").collect()
    chain = found["chain"].lazy().with_columns(texts).collect()
    for side in ("seller", "buyer"):
        named = groups.select(pl.col("enterprise_code").alias(f"{side}_code"), pl.col("group_code").alias(f"{side}_group"))
        chain = chain.join(named, on=f"{side}_code", how="left", maintain_order="left")
    invoices = inputs.scan("invoices").collect()

    def explain(key: Key) -> Explanation | None:
        own = lines.filter(
            pl.col("invoice_code") == key["invoice_code"],
            pl.col("invoice_no") == key["invoice_no"],
            pl.col("line_no") == int(key["line_no"]),
        ).to_dicts()
        return _explain(own[0], chain, invoices, inputs) if own else None

    return explain


def _of_product(record: Record, inputs: Inputs) -> pl.LazyFrame:
    """The invoice lines of a product."""
    return inputs.scan("invoices").filter(pl.col("product_code") == record["product_code"]).select(LINE)


def _explain(own: Record, chain: pl.DataFrame, invoices: pl.DataFrame, inputs: Inputs) -> Explanation:
    net, record, reds = _net(own, invoices, inputs.as_of)
    node = pl.lit(own["seller_node"], pl.Int64)
    bought = chain.filter("is_company", pl.col("buyer_node") == node).sort(_ORDER).to_dicts()
    sold = chain.filter(pl.col("seller_node") == node).sort(_ORDER).to_dicts()
    through = [s for s in sold if s["line"] <= own["line"]]
    source_since: Any = chain.filter(
        "is_company", "is_source", pl.col("buyer_code") == own["seller_code"], pl.col("product_code") == own["product_code"]
    )["issued_on"].min()
    hop = _hop_of(own, bought)
    stock = Stock.of(bought, sum(s["net"] for s in through), source_since)
    conditions = judge(own, hop, stock)
    lines = [line_of("invoices", record, "本行发票", invoice_facts(record) | {"销方距生产企业（票）": hop})]
    lines += [
        line_of("invoices", red, "红字冲减", invoice_facts(red) | {"冲减盒数": plain(p, 10**4), "冲减金额（元）": yuan(f)})
        for red, p, f in net.taken
    ]
    lines += [_chain_line(b, "上游购进") for b in bought]
    lines += [_chain_line(s, "同批号销售") for s in through if s["line"] != own["line"]]
    lines += [_chain_line(c, "上游链条") for c in _climb(bought, own, chain)]
    lines += _basis(own, inputs)
    later = [s for s in sold if s["line"] > own["line"]]
    left_out = [
        *(_chain_line(s, "同批号销售", ["在本行之后开具，不计入截至本行的累计销售"]) for s in later),
        *unused_reds(record, reds, net),
        *silent_lines(own, invoices, inputs.as_of),
    ]
    day: Any = own["issued_on"]
    product, seller = codes(own["product_code"]), codes(own["seller_code"])
    return Explanation(
        steps=(
            Step("net_quantity", "净数量（盒）= 发票数量 − 红字冲减", _minus(record, net, "packs"), net.packs / 10**4),
            Step("net_fen", "净金额 = 价税合计 − 红字冲减", _minus(record, net, "fen"), net.fen),
            Step("hops", "销方距生产企业的票数：生产企业为 0，否则 1 + 上游最小票数", _hop_words(own, bought, hop), hop),
            Step("verdict", "判定：依次判断，取第一个成立的", _verdict_words(conditions), first_of(conditions)),
        ),
        policies=distinct(inputs.policies.resolve(p, own["jurisdiction_code"], day) for p in POLICIES),
        lines=tuple(_once(lines)),
        left_out=tuple(_once(left_out, {line.place for line in lines})),
        concerned=(
            ("invoices", {"product_code": product, "seller_code": seller}),
            ("invoices", {"product_code": product, "buyer_code": seller}),
        ),
    )


def _net(own: Record, invoices: pl.DataFrame, as_of: date) -> tuple[Net, Record, list[Record]]:
    """What is left of the line, its record, and the red lines that name its invoice."""
    stands = invoices.filter((pl.col("status") == "normal") & (pl.col("issued_on") <= as_of))
    number = own["invoice_no"]
    invoice = stands.filter(pl.col("invoice_no") == number).to_dicts()
    reds = stands.filter(pl.col("red_of_invoice_no") == number).to_dicts()
    record = next(r for r in invoice if key_of(r) == key_of(own))
    return take_off(invoice, reds)[key_of(own)], record, reds


def _chain_line(line: Record, role: str, reasons: Sequence[str] = ()) -> Line:
    facts = {
        "开票日期": line["issued_on"],
        "销方": line["seller_code"],
        "购方": line["buyer_code"],
        "批号": line["batch_no"],
        "净盒数": plain(line["net"], 10**4),
        "销方距生产企业（票）": "链条不完整" if line["hop"] is None else line["hop"],
    }
    return line_of("invoices", line, role, facts, reasons)


def _basis(own: Record, inputs: Inputs) -> list[Line]:
    """Product, deemed manufacturers, institution and excuses that the verdict rests on."""
    found = []
    makers: set[str] = set()
    for p in records_of(inputs, "products", pl.col("product_code") == own["product_code"]):
        makers |= codes(p["manufacturer_code"], p["mah_code"])
        facts = {
            "生产企业": p["manufacturer_code"],
            "上市许可持有人": p["mah_code"],
            "特殊类别": spelling("products", "special_category", p["special_category"]),
        }
        found.append(line_of("products", p, "品种依据", facts))
    sellers = pl.col("enterprise_code") == own["seller_code"]
    for d in records_of(inputs, "deemed_manufacturers", sellers & pl.col("manufacturer_code").is_in(makers)):
        is_valid = d["valid_from"] <= own["issued_on"] <= (d["valid_to"] or date.max)
        if is_valid and d["product_code"] in ("", own["product_code"]):
            facts = {"视同生产企业": d["enterprise_code"], "生产企业": d["manufacturer_code"]}
            found.append(line_of("deemed_manufacturers", d, "视同生产企业", facts))
    if own["is_remote"]:
        here = pl.col("institution_code") == own["institution_code"]
        found += [line_of("institutions", i, "偏远机构", {}) for i in records_of(inputs, "institutions", here)]
    named = (own["excuse_id"] or "").split(",")
    for e in records_of(inputs, "excuses", pl.col("excuse_id").is_in(named)):
        found.append(line_of("excuses", e, "正当理由", excuse_facts(e)))
    return found


def _verdict_words(conditions: Sequence[Condition]) -> str:
    """The condition that holds, with its numbers, then those before it, which do not."""
    number = next(n for n, c in enumerate(conditions) if c.holds)
    refused = "；".join(_say(c) for c in conditions[:number])
    return f"第 {number + 1} 项成立：{_say(conditions[number])}" + (f"。此前各项不成立：{refused}" if refused else "")


def _say(condition: Condition) -> str:
    return f"{word('two_invoice_line', 'verdict', condition.verdict)}（{condition.words}）"


def _minus(record: Record, net: Net, what: str) -> str:
    if what == "packs":
        terms = [plain(units(record["quantity"]), 10**4), *(plain(p, 10**4) for _, p, _ in net.taken if p)]
        total = plain(net.packs, 10**4)
    else:
        terms = [yuan(record["amount_fen"]), *(yuan(f) for _, _, f in net.taken if f)]
        total = f"{yuan(net.fen)} 元"
    return total if len(terms) == 1 else f"{' − '.join(terms)} = {total}"


def _once(lines: Sequence[Line], known: set[tuple[int, str, int]] | None = None) -> list[Line]:
    """The lines without those that stand for the same source row."""
    seen = set(known or ())
    found = []
    for line in lines:
        if line.place not in seen:
            seen.add(line.place)
            found.append(line)
    return found


def _hop_of(own: Record, bought: Sequence[Record]) -> int | None:
    """0 for a source, else 1 + the least hop of what reached the seller by the day of the line."""
    if own["is_source"]:
        return 0
    hops = [b["hop"] for b in bought if b["hop"] is not None and b["issued_on"] <= own["issued_on"]]
    return 1 + min(hops) if hops else None


def _hop_words(own: Record, bought: Sequence[Record], hop: int | None) -> str:
    """The hop with its numbers put in."""
    if hop == 0:
        return "销方是生产企业、上市许可持有人或视同生产企业：0"
    if own["seller_node"] is None:
        return "批号为空，无法与上游发票衔接"
    if hop is None:
        return f"截至 {own['issued_on']}，同品种同批号的 {len(bought)} 行购进发票都不能追溯到生产企业"
    return f"1 + {hop - 1} = {hop}"


def _climb(bought: Sequence[Record], own: Record, chain: pl.DataFrame) -> list[Record]:
    """One shortest way from the seller's purchase up to the source."""
    found: list[Record] = []
    at, day = list(bought), own["issued_on"]
    while True:
        near = [b for b in at if b["hop"] is not None and b["issued_on"] <= day]
        if not near:
            return found
        step = min(near, key=lambda b: (b["hop"], b["issued_on"], b["line"]))
        found.append(step)
        if step["hop"] == 0:
            return found
        day = step["issued_on"]
        at = chain.filter("is_company", pl.col("buyer_node") == step["seller_node"]).to_dicts()


EXPLAINED = Explained(
    table="two_invoice_line",
    indicator="two_invoice",
    open=_open,
    defaults={"invoice_code": ""},
    lists={"products": _of_product, **dict.fromkeys(("invoices", "deemed_manufacturers", "institutions", "excuses"), ())},
)
