"""References between datasets: a row may name only what the accepted data knows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.store.store import Object, scan_objects
from pipelines.validate.cells import read_cells
from pipelines.validate.named_invoices import ON_FILE, lost_zeros
from pipelines.validate.rows import REASON
from schemas.records import RECORDS, Dataset

REASONS = pl.List(pl.Struct(REASON))

WAITS = "unknown_reference"


def unknown_references(rows: pl.DataFrame, dataset: Dataset, known: Mapping[str, pl.DataFrame]) -> pl.Series:
    """For each row the list of reasons why it refers to something unknown, or names an invoice on file without its
    leading zeros; null where all is known.

    `known` maps each dataset referred to to its key columns, and ON_FILE to invoices. Withdrawn rows refer to
    nothing any more.
    """
    stands = ~rows["is_withdrawn"].fill_null(False)
    unknown: dict[str, pl.Series] = {}
    for column, (target, columns) in dataset.references.items():
        named = rows[column].is_not_null() & (rows[column] != "") & stands
        unknown[column] = named & ~_is_known(rows.select(columns), known[target])
    lost = lost_zeros(rows, dataset, known[ON_FILE]) if ON_FILE in known else None
    more = [] if lost is None else [lost.is_not_null()]
    odd = rows.select(pl.any_horizontal(pl.repeat(False, pl.len()), *unknown.values(), *more)).to_series()
    if not odd.any():
        return pl.repeat(None, rows.height, dtype=REASONS, eager=True)
    places = odd.arg_true()
    few = rows[places].rechunk().with_columns(unknown[c][places].alias(f"unknown:{c}") for c in unknown)
    told = [*(_reason(c, dataset) for c in unknown), *([] if lost is None else [pl.lit(lost[places])])]
    reasons = few.select(places.alias("_i"), pl.concat_list(told).list.drop_nulls().alias("reasons"))
    return (
        pl.select(_i=pl.int_range(rows.height, dtype=pl.get_index_type()))
        .join(reasons, on="_i", how="left", maintain_order="left")["reasons"]
        .cast(REASONS)
    )


def named_keys(waiting: pl.DataFrame, texts: list[Object], dataset: Dataset) -> dict[str, pl.DataFrame]:
    """Of each dataset referred to the keys that rows may name: those that wait, and those of files still text.

    `texts` are Parquet files as `take_in` wrote them. Out: dataset → its key columns, no key twice.
    """
    found: dict[str, list[pl.DataFrame]] = {target: [] for target in dataset.targets}
    for target, names in set(dataset.references.values()):
        key = dict(zip(names, RECORDS[target].key, strict=True))
        found[target].append(waiting.select(names).rename(key))
        if texts:
            cells = scan_objects(texts).select(names).unique().collect(engine="streaming")
            found[target].append(_read_named(cells, dataset).rename(key))
    return {target: pl.concat(parts).unique() for target, parts in found.items()}


def _read_named(cells: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    named = []
    for column in (c for c in dataset.columns if c.name in cells.columns):
        value = read_cells(cells[column.name], column)[0].alias(column.name)
        named.append(value.fill_null(column.default) if column.default else value)
    return pl.DataFrame(named).select(cells.columns)


def _is_known(named: pl.DataFrame, keys: pl.DataFrame) -> pl.Series:
    if named.width == 1:
        return named.to_series().is_in(keys.to_series().implode()).fill_null(False)
    keys = keys.rename(dict(zip(keys.columns, named.columns, strict=True))).with_columns(_known=True)
    return named.join(keys, on=named.columns, how="left", maintain_order="left")["_known"].is_not_null()


def _reason(column: str, dataset: Dataset) -> pl.Expr:
    title = next(c.title for c in dataset.columns if c.name == column)
    target = RECORDS[dataset.references[column][0]].title
    message = pl.format(
        "{}：“{}”在已接收的{}中不存在；补报该{}后本行自动接收", pl.lit(title), pl.col(column), pl.lit(target), pl.lit(target)
    )
    reason = pl.struct(code=pl.lit(WAITS), column=pl.lit(column), value=pl.col(column), message_zh=message, schema=REASON)
    return pl.when(f"unknown:{column}").then(reason)
