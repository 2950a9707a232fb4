"""Findings: what fell short, in neutral words, with the clause in force where and when it happened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.published import Published
from schemas.reports.findings import TABLE as FINDINGS
from schemas.rule import Rule

YEARS = "findings_from"
"""The parameter that says of how many years before that of as_of findings are raised."""
_LATER = {"as_of", "run_id", "first_seen", "due_on", "state"}
COLUMNS = [c.name for c in FINDINGS.columns if c.name not in _LATER]


def make_findings(rows: pl.DataFrame, inputs: Inputs, *, rule: Rule, day: str, message: pl.Expr) -> pl.DataFrame:
    """Turn rows into findings.

    In: `subject_key`, `institution_code`, `jurisdiction_code`, the event's date in the column `day`, and
    where they apply `counterparty_code`, `amount_fen`, `quantity`, `excuse_id`; where they are not what follows from the rule
    and the institution, `severity` and `responsible`. Out: the columns of the table
    findings except those that publishing adds. The number of a finding is the SHA-256 of rule and subject,
    the same from night to night. The clause is the policy row of `rule.clause` valid on the event's date in the jurisdiction.
    What the rule says of other ownerships and of years gone by is seen to here (`binds_public`, `fades`).
    """
    if rows.is_empty():
        return no_findings()
    empty = {"counterparty_code": pl.String, "amount_fen": pl.Int64, "quantity": pl.Float64, "excuse_id": pl.String}
    rows = rows.with_columns(pl.lit(None, t).alias(c) for c, t in empty.items() if c not in rows.columns)
    if rule.fades:
        rows = inputs.with_policy(rows.with_columns(_today=pl.lit(inputs.as_of)), YEARS, "_today")
        rows = rows.filter(pl.col(day) >= pl.date(inputs.as_of.year - pl.col(YEARS), 1, 1))
    people = inputs.scan("institutions").select(
        "institution_code", people="responsible_person", is_bound=pl.col("ownership") == "public"
    )
    rows = inputs.with_policy(rows, rule.clause, day).join(people.collect(), on="institution_code", how="left")
    is_bound = pl.lit(not rule.binds_public) | pl.col("is_bound").fill_null(True)
    follows = {
        "severity": pl.when(is_bound).then(pl.lit(rule.severity)).otherwise(pl.lit("signal")),
        "responsible": pl.col("people"),
    }
    rows = rows.with_columns(value.alias(column) for column, value in follows.items() if column not in rows.columns)
    subject = rule.subject.code
    ids = [hashlib.sha256(f"{rule.code}\n{subject}\n{key}".encode()).hexdigest() for key in rows["subject_key"]]
    return rows.with_columns(
        pl.Series("finding_id", ids, dtype=pl.String),
        rule_code=pl.lit(rule.code),
        subject_type=pl.lit(subject),
        clause=pl.col(rule.clause),
        message_zh=message,
    ).select(COLUMNS)


@cache
def no_findings() -> pl.DataFrame:
    """What an indicator finds that has no rules."""
    types = {"fen": pl.Int64, "double": pl.Float64}
    return pl.DataFrame(schema={c.name: types.get(c.type, pl.String) for c in FINDINGS.columns if c.name not in _LATER})


def excused_thing(
    published: Published, rule: Rule, row: Mapping[str, Any], day: date, message_zh: str, **more: Any
) -> dict[str, Any]:
    """What an excuse kept out of the findings of a rule, in the columns of findings: numbered like one, under the code of
    `rule.excused`, with the clause in force in the `jurisdiction_code` of its row on the day of the event.
    """
    assert rule.excused is not None
    code, subject, place = rule.excused.code, rule.subject, row["jurisdiction_code"]
    key = "|".join(str(row[c]) for c in subject.key)
    return dict.fromkeys(FINDINGS.column_names) | {
        "finding_id": hashlib.sha256(f"{code}\n{subject.code}\n{key}".encode()).hexdigest(),
        "rule_code": code,
        "subject_type": subject.code,
        "subject_key": key,
        "jurisdiction_code": place,
        "institution_code": row["institution_code"],
        "clause": published.policies.resolve(rule.clause, place, day).value,
        "message_zh": message_zh,
        **more,
    }


def percent(column: str) -> pl.Expr:
    """A rate as people read it."""
    return _with_hundredths((pl.col(column) * 10_000).round().cast(pl.Int64)) + "%"


def quantity(column: str) -> pl.Expr:
    """A quantity as people read it: at most four decimals, none where it is whole."""
    return pl.col(column).round(4).cast(pl.String).str.strip_suffix(".0")


def yuan(column: str) -> pl.Expr:
    """Fen as yuan with two decimals."""
    return _with_hundredths(pl.col(column))


def _with_hundredths(hundredths: pl.Expr) -> pl.Expr:
    sign = pl.when(hundredths < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    behind = (hundredths.abs() % 100).cast(pl.String).str.zfill(2)
    return sign + (hundredths.abs() // 100).cast(pl.String) + "." + behind
