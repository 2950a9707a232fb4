"""The items of a list: each finding with its figures strict beside excused, its excuse, and on whose side a shortfall lies.

Figures are those published; what the tables do not hold comes from the lake at the versions of the run. Where an
indicator says nothing else, an item is as its finding says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pipelines.engine.explained_rows import records_of
from pipelines.engine.published import Published
from pipelines.oversight.published import open_published, resolve
from pipelines.past.past_run import PastRun
from pipelines.policy.policies import Policies
from schemas.declared import RULES
from schemas.policies import PolicyRow
from schemas.reports import REPORTS
from schemas.reports.accountability_items import PARTS

Record = dict[str, Any]
_COLUMNS = REPORTS["accountability_items"].column_names


def list_items(connection: sa.Connection, run: PastRun, policies: Policies, prefix: str) -> list[Record]:
    """What the list of a published run holds, without number, clocks and objections; in the order of the list.

    `policies` say, for the division and as_of, which rules and ownerships are named; `prefix` limits the divisions.
    Raises VbpError where the lake does not give what was published.
    """
    with open_published(connection, run, prefix) as published:
        findings = published.rows("findings", "state = 'open'")
        for rule in RULES.values():
            findings += resolve(rule.excused.by)(published, rule) if rule.excused else []
        figures = _read_figures(published, findings)
        inputs = published.records(frozenset())
        known = {"enterprises": "enterprise_code", "institutions": "institution_code"}
        names = {row[key]: row["name"] for dataset, key in known.items() for row in records_of(inputs, dataset)}
        documents = {row["excuse_id"]: row["document_no"] for row in records_of(inputs, "excuses")}
        institutions = {row["institution_code"]: row for row in records_of(inputs, "institutions")}
    items = []
    for finding in findings:
        own = _as_found(finding) | figures.get(finding["finding_id"], {})
        institution = institutions.get(finding["institution_code"], {})
        item = _describe(finding | own, institution, names, documents, run.policies.rows)
        item["part"] = "excused" if own["is_excused"] else _part(item, policies, run)
        items.append(item)
    items = [item for item in items if (item["jurisdiction_code"] or "").startswith(prefix)]
    order = ("jurisdiction_code", "institution_code", "rule_code", "subject_key")
    items.sort(key=lambda i: (list(PARTS).index(i["part"]), *(i[c] or "" for c in order)))
    return [item | {"item_no": number} for number, item in enumerate(items, start=1)]


def _read_figures(published: Published, findings: Sequence[Record]) -> dict[str, Record]:
    """`finding_id` → what the indicators know of findings, and of what was excused, beyond what they say themselves."""
    named: dict[str, list[Record]] = {}
    rules = {**RULES, **{rule.excused.code: rule for rule in RULES.values() if rule.excused}}
    for finding in findings:
        rule = rules.get(finding["rule_code"])
        if rule and rule.figures:
            named.setdefault(rule.figures, []).append(finding)
    return {key: own for name, own_findings in named.items() for key, own in resolve(name)(published, own_findings).items()}


def _as_found(finding: Mapping[str, Any]) -> Record:
    """An amount, or else a quantity that falls short; an excuse that the finding names covers it as a whole."""
    is_excused = finding["excuse_id"] is not None
    if (amount := finding["amount_fen"]) is not None:
        return {"excused_fen": amount if is_excused else 0, "is_excused": is_excused}
    short = finding["quantity"]
    excused = short if is_excused or short is None else 0.0
    return {"shortfall_quantity": short, "excused_quantity": excused, "is_excused": is_excused}


def _describe(
    item: Mapping[str, Any],
    institution: Mapping[str, Any],
    names: Mapping[str, str],
    documents: Mapping[str, str],
    rows: Sequence[PolicyRow],
) -> Record:
    ids = item["excuse_id"].split(",") if item["excuse_id"] else []
    return {c: item.get(c) for c in _COLUMNS} | {
        "item_id": item["finding_id"],
        "institution_code": item["institution_code"] or "",
        "institution_name": institution.get("name") or item.get("institution_name"),
        "ownership": institution.get("ownership"),
        "responsible": item["responsible"] or institution.get("responsible_person"),
        "counterparty_name": names.get(item["counterparty_code"]),
        "document_no": _document_of(item, rows),
        "excuse_document_no": ",".join(dict.fromkeys(documents[i] for i in ids if i in documents)) or None,
    }


def _document_of(finding: Mapping[str, Any], rows: Sequence[PolicyRow]) -> str | None:
    """The document of the clause that the finding cites: of the most specific division, as when it was chosen."""
    place = finding["jurisdiction_code"] or ""
    cited = [
        row
        for row in rows
        if row.parameter.startswith("clause_") and row.value == finding["clause"] and place.startswith(row.jurisdiction)
    ]
    return max(cited, key=lambda row: len(row.jurisdiction)).document_no if cited else None


def _part(item: Mapping[str, Any], policies: Policies, run: PastRun) -> str:
    """The part of what is not excused as a whole: no duty, listed only by policy, to be named."""
    place = item["jurisdiction_code"] or ""
    ownerships = policies.resolve("accountability_ownerships", place, run.as_of).value
    assert isinstance(ownerships, list)
    if item["ownership"] is not None and item["ownership"] not in ownerships:
        return "voluntary"
    rules = policies.resolve("accountability_rules", place, run.as_of).value
    assert isinstance(rules, list)
    return "named" if item["rule_code"] in rules else "not_named"
