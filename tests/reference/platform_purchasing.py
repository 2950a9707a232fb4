"""Purchasing on the platform, slowly and literally (obligations §20, §12; no policy rows but our own defaults)."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from .lines import Records, jurisdiction_of, lines_of, product
from .lists import is_listed

EXEMPT = ("narcotic", "psychotropic_1", "vaccine", "tcm_decoction", "reserve")


def platform_purchasing(records: Records, as_of: date) -> dict[str, list[dict]]:
    """The rows of the report table without as_of and run_id."""
    rows: dict[tuple[str, str, str], list[dict]] = defaultdict(list)
    for line in lines_of(records, as_of):
        of, day, place = product(records, line["product_code"]), line["accepted_on"], jurisdiction_of(records, line)
        if of["kind"] == "drug" or is_listed(records, "platform_consumable", of, day, place):
            line = {**line, "special_category": of["special_category"], "jurisdiction_code": place}
            rows[line["institution_code"], of["kind"], f"{day:%Y-%m}"].append(line)
    return {"platform_purchasing": [row_of(*key, lines) for key, lines in rows.items()]}


def row_of(institution_code: str, kind: str, month: str, lines: list[dict]) -> dict:
    exempt = [line for line in lines if line["special_category"] in EXEMPT]
    rest = [line for line in lines if line not in exempt]
    emergency = [line for line in rest if line["is_emergency"]]
    scope = [line for line in rest if not line["is_emergency"]]
    offline = [line for line in scope if line["channel"] == "offline"]

    def fen(some: list[dict]) -> int:
        return sum(line["value_fen"] for line in some)

    def share(part: int, whole: int) -> float | None:
        return float(Fraction(part, whole)) if whole else None

    return {
        "institution_code": institution_code,
        "kind": kind,
        "month": month,
        "jurisdiction_code": lines[0]["jurisdiction_code"],
        "purchase_fen": fen(lines),
        "exempt_fen": fen(exempt),
        "emergency_fen": fen(emergency),
        "scope_fen": fen(scope),
        "platform_fen": fen(scope) - fen(offline),
        "offline_fen": fen(offline),
        "scope_lines": len(scope),
        "offline_lines": len(offline),
        "platform_rate": share(fen(scope) - fen(offline), fen(scope)),
        "emergency_share": share(fen(emergency), fen(emergency) + fen(scope)),
        "policy_id": None,
    }
