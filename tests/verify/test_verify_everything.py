"""Whatever is changed in a published home, by one statement or one byte, is found and named."""

import shutil
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import migrate, open_database
from pipelines.database.seals import Seal, hash_seal
from pipelines.database.tables import METADATA
from pipelines.store.local import Local
from pipelines.verify.compare_tables import compare_tables
from pipelines.verify.rebuild import rebuild
from pipelines.verify.render import show_verified
from pipelines.views.refresh import drop_views
from tests.packed import alter
from tests.proven_home import publish_everything
from tests.reports.explained_nights import H

pytestmark = pytest.mark.thorough

LIE = 'CREATE VIEW "最新_货款支付及时情况" AS SELECT * FROM payment_timeliness WHERE 0 = 1'
FIGURE_LIE = "CREATE VIEW two_invoice_line AS SELECT * FROM two_invoice_line_versions WHERE 0 = 1"

STATEMENTS = {
    "a figure": (
        "UPDATE payment_timeliness_versions SET matured_fen = matured_fen + 1 WHERE due_rule = 'D30'",
        ["payment_timeliness", "matured_fen"],
    ),
    "a figure of an earlier date": (
        "UPDATE agreed_volume_completion_versions SET net_quantity = 1 WHERE valid_to = '2021-01-31' AND commitment_id = 'C'",
        ["2020-12-31", "agreed_volume_completion"],
    ),
    "a figure taken out": ("DELETE FROM agreed_volume_rollup_versions WHERE level = 'all'", ["agreed_volume_rollup", "整行"]),
    "a figure put in": (
        "INSERT INTO payment_unallocated_versions VALUES ('H9', 'S9', 5, '2020-12-31', '9999-12-31')",
        ["payment_unallocated", "H9"],
    ),
    "a figure of no date": (
        "INSERT INTO payment_unallocated_versions VALUES ('H9', 'S9', 5, '2020-06-30', '2020-07-31')",
        ["payment_unallocated", "H9"],
    ),
    "a count of a file": (
        "UPDATE source_files SET rows_rejected = 0 WHERE rows_rejected = 1",
        ["source_files", "rows_rejected", "deliveries/a.csv"],
    ),
    "a file taken out": (
        "DELETE FROM source_files WHERE path = 'deliveries/b.csv' AND status = 'accepted'",
        ["source_files", "deliveries/b.csv", "整行"],
    ),
    "a number in a check": (
        "UPDATE check_results SET details = replace(details, '1', '7') WHERE check_id LIKE 'note:%' AND details LIKE '%1%'",
        ["check_results", "details"],
    ),
    "a check put in": (
        "INSERT INTO check_results VALUES ('NOBODY', 'x', 'x', 0, 0, 0, 0, 'passed', NULL)",
        ["check_results", "NOBODY"],
    ),
    "a reason": ("UPDATE rejected_records SET reasons = '[]'", ["rejected_records", "reasons"]),
    "a state": ("UPDATE rejected_records SET state = 'resolved'", ["rejected_records", "state", "discarded"]),
    "a rejected row": ("DELETE FROM rejected_records", ["rejected_records", "整行"]),
    "an old value": (
        "UPDATE restatements SET old_value = '0.5' WHERE column_name = 'net_quantity' AND row_key = 'C'",
        ["restatements", "old_value", "0.5"],
    ),
    "a restatement": (
        "DELETE FROM restatements WHERE column_name = 'net_quantity' AND row_key = 'C'",
        ["restatements", "整行"],
    ),
    "an act on a task": ("UPDATE task_actions SET note = '假' WHERE action_id = 1", ["task_actions", "假", "第 1 条被改动过"]),
    "the last act taken out": (
        "DELETE FROM task_actions WHERE action_id = (SELECT MAX(action_id) FROM task_actions)",
        ["task_actions", "整行"],
    ),
    "an extended deadline": (
        "UPDATE findings_versions SET due_on = '2021-03-02' WHERE valid_from = '2021-01-31' AND state = 'open'"
        " AND finding_id IN (SELECT finding_id FROM task_actions)",
        ["findings", "due_on", "2021-06-30", "2021-03-02"],
    ),
    "a thawed date": ("UPDATE bulletins SET is_frozen = 0", ["bulletins", "is_frozen"]),
    "a bulletin": ("DELETE FROM bulletins", ["bulletins", "整行"]),
    "the run of a date": (
        "UPDATE publications SET run_id = (SELECT MIN(run_id) FROM runs) WHERE as_of = '2020-12-31'",
        ["publications", "run_id"],
    ),
    "a published date": ("DELETE FROM publications WHERE as_of = '2020-12-31'", ["publications", "整行"]),
    "a name": ("UPDATE institution_names SET responsible_person = '李四'", ["institution_names", "responsible_person", "李四"]),
    "a name put in": ("INSERT INTO lot_names SELECT 'L9', name FROM lot_names", ["lot_names", "L9"]),
    "a division": ("UPDATE division_names SET name = '某市' WHERE jurisdiction_code = '330282'", ["division_names", "某市"]),
    "a definition": ("UPDATE data_dictionary SET unit = 'yuan' WHERE column_name = 'matured_fen'", ["data_dictionary", "unit"]),
    "since when": (
        "UPDATE findings_versions SET first_seen = '2021-01-31' WHERE valid_to = '9999-12-31' AND first_seen < '2021-01-01'",
        ["findings", "first_seen"],
    ),
    "until when": (
        "UPDATE findings_versions SET due_on = '2022-01-01' WHERE valid_from = '2021-01-31' AND state = 'open'",
        ["findings", "due_on", "2022-01-01"],
    ),
    "what was cured": ("DELETE FROM findings_versions WHERE state = 'cured'", ["findings", "已消除"]),
    "when it was cured": ("UPDATE findings_versions SET due_on = '2022-01-01' WHERE state = 'cured'", ["findings", "due_on"]),
    "cured, not open": (
        "UPDATE findings_versions SET state = 'cured' WHERE valid_to = '9999-12-31' AND state = 'open'",
        ["findings", "state"],
    ),
    "a score": ("UPDATE assessment_scores SET matured_fen = 1", ["assessment_scores", "matured_fen"]),
    "an item": (
        "UPDATE accountability_items SET responsible = '李四' WHERE item_no = 2",
        ["accountability_items", "responsible"],
    ),
    "an objection": (
        "UPDATE accountability_items SET objected_by = NULL WHERE objected_by IS NOT NULL",
        ["accountability_items", "objected_by", "一院"],
    ),
    "a list": ("UPDATE accountability_lists SET state = 'superseded'", ["accountability_lists", "state"]),
    "who was drawn": ("UPDATE audit_sample_members SET draw_no = NULL", ["audit_sample_members", "draw_no"]),
    "a sample": ("UPDATE audit_samples SET seed = '8'", ["audit_samples", "seed"]),
    "the ledger": ("UPDATE runs SET released_by = '李四' WHERE status = 'published'", ["runs", "released_by"]),
    "a view for people": (f'DROP VIEW "最新_货款支付及时情况"; {LIE}', ["最新_货款支付及时情况"]),
    "a view of figures": (f"DROP VIEW two_invoice_line; {FIGURE_LIE}", ["two_invoice_line"]),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM restatements; END", ["触发器 t"]),
    "a seal": ("UPDATE seals SET subject = 'X' WHERE seal_no = 2", ["封存记录第 2 号"]),
    "a seal taken out": ("DELETE FROM seals WHERE seal_no = 3", ["第 4 号之前断开"]),
    "all seals": ("DELETE FROM seals", ["封存记录被清空"]),
    "the table of seals": ("DROP TABLE seals", ["封存记录被清空"]),
    "the last seal": ("DELETE FROM seals WHERE seal_no = (SELECT MAX(seal_no) FROM seals)", ["runs", "整行"]),
}


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def first(folder, pattern):
    return sorted(p for p in folder.glob(pattern) if p.is_file())[0]


