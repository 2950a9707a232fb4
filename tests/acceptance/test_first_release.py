"""A home and a report database as the first release wrote them, opened by the program of today.

`first_release.tar.xz` was written by the commands of commit 7309989, the first that ran a night: below `vbp` the landing zone,
the home with its SQLite database, and `compliance.sql`, the same rows in PostgreSQL under migration 0001. Two dates are
published (a payments file and a correction came with the second); a third run is held for its rejected rows.
"""

import csv
import json
import tarfile
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import sqlalchemy as sa

from pipelines.database.open import migrate, open_database
from pipelines.errors import UsageError
from pipelines.night.run import release
from pipelines.reports.explain import explain_figure
from pipelines.settings import Settings
from pipelines.store.local import Local
from pipelines.verify.compare_tables import compare_tables
from pipelines.verify.rebuild import rebuild
from tests.acceptance.night import compute_night
from tests.conftest import _make_database
from tests.reports.explained_nights import publish

pytestmark = pytest.mark.thorough

FIRST, SECOND, THIRD = "20201130-20261202T014114-75fd34", "20201231-20261202T014142-fdcb37", "20210131-20261202T014204-d38df2"
SHOWN = {
    "agreed_volume_completion": "commitment_id, net_quantity, status",
    "findings": "finding_id, message_zh, first_seen, due_on, state",
    "payment_timeliness": "due_rule, institution_code, distributor_code, due_month, overdue_fen, on_time_rate_amount",
    "two_invoice_line": "invoice_code, invoice_no, line_no, verdict, net_fen",
    "rejected_records": "record_id, state, raw_json",
}
LATE = {"shpId": "PSN2020-0076-1", "invoiceCode": "", "invoiceId": ""}


def read(world, query):
    with world.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def figures(world):
    """What the tables show of dates that the first release published."""
    dated = {t: c for t, c in SHOWN.items() if t != "rejected_records"}
    shown = {t: read(world, f"SELECT as_of, {c} FROM {t} WHERE as_of < '2021-01-01' ORDER BY 1, {c}") for t, c in dated.items()}
    return shown | {"rejected_records": read(world, f"SELECT {SHOWN['rejected_records']} FROM rejected_records ORDER BY 1")}


def send_late(landing):
    """A delivery of July that nobody had sent."""
    source = landing / "deliveries" / "zj_platform" / "deliveries_2020H2.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    late = landing / "deliveries" / "found_later"
    late.mkdir()
    with (late / "july.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerow(rows[1] | LATE)


def unpack(folder, database, make_database):
    with tarfile.open(Path(__file__).parent / "first_release.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    place = folder / "vbp"
    url = f"sqlite:///{place / 'home' / 'compliance.db'}"
    if database == "postgresql":
        (place / "home" / "compliance.db").unlink()
        url = make_database()
        with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection:
            connection.execute((place / "compliance.sql").read_text("utf-8"))
    return SimpleNamespace(home=Local(place / "home"), landing=place / "landing", url=url, engine=open_database(url))


def _empty_postgres(request, opened):
    return opened.enter_context(_make_database(request.getfixturevalue("postgres_server")))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)])
def world(request, tmp_path_factory):
    """The home after an upgrade: a late delivery came, the third date was computed, the second once more."""
    with ExitStack() as opened:
        empty = partial(_empty_postgres, request, opened)
        world = unpack(tmp_path_factory.mktemp("first"), request.param, empty)
        opened.callback(world.engine.dispose)
        world.before = figures(world)
        migrate(world.engine)
        world.after = figures(world)
        with pytest.raises(UsageError) as error:
            release(Settings(home=world.home, landing=world.landing, database=world.url), THIRD, "张三", "已核实", print)
        world.refused = str(error.value)
        send_late(world.landing)
        night = [world.landing, world.home]
        world.third = publish(compute_night(*night, date(2021, 1, 31), world.url)).run_id
        world.untouched = figures(world)
        world.verified = {r: compare_tables(world.engine, world.home, r) for r in (FIRST, SECOND, world.third)}
        world.second = publish(compute_night(*night, date(2020, 12, 31), world.url)).run_id
        yield world


