"""What a run says of its files and its rejected rows, as the tables of the report database take them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from pipelines.engine.compute import DTYPES
from pipelines.lake.batches import Batch
from pipelines.lake.scan_records import scan_records
from pipelines.lake.tables import scan
from pipelines.rejects.register import read_register
from pipelines.store.store import Store
from schemas.ledgers.source_files import STATUSES
from schemas.records import RECORDS
from schemas.reports import REPORTS


def source_files(credited: Iterable[Batch], others: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """One row per file of the run: those of the batches it is credited with, then what was skipped or
    refused, or waits.

    Columns of the table source_files without run_id. A path that a batch holds is not listed again as
    skipped; what was refused or waits is always listed.
    """
    rows: dict[str, dict[str, Any]] = {}
    for file, path in _name_files(credited):
        rows[path] = {**file, "path": path, "status": "accepted"}
    for file in others:
        path = file["path"]
        if file["status"] == "failed" and path in rows:  # an accepted file lay there on an earlier night
            path = f"{path}@{file['sha256'][:8] or '无法读取'}"
        elif file["status"] == "waiting" and path in rows:
            path = f"{path}@{STATUSES['waiting']}"
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


def _name_files(credited: Iterable[Batch]) -> Iterator[tuple[dict[str, Any], str]]:
    """The files of batches, each with the path that no other of them has."""
    taken: set[str] = set()
    for file in (file for batch in credited for file in batch.files):
        path = file["path"] if file["path"] not in taken else f"{file['path']}@{file['sha256'][:8]}"
        taken.add(path)
        yield file, path


def paths_of(credited: Iterable[Batch]) -> dict[int, str]:
    """Number of a file → its path in source_files."""
    return {file["seq"]: path for file, path in _name_files(credited)}


def excuse_register(home: Store, batch: Batch, records: Store) -> pl.DataFrame:
    """All excuses that were ever accepted, in the columns of the table excuse_register: those that stand as they stand, those
    withdrawn as they stood last.
    """
    excuses, table = RECORDS["excuses"], REPORTS["excuse_register"]
    stand = scan_records(records, "excuses").collect()
    versions = scan(home, excuses, batch.versions.get("excuses"), batch.number)
    gone = versions.filter(~pl.col("is_withdrawn")).collect().join(stand, on="excuse_id", how="anti")
    last = gone.sort("_file").unique("excuse_id", keep="last")
    rows = pl.concat(
        frame.select(list(excuses.schema())).with_columns(state=pl.lit(state))
        for frame, state in ((stand, "standing"), (last, "withdrawn"))
    )
    empty = pl.when(pl.col("invoice_code") != "").then("invoice_code")
    columns = (pl.col(c.name).cast(DTYPES[c.type]) for c in table.columns)
    return rows.with_columns(invoice_code=empty).select(columns).sort("excuse_id")


def rejected_records(home: Store, last: Batch, since: int) -> pl.DataFrame:
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
