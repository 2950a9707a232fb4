"""Which division the rows of ledgers belong to: a county is shown its own rejected rows and files, and no other's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import polars as pl

from pipelines.ingest.headers import fold
from pipelines.lake.batches import Batch
from pipelines.lake.scan_records import scan_records
from pipelines.lake.tables import scan
from pipelines.store.store import Store
from schemas.records import RECORDS, Column, Dataset

_COLUMNS = {"table_name": pl.String(), "row_key": pl.String(), "jurisdiction_code": pl.String()}


def row_divisions(
    home: Store, records: Store, batch: Batch, since: int, paths: Mapping[int, str], run_id: str, rejected: pl.DataFrame
) -> pl.DataFrame:
    """`table_name`, `row_key`, `jurisdiction_code` of the rejected rows, and of the files of the batches after `since`.

    A row belongs to the division of the institution that it names, by its code or as the buyer of an invoice; one that says
    its own division (institutions, agencies) and names nobody who is known, to that one. A file belongs to a division where
    all its accepted rows do, and all rejected ones of which it is known. Whatever is known otherwise is in no row.

    In: `paths`, number of a file → its path in source_files; `rejected`, rows of rejected_records.
    """
    places = _places(records)
    rows = _of_rejected(rejected, places)
    own = pl.concat([*_of_accepted(home, batch, since, paths, places), rows.select("path", "jurisdiction_code")])
    files = (
        own.filter(pl.col("path").is_in(list(paths.values())))
        .group_by("path")
        .agg(pl.col("jurisdiction_code").unique())
        .filter(pl.col("jurisdiction_code").list.len() == 1)
        .select("path", pl.col("jurisdiction_code").list.first())
        .drop_nulls()
    )
    files = files.with_columns(row_key=pl.lit(f"{run_id}|") + pl.col("path"))
    found = [
        frame.select(pl.lit(table).alias("table_name"), "row_key", "jurisdiction_code")
        for table, frame in (("rejected_records", rows), ("source_files", files))
    ]
    return pl.concat([pl.DataFrame(schema=_COLUMNS), *found]).drop_nulls().sort("table_name", "row_key")


def _places(records: Store) -> dict[str, str]:
    """Code of an institution, or a company code that institutions of one division alone share → division."""
    known = scan_records(records, "institutions").select("institution_code", "uscc", "jurisdiction_code").collect()
    shared = known.drop_nulls("uscc").group_by("uscc").agg(pl.col("jurisdiction_code").unique())
    own = shared.filter(pl.col("jurisdiction_code").list.len() == 1).select("uscc", pl.col("jurisdiction_code").list.first())
    return dict(own.iter_rows()) | dict(known.select("institution_code", "jurisdiction_code").iter_rows())


def _whose(dataset: Dataset) -> Column | None:
    """The column that says whose a row is."""
    named = {"institutions": "institution_code", "invoices": "buyer_code"}.get(dataset.name)
    return next((c for c in dataset.columns if c.name == named or (c.refers == "institutions" and named is None)), None)


def _of_rejected(rejected: pl.DataFrame, places: Mapping[str, str]) -> pl.DataFrame:
    """`path`, `row_key`, `jurisdiction_code`, null where it is not known."""
    found = []
    for name, record_id, path, raw in rejected.select("dataset", "record_id", "source_path", "raw_json").iter_rows():
        dataset = RECORDS.get(name)
        cells = {fold(header): str(cell).strip() for header, cell in json.loads(raw or "{}").items() if cell}
        place = None
        if dataset is not None and (column := _whose(dataset)) is not None:
            place = next((places[c] for c in _cells(cells, column) if c in places), None)
        if dataset is not None and place is None:
            own = next((c for c in dataset.columns if c.name == "jurisdiction_code" and c.required), None)
            place = next((c for c in _cells(cells, own) if len(c) == 6 and c.isdecimal()), None) if own else None
        found.append((path, f"{name}|{record_id}", place))
    return pl.DataFrame(found, schema=dict.fromkeys(("path", "row_key", "jurisdiction_code"), pl.String), orient="row")


def _cells(cells: Mapping[str, str], column: Column) -> Iterator[str]:
    return (cells[header] for header in map(fold, column.all_headers) if header in cells)


def _of_accepted(
    home: Store, batch: Batch, since: int, paths: Mapping[int, str], places: Mapping[str, str]
) -> Iterator[pl.DataFrame]:
    """`path`, `jurisdiction_code` of the accepted rows, each pair once; null where a row names nobody."""
    for dataset in RECORDS.values():
        column = _whose(dataset)
        if column is not None and batch.versions.get(dataset.name) is not None:
            rows = scan(home, dataset, batch.versions[dataset.name], batch.number, since=since)
            named = rows.select("_file", code=column.name).unique().collect()
            yield (
                named.select(
                    path=pl.col("_file").replace_strict(dict(paths), default=None, return_dtype=pl.String),
                    jurisdiction_code=pl.col("code").replace_strict(dict(places), default=None, return_dtype=pl.String),
                )
                .drop_nulls("path")
                .unique()
            )
