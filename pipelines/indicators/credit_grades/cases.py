"""Cases of misconduct, which grade each has, and whether it counts (obligations §24)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Changes, Frames, Inputs, Stage
from pipelines.indicators.credit_grades.declaration import STEPS

CASE = ("enterprise_code", "case_no")
_PLACE = ("_file", "_sheet", "_line")
_LABELS, _SEVERE = "credit_labels", "credit_severe_grade"


def companies_of(inputs: Inputs) -> pl.DataFrame:
    """Who has a case, whether it counts or not: `enterprise_code`."""
    return inputs.scan("misconduct").select("enterprise_code").unique().collect()


def evidence(inputs: Inputs) -> Frames:
    """`cases`: every case with its `grade` (Int32), `grade_label` and `policy_id` as of the day that it was given; `cases` is 1,
    `severe_cases` 1 where it is severe; file, sheet and line; `left_out` (Chinese), why it does not count at as_of, null where
    it does. One decided later has no grade yet.
    """
    rows = _timed(inputs).with_columns(left_out=_left_out(inputs.as_of))
    rows = rows.with_columns(
        graded_on=pl.when(pl.col("decided_on") <= inputs.as_of).then("decided_on"), jurisdiction_code=pl.lit("")
    )
    rows = _with_grade(rows, inputs)
    for parameter in (_LABELS, _SEVERE):
        rows = inputs.with_policy(rows, parameter, "graded_on")
    labels = _assigned(rows, _LABELS, "grade_label").with_columns(pl.col("of_grade").alias("grade"))
    is_severe = (pl.col("grade") >= pl.col(_SEVERE)).fill_null(False)
    found = rows.join(labels.select("n", "grade", "grade_label"), on=["n", "grade"], how="left", maintain_order="left")
    columns = (*CASE, "kind", "amount_fen", "single_amount_fen", "decided_on", "repaired_on", "until")
    counted = {"cases": pl.lit(1, pl.Int64), "severe_cases": is_severe.cast(pl.Int64)}
    return {"cases": found.select(*columns, "grade", "grade_label", "policy_id", "left_out", *_PLACE, **counted)}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`cases`: every case, and whether it counts."""
    key = (*CASE, "kind", "decided_on", "grade", "grade_label", "policy_id")
    rows = (
        evidence["cases"]
        .lazy()
        .select(
            *key,
            is_severe=pl.col("severe_cases") > 0,
            counts=pl.col("left_out").is_null().cast(pl.Int64),
            rows=pl.lit(1, pl.Int64),
        )
    )
    return {"cases": rows.sort(CASE).collect()}


def wakes(changes: Changes) -> pl.DataFrame:
    """The cases that are given, repaired, or past their time between the two days."""
    then, now = changes.days
    moved = _left_out(then).ne_missing(_left_out(now))
    return _timed(changes.now).filter(moved).select(CASE)


def _timed(inputs: Inputs) -> pl.DataFrame:
    """Every case, numbered by `n`, and the day `until` which it counts (no more on it); null where it is until it is repaired.

    `credit_months` are asked of the day that the grade was given, where that has come by as_of.
    """
    rows = inputs.scan("misconduct").collect().with_row_index("n")
    given = pl.when(pl.col("decided_on") <= inputs.as_of).then("decided_on")
    rows = inputs.with_policy(rows.with_columns(given=given, jurisdiction_code=pl.lit("")), "credit_months", "given")
    return rows.with_columns(until=pl.col("given").dt.offset_by(pl.format("{}mo", "credit_months"))).drop("given")


def _left_out(as_of: date) -> pl.Expr:
    """Why a case does not count on a day."""
    return (
        pl.when(pl.col("decided_on") > as_of)
        .then(pl.lit("尚未评级"))
        .when(pl.col("repaired_on") <= as_of)
        .then(pl.lit("信用已修复"))
        .when(pl.col("until") <= as_of)
        .then(pl.lit("有效期已满"))
    )


def _with_grade(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `grade` (Int32), the highest that a sum of the case reaches, 0 where none is and null where no rule speaks of a sum
    that is given; and `policy_id`, the row that it follows from, of both the one of the whole case.
    """
    graded = []
    for kind, parameters in STEPS.items():
        of_kind = rows.filter(pl.col("kind") == kind)
        for parameter, amount in zip(parameters, ("amount_fen", "single_amount_fen"), strict=True):
            of_kind = inputs.with_policy(of_kind, parameter, "graded_on")
            of_kind = _reached(of_kind, parameter, amount).drop(parameter, f"{parameter}_policy_id")
        graded.append(of_kind)
    whole, single = (f"by_{amount}" for amount in ("amount_fen", "single_amount_fen"))
    is_whole = (pl.col(whole) >= pl.col(single)).fill_null(pl.col(whole).is_not_null())
    policy = pl.when(is_whole).then(f"{whole}_policy_id").otherwise(f"{single}_policy_id")
    return pl.concat(graded).with_columns(grade=pl.max_horizontal(whole, single), policy_id=policy)


def _reached(rows: pl.DataFrame, parameter: str, amount: str) -> pl.DataFrame:
    """Add `by_<amount>`: the grade that the amount reaches, null where it is not given or there is no row; and its policy row."""
    least = pl.col("yuan").cast(pl.Decimal(20, 2)).to_physical().cast(pl.Int64)
    steps = _assigned(rows, parameter, "yuan").with_columns(least=least).join(rows.select("n", amount), on="n")
    reached = steps.filter(pl.col(amount) >= pl.col("least")).group_by("n").agg(pl.col("of_grade").max())
    counts = pl.col(parameter).is_not_null() & pl.col(amount).is_not_null()
    return (
        rows.join(reached, on="n", how="left", maintain_order="left")
        .with_columns(
            pl.when(counts).then(pl.col("of_grade").fill_null(0)).alias(f"by_{amount}"),
            pl.when(counts).then(f"{parameter}_policy_id").alias(f"by_{amount}_policy_id"),
        )
        .drop("of_grade")
    )


def _assigned(rows: pl.DataFrame, parameter: str, value: str) -> pl.DataFrame:
    """What a list `grade=value` says in each row: `n`, `of_grade` (Int32) and the value as text."""
    parts = pl.col(parameter).str.split_exact("=", 1).struct
    said = rows.select("n", parameter).explode(parameter).drop_nulls()
    return said.select("n", parts[0].cast(pl.Int32).alias("of_grade"), parts[1].alias(value))


CASES = Stage(unit=CASE, yields=("cases",), evidence=evidence, sums=sums, wakes=wakes, share=1.0)
