"""Who is paid through which channel, slowly and literally (obligations §22)."""

from collections import defaultdict
from datetime import date

from .agreed_volume import Record, Records, is_valid_on, ratio_of
from .lines import lines_of, product
from .payment import payments_in_order

PARTS = tuple(f"{payer}_to_{payee}_fen" for payer in ("hospital", "fund") for payee in ("manufacturer", "distributor"))


def settlement_channels(records: Records, as_of: date) -> dict[str, list[dict]]:
    """The rows of the report table without as_of and run_id."""
    places = {i["institution_code"]: i["jurisdiction_code"] for i in records["institutions"]}
    received: dict[str, list[Record]] = defaultdict(list)
    for line in lines_of(records, as_of):
        received[line["institution_code"]].append(product(records, line["product_code"]))
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for p in payments_in_order(records, as_of):
        if p["left"] == 0 or p["institution_code"] not in places:
            continue
        row = rows.setdefault((p["institution_code"], f"{p['paid_on']:%Y-%m}"), dict.fromkeys(PARTS, 0))
        payer = "fund" if p["channel"] == "fund_direct" else "hospital"
        payee = "manufacturer" if is_maker(p, received[p["institution_code"]], records) else "distributor"
        row[f"{payer}_to_{payee}_fen"] += p["left"]
    found = []
    for (institution_code, month), parts in rows.items():
        paid = sum(parts.values())
        found.append(
            {
                "institution_code": institution_code,
                "month": month,
                "jurisdiction_code": places[institution_code],
                **parts,
                "paid_fen": paid,
                "direct_share": ratio_of(paid - parts["hospital_to_distributor_fen"], paid),
            }
        )
    return {"settlement_channels": found}


def is_maker(p: Record, received: list[Record], records: Records) -> bool:
    """Whether the payee made or holds something that the institution received, or is deemed for who does that day."""
    for of in received:
        companies = {of["manufacturer_code"], of["mah_code"]}
        if p["payee_code"] in companies:
            return True
        for deemed in records["deemed_manufacturers"]:
            means = not deemed["product_code"] or deemed["product_code"] == of["product_code"]
            is_own = deemed["enterprise_code"] == p["payee_code"] and deemed["manufacturer_code"] in companies
            if is_own and means and is_valid_on(deemed, p["paid_on"]):
                return True
    return False
