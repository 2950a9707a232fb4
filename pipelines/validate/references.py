"""References between datasets: a row may name only what the accepted data knows."""

from __future__ import annotations

import polars as pl

from pipelines.validate.rows import REASON
from schemas.records import RECORDS, Dataset

CODE = "unknown_reference"


def unknown_references(rows: pl.DataFrame, dataset: Dataset, known: dict[str, pl.DataFrame]) -> pl.Series:
    """For each row the list of reasons why it refers to something unknown; an empty list where all is known.

    `known` maps each dataset referred to to its key columns. Withdrawn rows refer to nothing any more.
    """
    reasons = []
    for column, (target, columns) in dataset.references.items():
        found = rows.select(columns).join(
            known[target].rename(dict(zip(known[target].columns, columns, strict=True))).with_columns(_known=True),
            on=list(columns), how="left", maintain_order="left",
        )["_known"]  # fmt: skip
        value = pl.col(column)
        is_unknown = (
            pl.lit(found).is_null()
            & value.is_not_null()
            & (value != "")
            & ~pl.col("is_withdrawn").fill_null(False)
        )
        title = next(c.title for c in dataset.columns if c.name == column)
        reasons.append(
            pl.when(is_unknown).then(
                pl.struct(
                    code=pl.lit(CODE), column=pl.lit(column), value=value,
                    message_zh=pl.format("{}：“{}”在已接收的{}中不存在；补报该{}后本行自动接收",
                        pl.lit(title), value, pl.lit(RECORDS[target].title), pl.lit(RECORDS[target].title)),
                    schema=REASON,
                )
            )
        )  # fmt: skip
    if not reasons or rows.is_empty():
        return pl.Series([[]] * rows.height, dtype=pl.List(pl.Struct(REASON)))
    return rows.select(pl.concat_list(reasons).list.drop_nulls().alias("reasons")).to_series()
