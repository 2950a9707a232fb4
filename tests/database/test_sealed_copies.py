"""A run that is held and then released is sealed twice: its copies of the ledgers must be the same both times."""

import polars as pl
import pytest

from pipelines.database.open import open_database
from pipelines.database.slices_written import seal_written
from pipelines.database.tables import METADATA
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.reports import REPORTS
from tests.report_database import make_table


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_copy_is_the_same_in_whatever_order_the_database_gives_the_rows(migrated_postgres_url, tmp_path, order):
    engine = open_database(migrated_postgres_url)
    rows = make_table(list(REPORTS["check_results"].columns), [{"run_id": "R", "check_id": check} for check in order])
    with engine.begin() as connection:
        for way in ("indexscan", "bitmapscan"):  # rows as they lie: which way a planner takes is not ours to say
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        connection.execute(METADATA.tables["check_results"].insert(), rows.to_dicts())
        seal_written(connection, "R", Local(tmp_path))
    engine.dispose()
    assert pl.read_parquet(tmp_path / keys.sealed("check_results"))["check_id"].to_list() == ["a", "b"]
