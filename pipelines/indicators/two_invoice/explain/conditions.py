"""The conditions of the two-invoice verdicts, each with the numbers of a line put in (rulebook §6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.engine.explained_rows import plain
from pipelines.engine.explanation import Record


@dataclass(frozen=True)
class Condition:
    """A verdict, whether its condition holds, and the condition in words."""

    verdict: str
    holds: bool
    words: str


@dataclass(frozen=True)
class Stock:
    """The seller's stock of the batch, from its purchases: packs (10⁻⁴) and the days since which there were any."""

    sold: int
    from_source: int
    within_one: int
    bought: date | None
    in_group: date | None
    transfer: date | None
    reached: date | None
    source: date | None

    @classmethod
    def of(cls, bought: Sequence[Record], sold: int, source: date | None) -> Stock:
        """From the purchases of the batch, what was sold through the line, and the first purchase of the product
        from a source.
        """

        def since(meets: Callable[[Record], bool]) -> date | None:
            return min((b["issued_on"] for b in bought if meets(b)), default=None)

        def is_own_group(b: Record) -> bool:
            return b["seller_group"] is not None and b["seller_group"] == b["buyer_group"]

        return cls(
            sold=sold,
            from_source=sum(b["net"] for b in bought if b["hop"] == 0),
            within_one=sum(b["net"] for b in bought if b["hop"] in (0, 1)),
            bought=since(lambda _: True),
            in_group=since(is_own_group),
            transfer=since(lambda b: is_own_group(b) and b["hop"] == 1),
            reached=since(lambda b: b["hop"] is not None),
            source=source,
        )


def judge(own: Record, hop: int | None, stock: Stock) -> list[Condition]:
    """Every condition in its order, with whether it holds for the line."""
    day = own["issued_on"]

    def by_then(since: date | None) -> bool:
        return since is not None and since <= day

    has_extra = own["is_remote"] and own["two_invoice_remote_extra"]
    transfer = hop == 2 and by_then(stock.transfer) and own["two_invoice_group_transfer"]
    remote = hop == 2 and has_extra
    available = stock.from_source if hop == 1 else stock.within_one
    only_outside = by_then(stock.bought) and not by_then(stock.in_group)
    unseen = hop is None and only_outside and not has_extra
    hops = f"销方距生产企业：{'追溯不到' if hop is None else f'{hop} 票'}"
    sold = f"截至本行累计销售 {plain(stock.sold, 10**4)} 盒，可核实购进 {plain(available, 10**4)} 盒"
    listed = "属豁免的特殊类别" if own["is_exempt_category"] else "不属豁免的特殊类别"
    excused = f"备案 {own['excuse_id']}" if own["excuse_id"] else "没有两票制备案"
    return [
        Condition("exempt", own["is_exempt_category"] or own["excuse_id"] is not None, f"{listed}，{excused}"),
        Condition("direct", hop == 0, hops),
        Condition("no_batch", own["seller_node"] is None, f"批号：{own['batch_no'] or '空'}"),
        Condition("oversold", (hop == 1 or transfer or remote) and stock.sold > available, sold),
        Condition("two_invoice", hop == 1, hops),
        Condition("group_transfer", transfer, f"{hops}，{_since('集团内购进', stock.transfer)}"),
        Condition("remote_extra", remote, f"{hops}，{'在' if own['is_remote'] else '不在'}特别偏远名单"),
        Condition(
            "too_many_invoices",
            (hop is not None and hop >= 2) or unseen,
            f"{hops}，{_since('同批号购进', stock.bought)}，{_since('集团内购进', stock.in_group)}",
        ),
        Condition(
            "upstream_after_sale", stock.reached is not None, f"本行开票 {day}，{_since('追溯到生产企业的购进', stock.reached)}"
        ),
        Condition(
            "batch_mismatch",
            stock.bought is None and by_then(stock.source),
            f"{_since('同批号购进', stock.bought)}，{_since('同品种自生产企业购进', stock.source)}",
        ),
        Condition(
            "missing_upstream",
            True,
            "没有同批号的上游发票" if stock.bought is None else f"同批号自 {stock.bought} 起有购进，但追溯不到生产企业",
        ),
    ]


def _since(what: str, day: date | None) -> str:
    return f"{what}自 {day} 起" if day else f"无{what}"


def first_of(conditions: Sequence[Condition]) -> str:
    """The verdict: the first condition that holds."""
    return next(c.verdict for c in conditions if c.holds)
