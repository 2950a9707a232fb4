"""Trace codes at several institutions, read literally from obligations §18 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `trace_reuse` without as_of and run_id.
"""

from datetime import date

from .lines import Record, Records


def trace_reuse(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row per code that is out in two families, or was received by two."""
    scans = [s for s in records["trace_scans"] if s["scanned_on"] <= as_of]
    codes = sorted({s["trace_code"] for s in scans})
    rows = [_row_of(code, [s for s in scans if s["trace_code"] == code], records, as_of) for code in codes]
    return {"trace_reuse": [row for row in rows if row["families"] >= 2 or row["received_families"] >= 2]}


def _row_of(code: str, scans: list[Record], records: Records, as_of: date) -> Record:
    out = []
    for institution_code in sorted({s["institution_code"] for s in scans}):
        own = [s["event"] for s in scans if s["institution_code"] == institution_code]
        if own.count("dispensed") > own.count("taken_back"):
            out.append(institution_code)
    dispensed = [s["scanned_on"] for s in scans if s["institution_code"] in out and s["event"] == "dispensed"]
    taken_back = [s for s in scans if s["institution_code"] in out and s["event"] == "taken_back"]
    received = [s for s in scans if s["event"] == "received" and not _is_returned(s, records, as_of)]
    return {
        "trace_code": code,
        "product_code": min(s["product_code"] for s in scans),
        "institutions": len(out),
        "families": len({_family_of(i, records) for i in out}),
        "dispensed": len(dispensed),
        "taken_back": len(taken_back),
        "first_on": min(dispensed, default=None),
        "last_on": max(dispensed, default=None),
        "received_families": len({_family_of(s["institution_code"], records) for s in received}),
        "received_last_on": max((s["scanned_on"] for s in received), default=None),
    }


def _is_returned(scan: Record, records: Records, as_of: date) -> bool:
    return any(
        r["institution_code"] == scan["institution_code"]
        and r["delivery_id"] == scan["delivery_id"]
        and r["status"] == "confirmed"
        and r["returned_on"] <= as_of
        for r in records["returns"]
    )


def _family_of(institution_code: str, records: Records) -> frozenset[str]:
    """All institutions joined to it by parents over any number of steps; a parent that is none is no tie."""
    known = {i["institution_code"] for i in records["institutions"]}
    ties = [
        {i["institution_code"], i["parent_institution_code"]}
        for i in records["institutions"]
        if i["parent_institution_code"] in known
    ]
    family = {institution_code}
    while grown := [tie for tie in ties if tie & family and not tie <= family]:
        family = family.union(*grown)
    return frozenset(family)
