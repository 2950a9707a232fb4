"""Brings the database of `AIRFLOW_HOME` to its version; run as `python -m tests.dags.migrate`."""

from airflow.utils.db import upgradedb

if __name__ == "__main__":
    upgradedb()
