"""The database that is served: its file, opened for reading only, wherever it lies."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from datasette.database import Database


class ReadOnly(Database):  # type: ignore[misc]
    """A file among the pages. Datasette itself would write its path into an address as it is, `?` and `#` too."""

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A connection for one of Datasette's threads."""
        address = f"{Path(self.path).resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._all_file_connections.append(connection)
        return connection
