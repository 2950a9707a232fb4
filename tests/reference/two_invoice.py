"""The two-invoice system, read literally from rulebook §6 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `two_invoice_line` (net lines of public institutions
buying drugs) and `two_invoice_compliance`, without as_of and run_id; money in integer fen.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from .agreed_volume import Record, Records, is_valid_on, ratio_of

EMPTY_BATCHES = ("", "无", "-", "--", "—", "——", "/", "\\", "N/A", "NA", "无批号", "NULL", "NONE", "空", "暂无")
EMPTY_BATCHES += (".", "*")
COMPLIANT = ("direct", "two_invoice", "group_transfer", "remote_extra")
VIOLATION = ("too_many_invoices",)
SPECIAL_CATEGORIES = ("narcotic", "psychotropic_1", "vaccine", "tcm_decoction", "reserve")


def two_invoice(
    records: Records,
    as_of: date,
    *,
    scope_kinds: tuple[str, ...] = ("drug",),
    exempt_categories: tuple[str, ...] = SPECIAL_CATEGORIES,
) -> dict[str, list[Record]]:
    """Both two-invoice tables: a verdict for every hospital line in scope, and its monthly sums."""
    trade = _Trade(records, as_of)
    rows = []
    for line in trade.lines:
        hospital = trade.hospital_of(line)
        if hospital is None or hospital["ownership"] != "public":
            continue
        if trade.products[line["product_code"]]["kind"] not in scope_kinds:
            continue
        verdict, hops = _judge(line, hospital, trade, exempt_categories)
        rows.append(_line_row(line, hospital, verdict, hops))
    return {"two_invoice_line": rows, "two_invoice_compliance": _monthly_rows(rows, trade)}


def is_empty_batch(batch_no: str | None) -> bool:
    """No batch at all, or a placeholder such as 无 or -, after folding width and case."""
    return unicodedata.normalize("NFKC", (batch_no or "").strip()).upper().strip() in FOLDED_EMPTY_BATCHES


FOLDED_EMPTY_BATCHES = {unicodedata.normalize("NFKC", b).upper() for b in EMPTY_BATCHES}


class _Trade:
    """The net invoice lines up to `as_of` and who is who among their parties."""

    def __init__(self, records: Records, as_of: date):
        self.records = records
        self.as_of = as_of
        self.products = {p["product_code"]: p for p in records["products"]}
        self.group_of = {e["enterprise_code"]: e["group_code"] or None for e in records["enterprises"]}
        self.institutions = {i["institution_code"]: i for i in records["institutions"]}
        self.uscc_owner: dict[str, Record] = {}
        for i in sorted(
            records["institutions"], key=lambda i: (i["parent_institution_code"] is not None, i["institution_code"])
        ):
            if i["uscc"]:
                self.uscc_owner.setdefault(i["uscc"], i)
        self.lines = _net_lines(records["invoices"], as_of)
        self.company_lines = [line for line in self.lines if self.hospital_of(line) is None]
        self.hops: dict[tuple, int | None] = {}

    def hospital_of(self, line: Record) -> Record | None:
        return self.institutions.get(line["buyer_code"]) or self.uscc_owner.get(line["buyer_code"])

    def is_origin(self, company: str, product_code: str, day: date) -> bool:
        """Manufacturer or MAH of the product, or deemed for either on that day."""
        product = self.products[product_code]
        makers = [m for m in (product["manufacturer_code"], product["mah_code"]) if m]
        if company in makers:
            return True
        return any(
            d["enterprise_code"] == company
            and d["manufacturer_code"] in makers
            and d["product_code"] in ("", None, product_code)
            and is_valid_on(d, day)
            for d in self.records["deemed_manufacturers"]
        )

    def purchases(self, buyer: str, product_code: str, batch_no: str | None, until: date) -> list[Record]:
        """Net company lines by which `buyer` bought this product and batch; an empty batch matches none."""
        if is_empty_batch(batch_no):
            return []
        return [
            line
            for line in self.company_lines
            if line["buyer_code"] == buyer
            and line["product_code"] == product_code
            and line["batch_no"] == batch_no
            and line["issued_on"] <= until
        ]

    def hop(self, company: str, product_code: str, batch_no: str | None, day: date) -> int | None:
        """hop(x, d) of the rule book: the length of the shortest chain back in time to an origin."""
        return self._walk(company, product_code, batch_no, day, lambda: self.is_origin(company, product_code, day))

    def hop_later(self, company: str, product_code: str, batch_no: str | None, sold_on: date) -> int | None:
        """hop(seller, as_of), the seller's own deemed status still that of the day of its sale."""
        return self._walk(company, product_code, batch_no, self.as_of, lambda: self.is_origin(company, product_code, sold_on))

    def _walk(
        self, company: str, product_code: str, batch_no: str | None, day: date, starts_at_origin: Callable[[], bool]
    ) -> int | None:
        if starts_at_origin():
            return 0
        key = (company, product_code, batch_no, day)
        if key not in self.hops:
            self.hops[key] = self._walk_upstream(*key)
        return self.hops[key]

    def _walk_upstream(self, company: str, product_code: str, batch_no: str | None, day: date) -> int | None:
        hops = 0
        reached = {(company, day)}
        frontier = {(company, day)}
        while frontier:
            hops += 1
            upstream = set()
            for buyer, until in frontier:
                for line in self.purchases(buyer, product_code, batch_no, until):
                    upstream.add((line["seller_code"], line["issued_on"]))
            if any(self.is_origin(seller, product_code, sold_on) for seller, sold_on in upstream):
                return hops
            frontier = upstream - reached
            reached |= upstream
        return None