def test_the_tables_show_after_the_upgrade_and_the_next_night_what_they_showed(world):
    assert world.before == world.after
    assert {t: rows for t, rows in world.untouched.items() if t in ("agreed_volume_completion", "payment_timeliness")} == {
        t: world.before[t] for t in ("agreed_volume_completion", "payment_timeliness")
    }
    assert set(world.before["rejected_records"]) <= set(world.untouched["rejected_records"])
    assert all(world.before.values())


def test_a_held_run_of_then_is_not_released_and_the_remedy_is_named(world):
    assert THIRD in world.refused and "vbp run --as-of 2021-01-31" in world.refused
    assert read(world, f"SELECT status FROM runs WHERE run_id = '{THIRD}'") == [("held",)]


def test_a_date_computed_again_is_restated_where_a_figure_moved_and_says_why(world):
    assert read(world, "SELECT DISTINCT CAST(as_of AS TEXT), run_id, previous_run_id FROM restatements") == [
        ("2020-12-31", world.second, SECOND)
    ]
    by_cause = dict(read(world, "SELECT cause, COUNT(DISTINCT table_name) FROM restatements GROUP BY cause"))
    assert set(by_cause) == {"late_record", "code"}
    of_code = read(world, "SELECT DISTINCT table_name, column_name FROM restatements WHERE cause = 'code'")
    assert of_code == [("findings", "message_zh")]  # figures are written with two decimals by now
    late = {
        tuple(row) for row in read(world, "SELECT DISTINCT table_name, column_name FROM restatements WHERE cause <> 'code'")
    }
    assert {("agreed_volume_completion", "net_quantity"), ("payment_timeliness", "matured_fen")} <= late
    moved = read(world, "SELECT old_value, new_value FROM restatements")
    assert all(old != new for old, new in moved)


def test_verifying_proves_the_tables_of_then_and_says_what_it_cannot(world):
    assert {run: answer.is_good for run, answer in world.verified.items()} == dict.fromkeys(world.verified, True)
    assert "起封存" in " ".join(world.verified[FIRST].proof.notes)  # no seal is older than the upgrade
    whole = rebuild(world.engine, world.home, None, FIRST, lambda _: None)
    assert not (whole.inputs or whole.chain or whole.proof.faults)
    assert {(cell.table, cell.column) for cell in whole.shown} == {("findings", "message_zh")}
    told = " ".join(whole.notes)
    assert "没有存档政策文件" in told and "input_digest" in told and f"vbp verify {FIRST} --tables" in told


def test_a_changed_cell_of_then_is_found(world):
    change = "UPDATE agreed_volume_completion_versions SET net_quantity = net_quantity {} 1 WHERE valid_from = '2020-11-30'"
    with world.engine.begin() as connection:
        connection.exec_driver_sql(change.format("+"))
    answer = compare_tables(world.engine, world.home, FIRST)
    other = compare_tables(world.engine, world.home, world.third)
    with world.engine.begin() as connection:
        connection.exec_driver_sql(change.format("-"))
    assert answer.expected != answer.found and not answer.is_good
    assert any(FIRST in fault for fault in other.proof.faults)


def test_a_figure_of_then_is_explained_to_its_rows(world):
    [(commitment, net)] = read(
        world,
        "SELECT commitment_id, net_quantity FROM agreed_volume_completion"
        " WHERE as_of = '2020-11-30' AND net_quantity > 0 ORDER BY commitment_id LIMIT 1",
    )
    told = explain_figure(world.engine, world.home, None, "agreed_volume_completion", (commitment,), run_id=FIRST)
    text = json.dumps(told.__dict__, ensure_ascii=False, default=str)
    assert f"{net:g}" in text.replace(",", "") and "deliveries" in text
