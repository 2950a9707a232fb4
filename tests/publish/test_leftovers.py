"""What kills leave is gone after the next night; what somebody may still need is not."""

import datetime as dt
import shutil

import pytest
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.publish.leftovers import clear_leftovers
from pipelines.store.local import Local

LEFT = [
    "runs/dead/changes",
    "runs/dead/stood",
    "runs/dead/text",
    "runs/dead/records",
    "runs/dead/causes_x",
    "runs/dead/reports",
    "runs/held/text",
    "scratch_x",
    "records.part",
    "returns/R1.part",
    "site/bulletin/2020-12-31/vbp_print_x",
    "site/bulletin/2020-12-31/vbp_book_x",
]
HALF = [
    "runs/dead/dossier.json.gz.part",
    "runs/now/dossier.json.gz.part",
    "archive/lots/a.csv.part",
    "batches/000001/manifest.json.part",
    "landing_hashes.part",
    "site/a/b.html.part",
    "alarms/told.json.part",
]
KEPT = [
    "runs/dead/ledger",
    "runs/held/changes",
    "runs/held/ledger",
    "runs/stands/records",
    "runs/stands/sums",
    "runs/stands/reports",
    "runs/now/records",
    "archive/lots",
    "records",
    "returns/R1",
]


@pytest.fixture
def engine(_migrated_sqlite, tmp_path):
    shutil.copy(_migrated_sqlite, tmp_path / "compliance.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'compliance.db'}")
    yield engine
    engine.dispose()


def enter(engine, status, run_id):
    runs = METADATA.tables["runs"]
    needed = {c.name: "" if isinstance(c.type, sa.Text) else 0 for c in runs.columns if not c.nullable}
    as_of = dt.date(2020, 12, 31)
    with engine.begin() as connection:
        connection.execute(sa.insert(runs), [needed | {"run_id": run_id, "as_of": as_of, "status": status}])
        if status == "published":
            connection.execute(sa.insert(METADATA.tables["publications"]), [{"as_of": as_of, "run_id": run_id}])
        else:
            connection.execute(sa.delete(METADATA.tables["staging_run"]))
            connection.execute(sa.insert(METADATA.tables["staging_run"]), [{"as_of": as_of, "run_id": run_id}])


def staged(engine):
    with engine.connect() as connection:
        return connection.execute(sa.select(METADATA.tables["staging_run"].c.run_id)).scalars().all()


def test_leftovers_go_and_what_is_needed_stays(engine, tmp_path):
    for status, run_id in (("published", "stands"), ("failed", "dead"), ("held", "held")):
        enter(engine, status, run_id)
    for name in LEFT + KEPT:
        (tmp_path / name).mkdir(parents=True)
    for name in HALF:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with Local(tmp_path).scratch() as busy:
        clear_leftovers(engine, Local(tmp_path), "now")
        assert busy.folder.is_dir()
    assert [name for name in LEFT + HALF if (tmp_path / name).exists()] == []
    assert [name for name in KEPT if not (tmp_path / name).exists()] == []
    assert staged(engine) == ["held"]


def test_rows_staged_by_a_run_that_failed_go(engine, tmp_path):
    (tmp_path / "runs").mkdir()
    enter(engine, "failed", "dead")
    clear_leftovers(engine, Local(tmp_path), "now")
    assert staged(engine) == []
