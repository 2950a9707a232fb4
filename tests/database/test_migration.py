"""A database with figures per date becomes one with versions, and shows the same."""

import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from pipelines.database import open as open_
from pipelines.database.made import made_by
from pipelines.database.open import migrate, open_database
from pipelines.store.local import Local

D1, D2, D3 = (dt.date(2020, 10, day) for day in (1, 2, 3))
RUN = {"started_at": "-", "status": "published"}


def migrate_to(engine, revision):
    if engine.dialect.name == "sqlite":
        Path(engine.url.database).touch()
    with engine.begin() as connection:
        open_.migrate_to(connection, revision)


def cash(as_of, run_id, **fen):
    return [
        {"as_of": as_of, "run_id": run_id, "institution_code": code, "distributor_code": "-", "unallocated_fen": value}
        for code, value in fen.items()
    ]


def insert(engine, name, rows):
    with engine.begin() as connection:
        table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table), rows)


def read(engine, query):
    with engine.connect() as connection:
        return [tuple(str(cell) for cell in row) for row in connection.execute(sa.text(query))]


def test_figures_become_versions_and_show_the_same(database_url):
    engine = open_database(database_url)
    migrate_to(engine, "0001")
    frozen = {"run_id": "R1b", "as_of": D1, "finished_at": "9"}
    runs = [{"run_id": f"R{n}", "as_of": day, "finished_at": str(n)} for n, day in ((1, D1), (3, D3), (2, D2))]
    insert(engine, "runs", [RUN | run for run in [*runs, frozen]])
    insert(engine, "payment_unallocated", [*cash(D1, "R1", SAME=1, GONE=1), *cash(D3, "R3", SAME=1, NEW=3)])
    shown = "SELECT * FROM payment_unallocated ORDER BY as_of, institution_code"
    before = read(engine, shown)
    migrate(engine)
    assert read(engine, shown) == before
    assert read(engine, "SELECT as_of, run_id FROM publications ORDER BY 1") == [
        ("2020-10-01", "R1"),
        ("2020-10-02", "R2"),
        ("2020-10-03", "R3"),
    ]
    assert read(engine, "SELECT institution_code, valid_from, valid_to FROM payment_unallocated_versions ORDER BY 1, 2") == [
        ("GONE", "2020-10-01", "2020-10-02"),
        ("NEW", "2020-10-03", "9999-12-31"),
        ("SAME", "2020-10-01", "2020-10-02"),
        ("SAME", "2020-10-03", "9999-12-31"),
    ]
    engine.dispose()


def test_a_run_that_noted_nothing_made_the_tables_of_the_migrations_of_its_time(tmp_path):
    made = made_by(Local(tmp_path / "no folder"))
    assert made.tables["payment_unallocated"] == ("institution_code", "distributor_code", "unallocated_fen")
    assert {name: len(columns) for name, columns in made.tables.items()} == {
        "agreed_volume_completion": 21,
        "agreed_volume_rollup": 15,
        "findings": 14,
        "payment_timeliness": 27,
        "payment_unallocated": 3,
        "two_invoice_compliance": 17,
        "two_invoice_line": 12,
    }
    assert len(made.rules) == 5 and "payment_overdue" in made.rules
