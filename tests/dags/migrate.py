"""Brings the database of `AIRFLOW_HOME` to its version; run as `python -m tests.dags.migrate`.

All of it lies in the one file then, which is copied: what SQLite keeps beside it is written into it.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from airflow.utils.db import upgradedb

if __name__ == "__main__":
    upgradedb()
    with closing(sqlite3.connect(Path(os.environ["AIRFLOW_HOME"]) / "airflow.db")) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert not busy
