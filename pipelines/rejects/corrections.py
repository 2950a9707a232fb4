"""Corrected rows: rows of a returned sheet that name, by its number, the rejected record that they correct."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from pipelines.lake.tables import PLACE
from pipelines.rejects.line_numbers import give_line_numbers, read_contents
from pipelines.rejects.register import content_ids
from pipelines.validate.cells import is_placeholder
from pipelines.validate.rows import REASON, check_rows
from schemas.records import Dataset

UNKNOWN_NUMBER = "unknown_number"

_NUMBERED = {**PLACE, "_number": pl.String()}
_NAMED = {**_NUMBERED, "_many": pl.Int64()}


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

    In: the columns of `complete_numbers`; the register of rejected rows; every accepted version of the dataset. A
    number under which the register has no record of the dataset is a reason against its row.
    """
    text, unplaced = give_line_numbers(text, dataset, register, versions)
    good, bad, repeats = check_rows(text, dataset)
    numbers = text.filter(pl.col("_number").is_not_null()).select(*_NAMED)
    if numbers.is_empty():
        none = pl.lit(None, pl.String).alias("_number")
        return Examined(good.with_columns(none), bad.with_columns(none), repeats, numbers.drop("_many"))
    known = register.filter(dataset=dataset.name)["record_id"]
    named = numbers.with_columns(_is_known=pl.col("_number").is_in(known.implode()))
    good, bad = (rows.join(named, on=list(PLACE), how="left", maintain_order="left") for rows in (good, bad))
    good, unplaced = (good.join(unplaced, on=list(PLACE), how=how) for how in ("anti", "semi"))
    stray = pl.col("_is_known").eq_missing(False)
    reason = pl.concat_list(_unknown_number())
    bad = bad.with_columns(_reasons=pl.when(stray).then(pl.col("_reasons").list.concat(reason)).otherwise("_reasons"))
    unplaced = unplaced.with_columns(_reasons=pl.concat_list(_UNPLACED))
    bad = pl.concat([bad, good.filter(stray).with_columns(_reasons=reason), unplaced], how="diagonal")
    bad = bad.with_columns(_number=pl.when(~stray).then("_number")).drop("_is_known", "_many")
    twins = _find_twins(text, named.filter("_is_known"), pl.concat([good, bad], how="diagonal"), dataset)
    return Examined(good.filter(~stray).drop("_is_known", "_many"), bad, repeats, twins)


def leave_untouched(examined: Examined, text: pl.DataFrame, dataset: Dataset, register: pl.DataFrame) -> Examined:
    """A row of an old workbook that says what its record said when it was rejected is no new version: once the record is
    not open any more it counts as a repeat.
    """
    settled = register.filter((pl.col("dataset") == dataset.name) & (pl.col("state") != "open"))
    named = pl.concat(rows.select(*_NUMBERED) for rows in (examined.good, examined.bad)).drop_nulls("_number")
    named = named.join(settled, left_on="_number", right_on="record_id", how="semi")
    if named.is_empty():
        return examined
    same = named.join(content_ids(text, named, dataset), on=list(PLACE)).join(
        settled, left_on=["_number", "content_id"], right_on=["record_id", "content_id"], how="semi"
    )
    good, bad = (rows.join(same, on=list(PLACE), how="anti", maintain_order="left") for rows in (examined.good, examined.bad))
    repeats = pl.concat([examined.repeats, same.select("_file")])
    return replace(examined, good=good, bad=bad, repeats=repeats)


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
    message = (
        pl.when(pl.col("_many") > 1)
        .then(pl.format("退回编号“{}”只写了开头几位，与 {} 条拒收记录相符；请多写几位或填写完整编号", "_number", "_many"))
        .otherwise(pl.format("退回编号“{}”不是本数据集的拒收记录；请填写退回整改表中的原编号，新记录请将该格留空", "_number"))
    )
    return pl.struct(code=pl.lit(UNKNOWN_NUMBER), column=pl.lit(""), value=pl.col("_number"), message_zh=message, schema=REASON)


_SHORTEST = 6


def complete_numbers(text: pl.DataFrame, dataset: Dataset, register: pl.DataFrame) -> pl.DataFrame:
    """The rows with `_number` whole where only its beginning was written, as lists print it, and null where it says
    that there is none; add `_many`, how many records a number that is none of theirs begins.
    """
    if text["_number"].null_count() == text.height:
        return text.with_columns(_many=pl.lit(0, pl.Int64))
    number = text["_number"].str.strip_chars_end("….")
    number = number.set(is_placeholder(number).fill_null(False), None)
    ids = register.filter(dataset=dataset.name)["record_id"]
    short = number.drop_nulls().unique()
    short = short.filter(~short.is_in(ids.implode()) & (short.str.len_chars() >= _SHORTEST))
    met = [
        pl.DataFrame({"_number": ids.str.slice(0, length), "_id": ids})
        .filter(pl.col("_number").is_in(short.implode()))
        .group_by("_number")
        .agg(_many=pl.len().cast(pl.Int64), _id=pl.col("_id").first())
        for length in short.str.len_chars().unique()
    ]
    schema = {"_number": pl.String(), "_many": pl.Int64(), "_id": pl.String()}
    begun = pl.concat([pl.DataFrame(schema=schema), *met])
    found = text.with_columns(number).join(begun, on="_number", how="left", maintain_order="left")
    whole = pl.when(pl.col("_many") == 1).then("_id").otherwise("_number")
    return found.with_columns(_number=whole, _many=pl.col("_many").fill_null(0)).drop("_id")


def _find_twins(text: pl.DataFrame, named: pl.DataFrame, kept: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
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
