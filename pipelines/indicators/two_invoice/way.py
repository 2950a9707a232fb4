"""The way from a hospital's seller up to the manufacturer, read off the chain (rulebook §6)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.engine.explanation import Record


def hop_of(own: Record, bought: Sequence[Record]) -> int | None:
    """0 for a source, else 1 + the least hop of what reached the seller by the day of the line."""
    if own["is_source"]:
        return 0
    hops = [b["hop"] for b in bought if b["hop"] is not None and b["issued_on"] <= own["issued_on"]]
    return 1 + min(hops) if hops else None


def hop_words(own: Record, bought: Sequence[Record], hop: int | None) -> str:
    """The hop with its numbers put in."""
    if hop == 0:
        return "销方是生产企业、上市许可持有人或视同生产企业：0"
    if own["seller_node"] is None:
        return "批号为空，无法与上游发票衔接"
    if hop is None:
        return f"截至 {own['issued_on']}，同品种同批号的 {len(bought)} 行购进发票都不能追溯到生产企业"
    return f"1 + {hop - 1} = {hop}"


def climb(bought: Sequence[Record], own: Record, chain: pl.DataFrame) -> list[Record]:
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
