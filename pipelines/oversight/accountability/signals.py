"""What may stand on a list: the open findings of a published date, and what an excuse took out of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.past.past_run import PastRun

Record = dict[str, Any]

EXCUSED_COMMITMENT, EXCUSED_LINE = "agreed_volume_excused", "two_invoice_excused"
_FINDINGS, _COMPLETION, _LINES = (
    METADATA.tables[name] for name in ("findings", "agreed_volume_completion", "two_invoice_line")
)


def open_findings(connection: sa.Connection, run: PastRun, prefix: str) -> list[Record]:
    """The open findings that `run` published, of institutions whose division begins with `prefix`."""
    f = _FINDINGS
    query = sa.select(f).where(
        f.c.as_of == run.as_of, f.c.state == "open", _begins(f.c.jurisdiction_code, prefix)
    )
    return [dict(row) for row in connection.execute(query.order_by(f.c.finding_id)).mappings()]


def completion_rows(connection: sa.Connection, run: PastRun, prefix: str) -> dict[str, Record]:
    """By commitment: the published rows of those that fell short, excused ones included."""
    c = _COMPLETION
    short = c.c.status.in_(["failed", "seriously_behind", "excused"])
    query = sa.select(c).where(c.c.as_of == run.as_of, short, _begins(c.c.jurisdiction_code, prefix))
    return {row["commitment_id"]: dict(row) for row in connection.execute(query).mappings()}


def exempt_lines(connection: sa.Connection, run: PastRun) -> list[Record]:
    """The published invoice lines outside the two-invoice rule."""
    t = _LINES
    query = sa.select(t).where(t.c.as_of == run.as_of, t.c.verdict == "exempt")
    return [dict(row) for row in connection.execute(query).mappings()]


def excused_commitments(rows: Sequence[Record], excuses: dict[str, str], run: PastRun) -> list[Record]:
    """Commitments that ended short and are excused: no finding was raised, and none may vanish.

    In: published rows with status `excused`; commitment → excuse ids. Out: columns of findings.
    """
    return [
        _as_finding(
            EXCUSED_COMMITMENT, "commitment", row["commitment_id"], row, run, "clause_agreed_volume", row["period_end"],
            excuse_id=excuses.get(row["commitment_id"]), quantity=row["agreed_quantity"] - row["net_quantity"],
            message_zh=f"协议 {row['commitment_id']} 采购周期已结束，剔除有正当理由的数量后已完成",
        )
        for row in rows
    ]  # fmt: skip


def excused_lines(
    lines: Sequence[Record], excuses: pl.DataFrame, divisions: dict[str, str], prefix: str, run: PastRun
) -> list[Record]:
    """Invoice lines outside the two-invoice rule by an approved excuse that names their invoice (rulebook §6, verdict 1).

    In: exempt lines as published; the excuse register; institution → division. Out: columns of findings.
    """
    found = []
    register = excuses.filter(
        (pl.col("kind") == "two_invoice") & (pl.col("valid_from") <= run.as_of)
    ).to_dicts()
    for line in lines:
        division = divisions.get(line["institution_code"], "")
        ids = [
            e["excuse_id"] for e in register
            if all(e[c] == line[c] for c in ("institution_code", "invoice_code", "invoice_no"))
            and (e["valid_to"] is None or line["issued_on"] <= e["valid_to"])
        ]  # fmt: skip
        if ids and division.startswith(prefix):
            invoice = "-".join(filter(None, (line["invoice_code"], line["invoice_no"])))
            key = "|".join(str(line[c]) for c in ("invoice_code", "invoice_no", "line_no"))
            found.append(
                _as_finding(
                    EXCUSED_LINE, "invoice_line", key, line | {"jurisdiction_code": division}, run, "clause_two_invoice",
                    line["issued_on"], excuse_id=",".join(sorted(ids)), amount_fen=line["net_fen"],
                    counterparty_code=line["seller_code"],
                    message_zh=f"发票 {invoice} 第 {line['line_no']} 行有两票制备案，不判定票数",
                )
            )  # fmt: skip
    return found


def overdue_rows(connection: sa.Connection, run: PastRun, prefix: str) -> dict[str, Record]:
    """By `institution|supplier|due month`: the published payment rows with overdue money under the rule that applies."""
    t = METADATA.tables["payment_timeliness"]
    wanted = (t.c.as_of == run.as_of, t.c.due_rule == "applicable", t.c.overdue_fen > 0)
    query = sa.select(t).where(*wanted, _begins(t.c.jurisdiction_code, prefix))
    rows = (dict(row) for row in connection.execute(query).mappings())
    return {f"{r['institution_code']}|{r['distributor_code']}|{r['due_month']}": r for r in rows}


def _begins(column: sa.ColumnElement[Any], prefix: str) -> sa.ColumnElement[bool]:
    return column.startswith(prefix, autoescape=True) if prefix else sa.true()


def _as_finding(
    rule: str, subject: str, key: str, row: Record, run: PastRun, clause: str, day: Any, **more: Any
) -> Record:
    place = row["jurisdiction_code"]
    return dict.fromkeys(_FINDINGS.columns.keys()) | {
        "finding_id": hashlib.sha256(f"{rule}\n{subject}\n{key}".encode()).hexdigest(),
        "rule_code": rule, "subject_type": subject, "subject_key": key, "jurisdiction_code": place,
        "institution_code": row["institution_code"], "clause": run.policies.resolve(clause, place, day).value, **more,
    }  # fmt: skip
