"""What red invoice lines take off the lines of an invoice, one by one, for those who want to see it (rulebook §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.engine.explained_rows import units
from pipelines.engine.explanation import Record

LineKey = tuple[str, str, int]


@dataclass
class Net:
    """What is left of an invoice line: packs (10⁻⁴) and fen, and the red lines with what each took off."""

    packs: int
    fen: int
    taken: list[tuple[Record, int, int]] = field(default_factory=list)


def key_of(record: Record) -> LineKey:
    """Code, number and line."""
    return record["invoice_code"], record["invoice_no"], record["line_no"]


def is_red(record: Record) -> bool:
    """A line that takes something off another one."""
    return record["red_of_invoice_no"] is not None or units(record["quantity"]) < 0 or record["amount_fen"] < 0


def take_off(invoice: Sequence[Record], reds: Sequence[Record]) -> dict[LineKey, Net]:
    """The net of each line of the invoices of one number.

    In: lines that stand at as_of; `reds` name this number. Each takes its quantity and its amount, each on its own,
    off the lines of the same seller, product and batch (as text), in the order of date, code, number and line.
    """
    blue = [r for r in sorted(invoice, key=_order) if not is_red(r)]
    left = {key_of(r): Net(units(r["quantity"]), r["amount_fen"]) for r in blue}
    for red in sorted(reds, key=_order):
        packs, fen = -units(red["quantity"]), -red["amount_fen"]
        for line in blue:
            if not _is_meant(line, red):
                continue
            net = left[key_of(line)]
            off_packs, off_fen = min(max(0, packs), net.packs), min(max(0, fen), net.fen)
            if off_packs > 0 or off_fen > 0:
                net.packs, net.fen = net.packs - off_packs, net.fen - off_fen
                packs, fen = packs - off_packs, fen - off_fen
                net.taken.append((red, off_packs, off_fen))
    return left


def _order(record: Record) -> tuple[object, ...]:
    return record["issued_on"], *key_of(record)


def _is_meant(line: Record, red: Record) -> bool:
    code = red["red_of_invoice_code"] or ""
    return (
        red["red_of_invoice_no"] == line["invoice_no"]
        and code in ("", line["invoice_code"])
        and all(red[c] == line[c] for c in ("seller_code", "product_code"))
        and (red["batch_no"] or "") == (line["batch_no"] or "")
    )
