"""Runs of before an upgrade: a table, a column or a rule that they did not make is asked of none of them.

The present code is the upgrade. What it would have been before is what a run of it wrote, without a table.
"""

import json
import shutil
from datetime import date

import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.database.ledger import hash_row
from pipelines.database.made import made_by, made_now
from pipelines.database.seals import open_seals
from pipelines.database.tables import METADATA
from pipelines.engine.digest import seal, tally_object
from pipelines.night import steps as nightly
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.dossier import read_dossier
from pipelines.store.local import Local
from pipelines.store.runs import load_run
from pipelines.verify.compare_tables import compare_tables
from pipelines.verify.rebuild import rebuild
from tests.acceptance.night import audited, compute_night
from tests.reports.explained_nights import AS_OF, H, Night, S, delivery

pytestmark = pytest.mark.thorough

RUNS = METADATA.tables["runs"]
TABLE, COLUMN, RULE = "payment_unallocated", "responsible", "payment_overdue"
CASH = f"SELECT as_of, run_id, unallocated_fen FROM {TABLE} ORDER BY as_of"


def query(night, statement, **values):
    def ask(engine, *_):
        with engine.begin() as connection:
            rows = connection.execute(sa.text(statement), values)
            return [tuple(row) for row in rows] if rows.returns_rows else []

    return night.ask(ask)


def split(folder):
    """Let a run have written a file for each step, as before there were dossiers."""
    run = Local(folder)
    said = read_dossier(run).model_dump(mode="json")
    figures = said.pop("figures")
    run.put_json("tallies.json", figures.pop("tallies"))
    for name in ("fingerprints", "cause", "has_causes", "has_terms"):
        del figures[name]
    figures["remedy_days"] = 30
    run.put_json("facts.json", figures)
    run.put_json("files.json", said["files"])
    run.put_json("validated.json", said["accepted"] | {"carried": False})
    run.put_json("base.json", {"base": said["base"], "carried": False})
    if said["audit"]:
        run.put_json("audit.json", said["audit"])
    of_run = ("run_id", "as_of", "started_at", "settle_seconds", "landing")
    run.put_json("run.json", {name: said[name] for name in of_run})
    (folder / keys.DOSSIER).unlink()


def make_old(night, run_id):
    """Let a run be one of code that knew neither the table nor the rule: no files, no notes, no rows, and its own digest."""
    folder = night.home / "runs" / run_id
    split(folder)
    run = Local(folder)
    facts, tallies = run.read_json("facts.json"), run.read_json("tallies.json")
    del tallies[TABLE], facts["made"]["tables"][TABLE]
    facts["made"]["rules"].remove(RULE)
    facts["code_version"] = "0.1+old"
    facts["result_digest"] = seal({name: int(total, 16) for name, total in tallies.items()})
    run.put_json("facts.json", facts)
    run.put_json("tallies.json", tallies)
    for path in (*folder.glob(f"*/{TABLE}.parquet"), *folder.glob(f"changes/{TABLE}.*")):
        path.unlink()
    query(night, f"DELETE FROM {TABLE}_versions")

    def enter(engine, *_):
        with engine.begin() as connection:
            row = dict(connection.execute(sa.select(RUNS).where(RUNS.c.run_id == run_id)).mappings().one())
            row |= {name: facts[name] for name in ("result_digest", "code_version")}
            connection.execute(sa.update(RUNS).where(RUNS.c.run_id == run_id).values(row | {"row_hash": hash_row(row)}))

    night.ask(enter)
    query(night, "DELETE FROM seals")  # it kept none, and the upgrade seals what it finds
    for path in folder.glob("sealed-*.json.gz"):
        path.unlink()

    def upgrade(engine, *_):
        with engine.begin() as connection:
            open_seals(connection)

    night.ask(upgrade)