FILES = {
    "a byte of the lake": ("lake/deliveries/_batch=1/*.parquet", flip, "被改动"),
    "a data file of the lake": ("lake/products/_batch=*/*.parquet", None, "缺失"),
    "a byte of a log": ("lake/products/_delta_log/*.json", flip, "被改动"),
    "a log entry": ("lake/deliveries/_delta_log/00000000000000000000.json", None, "缺失"),
    "a register": ("batches/000001/rejected.parquet", flip, "被改动"),
    "a manifest": ("batches/000003/manifest.json", lambda p: p.write_text(p.read_text("utf-8") + " ", "utf-8"), "被改动"),
    "a decision": (
        "decisions/000001.json",
        lambda p: p.write_text(p.read_text("utf-8").replace("作废", "无关"), "utf-8"),
        "被改动",
    ),
    "a policy": ("runs/20210131*/policies.json.gz", lambda p: alter(p, lambda text: text.replace("30", "40")), "被改动"),
    "a fact": ("runs/*/dossier.json.gz", flip, "被改动"),
    "a snapshot": ("records/*/products.parquet", flip, "products.parquet"),
    "records of a run": ("runs/*/records/*/products.parquet", flip, "被改动"),
    "sums of a run": ("runs/*/sums/*/*/*/part-000.parquet", flip, "被改动"),
    "rows handed over": ("runs/*/ledger/institution_names.parquet", flip, "被改动"),
    "a list that goes with its files": ("runs/*/listed/*.json.gz", None, "文件清单"),
    "the list of files": ("runs/*/sealed-*.json.gz", flip, "文件清单"),
    "an archived file": ("archive/deliveries/*.csv", flip, "存档文件被改动"),
    "an archived file gone": ("archive/deliveries/*.csv", None, "存档文件缺失"),
    "a workbook": ("site/bulletin/2020-12-31/*.xlsx", flip, "通报文件被改动"),
    "a page": ("site/bulletin/2020-12-31/summary.html", flip, "通报文件被改动"),
}


