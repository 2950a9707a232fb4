"""What a run says of its files and its rejected rows, as the tables of the report database take them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.lake.batches import Batch
from pipelines.rejects.register import read_register


def source_files(credited: Iterable[Batch], others: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """One row per file of the run: those of the batches it is credited with, then what was skipped or
    refused.

    Columns of the table source_files without run_id. A path that a batch holds is not listed again as
    skipped; what was refused is always listed.
    """
    rows: dict[str, dict[str, Any]] = {}
    for batch in credited:
        for file in batch.files:
            path = file["path"] if file["path"] not in rows else f"{file['path']}@{file['sha256'][:8]}"
            rows[path] = {**file, "path": path, "status": "accepted"}
    for file in others:
        path = file["path"]
        if file["status"] == "failed" and path in rows:  # an accepted file lay there on an earlier night
            path = f"{path}@{file['sha256'][:8] or '无法读取'}"
        rows.setdefault(path, {**file, "path": path})
    counts = ("bytes", "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
    texts = ("path", "dataset", "sha256", "encoding", "status")
    return pl.DataFrame(
        [
            {
                **{c: row.get(c) or ("" if c != "encoding" else None) for c in texts},
                **{c: row.get(c, 0) for c in counts},
                "unknown_columns": json.dumps(row.get("unknown_columns", []), ensure_ascii=False),
            }
            for row in rows.values()
        ],
        schema={**dict.fromkeys(texts, pl.String), **dict.fromkeys(counts, pl.Int64), "unknown_columns": pl.String},
        orient="row",
    )


def rejected_records(home: Path, last: Batch, since: int) -> pl.DataFrame:
    """The rejected rows that changed after batch `since`, in the columns of the table rejected_records."""
    rows = read_register(home, last.number).filter(pl.col("changed_in") > since)
    reasons = pl.Series([json.dumps(r, ensure_ascii=False) for r in rows["reasons"].to_list()], dtype=pl.String)
    return rows.with_columns(reasons=reasons, line_no=pl.col("line_no").cast(pl.Int32)).select(*_REJECTED)


_REJECTED = {
    **dict.fromkeys(("dataset", "record_id", "natural_key", "source_path", "sheet"), pl.String()),
    "line_no": pl.Int32(),
    **dict.fromkeys(("raw_json", "reasons", "first_seen_run", "last_seen_run", "state"), pl.String()),
    **dict.fromkeys(("resolved_run", "decided_by"), pl.String()),
    "decided_until": pl.Date(),
    "note": pl.String(),
}
