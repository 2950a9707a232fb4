"""Corrected rows: rows of a returned sheet that name, by its number, the rejected record that they correct."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.lake.tables import PLACE
from pipelines.rejects.line_numbers import give_line_numbers, read_contents
from pipelines.validate.rows import REASON, check_rows
from schemas.records import Dataset

UNKNOWN_NUMBER = "unknown_number"

_NUMBERED = {**PLACE, "_number": pl.String()}


@dataclass(frozen=True)
class Examined:
    """The rows of some files as `check_rows` splits them, each with `_number`: the record it corrects, or null.

    `twins`: numbers on rows that repeat another; `_file`, `_sheet` and `_line` are those of the row that was kept.
    """

    good: pl.DataFrame
    bad: pl.DataFrame
    repeats: pl.DataFrame
    twins: pl.DataFrame


def examine(text: pl.DataFrame, dataset: Dataset, register: pl.DataFrame, versions: pl.LazyFrame) -> Examined:
    """Check the rows of some files, and the numbers of records that they name.

    In: the columns of `name_columns` and `_file`; the register of rejected rows; every accepted version of the dataset. A
    number under which the register has no record of the dataset is a reason against its row.
    """
    text, unplaced = give_line_numbers(text, dataset, register, versions)
    good, bad, repeats = check_rows(text, dataset)
    numbers = text.filter(pl.col("_number").is_not_null()).select(*_NUMBERED)
    if numbers.is_empty():
        none = pl.lit(None, pl.String).alias("_number")
        return Examined(good.with_columns(none), bad.with_columns(none), repeats, numbers)
    known = register.filter(dataset=dataset.name)["record_id"]
    named = numbers.with_columns(_is_known=pl.col("_number").is_in(known.implode()))
    good, bad = (rows.join(named, on=list(PLACE), how="left", maintain_order="left") for rows in (good, bad))
    good, unplaced = (good.join(unplaced, on=list(PLACE), how=how) for how in ("anti", "semi"))
    stray = pl.col("_is_known").eq_missing(False)
    reason = pl.concat_list(_unknown_number())
    bad = bad.with_columns(
        _reasons=pl.when(stray).then(pl.col("_reasons").list.concat(reason)).otherwise("_reasons")
    )
    unplaced = unplaced.with_columns(_reasons=pl.concat_list(_UNPLACED))
    bad = pl.concat([bad, good.filter(stray).with_columns(_reasons=reason), unplaced], how="diagonal")
    bad = bad.with_columns(_number=pl.when(~stray).then("_number")).drop("_is_known")
    twins = _find_twins(text, named.filter("_is_known"), pl.concat([good, bad], how="diagonal"), dataset)
    return Examined(good.filter(~stray).drop("_is_known"), bad, repeats, twins)


def taken_over(rows: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """Rejected rows of some files with `_number` only where the row goes on with that record.

    A record goes on with one row of a file, the first that names it; one that was waived or discarded with none, as
    that was decided of another row.
    """
    settled = register.filter(pl.col("state").is_in(["waived", "discarded"]))["record_id"]
    goes_on = pl.struct("_file", "_number").is_first_distinct() & ~pl.col("_number").is_in(settled.implode())
    return rows.with_columns(_number=pl.when(goes_on).then("_number"))


_UNPLACED = pl.struct(
    code=pl.lit("missing_value"),
    column=pl.lit("line_no"),
    value=pl.lit(None, pl.String),
    message_zh=pl.lit("行号：该退回编号已经解决，再次更正时必须填写行号，才能确定替换单据的哪一行"),
    schema=REASON,
)


def _unknown_number() -> pl.Expr:
    message = pl.format(
        "退回编号“{}”不是本数据集的拒收记录；请填写退回整改表中的原编号，新记录请将该格留空", "_number"
    )
    return pl.struct(
        code=pl.lit(UNKNOWN_NUMBER),
        column=pl.lit(""),
        value=pl.col("_number"),
        message_zh=message,
        schema=REASON,
    )


def _find_twins(
    text: pl.DataFrame, named: pl.DataFrame, kept: pl.DataFrame, dataset: Dataset
) -> pl.DataFrame:
    """Two records may turn out to be the same row: its repeat was dropped, but its number must not be."""
    dropped = named.join(kept, on=list(PLACE), how="anti")
    if dropped.is_empty():
        return named.clear().select(*_NUMBERED)
    contents = read_contents(text, dataset)
    cells = ["_file", *(c.name for c in dataset.columns)]
    first = contents.join(kept, on=list(PLACE), how="semi").unique(cells, keep="first")
    return (
        dropped.join(contents, on=list(PLACE))
        .drop("_sheet", "_line")
        .join(first, on=cells, nulls_equal=True)
        .select(*_NUMBERED)
    )
