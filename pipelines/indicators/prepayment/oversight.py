"""What a list of those to be named says of prepayments: the agency answers, and what an excuse covers must not vanish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.engine.explained_rows import records_of, yuan
from pipelines.engine.finding import excused_thing
from pipelines.engine.published import Published
from pipelines.indicators.prepayment.declaration import TIMELINESS
from schemas.rule import Rule

Record = dict[str, Any]
_OVERDUE = "status IN ('partly_paid', 'unpaid')"


def figures(published: Published, findings: Sequence[Record]) -> dict[str, Record]:
    """Who answers: the agency by its name; and what of the amount an excuse covers, all or nothing."""
    rows = {"|".join(str(row[c]) for c in TIMELINESS.key[1:]): row for row in published.rows(TIMELINESS.name, _OVERDUE)}
    agencies = _agencies(published)
    found = {}
    for finding in findings:
        code = rows.get(finding["subject_key"], {}).get("agency_code", "")
        is_excused = finding["excuse_id"] is not None
        found[finding["finding_id"]] = {
            "institution_name": agencies[code]["name"] if code in agencies else code or None,
            "excused_fen": finding["amount_fen"] if is_excused else 0,
            "is_excused": is_excused,
        }
    return found


def excused(published: Published, rule: Rule) -> list[Record]:
    """Prepayments that are overdue and excused: no finding was raised."""
    agencies = _agencies(published)
    found = []
    for row in published.rows(TIMELINESS.name, f"{_OVERDUE} AND excuse_id IS NOT NULL"):
        agency = agencies.get(row["agency_code"], {})
        lacking = row["required_fen"] - row["paid_in_fen"]
        found.append(
            excused_thing(
                published,
                rule,
                row | {"jurisdiction_code": agency.get("jurisdiction_code", row["jurisdiction_code"])},
                row["pay_due_on"],
                f"经办机构 {row['agency_code'] or '（未写明）'} 应于 {row['pay_due_on']} 前预付，"
                f"尚欠 {yuan(lacking)} 元，有正当理由备案",
                institution_code=None,
                counterparty_code=row["institution_code"],
                responsible=agency.get("responsible_person"),
                amount_fen=lacking,
                excuse_id=row["excuse_id"],
            )
        )
    return found


def _agencies(published: Published) -> dict[str, Record]:
    return {row["agency_code"]: row for row in records_of(published.records(frozenset()), "agencies")}
