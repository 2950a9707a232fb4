"""The child process that reads what no library bounds: one request after the other, each within limits.

It imports little, so that it starts quickly, and no more of a library than the file at hand asks for.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import FileRefusedError
from pipelines.ingest.readers.grid import Grid

READERS = {
    "xlsx": ("excel", "read_xlsx"),
    "xlsb": ("excel", "read_xlsb"),
    "xls": ("xls", "read_xls"),
    "ods": ("ods", "read_ods"),
    "html": ("html", "read_html"),
    "spreadsheetml": ("spreadsheetml", "read_spreadsheetml"),
    "parquet": ("columnar", "read_parquet"),
    "json": ("objects", "read_json"),
}
"""Kind of file → (module, function: path, for json the dataset too, to grids, or pieces of cells before
the grid that they belong to)."""
_PIECE_ROWS = 100_000


def serve(requests: int) -> None:
    """Answer requests on a file descriptor until the parent is gone.

    In: JSON {path, kind, memory (bytes), seconds, dataset or ''}. Out: for each grid the pieces of its cells (Arrow), then its
    JSON {name, is_hidden, merged, unreadable, widths, has_numbers} and its `numbers`; at the end {done},
    {refused, message} or {error, is_panic}.
    """
    threading.Thread(target=_die_with_parent, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    connection = Connection(requests)
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        _send(connection, _answer(connection, **request))


def _die_with_parent() -> None:
    """Standard input ends when the parent does, also while a file is being read."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _answer(connection: Connection, path: str, kind: str, memory: int, seconds: int, dataset: str) -> dict[str, Any]:
    _limit(memory, seconds)
    module, function = READERS[kind]
    try:
        read = getattr(importlib.import_module(f"pipelines.ingest.readers.{module}"), function)
        grids: Iterator[pl.DataFrame | Grid] = read(Path(path), *([dataset] if dataset else []))
        for found in grids:
            _send_grid(connection, found)
    except FileRefusedError as error:
        return {"refused": error.code, "message": str(error)}
    except MemoryError:
        return {"refused": "too_large", "message": "", "is_panic": True}
    except BaseException as error:  # a panic of a library written in Rust is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return {"error": f"{type(error).__name__}: {error}", "is_panic": not isinstance(error, Exception)}
    return {"done": True}


def _limit(memory: int, seconds: int) -> None:
    """So much memory and processor time from here on; the system ends a process that takes more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _send_grid(connection: Connection, found: pl.DataFrame | Grid) -> None:
    cells = found.cells if isinstance(found, Grid) else found
    for start in range(0, cells.height, _PIECE_ROWS):
        _send_frame(connection, cells.slice(start, _PIECE_ROWS))
    if isinstance(found, Grid):
        about = {
            "name": found.name,
            "is_hidden": found.is_hidden,
            "merged": found.merged,
            "unreadable": found.unreadable,
            "widths": found.widths,
            "has_numbers": found.numbers is not None,
        }
        _send(connection, about)
        if found.numbers is not None:
            _send_frame(connection, found.numbers)


def _send_frame(connection: Connection, frame: pl.DataFrame) -> None:
    buffer = BytesIO()
    frame.write_ipc_stream(buffer)
    connection.send_bytes(buffer.getbuffer())


def _send(connection: Connection, about: dict[str, Any]) -> None:
    connection.send_bytes(json.dumps(about).encode())
