"""Delivery and shortage, slowly and literally (obligations §26, §12; no policy rows but our own defaults)."""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from .agreed_volume import round_half_up
from .lines import Record, Records, generic_of, jurisdiction_of, product
from .lists import is_listed

DAYS, EMERGENCY_DAYS, TRANSIT_DAYS = timedelta(3), timedelta(1), timedelta(2)
RECENT = timedelta(90)
RATE_SINCE = {"63": "2025-07-16", "33": "2017-03-03", "62": "2016-01-01"}
FILL_SINCE, SHORTAGE_FILL = {"62": "2016-01-01"}, Fraction(6, 10)
SHORTAGE_INSTITUTIONS = 2


def delivery_performance(records: Records, as_of: date) -> dict[str, list[Record]]:
    """The rows of both tables without as_of and run_id."""
    mature = [line for line in order_lines(records, as_of) if line["due"] <= as_of]
    recent = [line for line in mature if as_of - RECENT < line["due"]]
    return {"delivery_performance": delivery_rows(mature, as_of), "shortage": shortage_rows(records, recent, as_of)}


def order_lines(records: Records, as_of: date) -> list[Record]:
    """What was ordered, when it was due, and what had arrived by then and by as_of."""
    by_line: dict[tuple, list[Record]] = defaultdict(list)
    for d in records["deliveries"]:
        if d["ordered_on"] is not None and d["ordered_on"] <= as_of and not d["is_gift"]:
            by_line[d["institution_code"], d["product_code"], d["order_line_id"]].append(d)
    lines = []
    for (institution_code, product_code, _), deliveries in by_line.items():
        ordered = max(Fraction(d["ordered_quantity"] or 0) for d in deliveries)
        if ordered == 0:
            continue
        is_emergency = any(d["is_emergency"] for d in deliveries)
        ordered_on = min(d["ordered_on"] for d in deliveries)
        if ordered_on < date(2000, 1, 1):
            continue  # before all policy rows: never due
        due = ordered_on + (EMERGENCY_DAYS if is_emergency else DAYS)
        price = min(Fraction(d["unit_price"]) for d in deliveries)
        accepted = [d for d in deliveries if d["accepted_on"] is not None and d["accepted_on"] <= as_of]
        delivered = min(ordered, sum(Fraction(d["received_quantity"]) for d in accepted))
        on_time = min(ordered, sum(Fraction(d["received_quantity"]) for d in accepted if arrived_on(d) <= due))
        lines.append(
            {
                "institution_code": institution_code,
                "product_code": product_code,
                "distributor_code": min(d["distributor_code"] for d in deliveries),
                "jurisdiction_code": jurisdiction_of(records, deliveries[0]),
                "ordered_on": ordered_on,
                "due": due,
                "ordered": ordered,
                "delivered": delivered,
                "on_time": on_time,
                **{
                    f"{name}_fen": round_half_up(packs * price * 100)
                    for name, packs in (("ordered", ordered), ("delivered", delivered), ("on_time", on_time))
                },
            }
        )
    return lines


def arrived_on(delivery: Record) -> date:
    """The day of acceptance, or the end of the days of transit where that is earlier."""
    if delivery["shipped_on"] is None:
        return delivery["accepted_on"]
    return min(delivery["accepted_on"], delivery["shipped_on"] + TRANSIT_DAYS)


def policy_of(parameter: str, since: dict[str, str], code: str, as_of: date) -> str | None:
    """The policy row of the province in force on as_of, if it has one."""
    day = since.get(code[:2], f"{date.max}")
    return f"{parameter}@{code[:2]}@{day}" if day <= f"{as_of}" else None


def delivery_rows(lines: list[Record], as_of: date) -> list[Record]:
    groups: dict[tuple, list[Record]] = defaultdict(list)
    for line in lines:
        groups[line["institution_code"], line["distributor_code"], f"{line['ordered_on']:%Y-%m}"].append(line)
    return [delivery_row(*key, own, as_of) for key, own in groups.items()]


def delivery_row(institution_code: str, distributor_code: str, month: str, lines: list[Record], as_of: date) -> Record:
    ordered, delivered, on_time = (sum(line[c] for line in lines) for c in ("ordered_fen", "delivered_fen", "on_time_fen"))
    return {
        "institution_code": institution_code,
        "distributor_code": distributor_code,
        "month": month,
        "jurisdiction_code": lines[0]["jurisdiction_code"],
        "lines": len(lines),
        "complete_lines": sum(line["delivered"] == line["ordered"] for line in lines),
        "on_time_lines": sum(line["on_time"] == line["ordered"] for line in lines),
        "ordered_fen": ordered,
        "delivered_fen": delivered,
        "on_time_fen": on_time,
        "delivery_rate": float(Fraction(delivered, ordered)) if ordered else None,
        "on_time_rate": float(Fraction(on_time, ordered)) if ordered else None,
        "policy_id": policy_of("delivery_rate_min", RATE_SINCE, lines[0]["jurisdiction_code"], as_of),
    }


def shortage_rows(records: Records, lines: list[Record], as_of: date) -> list[Record]:
    for line in lines:
        line["city_code"] = line["jurisdiction_code"][:4] + "00"
        line["generic"] = generic_of(product(records, line["product_code"]))
        per_pack = Fraction(product(records, line["product_code"])["units_per_pack"])
        line["ordered_units"], line["delivered_units"] = line["ordered"] * per_pack, line["delivered"] * per_pack
    rows = []
    for city_code, product_code in sorted({(line["city_code"], line["product_code"]) for line in lines}):
        in_city = [line for line in lines if line["city_code"] == city_code]
        own = [line for line in in_city if line["product_code"] == product_code]
        alike = [line for line in in_city if line["generic"] == own[0]["generic"]]
        if filled(own) < 1:
            rows.append(shortage_row(records, city_code, product_code, own, filled(alike), as_of))
    return rows


def filled(lines: list[Record]) -> Fraction:
    return sum(line["delivered_units"] for line in lines) / sum(line["ordered_units"] for line in lines)


def shortage_row(
    records: Records, city_code: str, product_code: str, lines: list[Record], generic_fill: Fraction, as_of: date
) -> Record:
    short = {line["institution_code"] for line in lines if line["delivered"] < line["ordered"]}
    policy_id = policy_of("shortage_fill", FILL_SINCE, city_code, as_of)
    listed = any(
        is_listed(records, name, product(records, product_code), as_of, city_code) for name in ("shortage", "shortage_prone")
    )
    is_short = policy_id is not None and len(short) >= SHORTAGE_INSTITUTIONS and filled(lines) < SHORTAGE_FILL
    return {
        "city_code": city_code,
        "product_code": product_code,
        "institutions": len({line["institution_code"] for line in lines}),
        "short_institutions": len(short),
        "distributors": len({line["distributor_code"] for line in lines}),
        "ordered_units": float(sum(line["ordered_units"] for line in lines)),
        "delivered_units": float(sum(line["delivered_units"] for line in lines)),
        "fill_rate": float(filled(lines)),
        "generic_fill_rate": float(generic_fill),
        "is_listed": listed,
        "level": "shortage" if is_short else "watch" if listed else "none",
        "policy_id": policy_id,
    }
