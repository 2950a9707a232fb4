"""The items of a list: each finding with its figures strict beside excused, its excuse, and on whose side a shortfall lies.

Figures are those published; what the tables do not hold (names, orders, which overdue money is excused) comes from the
lake at the versions of the run, by the code of the night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from pipelines.engine.explained_rows import yuan
from pipelines.errors import VbpError
from pipelines.oversight.accountability import signals
from pipelines.oversight.accountability.background import Background, read_background
from pipelines.oversight.accountability.signals import EXCUSED_COMMITMENT, EXCUSED_LINE
from pipelines.past.past_run import PastRun
from pipelines.policy.policies import Policies
from schemas.policies import PolicyRow
from schemas.reports.accountability_items import PARTS

Record = dict[str, Any]
_MONEY = ("payment_overdue", "two_invoice_too_many", "two_invoice_unverifiable", EXCUSED_LINE)


def list_items(connection: sa.Connection, run: PastRun, policies: Policies, prefix: str) -> list[Record]:
    """What the list of a published run holds, without number, clocks and objections; in the order of the list.

    `policies` say, for the division and as_of, which rules and ownerships are named; `prefix` limits the divisions.
    Raises VbpError where the lake does not give the published overdue amount.
    """
    findings = signals.open_findings(connection, run, prefix)
    completion = signals.completion_rows(connection, run, prefix)
    payment = signals.overdue_rows(connection, run, prefix)
    exempt = signals.exempt_lines(connection, run)
    excused = [row for row in completion.values() if row["status"] == "excused"]
    touched = frozenset(
        f["subject_key"] for f in findings if f["rule_code"] == "payment_overdue" and f["excuse_id"]
    )
    of_commitments = {f["institution_code"] for f in findings if f["subject_type"] == "commitment"}
    of_commitments |= {row["institution_code"] for row in excused}
    background = read_background(
        run, frozenset(of_commitments | {key.split("|")[0] for key in touched}), touched
    )
    divisions = {code: row["jurisdiction_code"] for code, row in background.institutions.items()}
    findings += signals.excused_commitments(excused, dict(background.commitment_excuses), run)
    findings += signals.excused_lines(exempt, background.excuses, divisions, prefix, run)
    items = []
    for finding in findings:
        item = _describe(finding, background, run.policies)
        item |= _figures(finding, completion, payment, background)
        item["part"] = _part(item, completion, policies, run)
        items.append(item)
    order = ("jurisdiction_code", "institution_code", "rule_code", "subject_key")
    items.sort(key=lambda i: (list(PARTS).index(i["part"]), *(i[c] or "" for c in order)))
    return [item | {"item_no": number} for number, item in enumerate(items, start=1)]


def _describe(finding: Mapping[str, Any], background: Background, policies: Policies) -> Record:
    institution = background.institutions.get(finding["institution_code"], {})
    company = finding["counterparty_code"]
    register = background.excuse_documents
    ids = finding["excuse_id"].split(",") if finding["excuse_id"] else []
    kept = (
        "rule_code",
        "jurisdiction_code",
        "institution_code",
        "subject_type",
        "subject_key",
        "message_zh",
        "clause",
    )
    return {c: finding[c] for c in (*kept, "counterparty_code", "excuse_id", "first_seen", "due_on")} | {
        "item_id": finding["finding_id"],
        "institution_name": institution.get("name"),
        "ownership": institution.get("ownership"),
        "responsible": finding["responsible"] or institution.get("responsible_person"),
        "counterparty_name": background.enterprises.get(company) if company else None,
        "document_no": _document_of(finding, policies.rows),
        "excuse_document_no": ",".join(dict.fromkeys(register[i] for i in ids if i in register)) or None,
    }


def _document_of(finding: Mapping[str, Any], rows: Sequence[PolicyRow]) -> str | None:
    """The document of the clause that the finding cites: of the most specific division, as when it was chosen."""
    place = finding["jurisdiction_code"] or ""
    cited = [
        row for row in rows
        if row.parameter.startswith("clause_") and row.value == finding["clause"] and place.startswith(row.jurisdiction)
    ]  # fmt: skip
    return max(cited, key=lambda row: len(row.jurisdiction)).document_no if cited else None


def _figures(
    finding: Mapping[str, Any], completion: Mapping[str, Record], payment: Mapping[str, Record], background: Background
) -> Record:  # fmt: skip
    figures: Record = dict.fromkeys(
        ("strict_rate", "excused_rate", "agreed_quantity", "net_quantity", "shortfall_quantity", "excused_quantity",
         "returned_quantity", "ordered_quantity", "outstanding_quantity", "supplier_quantity", "hospital_quantity",
         "outstanding_suppliers", "amount_fen", "excused_fen")
    )  # fmt: skip
    rule, key = finding["rule_code"], finding["subject_key"]
    if finding["subject_type"] == "commitment":
        return figures | _volume_figures(completion[key], background)
    if rule == "payment_overdue":
        return figures | _payment_figures(key, payment[key], finding, background)
    excused = finding["amount_fen"] if rule == EXCUSED_LINE else 0
    return figures | ({"amount_fen": finding["amount_fen"], "excused_fen": excused} if rule in _MONEY else {})


def _volume_figures(row: Mapping[str, Any], background: Background) -> Record:
    """On whose side the shortfall lies: at most what is ordered and has not come is the supplier's, the rest the hospital's."""
    orders = background.orders.get(row["commitment_id"])
    shortfall = float(Fraction(str(row["agreed_quantity"])) - Fraction(str(row["net_quantity"])))
    outstanding = orders.outstanding if orders else 0.0
    supplier = min(shortfall, outstanding)
    by_supplier = orders.suppliers if orders else {}
    return {
        **{c: row[c] for c in ("strict_rate", "excused_rate", "agreed_quantity", "net_quantity", "excused_quantity")},
        "returned_quantity": row["returned_quantity"],
        "shortfall_quantity": shortfall,
        "ordered_quantity": orders.ordered if orders else 0.0,
        "outstanding_quantity": outstanding,
        "supplier_quantity": supplier,
        "hospital_quantity": float(Fraction(str(shortfall)) - Fraction(str(supplier))),
        "outstanding_suppliers": "；".join(
            f"{background.enterprises.get(code, '')}（{code}）{units:g}" for code, units in sorted(by_supplier.items())
        ) or None,
    }  # fmt: skip


def _payment_figures(
    key: str, row: Mapping[str, Any], finding: Mapping[str, Any], background: Background
) -> Record:
    overdue, excused = (
        background.overdue.get(key, (0, 0)) if finding["excuse_id"] else (row["overdue_fen"], 0)
    )
    if overdue != row["overdue_fen"]:
        raise VbpError(
            f"{key} 的逾期未付：按存档输入为 {yuan(overdue)} 元，已发布 {yuan(row['overdue_fen'])} 元；"
            "请先用 vbp verify 核验该运行"
        )
    return {
        "strict_rate": row["on_time_rate_amount"], "excused_rate": row["on_time_rate_amount_excused"],
        "amount_fen": row["overdue_fen"], "excused_fen": excused,
    }  # fmt: skip


def _part(item: Mapping[str, Any], completion: Mapping[str, Record], policies: Policies, run: PastRun) -> str:
    """The first that applies: excused as a whole, no duty, listed only by policy, to be named."""
    place = item["jurisdiction_code"] or ""
    if _is_excused(item, completion.get(item["subject_key"]), run):
        return "excused"
    ownerships = policies.resolve("accountability_ownerships", place, run.as_of).value
    assert isinstance(ownerships, list)
    if item["ownership"] is not None and item["ownership"] not in ownerships:
        return "voluntary"
    rules = policies.resolve("accountability_rules", place, run.as_of).value
    assert isinstance(rules, list)
    return "named" if item["rule_code"] in rules else "not_named"


def _is_excused(item: Mapping[str, Any], row: Mapping[str, Any] | None, run: PastRun) -> bool:
    """Whether nothing would be left of the finding without what approved excuses cover."""
    rule = item["rule_code"]
    if rule in (EXCUSED_COMMITMENT, EXCUSED_LINE):
        return True
    if rule == "payment_overdue":
        return bool(item["amount_fen"] == item["excused_fen"])
    if rule == "agreed_volume_seriously_behind" and row is not None and row["excused_quantity"] > 0:
        threshold = run.policies.resolve("seriously_behind_ratio", row["jurisdiction_code"], run.as_of)
        return _keeps_pace(row, run.as_of, Fraction(str(threshold.value)))
    return False


def _keeps_pace(row: Mapping[str, Any], as_of: date, threshold: Fraction) -> bool:
    """Whether a running commitment, its excused quantity taken off what was agreed, is not seriously behind (rulebook §4)."""
    net, agreed, excused = (
        Fraction(str(row[c])) for c in ("net_quantity", "agreed_quantity", "excused_quantity")
    )
    whole = (row["period_end"] - row["period_start"]).days + 1
    passed = (min(as_of, row["period_end"]) - row["period_start"]).days + 1
    keeps: bool = net * whole >= threshold * (agreed - excused) * passed
    return keeps
