"""Further two-invoice signals, slowly and literally (obligations §29; rulebook §5 and §6)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from .agreed_volume import Record, Records, is_valid_on, round_half_up
from .families import head_of
from .lines import lines_of
from .payment import _allocate_by_invoice, _invoice_of, _payables, payments_in_order
from .two_invoice import COMPLIANT, _Trade, is_empty_batch, two_invoice

FOUND = ("institution_code", "counterparty_code", "amount_fen", "quantity", "rate")


def invoice_signals(records: Records, as_of: date, *, chain_markup_limit: Fraction | None = None) -> dict[str, list[Record]]:
    """The rows of the report table without as_of and run_id."""
    world = _World(records, as_of)
    places = {i["institution_code"]: i["jurisdiction_code"] for i in records["institutions"]}
    rows = [
        *_number_reused(world),
        *_circular(world),
        *(_chain_markup(world, chain_markup_limit) if chain_markup_limit is not None else ()),
        *_payee_not_seller(world),
        *_paid_unverified(world),
        *_short_invoiced(world),
        *_deemed_not_unique(world),
    ]
    whole = [dict.fromkeys(FOUND) | row for row in rows]
    return {"invoice_signals": [row | {"jurisdiction_code": places.get(row["institution_code"], "")} for row in whole]}


class _World:
    """Net invoice lines by code and number, in the order of §6, and the lines that §6 judges."""

    def __init__(self, records: Records, as_of: date):
        self.records, self.as_of = records, as_of
        self.trade = _Trade(records, as_of)
        self.judged = two_invoice(records, as_of)["two_invoice_line"]
        self.invoices: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for line in self.trade.lines:
            self.invoices[line["invoice_code"], line["invoice_no"]].append(line)

    def institution_of(self, line: Record) -> str | None:
        hospital = self.trade.hospital_of(line)
        return hospital["institution_code"] if hospital else None

    def party_of(self, line: Record) -> str:
        """The head of the buyer's family, or the company's own code."""
        institution = self.institution_of(line)
        return head_of(self.records, institution) if institution else line["buyer_code"]

    def heads_of(self, lines: list[Record]) -> set[str]:
        return {head_of(self.records, code) for code in map(self.institution_of, lines) if code}


def _number_reused(world: _World) -> Iterator[Record]:
    for (code, number), lines in world.invoices.items():
        is_meant = code or (len(number) == 20 and number.isascii() and number.isdigit())
        sellers, buyers = {line["seller_code"] for line in lines}, {world.party_of(line) for line in lines}
        if is_meant and (len(sellers) > 1 or len(buyers) > 1):
            yield {
                "signal": "number_reused",
                "subject_key": f"{code}|{number}",
                "institution_code": world.institution_of(lines[0]),
                "counterparty_code": lines[0]["seller_code"],
                "amount_fen": sum(line["net_fen"] for line in lines),
            }


def _circular(world: _World) -> Iterator[Record]:
    sold: dict[tuple, int] = defaultdict(int)
    for line in world.trade.company_lines:
        if not is_empty_batch(line["batch_no"]):
            sold[line["product_code"], line["batch_no"], line["seller_code"], line["buyer_code"]] += line["net_fen"]
    for (product, batch, a, b), fen in sold.items():
        if a < b and (product, batch, b, a) in sold:
            yield {
                "signal": "circular",
                "subject_key": f"{product}|{batch}|{a}|{b}",
                "counterparty_code": a,
                "amount_fen": fen + sold[product, batch, b, a],
            }


def _chain_markup(world: _World, limit: Fraction) -> Iterator[Record]:
    for line in world.judged:
        if line["hops"] != 1 or line["verdict"] == "exempt":
            continue
        seller, product, batch = line["seller_code"], line["product_code"], line["batch_no"]
        bought = [
            p
            for p in world.trade.purchases(seller, product, batch, line["issued_on"])
            if world.trade.is_origin(p["seller_code"], product, p["issued_on"])
        ]
        fen, packs = sum(p["net_fen"] for p in bought), sum(p["net_quantity"] for p in bought)
        if fen <= 0 or packs <= 0:
            continue
        own = Fraction(str(line["net_quantity"]))
        price, paid = line["net_fen"] / own, fen / Fraction(packs)
        if (price - paid) / paid > limit:
            yield {
                "signal": "chain_markup",
                "subject_key": f"{line['invoice_code']}|{line['invoice_no']}|{line['line_no']}",
                "institution_code": line["institution_code"],
                "counterparty_code": seller,
                "amount_fen": round_half_up((price - paid) * own),
                "quantity": float(own),
                "rate": float((price - paid) / paid),
            }


def _payee_not_seller(world: _World) -> Iterator[Record]:
    for p in payments_in_order(world.records, world.as_of):
        named = _invoice_of(p)
        lines = world.invoices.get(named, [])
        if p["left"] == 0 or p["channel"] != "hospital" or p["invoice_no"] is None:
            continue
        if head_of(world.records, p["institution_code"]) not in world.heads_of(lines):
            continue
        if _belongs_to(p, lines, world) or _is_excused(named, world):
            continue
        yield {
            "signal": "payee_not_seller",
            "subject_key": f"{p['institution_code']}|{p['payment_id']}|{p['line_no']}",
            "institution_code": p["institution_code"],
            "counterparty_code": p["payee_code"],
            "amount_fen": p["left"],
        }


def _belongs_to(p: Record, lines: list[Record], world: _World) -> bool:
    """Whether the payee is a seller, of the group of one, or a manufacturer of a product on the invoice."""
    payee, group_of = p["payee_code"], world.trade.group_of
    for line in lines:
        group = group_of.get(line["seller_code"])
        if payee == line["seller_code"] or (group is not None and group_of.get(payee) == group):
            return True
        if world.trade.is_origin(payee, line["product_code"], p["paid_on"]):
            return True
    return False


def _is_excused(named: tuple[str, str | None], world: _World) -> bool:
    return any(
        e["kind"] == "payment" and e["invoice_no"] is not None and _invoice_of(e) == named and e["valid_from"] <= world.as_of
        for e in world.records["excuses"]
    )


def _paid_unverified(world: _World) -> Iterator[Record]:
    payables = _payables(world.records, world.as_of)
    _allocate_by_invoice(payments_in_order(world.records, world.as_of), payables, world.records)
    paid: dict[tuple, int] = defaultdict(int)
    for payable in payables:
        paid[_invoice_of(payable)] += payable["fen"] - payable["unpaid"]
    open_ones: dict[tuple, list[Record]] = defaultdict(list)
    for line in world.judged:
        if line["verdict"] not in (*COMPLIANT, "exempt"):
            open_ones[line["invoice_code"], line["invoice_no"]].append(line)
    for (code, number), lines in open_ones.items():
        if paid[code, number] > 0:
            yield {
                "signal": "paid_unverified",
                "subject_key": f"{code}|{number}",
                "institution_code": min(line["institution_code"] for line in lines),
                "counterparty_code": min(line["seller_code"] for line in lines),
                "amount_fen": min(paid[code, number], sum(line["net_fen"] for line in lines)),
            }


def _short_invoiced(world: _World) -> Iterator[Record]:
    received: dict[tuple, Fraction] = defaultdict(Fraction)
    for line in lines_of(world.records, world.as_of):
        if line["invoice_no"] is not None:
            received[_invoice_of(line), head_of(world.records, line["institution_code"]), line["product_code"]] += line["packs"]
    for (named, head, product), packs in received.items():
        lines = world.invoices.get(named, [])
        invoiced = sum(line["net_quantity"] for line in lines if line["product_code"] == product)
        buyers = {code for code in map(world.institution_of, lines) if code and head_of(world.records, code) == head}
        for institution in buyers:
            if packs > invoiced:
                yield {
                    "signal": "short_invoiced",
                    "subject_key": f"{institution}|{named[0]}|{named[1]}|{product}",
                    "institution_code": institution,
                    "counterparty_code": min(line["seller_code"] for line in lines),
                    "quantity": float(packs - invoiced),
                }


def _deemed_not_unique(world: _World) -> Iterator[Record]:
    companies: dict[str, set[str]] = defaultdict(set)
    for d in world.records["deemed_manufacturers"]:
        if d["basis"] == "group_sales_company" and not d["product_code"] and is_valid_on(d, world.as_of):
            companies[d["manufacturer_code"]].add(d["enterprise_code"])
    for manufacturer, found in companies.items():
        if len(found) > 1:
            yield {"signal": "deemed_not_unique", "subject_key": manufacturer, "quantity": float(len(found))}
