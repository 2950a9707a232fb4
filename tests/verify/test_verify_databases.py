"""What was changed in the database is found and named, in SQLite and in PostgreSQL alike; figures are explained from both."""

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.reports.explain import explain_figure, explain_finding
from pipelines.store.local import Local
from pipelines.verify.compare_tables import compare_tables
from pipelines.verify.rebuild import rebuild
from tests.proven_home import publish_everything
from tests.reports.explained_nights import H, Night, S, delivery


@pytest.fixture
def night(migrated_database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("VBP_DATABASE", migrated_database_url)
    return Night(tmp_path)


@pytest.fixture
def engine(migrated_database_url):
    engine = open_database(migrated_database_url)
    yield engine
    engine.dispose()


def change(engine, statement):
    with engine.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount == 1


def test_changed_added_and_removed_rows(night, engine):
    run_id = night.run(deliveries=[delivery("D", "2020-02-01")], payments=[f"{H},P,1,{S},2020-02-20,15.00"])

    def named():
        answer = compare_tables(engine, Local(night.home), run_id)
        assert answer.is_good == (not answer.tables)
        return [(c.table, *c.key.values(), c.column, c.expected, c.found) for c in answer.cells]

    assert named() == []
    only_d30 = "WHERE due_rule = 'D30'"
    change(engine, f"UPDATE payment_timeliness_versions SET on_time_fen = 999 {only_d30}")
    assert named() == [("payment_timeliness", "D30", H, S, "2020-03", "on_time_fen", 1000, 999)]
    change(engine, f"UPDATE payment_timeliness_versions SET on_time_fen = 1000 {only_d30}")
    change(engine, "INSERT INTO payment_unallocated_versions VALUES ('H9', 'S9', 5, '2020-12-31', '9999-12-31')")
    assert named() == [("payment_unallocated", "H9", "S9", "", "无", "有")]
    change(engine, "DELETE FROM payment_unallocated_versions WHERE institution_code = 'H9'")
    change(engine, f"DELETE FROM payment_unallocated_versions WHERE institution_code = '{H}'")
    assert named() == [("payment_unallocated", H, S, "", "有", "无")]
    answer = rebuild(engine, Local(night.home), None, run_id, lambda _: None)
    assert answer.found == answer.expected and not answer.is_good
    assert [(c.table, c.expected, c.found) for c in answer.shown] == [("payment_unallocated", "有", "无")]
    change(engine, "UPDATE runs SET note = 'x'")
    assert any(run_id in fault for fault in compare_tables(engine, Local(night.home), run_id).chain)


@pytest.mark.thorough
def test_figures_are_explained(night, engine):
    night.run(deliveries=[delivery("D", "2020-02-01")], payments=[f"{H},P,1,{S},2020-02-20,15.00"])
    night.run("b.csv", deliveries=[delivery("D", "2020-02-01", packs=8)])
    keys = {
        "agreed_volume_completion": ["C"],
        "agreed_volume_rollup": ["all", "all", "running", "mandatory"],
        "payment_timeliness": ["applicable", H, S, "2020-03"],
        "payment_unallocated": [H, S],
    }
    for table, key in keys.items():
        answer = explain_figure(engine, Local(night.home), None, table, key)
        assert answer.differences == [] and answer.shown is not None and answer.lines
        assert {c.cause for c in answer.restated} <= {"correction"}
    unallocated = explain_figure(engine, Local(night.home), None, "payment_unallocated", [H, S])
    assert [(c.values, c.cause) for c in unallocated.restated] == [(("5.00", "7.00"), "correction")]
    with engine.connect() as connection:
        finding = connection.execute(sa.text("SELECT finding_id FROM findings WHERE subject_key = 'C'")).scalar_one()
    assert explain_finding(engine, Local(night.home), None, finding).key == {"commitment_id": "C"}


ALL_AT_ONCE = {
    'DROP VIEW "本地区_最新_问题清单"': "本地区_最新_问题清单",
    'CREATE OR REPLACE VIEW "本地区_医疗机构名录" AS SELECT * FROM "医疗机构名录"': "本地区_医疗机构名录",
    "UPDATE institution_names SET responsible_person = '李四'": "responsible_person",
    "UPDATE findings_versions SET due_on = '2022-01-01' WHERE state = 'cured'": "2022-01-01",
    "UPDATE restatements SET old_value = '0.5' WHERE column_name = 'net_quantity' AND row_key = 'C'": "old_value",
    "UPDATE bulletins SET is_frozen = 0": "is_frozen",
    "UPDATE accountability_items SET strict_rate = 0.123 WHERE item_no = 1": "strict_rate",
    "UPDATE check_results SET failed = 1 WHERE check_id = 'files_taken_in'": "check_results",
    "UPDATE rejected_records SET note = 'x'": "rejected_records",
    "UPDATE publications SET run_id = 'X' WHERE as_of = '2020-12-31'": "publications",
}


@pytest.mark.thorough
def test_on_postgres_everything_is_proven_and_every_change_named(tmp_path, migrated_postgres_url, monkeypatch):
    monkeypatch.setenv("VBP_DATABASE", migrated_postgres_url)
    night, runs = publish_everything(tmp_path, migrated_postgres_url)
    engine = open_database(migrated_postgres_url)
    answer = compare_tables(engine, Local(night.home), runs[-1])
    assert (answer.is_good, answer.proof.faults, answer.proof.notes) == (True, (), ())
    for statement in ALL_AT_ONCE:
        with engine.begin() as connection:
            connection.execute(sa.text(statement))
    answer = compare_tables(engine, Local(night.home), runs[-1])
    engine.dispose()
    shown = " ".join([*answer.proof.faults, *(f"{c.column} {c.found}" for c in answer.proof.cells)])
    assert [word for word in ALL_AT_ONCE.values() if word not in shown] == [], shown
