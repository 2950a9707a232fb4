"""What people read is of one moment: a night that publishes meanwhile changes none of it."""

import datetime as dt
from pathlib import Path

import pipelines
from pipelines.database.open import at_one_moment

D1 = dt.date(2020, 10, 1)
READERS = ("accountability", "alarms", "assessment", "reports", "sampling", "verify")


def cash(fen):
    return [{"institution_code": "H", "unallocated_fen": fen}]


def test_a_publication_in_between_is_not_seen(nights):
    nights.run("R1", D1, payment_unallocated=cash(1))
    with at_one_moment(nights.engine) as connection:

        def read():
            figures = connection.exec_driver_sql("SELECT run_id, unallocated_fen FROM payment_unallocated").all()
            return [tuple(row) for row in figures], connection.exec_driver_sql("SELECT COUNT(*) FROM runs").scalar()

        before = read()
        nights.run("R2", D1, payment_unallocated=cash(2))
        assert read() == before == ([("R1", 1)], 1)
    assert nights.read("SELECT run_id, unallocated_fen FROM payment_unallocated") == [("R2", 2)]


def test_who_reads_for_people_reads_so():
    """`connect` would let a statement in PostgreSQL see what the one before it did not."""
    folder = Path(pipelines.__file__).parent
    found = [path for name in READERS for path in (folder / name).rglob("*.py")]
    assert len(found) > 50
    assert [p.relative_to(folder).as_posix() for p in found if ".connect()" in p.read_text("utf-8")] == []
