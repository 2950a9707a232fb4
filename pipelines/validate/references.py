"""References between datasets: a row may name only what the accepted data knows."""

from __future__ import annotations

import polars as pl

from pipelines.rejects.register import WAITS
from pipelines.validate.rows import REASON
from schemas.records import RECORDS, Dataset

REASONS = pl.List(pl.Struct(REASON))


def unknown_references(rows: pl.DataFrame, dataset: Dataset, known: dict[str, pl.DataFrame]) -> pl.Series:
    """For each row the list of reasons why it refers to something unknown; null where all is known.

    `known` maps each dataset referred to to its key columns. Withdrawn rows refer to nothing any more.
    """
    stands = ~rows["is_withdrawn"].fill_null(False)
    unknown: dict[str, pl.Series] = {}
    for column, (target, columns) in dataset.references.items():
        keys = known[target].rename(dict(zip(known[target].columns, columns, strict=True)))
        named = rows[column].is_not_null() & (rows[column] != "") & stands
        found = (
            rows.select(columns)
            .join(keys.with_columns(_known=True), on=list(columns), how="left", maintain_order="left")[
                "_known"
            ]
            .is_not_null()
        )
        unknown[column] = named & ~found
    odd = rows.select(pl.any_horizontal(pl.repeat(False, pl.len()), *unknown.values())).to_series()
    if not odd.any():
        return pl.repeat(None, rows.height, dtype=REASONS, eager=True)
    places = odd.arg_true()
    few = rows[places].rechunk().with_columns(unknown[c][places].alias(f"unknown:{c}") for c in unknown)
    reasons = few.select(
        places.alias("_i"),
        pl.concat_list(_reason(c, dataset) for c in unknown).list.drop_nulls().alias("reasons"),
    )
    return (
        pl.select(_i=pl.int_range(rows.height, dtype=pl.get_index_type()))
        .join(reasons, on="_i", how="left", maintain_order="left")["reasons"]
        .cast(REASONS)
    )


def _reason(column: str, dataset: Dataset) -> pl.Expr:
    title = next(c.title for c in dataset.columns if c.name == column)
    target = RECORDS[dataset.references[column][0]].title
    message = pl.format(
        "{}：“{}”在已接收的{}中不存在；补报该{}后本行自动接收",
        pl.lit(title),
        pl.col(column),
        pl.lit(target),
        pl.lit(target),
    )
    reason = pl.struct(
        code=pl.lit(WAITS), column=pl.lit(column), value=pl.col(column), message_zh=message, schema=REASON
    )
    return pl.when(f"unknown:{column}").then(reason)
