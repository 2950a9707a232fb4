"""All that fails a check, as a file: the report of an audit shows 20 rows, and a developer wants every key."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_AT_ONCE = 10_000


def write_failing(engine: sa.Engine, name: str, query: str, folder: Path) -> str:
    """Write what a query lists to `<folder>/<name>.csv`, row by row; return the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (re.sub(r"[^\w.=-]+", "_", name) + ".csv")
    with engine.connect() as connection, file.open("w", encoding="utf-8-sig", newline="") as target:
        # As it is written: no colon of it is a parameter, no percent sign is doubled.
        streaming = connection.execution_options(stream_results=True, no_parameters=True, yield_per=_AT_ONCE)
        rows = streaming.exec_driver_sql(query)
        names = list(rows.keys())
        once = [n for n, name in enumerate(names) if name not in names[:n]]
        writer = csv.writer(target)
        writer.writerow(names[n] for n in once)
        writer.writerows([row[n] for n in once] for row in rows)
    return file.name


def query_of(result: Mapping[str, Any], coming: Callable[[str], str]) -> str:
    """The query that lists all rows that fail an expectation, of its result; empty where there is none. `coming` says which
    table holds the staged rows of one.
    """
    config = result["expectation_config"]
    own = config["kwargs"].get("unexpected_rows_query", "")
    if config["type"] == "unexpected_rows_expectation":  # the library's own, in which braces have a meaning
        own = own.format(batch=coming(config["kwargs"]["batch_id"].removeprefix("staging-")))
    listed = (result.get("result") or {}).get("unexpected_index_query") or own
    return str(listed).rstrip().removesuffix(";")
