"""A run is rebuilt from what was archived; what was changed since is found and named."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date

import pytest

from pipelines.database.ledger import hash_row
from pipelines.database.made import made_now
from pipelines.desk.decide import decide
from pipelines.engine.digest import seal
from pipelines.errors import UsageError
from pipelines.policy.kept import keep_policies, policies_of
from pipelines.policy.policies import load_policies
from pipelines.rejects.decisions import write_decision
from pipelines.rejects.register import read_register
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.dossier import read_dossier
from pipelines.store.local import Local
from pipelines.store.runs import objects_of
from pipelines.store.store import packed
from pipelines.verify.chain import verify_chain
from pipelines.verify.compare_tables import compare_tables
from pipelines.verify.rebuild import rebuild
from pipelines.verify.render import verified_as_json
from pipelines.verify.shown import tally_figures
from tests.packed import alter
from tests.reports.explained_nights import AS_OF, H, Night, S, delivery

STRICTER = """[[policy]]
id = "site"
parameter = "payment_days_D30"
value = 5
unit = "day"
jurisdiction = ""
valid_from = 2000-01-01
document_no = "某文"
clause = "五日"
mark = "D"
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with a published night of a receipt and a payment, its policies kept; and the run."""
    folder = tmp_path_factory.mktemp("published")
    night = Night(folder)
    run_id = night.run(deliveries=[delivery("D", "2020-02-01")], payments=[f"{H},P,1,{S},2020-02-20,10.00"])
    keep_policies(objects_of(Local(night.home), run_id), None)
    return folder, run_id


@pytest.fixture
def night(tmp_path):
    return Night(tmp_path / "own")


@pytest.fixture
def run_id(published, night):
    """The published night, copied, so that it can be changed."""
    folder, run_id = published
    shutil.copytree(folder, night.home.parent, dirs_exist_ok=True)
    return run_id


def again(night, run_id, overlay=None):
    return night.ask(lambda engine, home, _: rebuild(engine, home, overlay, run_id, lambda _: None))


def tables(night, run_id):
    return night.ask(lambda engine, home, _: compare_tables(engine, home, run_id))


def chain(night):
    return night.ask(lambda engine, home, _: verify_chain(engine, home))


def change(night, statement, *values):
    with closing(sqlite3.connect(night.home / "compliance.db")) as database:
        assert database.execute(statement, values).rowcount == 1
        database.commit()


def archived(night, dataset):
    [path] = (night.home / "archive" / dataset).glob("*.csv")
    return path


def test_a_run_is_rebuilt_to_the_same_digest(night, run_id):
    before = sorted(p.relative_to(night.home) for p in night.home.rglob("*") if "compliance" not in p.name)
    answer = again(night, run_id)
    assert (answer.is_good, answer.differences, answer.notes) == (True, (), ())
    assert answer.found == answer.expected != ""
    assert before == sorted(p.relative_to(night.home) for p in night.home.rglob("*") if "compliance" not in p.name)
    json.dumps(verified_as_json(answer))


def test_an_earlier_run_is_rebuilt_as_it_was(night, run_id):
    later = night.run("b.csv", deliveries=[delivery("D", "2020-02-01", packs=8), delivery("BAD", "2020-02-30")])
    assert again(night, run_id).is_good
    answer = again(night, later)
    assert (answer.is_good, answer.differences) == (True, ())
    with pytest.raises(UsageError, match="现行发布的是运行"):
        tables(night, run_id)


@pytest.mark.thorough
def test_a_row_that_waited_is_accepted_by_the_same_batch(night):
    waits = delivery("WAITS", "2020-02-01").replace(H, "H33028200002")
    night.run(deliveries=[waits])
    second = night.run("b.csv", institutions=["H33028200002,二院,,330282,public"])
    answer = again(night, second)
    assert (answer.is_good, answer.differences) == (True, ())


@pytest.mark.thorough
def test_a_decision_is_applied_by_the_batch_that_applied_it(night):
    night.run(deliveries=[delivery("GOOD", "2020-02-01"), delivery("BAD", "2020-02-30")])
    with closing(sqlite3.connect(night.home / "compliance.db")) as database:
        [(record,)] = database.execute("SELECT record_id FROM rejected_records").fetchall()
    write_decision(Local(night.home), "discard", [record], by="张三", until=None, note="作废", at="2021-01-01")
    last = night.run()
    assert Local(night.home).read_json("batches/000002/decisions.json") == [1]
    assert again(night, last).is_good


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["discard", "waive"])
def test_a_decision_accuses_nobody(night, kind):
    odd = delivery("ODD", "2020-02-01").replace(",10,10,1.00,", ",-1,10,1.00,")
    run_id = night.run(deliveries=[delivery("GOOD", "2020-02-01"), odd])
    [record] = read_register(Local(night.home), 1)["record_id"]
    told = {"by": "张三", "note": "已核实", "until": date(2021, 12, 31) if kind == "waive" else None}
    decide(Settings(home=night.home), kind, [record], **told)
    assert chain(night) == [] and tables(night, run_id).is_good and again(night, run_id).is_good
    later = night.run("b.csv", as_of=date(2021, 1, 31), deliveries=[delivery("LATER", "2020-02-01")])
    assert again(night, later).is_good and chain(night) == []
    (night.home / "decisions" / "000001.json").unlink()
    [fault] = chain(night)
    assert "decisions/000001.json" in fault


@pytest.mark.thorough
def test_a_waiver_holds_and_ends_in_the_batches_in_which_it_did(night):
    night.run(deliveries=[delivery("ODD", "2020-02-01").replace(",10,10,1.00,", ",-1,10,1.00,")])
    with closing(sqlite3.connect(night.home / "compliance.db")) as database:
        [(record,)] = database.execute("SELECT record_id FROM rejected_records").fetchall()
    until = AS_OF.isoformat()
    write_decision(Local(night.home), "waive", [record], by="张三", until=until, note="已核实", at=until)
    runs = [night.run(), night.run(as_of=date(2021, 1, 31))]
    answers = [again(night, run_id) for run_id in runs]
    assert [(a.is_good, a.differences) for a in answers] == [(True, ()), (True, ())]
    with closing(sqlite3.connect(night.home / "compliance.db")) as database:
        found = database.execute("SELECT as_of, net_quantity FROM agreed_volume_completion WHERE commitment_id = 'C'")
        assert sorted(found.fetchall()) == [("2020-12-31", 70.0), ("2021-01-31", 0.0)]


@pytest.mark.thorough
def test_the_policies_of_the_run_hold_although_others_hold_now(night, run_id, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.toml").write_text(STRICTER, encoding="utf-8")
    answer = again(night, run_id, tmp_path / "site")
    assert answer.is_good and not answer.notes
    (night.home / "runs" / run_id / keys.POLICIES).unlink()
    answer = again(night, run_id, tmp_path / "site")
    assert not answer.is_good and "没有存档政策文件" in answer.notes[0]
    assert answer.tables == ("payment_timeliness",)
    months = {c.key["due_month"]: (c.expected, c.found) for c in answer.cells if c.key["due_rule"] == "D30"}
    assert months == {"2020-02": ("无", "有"), "2020-03": ("有", "无")}


@pytest.mark.thorough
def test_altered_policies_are_named_by_their_rows(night, run_id):
    store = objects_of(Local(night.home), run_id)
    kept = store.read_json(keys.POLICIES)
    kept["seeds"]["indicators.payment.toml"] = kept["seeds"]["indicators.payment.toml"].replace("value = 30", "value = 40", 1)
    store.put_json(keys.POLICIES, kept)
    answer = again(night, run_id)
    assert not answer.is_good and answer.found == answer.expected
    [fault] = answer.inputs
    assert "存档的政策文件被改动" in fault and "payment_days_D30@CN" in fault
    store.put(keys.POLICIES, packed(b"{"))
    answer = again(night, run_id)
    assert not answer.is_good and "无法读取" in answer.inputs[0]


def test_kept_policies_are_those_that_were_kept(tmp_path):
    overlay = tmp_path / "site"
    overlay.mkdir()
    (overlay / "site.toml").write_text(STRICTER, encoding="utf-8")
    digest = load_policies(overlay).digest
    (tmp_path / "run").mkdir()
    keep_policies(Local(tmp_path / "run"), overlay)
    (overlay / "site.toml").write_text(STRICTER.replace("5", "6"), encoding="utf-8")
    policies, remark = policies_of(Local(tmp_path / "run"), overlay, digest)
    assert (policies.digest, remark) == (digest, "")
    assert policies.resolve("payment_days_D30", "330282", date(2020, 1, 1)).value == 5
    keep_policies(Local(tmp_path / "run"), overlay)
    assert "不符" in policies_of(Local(tmp_path / "run"), overlay, digest)[1]


@pytest.mark.thorough
def test_other_code_is_named(night, run_id, monkeypatch):
    monkeypatch.setattr("pipelines.verify.rebuild.code_version", lambda: "9.9")
    assert "9.9" in again(night, run_id).notes[0]


def test_a_changed_archive_file_is_named(night, run_id):
    path = archived(night, "payments")
    path.write_text(path.read_text("utf-8").replace("10.00", "90.00"), encoding="utf-8")
    answer = again(night, run_id)
    assert not answer.is_good and "payments/a.csv" in answer.inputs[0]
    assert "payment_timeliness" in answer.tables or "payment_unallocated" in answer.tables


def test_a_missing_archive_file_is_named(night, run_id):
    archived(night, "payments").unlink()
    answer = again(night, run_id)
    assert not answer.is_good and "存档文件缺失：payments/a.csv" in answer.inputs[0] and answer.found == ""


def test_tables_that_stand_as_published_pass(night, run_id):
    answer = tables(night, run_id)
    assert (answer.is_good, answer.tables, answer.cells, answer.chain) == (True, (), (), ())


def test_a_changed_cell_is_named(night, run_id):
    change(night, "UPDATE payment_timeliness_versions SET on_time_fen = 999 WHERE due_rule = 'D30'")
    answer = tables(night, run_id)
    assert (answer.is_good, answer.tables) == (False, ("payment_timeliness",))
    [cell] = answer.cells
    assert (cell.key["due_rule"], cell.column, cell.expected, cell.found) == ("D30", "on_time_fen", 1000, 999)


@pytest.mark.thorough
def test_a_changed_cell_is_named_when_the_report_files_are_gone(night, run_id):
    change(night, "UPDATE payment_timeliness_versions SET on_time_rate_amount = 0.5 WHERE due_rule = 'D30'")
    for path in (night.home / "runs" / run_id / "reports").glob("*"):
        path.unlink()
    quick = tables(night, run_id)
    assert (quick.tables, quick.cells) == (("payment_timeliness",), ()) and "重算后比较" in quick.notes[0]
    answer = again(night, run_id)
    assert answer.found == answer.expected and not answer.is_good
    assert [(c.column, c.expected, c.found) for c in answer.shown] == [("on_time_rate_amount", 1.0, 0.5)]


def test_a_row_that_was_taken_out_is_named(night, run_id):
    change(night, "DELETE FROM agreed_volume_completion_versions WHERE commitment_id = 'C'")
    [cell] = tables(night, run_id).cells
    assert (cell.key, cell.column, cell.expected, cell.found) == ({"commitment_id": "C"}, "", "有", "无")


def test_tallies_that_were_made_to_fit_are_not_trusted(night, run_id):
    change(night, "UPDATE payment_timeliness_versions SET on_time_fen = 999 WHERE due_rule = 'D30'")
    path = night.home / "runs" / run_id / keys.DOSSIER
    alter(path, lambda text: text.replace('"payment_timeliness": "', '"payment_timeliness": "1'))
    answer = tables(night, run_id)
    assert not answer.is_good and "被改动过" in answer.notes[0]


@pytest.mark.thorough
def test_a_run_taken_out_of_the_ledger_is_named(night, run_id):
    assert chain(night) == []
    later = night.run("b.csv", deliveries=[delivery("E", "2020-02-01")])
    assert chain(night) == []
    change(night, "DELETE FROM runs WHERE run_id = ?", later)
    [fault] = chain(night)
    assert later in fault and "删除" in fault


@pytest.mark.thorough
def test_a_run_taken_out_of_the_middle_breaks_the_chain(night, run_id):
    later = night.run("b.csv", deliveries=[delivery("E", "2020-02-01")])
    change(night, "DELETE FROM runs WHERE run_id = ?", run_id)
    faults = chain(night)
    assert any(later in f and "previous_hash" in f for f in faults) and any(run_id in f for f in faults)


def ledger_rows(night):
    with closing(sqlite3.connect(night.home / "compliance.db")) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute("SELECT * FROM runs ORDER BY finished_at").fetchall()
    return [dict(row) for row in rows]


def slip_in(night, row):
    with closing(sqlite3.connect(night.home / "compliance.db")) as database:
        database.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(row))})", list(row.values()))
        database.commit()


def forge(row, **changes):
    """A row like another one, with the hash that it should have."""
    row = row | {"run_id": "FORGED", **changes}
    return row | {"row_hash": hash_row(row | {"as_of": date.fromisoformat(row["as_of"])})}


@pytest.mark.thorough
def test_a_run_slipped_into_the_middle_is_named(night, run_id):
    later = night.run("b.csv", deliveries=[delivery("E", "2020-02-01")])
    first, _ = ledger_rows(night)
    slip_in(night, forge(first, previous_hash=first["row_hash"], finished_at=first["finished_at"] + "1"))
    faults = chain(night)
    assert any("FORGED" in f and later in f and "插入" in f for f in faults)


def test_a_run_slipped_in_at_the_end_is_named(night, run_id):
    [row] = ledger_rows(night)
    slip_in(night, forge(row, previous_hash=row["row_hash"], finished_at="2099" + row["finished_at"][4:]))
    [fault] = chain(night)
    assert "FORGED" in fault and "插入" in fault


def test_a_run_without_a_hash_is_named(night, run_id):
    change(night, "UPDATE runs SET row_hash = NULL WHERE run_id = ?", run_id)
    [fault] = chain(night)
    assert run_id in fault and "没有 row_hash" in fault


def test_an_altered_ledger_row_is_named(night, run_id):
    change(night, "UPDATE runs SET rows_read = 1 WHERE run_id = ?", run_id)
    [fault] = tables(night, run_id).chain
    assert run_id in fault and "改动" in fault
    assert not again(night, run_id).is_good


@pytest.mark.thorough
def test_a_digest_altered_with_its_hash_is_found_by_rebuilding(night, run_id):
    with closing(sqlite3.connect(night.home / "compliance.db")) as database:
        database.row_factory = sqlite3.Row
        row = dict(database.execute("SELECT * FROM runs WHERE run_id = ?", [run_id]).fetchone())
    row |= {"result_digest": "0" * 64, "as_of": AS_OF}
    change(night, "UPDATE runs SET result_digest = ?, row_hash = ? WHERE run_id = ?", "0" * 64, hash_row(row), run_id)
    answer = again(night, run_id)
    assert answer.chain == () and not answer.is_good and answer.expected == "0" * 64


def test_a_run_that_was_not_computed_cannot_be_verified(night, run_id):
    with pytest.raises(UsageError, match="没有运行"):
        again(night, "nobody")
    change(night, "UPDATE runs SET result_digest = NULL WHERE run_id = ?", run_id)
    with pytest.raises(UsageError, match="没有算完"):
        tables(night, run_id)


def test_the_digest_is_that_of_the_report_files(night, run_id):
    folder = night.home / "runs" / run_id
    assert seal(tally_figures(Local(folder), made_now())) == read_dossier(Local(folder)).figures.result_digest