def _line_order(line: Record) -> tuple:
    return (line["issued_on"], line["invoice_code"], line["invoice_no"], line["line_no"])


def _net_lines(invoices: list[Record], as_of: date) -> list[Record]:
    known = sorted((i for i in invoices if i["status"] != "void" and i["issued_on"] <= as_of), key=_line_order)
    blues, reds = [], []
    for i in known:
        if i["red_of_invoice_no"] or i["quantity"] < 0 or i["amount"] < 0:
            reds.append(i)
        else:
            blues.append({**i, "net_quantity": Fraction(i["quantity"]), "net_fen": int(i["amount"] * 100)})
    for red in reds:
        _take_off(red, blues)
    return [b for b in blues if b["net_quantity"] > 0]


def _take_off(red: Record, blues: list[Record]) -> None:
    quantity, fen = max(Fraction(0), -Fraction(red["quantity"])), max(0, -int(red["amount"] * 100))
    for blue in blues:
        if (
            blue["invoice_no"] == red["red_of_invoice_no"]
            and (not red["red_of_invoice_code"] or blue["invoice_code"] == red["red_of_invoice_code"])
            and blue["seller_code"] == red["seller_code"]
            and blue["product_code"] == red["product_code"]
            and (blue["batch_no"] or "") == (red["batch_no"] or "")
        ):
            less_quantity = min(quantity, blue["net_quantity"])
            less_fen = min(fen, blue["net_fen"])
            blue["net_quantity"] -= less_quantity
            blue["net_fen"] -= less_fen
            quantity -= less_quantity
            fen -= less_fen


def _judge(line: Record, hospital: Record, trade: _Trade, exempt_categories: tuple[str, ...]) -> tuple[str, int | None]:
    seller, product_code, batch_no, day = (line["seller_code"], line["product_code"], line["batch_no"], line["issued_on"])
    hops = trade.hop(seller, product_code, batch_no, day)
    exempt = trade.products[product_code]["special_category"] in exempt_categories
    if exempt or _is_excused(line, hospital, trade):
        return "exempt", hops
    if hops == 0:
        return "direct", hops
    if is_empty_batch(batch_no):
        return "no_batch", hops
    if hops is not None:
        verdict = _verdict_of_chain(line, hospital, trade, hops)
        if verdict != "too_many_invoices" and _is_oversold(line, trade, hops):
            return "oversold", hops
        return verdict, hops
    return _verdict_without_chain(line, hospital, trade), hops


def _is_excused(line: Record, hospital: Record, trade: _Trade) -> bool:
    return any(
        e["kind"] == "two_invoice"
        and e["institution_code"] == hospital["institution_code"]
        and (e["invoice_code"] or "", e["invoice_no"]) == (line["invoice_code"], line["invoice_no"])
        and e["valid_from"] <= trade.as_of
        and (e["valid_to"] is None or line["issued_on"] <= e["valid_to"])
        for e in trade.records["excuses"]
    )


def _verdict_of_chain(line: Record, hospital: Record, trade: _Trade, hops: int) -> str:
    if hops == 1:
        return "two_invoice"
    if hops == 2 and _came_from_own_group(line, trade):
        return "group_transfer"
    if hops == 2 and hospital["is_remote"]:
        return "remote_extra"
    return "too_many_invoices"