@pytest.fixture(scope="module")
def proven(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proven")
    return folder, *publish_everything(folder)


@pytest.fixture
def home(proven, tmp_path):
    """The home, copied so that it can be changed."""
    folder, _, runs = proven
    place = tmp_path / "copy"
    shutil.copytree(folder / "home", place)
    return place, runs


def told(home, runs, number=-1, **more):
    engine = open_database(f"sqlite:///{home / 'compliance.db'}")
    try:
        answer = compare_tables(engine, Local(home), runs[number], **more)
    finally:
        engine.dispose()
    return answer


def lines(answer):
    """What `vbp verify` prints."""
    from io import StringIO

    from rich.console import Console

    text = StringIO()
    show_verified(answer, Console(file=text, width=400))
    return text.getvalue()


def change(home, statements):
    with closing(sqlite3.connect(home / "compliance.db")) as database:
        database.executescript(statements)
        changed = database.total_changes or statements.startswith(("DROP", "CREATE"))
        database.commit()
    assert changed, "nothing was changed"


def test_what_nobody_changed_is_proven(home):
    place, runs = home
    answer = told(place, runs)
    assert (answer.is_good, answer.proof.faults, answer.proof.notes) == (True, (), ())
    engine = open_database(f"sqlite:///{place / 'compliance.db'}")
    rebuilt = [rebuild(engine, Local(place), None, run, lambda _: None) for run in runs]
    engine.dispose()
    assert [(r.is_good, r.proof.faults, r.chain, r.differences) for r in rebuilt] == [(True, (), (), ())] * 3


@pytest.mark.parametrize("statement, named", STATEMENTS.values(), ids=STATEMENTS)
def test_one_statement_is_found_and_named(home, statement, named):
    place, runs = home
    change(place, statement)
    answer = told(place, runs)
    shown = lines(answer)
    assert not answer.is_good and "不一致" in shown
    assert [word for word in named if word not in shown] == [], shown


@pytest.mark.parametrize("pattern, act, named", FILES.values(), ids=FILES)
def test_one_byte_is_found_and_named(home, pattern, act, named):
    place, runs = home
    path = first(place, pattern)
    path.unlink() if act is None else act(path)
    answer = told(place, runs)
    assert not answer.is_good
    assert any(path.name in f and named in f for f in answer.proof.faults), answer.proof.faults


@pytest.mark.parametrize(
    "name", ["archive/payments/{}.csv", "runs/{run}/records/lots.extra.parquet", "batches/000001/x.parquet"]
)
def test_a_file_too_many_is_named(home, name):
    place, runs = home
    path = place / name.format("0" * 64, run=runs[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")
    assert [f for f in told(place, runs).proof.faults if path.name in f and "多出" in f]


@pytest.mark.parametrize("name", ["runs/{run}/dossier.json.gz", "batches/000001/manifest.json", "decisions/000001.json"])
def test_what_cannot_be_read_any_more_is_named(home, name):
    place, runs = home
    name = name.format(run=runs[-1])
    (place / name).write_text("{", encoding="utf-8")
    for more in ([], ["--tables"]):
        done = CliRunner().invoke(app, ["verify", *more, "--home", str(place)])
        assert done.exit_code == 1 and name in done.output


def test_a_decision_that_no_run_has_sealed_yet_is_told(home):
    place, runs = home
    shutil.copy(place / "decisions" / "000001.json", place / "decisions" / "000002.json")
    answer = told(place, runs)
    assert answer.is_good and any("decisions/000002.json" in note for note in answer.proof.notes)


def test_what_may_be_removed_is_not_missed(home):
    place, runs = home
    shutil.rmtree(place / "records")
    shutil.rmtree(place / "site")
    answer = told(place, runs)
    assert answer.is_good and any("vbp bulletin" in note for note in answer.proof.notes)


def forget_seals(home):
    """The home as a version before seals would have left it."""
    change(home, "DROP TABLE seals")
    for path in [*home.glob("runs/*/sealed-*.json.gz"), *home.glob("runs/*/ledger/sealed/*")]:
        path.unlink()


def test_a_database_older_than_seals_is_verified_and_sealed_from_then_on(home):
    place, runs = home
    forget_seals(place)
    answer = told(place, runs)
    assert answer.is_good and any("还没有封存记录" in note for note in answer.proof.notes)
    engine = open_database(f"sqlite:///{place / 'compliance.db'}")
    METADATA.tables["seals"].create(engine)
    migrate(engine)
    engine.dispose()
    answer = told(place, runs)
    assert answer.is_good and any("起封存" in note for note in answer.proof.notes)
    change(place, "UPDATE source_files SET bytes = 1; UPDATE bulletins SET is_frozen = 0")
    shown = lines(told(place, runs))
    assert "表 source_files" in shown and "is_frozen" in shown


def test_a_column_that_an_upgrade_brings_with_the_next_night_is_not_asked_for_before(home):
    place, runs = home
    engine = open_database(f"sqlite:///{place / 'compliance.db'}")
    with engine.begin() as connection:
        drop_views(connection)
        connection.exec_driver_sql("ALTER TABLE assessment_scores DROP COLUMN components")
    engine.dispose()
    assert not [fault for fault in told(place, runs).proof.faults if "封存记录" in fault]


def test_seals_that_were_emptied_to_seal_a_change_are_missed(home):
    place, runs = home
    change(place, "DELETE FROM seals; UPDATE bulletins SET is_frozen = 0")
    engine = open_database(f"sqlite:///{place / 'compliance.db'}")
    migrate(engine)
    engine.dispose()
    assert any("清空后重建" in fault for fault in told(place, runs).proof.faults)


def rehash(home):
    """Everything that an attacker could do about the seals: change one and make the chain anew from there."""
    with closing(sqlite3.connect(home / "compliance.db")) as database:
        rows = [Seal(*row) for row in database.execute("SELECT * FROM seals ORDER BY seal_no")]
        previous = None
        for made in rows:
            content = made.content.replace('"seed":"7"', '"seed":"8"')
            made = made._replace(content=content, previous_hash=previous)
            previous = hash_seal(made)
            values = (made.content, made.previous_hash, previous, made.seal_no)
            database.execute("UPDATE seals SET content = ?, previous_hash = ?, seal_hash = ? WHERE seal_no = ?", values)
        database.execute("UPDATE audit_samples SET seed = '8'")
        database.commit()


def test_a_chain_made_anew_has_another_head(home):
    place, runs = home
    before = told(place, runs).proof.head
    rehash(place)
    answer = told(place, runs)
    assert answer.is_good and answer.proof.head != before and answer.proof.head in lines(answer)
    assert any("链头" in fault for fault in told(place, runs, known_head=before).proof.faults)


def test_the_head_stands_on_the_bulletin_and_holds_later(home):
    place, runs = home
    facts = (place / "site" / "bulletin" / "2020-12-31" / "facts.html").read_text("utf-8")
    engine = open_database(f"sqlite:///{place / 'compliance.db'}")
    with engine.connect() as connection:
        query = sa.text("SELECT seal_no, seal_hash FROM seals WHERE act = 'published' AND subject = :run")
        head = "{}-{}".format(*connection.execute(query, {"run": runs[1]}).one())
    engine.dispose()
    assert head in facts and told(place, runs, known_head=head).is_good


def test_a_list_that_was_changed_is_not_carried_on(home):
    place, _ = home
    change(place, "UPDATE accountability_items SET responsible = '李四'")
    given = ["--by", "医保局", "--note", "x", "--document-no", "文", "--home", str(place)]
    with closing(sqlite3.connect(place / "compliance.db")) as database:
        [item] = database.execute("SELECT item_id FROM accountability_items WHERE objected_by IS NOT NULL").fetchone()
    done = CliRunner().invoke(app, ["accountability", "decide", item, "upheld", *given])
    assert done.exit_code == 1 and "responsible" in done.output and "vbp verify" in done.output


def test_the_command_exits_with_one(home):
    place, _ = home
    assert CliRunner().invoke(app, ["verify", "--tables", "--home", str(place)]).exit_code == 0
    change(place, f"UPDATE institution_names SET responsible_person = '李四' WHERE institution_code = '{H}'")
    for more in ([], ["--tables"]):
        done = CliRunner().invoke(app, ["verify", *more, "--home", str(place)])
        assert done.exit_code == 1 and "不一致" in done.output, more