def take_column_out(folder):
    """Let the findings of a run be those of code that did not know the column."""
    for path in (*folder.glob("changes/findings.*.parquet"), folder / "reports" / "findings.parquet"):
        pl.read_parquet(path).drop(COLUMN).write_parquet(path)
    run = Local(folder)
    facts = run.read_json("facts.json")
    facts["made"]["tables"]["findings"].remove(COLUMN)
    tallies = run.read_json("tallies.json")
    tallies["findings"] = f"{tally_object(run.at(keys.report('findings'))):x}"
    facts["result_digest"] = seal({name: int(total, 16) for name, total in tallies.items()})
    run.put_json("facts.json", facts)
    run.put_json("tallies.json", tallies)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home whose only run was published before the upgrade; it had cash that nothing took up."""
    folder = tmp_path_factory.mktemp("upgraded")
    night = Night(folder)
    run_id = night.run(deliveries=[delivery("D", "2020-12-30")], payments=[f"{H},P,1,{S},2020-02-20,15.00"])
    make_old(night, run_id)
    return folder, run_id


@pytest.fixture
def old(made, tmp_path):
    shutil.copytree(made[0], tmp_path, dirs_exist_ok=True)
    return Night(tmp_path), made[1]


def verified(night, run_id):
    quick = night.ask(lambda engine, home, _: compare_tables(engine, home, run_id))
    whole = night.ask(lambda engine, home, _: rebuild(engine, home, None, run_id, lambda _: None))
    assert whole.expected == whole.found
    return quick.is_good, whole.is_good


def test_a_run_of_before_is_verified_by_the_tables_it_made(old):
    night, run_id = old
    assert verified(night, run_id) == (True, True)
    span = f"'{AS_OF}', '9999-12-31'"
    query(night, f"INSERT INTO {TABLE}_versions VALUES ('H9', 'S9', 5, {span})")
    assert verified(night, run_id) == (False, False)


def test_the_first_night_with_a_table_writes_rows_and_restates_nothing(old):
    night, _ = old
    again = night.run("b.csv")
    [(day, by, fen)] = query(night, CASH)
    assert (day, by) == (AS_OF.isoformat(), again) and fen > 0
    assert query(night, "SELECT * FROM restatements") == []
    assert verified(night, again) == (True, True)
    more = night.run("c.csv", payments=[f"{H},Q,1,{S},2020-02-21,1.00"])
    found = query(night, "SELECT DISTINCT table_name, cause, run_id FROM restatements")
    assert TABLE in {table for table, *_ in found}
    assert {tuple(row) for _, *row in found} == {("late_record", more)}


def test_the_first_night_of_a_later_date_leaves_the_old_one_as_it_was(old):
    night, run_id = old
    later = night.run("b.csv", as_of=date(2021, 1, 31))
    assert {row[:2] for row in query(night, CASH)} == {("2021-01-31", later)}
    assert verified(night, run_id) == (True, True) and verified(night, later) == (True, True)


def test_a_held_run_of_before_is_released(old):
    night, _ = old
    run = compute_night(night.landing, night.home, date(2021, 1, 31))
    failed = {"check_id": "gate", "scope": "-", "status": "failed", "details": None}
    counts = dict.fromkeys(("applied", "passed", "failed", "not_applicable"), 0)
    assert nightly.publish(audited(run, failed | counts)) == "held"
    make_old(night, run.run_id)
    take_column_out(run.store.folder)
    run = load_run(Settings(home=night.home), run.run_id)
    nightly.stage_again(run)
    assert nightly.publish(run, released_by="张三", note="已核实") == "published"
    assert query(night, CASH) == []
    assert verified(night, run.run_id) == (True, True)
    last = night.run("b.csv", as_of=date(2021, 2, 28))
    assert {row[1] for row in query(night, CASH)} == {last}


def test_new_rules_and_columns_are_not_restated_either(old):
    night, run_id = old
    run = Local(night.home / "runs" / run_id)
    facts = run.read_json("facts.json")
    facts["made"]["tables"]["findings"].remove(COLUMN)
    run.put_json("facts.json", facts)
    query(night, "UPDATE findings_versions SET responsible = NULL")
    query(night, f"DELETE FROM findings_versions WHERE rule_code = '{RULE}'")
    night.run("b.csv", institutions=[f"{H},一院,,330282,public"], deliveries=[delivery("E", "2020-02-01", packs=50)])
    restated = query(night, "SELECT DISTINCT table_name, column_name FROM restatements")
    assert restated and not {row for row in restated if row[1] == COLUMN}
    rules = query(night, "SELECT DISTINCT rule_code FROM findings WHERE state = 'open'")
    assert (RULE,) in rules
    keys = {row[0] for row in query(night, "SELECT row_key FROM restatements WHERE table_name = 'findings'")}
    overdue = query(night, f"SELECT finding_id FROM findings WHERE rule_code = '{RULE}'")
    assert not keys & {row[0] for row in overdue}


def test_a_run_says_what_it_made_and_those_of_before_made_what_the_first_migrations_made(old):
    night, run_id = old
    folder = night.home / "runs" / run_id
    again = night.run("b.csv")
    assert made_by(Local(night.home / "runs" / again)) == made_now()
    facts = Local(folder).read_json("facts.json")
    del facts["made"]
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    assert TABLE in made_by(Local(folder)).tables
