"""The register of rejected rows: what was refused, why, where it stood, and what became of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from pipelines.lake import batches
from pipelines.validate.rows import REASON
from schemas.records import Dataset

WAITS = "unknown_reference"
"""The one reason that goes away by itself: a row that has no other waits for its reference."""

REGISTER: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "record_id": pl.String(),
    "natural_key": pl.String(),
    "key_is_whole": pl.Boolean(),
    "_file": pl.Int64(),
    "source_path": pl.String(),
    "sheet": pl.String(),
    "line_no": pl.Int64(),
    "raw_json": pl.String(),
    "reasons": pl.List(pl.Struct(REASON)),
    "first_seen_run": pl.String(),
    "last_seen_run": pl.String(),
    "state": pl.String(),
    "resolved_run": pl.String(),
    "decided_by": pl.String(),
    "decided_until": pl.Date(),
    "note": pl.String(),
    "changed_in": pl.Int64(),
}


def read_register(home: Path, batch: int) -> pl.DataFrame:
    """The register as it stood after a batch, empty where the batch left none; columns of REGISTER."""
    path = batches.folder(home, batch) / "rejected.parquet"
    return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=REGISTER)


def natural_key(dataset: Dataset) -> pl.Expr:
    """The natural key as one text, its parts joined by `|`."""
    return pl.concat_str([pl.col(k).cast(pl.String).fill_null("") for k in dataset.key], separator="|")


def new_records(
    rows: pl.DataFrame,
    text: pl.DataFrame,
    dataset: Dataset,
    headers: dict[str, dict[str, str]],
    path: str,
    run_id: str,
) -> pl.DataFrame:
    """Register rows of one file as open.

    `rows`: typed columns, `_file`, `_sheet`, `_line`, `_reasons`; `text`: the file as `name_columns` gave it;
    `headers`: sheet → column → header as the sender wrote it. Out: the columns of REGISTER without
    `changed_in`. The number of a record (`record_id`) is the SHA-256 of dataset, key and content, so that the
    same bad row sent again is the same record.
    """
    place = ["_sheet", "_line"]
    raw = text.join(rows.select(place), on=place, how="semi")
    raw = pl.concat([_with_raw_json(part, headers[sheet[0]]) for sheet, part in raw.group_by("_sheet")])
    content = pl.coalesce("_raw", pl.struct(c.name for c in dataset.columns).struct.json_encode())
    raw = raw.select(
        *place, "raw_json", content.alias("_content"), *(pl.col(k).alias(f"raw:{k}") for k in dataset.key)
    )
    found = rows.join(raw, on=place, how="left").with_columns(
        natural_key=pl.concat_str(
            [
                pl.coalesce(pl.col(k).cast(pl.String), f"raw:{k}", pl.lit("")).str.strip_chars()
                for k in dataset.key
            ],
            separator="|",
        ),
        key_is_whole=pl.all_horizontal(pl.col(k).is_not_null() for k in dataset.key),
    )
    ids = [
        hashlib.sha256("\n".join((dataset.name, key, content)).encode()).hexdigest()
        for key, content in found.select("natural_key", "_content").iter_rows()
    ]
    return found.select(
        pl.lit(dataset.name).alias("dataset"),
        pl.Series("record_id", ids, dtype=pl.String),
        "natural_key",
        "key_is_whole",
        "_file",
        pl.lit(path).alias("source_path"),
        pl.col("_sheet").alias("sheet"),
        pl.col("_line").alias("line_no"),
        "raw_json",
        pl.col("_reasons").alias("reasons"),
        pl.lit(run_id).alias("first_seen_run"),
        pl.lit(run_id).alias("last_seen_run"),
        pl.lit("open").alias("state"),
        *(
            pl.lit(None, REGISTER[c]).alias(c)
            for c in ("resolved_run", "decided_by", "decided_until", "note")
        ),
    )


def update_register(
    register: pl.DataFrame, new: pl.DataFrame, accepted: pl.DataFrame, batch: int, run_id: str
) -> pl.DataFrame:
    """The register after a batch.

    `register` is the one before, `new` the records of this batch (rows that wait on included), `accepted`
    what the batch accepted: dataset, natural_key, `_file`, `is_late` (it had been rejected before). A record
    met again keeps its first run. `resolved`: its row was accepted late, or a corrected row with its key came
    in. `superseded`: there was nothing to correct in it but its reference, and a later version was accepted.
    """
    new = new.sort("_file", "line_no").unique(["dataset", "record_id"], keep="last")
    first = register.select("dataset", "record_id", known_since="first_seen_run")
    new = (
        new.join(first, on=["dataset", "record_id"], how="left")
        .with_columns(
            first_seen_run=pl.coalesce("known_since", "first_seen_run"), changed_in=pl.lit(batch, pl.Int64)
        )
        .select(*REGISTER)
    )
    kept = register.join(new, on=["dataset", "record_id"], how="anti")
    latest = accepted.group_by("dataset", "natural_key").agg(
        accepted_file=pl.col("_file").max(), late_file=pl.col("_file").filter("is_late").max()
    )
    joined = pl.concat([kept, new]).join(latest, on=["dataset", "natural_key"], how="left")
    is_open = (pl.col("state") == "open") & pl.col("key_is_whole")
    came_late = is_open & (pl.col("late_file") == pl.col("_file"))
    overtaken = is_open & (pl.col("accepted_file") > pl.col("_file"))
    only_waits = pl.col("reasons").list.eval(pl.element().struct.field("code") == WAITS).list.all()
    closed = (came_late | overtaken).fill_null(False)
    outcome = pl.when(overtaken & only_waits).then(pl.lit("superseded")).otherwise(pl.lit("resolved"))
    return joined.with_columns(
        state=pl.when(closed).then(outcome).otherwise("state"),
        resolved_run=pl.when(closed).then(pl.lit(run_id)).otherwise("resolved_run"),
        changed_in=pl.when(closed).then(pl.lit(batch, pl.Int64)).otherwise("changed_in"),
    ).select(*REGISTER)


def _with_raw_json(rows: pl.DataFrame, headers: dict[str, str]) -> pl.DataFrame:
    """The row as it stood in the file: the sender's headers, the text of every cell; of a ragged line, the
    line.
    """
    known = pl.struct(pl.col(c).alias(name) for c, name in headers.items()).struct.json_encode()
    extra = pl.col("_extra").str.strip_prefix("{")
    whole = (
        pl.when(pl.col("_extra").is_null()).then(known).otherwise(known.str.strip_suffix("}") + "," + extra)
    )
    line = pl.struct(pl.col("_raw").alias("整行")).struct.json_encode()
    return rows.with_columns(raw_json=pl.when(pl.col("_raw").is_null()).then(whole).otherwise(line))