def _came_from_own_group(line: Record, trade: _Trade) -> bool:
    product_code, batch_no = line["product_code"], line["batch_no"]
    group = trade.group_of.get(line["seller_code"])
    return group is not None and any(
        trade.group_of.get(bought["seller_code"]) == group
        and trade.hop(bought["seller_code"], product_code, batch_no, bought["issued_on"]) == 1
        for bought in trade.purchases(line["seller_code"], product_code, batch_no, line["issued_on"])
    )


def _is_oversold(line: Record, trade: _Trade, hops: int) -> bool:
    seller, product_code, batch_no = line["seller_code"], line["product_code"], line["batch_no"]
    sold = sum(
        (
            other["net_quantity"]
            for other in trade.lines
            if (other["seller_code"], other["product_code"], other["batch_no"]) == (seller, product_code, batch_no)
            and _line_order(other) <= _line_order(line)
        ),
        Fraction(0),
    )
    bought = Fraction(0)
    for purchase in trade.purchases(seller, product_code, batch_no, trade.as_of):
        upstream = trade.hop(purchase["seller_code"], product_code, batch_no, purchase["issued_on"])
        if upstream is not None and upstream <= hops - 1:
            bought += purchase["net_quantity"]
    return sold > bought


def _verdict_without_chain(line: Record, hospital: Record, trade: _Trade) -> str:
    seller, product_code, batch_no, day = (line["seller_code"], line["product_code"], line["batch_no"], line["issued_on"])
    suppliers = {p["seller_code"] for p in trade.purchases(seller, product_code, batch_no, day)}
    group = trade.group_of.get(seller)
    all_outside = all(group is None or trade.group_of.get(u) != group for u in suppliers)
    if suppliers and all_outside and not hospital["is_remote"]:
        return "too_many_invoices"
    if trade.hop_later(seller, product_code, batch_no, day) is not None:
        return "upstream_after_sale"
    bought_this_batch = trade.purchases(seller, product_code, batch_no, trade.as_of)
    bought_from_origin = any(
        other["buyer_code"] == seller
        and other["product_code"] == product_code
        and other["issued_on"] <= day
        and trade.is_origin(other["seller_code"], product_code, other["issued_on"])
        for other in trade.company_lines
    )
    if not bought_this_batch and bought_from_origin:
        return "batch_mismatch"
    return "missing_upstream"


def _line_row(line: Record, hospital: Record, verdict: str, hops: int | None) -> Record:
    kept = ("invoice_code", "invoice_no", "line_no", "seller_code", "product_code", "batch_no", "issued_on", "net_fen")
    return {
        **{name: line[name] for name in kept},
        "institution_code": hospital["institution_code"],
        "net_quantity": float(line["net_quantity"]),
        "verdict": verdict,
        "hops": hops,
    }


def _monthly_rows(lines: list[Record], trade: _Trade) -> list[Record]:
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for line in lines:
        groups[line["institution_code"], f"{line['issued_on']:%Y-%m}"].append(line)
    rows = []
    for (institution_code, month), members in sorted(groups.items()):
        fen: dict[str, int] = defaultdict(int)
        count: dict[str, int] = defaultdict(int)
        for line in members:
            kind = _kind_of(line["verdict"])
            for bucket in (kind,) if kind == "exempt" else (kind, "scope"):
                fen[bucket] += line["net_fen"]
                count[bucket] += 1
        decided_fen = fen["compliant"] + fen["violation"]
        decided_count = count["compliant"] + count["violation"]
        kinds = ("scope", "compliant", "violation", "unverifiable", "exempt")
        rows.append(
            {
                "institution_code": institution_code,
                "month": month,
                "jurisdiction_code": trade.institutions[institution_code]["jurisdiction_code"],
                **{f"{kind}_fen": fen[kind] for kind in kinds},
                **{f"{kind}_count": count[kind] for kind in kinds},
                "compliance_rate_amount": ratio_of(fen["compliant"], decided_fen),
                "compliance_rate_count": ratio_of(count["compliant"], decided_count),
                "verified_rate_amount": ratio_of(decided_fen, fen["scope"]),
                "verified_rate_count": ratio_of(decided_count, count["scope"]),
            }
        )
    return rows


def _kind_of(verdict: str) -> str:
    if verdict == "exempt":
        return "exempt"
    if verdict in COMPLIANT:
        return "compliant"
    return "violation" if verdict in VIOLATION else "unverifiable"
