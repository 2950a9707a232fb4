"""Line numbers of corrected rows that bring none: alone in its sheet, a line cannot be ranked among those of its document."""

from __future__ import annotations

import polars as pl

from pipelines.lake.current import current
from pipelines.lake.tables import PLACE
from pipelines.validate.cells import clean, read_cells
from schemas.records import Dataset

_LINE = "line_no"


def give_line_numbers(
    text: pl.DataFrame, dataset: Dataset, register: pl.DataFrame, versions: pl.LazyFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fill in `line_no` of rows that name a record and have no number; return the text, and the places
    (`_file`, `_sheet`, `_line`) of rows for which none can be told.

    A line that stands in its document already, to the letter, is that line. Else it takes the number that its
    record had in the document; where the document itself was wrong, the next one free, the same one for the
    same content, in every file by itself. A record that was resolved meanwhile may have been so under another
    number: what differs from every line that stands must say itself which one it replaces.
    """
    if _LINE not in dataset.key or text["_number"].null_count() == text.height:
        return text, text.clear().select(*PLACE)
    records = register.filter(dataset=dataset.name).select("state", "natural_key", _number="record_id")
    named = text.filter(pl.col("_number").is_not_null())
    rows = read_contents(named, dataset).with_columns(named["_number"]).filter(pl.col(_LINE).is_null())
    rows = rows.join(records, on="_number")
    if rows.is_empty():
        return text, rows.select(*PLACE)
    document = [k for k in dataset.key if k != _LINE]
    standing = _read_standing(versions, rows, dataset, document)
    files = rows.partition_by("_file", maintain_order=True)
    rows = pl.concat(_choose_numbers(file, standing, dataset, document) for file in files)
    given = rows.drop_nulls("_given").select(*PLACE, pl.col("_given").cast(pl.String))
    text = text.join(given, on=list(PLACE), how="left", maintain_order="left")
    return (
        text.with_columns(pl.coalesce("_given", _LINE).alias(_LINE)).drop("_given"),
        rows.filter(pl.col("_given").is_null()).select(*PLACE),
    )


def _choose_numbers(rows: pl.DataFrame, standing: pl.DataFrame, dataset: Dataset, document: list[str]) -> pl.DataFrame:
    """Add `_given`, the number of each row or null."""
    contents = [name for name in dataset.schema() if name != _LINE]
    is_settled = pl.col("state").is_in(["resolved", "superseded"])
    same = standing.group_by(contents).agg(_same=pl.col(_LINE).min())
    rows = rows.join(same, on=contents, how="left", nulls_equal=True)
    own = pl.when(~is_settled).then(_own_number(dataset, document))
    rows = rows.with_columns(_given=pl.coalesce("_same", own))
    taken = [standing.select(*document, _taken=_LINE), rows.select(*document, _taken="_given")]
    last = pl.concat(taken).group_by(document).agg(_last=pl.col("_taken").max().fill_null(0))
    moved = rows.filter(pl.col("_given").is_null() & ~is_settled)
    moved = moved.unique(contents, keep="first", maintain_order=True).join(last, on=document, nulls_equal=True)
    moved = moved.select(*contents, _next=pl.col("_last") + pl.int_range(1, pl.len() + 1).over(document))
    rows = rows.join(moved, on=contents, how="left", nulls_equal=True)
    return rows.with_columns(pl.coalesce("_given", pl.when(~is_settled).then("_next")))


def read_contents(text: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Rows as text by which the same content is told: each value as it is read, or the cell where it cannot be."""
    found = [text[name] for name in PLACE]
    for column in dataset.columns:
        value, failed = read_cells(text[column.name], column)
        is_empty = value.is_null() if failed is None else value.is_null() & ~failed
        if column.default is not None and not callable(column.default):
            value = value.set(is_empty, column.default)
        written = value.cast(pl.String)
        if failed is not None:
            places = failed.arg_true()
            written = written.scatter(places, clean(text[column.name].gather(places), column))
        found.append(written.alias(column.name))
    return pl.DataFrame(found)


def _read_standing(versions: pl.LazyFrame, rows: pl.DataFrame, dataset: Dataset, document: list[str]) -> pl.DataFrame:
    """The lines that stand in the documents of the rows: contents as text, `line_no` as a number."""
    met = versions.join(rows.lazy().select(document).unique(), on=document, how="semi", nulls_equal=True)
    found = current(met.collect().lazy(), dataset).collect()
    return found.select(pl.col(name).cast(pl.Int64 if name == _LINE else pl.String) for name in dataset.schema())


def _own_number(dataset: Dataset, document: list[str]) -> pl.Expr:
    """The number that the record has in its key, if it was of the same document."""
    parts = pl.col("natural_key").str.split("|")
    is_same = pl.all_horizontal(
        pl.col(k).fill_null("") == parts.list.get(dataset.key.index(k), null_on_oob=True) for k in document
    )
    number = parts.list.get(dataset.key.index(_LINE), null_on_oob=True).cast(pl.Int64, strict=False)
    return pl.when(is_same & (parts.list.len() == len(dataset.key))).then(number)
