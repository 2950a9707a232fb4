"""Every figure of the sample comes out of the rows that explain lists, and every such row is where it says."""

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date

import fastexcel
import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.database.made import Made, made_now
from pipelines.database.open import open_database
from pipelines.database.tables import key_of
from pipelines.engine.compute import compute
from pipelines.engine.indicator import Inputs
from pipelines.errors import UsageError
from pipelines.indicators import all_explained, all_explained_findings, all_indicators
from pipelines.lake.batches import last_batch
from pipelines.lake.snapshot import snapshot
from pipelines.past import past_run
from pipelines.policy.policies import load_policies
from pipelines.reports.explain import contributions as contributions_module
from pipelines.reports.explain import explain_figure, explain_finding, explain_line, explain_tasks
from pipelines.reports.explain import figure as figure_module
from pipelines.reports.explain.as_json import figure_as_json, source_as_json
from pipelines.reports.explain.sources import sent_files
from pipelines.store.local import Local
from schemas.reports import REPORTS
from tests.indicators.records import read_answer, write_records
from tests.random_worlds import worlds
from tests.reference.worlds import random_world
from tests.sample_home import AS_OF, sample_home

JUDGED = {"status", "verdict"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return Local(sample_home(tmp_path_factory)[0])


@pytest.fixture(scope="module")
def engine(home):
    engine = open_database(f"sqlite:///{home.folder / 'compliance.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def explained(home, tmp_path_factory):
    """Table → (row as shown, its explanation) for every row, over all records at once."""
    records = Local(tmp_path_factory.mktemp("records"))
    snapshot(home, last_batch(home), records)
    inputs = Inputs(records, AS_OF, load_policies())
    found = {}
    with closing(sqlite3.connect(home.folder / "compliance.db")) as database:
        database.row_factory = sqlite3.Row
        for table, how in all_explained().items():
            explain = how.open(inputs)
            rows = [dict(row) for row in database.execute(f"SELECT * FROM {table}")]
            found[table] = [(row, explain({c: str(row[c]) for c in key_of(table)})) for row in rows]
    return found


def first_row(home, table, where="1 = 1"):
    with closing(sqlite3.connect(home.folder / "compliance.db")) as database:
        columns = ", ".join(key_of(table))
        row = database.execute(f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {columns}").fetchone()
    return [str(value) for value in row]


every_table = pytest.mark.parametrize("table", sorted(all_explained()))


def test_every_table_of_every_indicator_can_be_explained():
    tables = {table for indicator in all_indicators().values() for table in indicator.tables}
    assert set(all_explained()) <= tables
    assert {table: figure_module.find_explained(table).table for table in tables} == {t: t for t in tables}


@every_table
def test_the_listed_rows_give_what_the_table_shows_to_the_last_bit(explained, table):
    assert explained[table]
    for row, answer in explained[table]:
        values = {s.column: _as_kept(s.value) for s in answer.steps}
        assert {c: repr(v) for c, v in values.items()} == {c: repr(row[c]) for c in values}


def _as_kept(value):
    """A value as SQLite keeps it."""
    return value.isoformat() if isinstance(value, date) else int(value) if isinstance(value, bool) else value


@every_table
def test_no_number_and_no_verdict_is_left_unexplained(explained, table):
    numbers = {c.name for c in REPORTS[table].columns if c.type in ("double", "fen", "count", "integer")}
    wanted = numbers - set(key_of(table)) | {c for c in JUDGED if c in REPORTS[table].column_names}
    measured_otherwise = {c.name for c in REPORTS[table].columns if c.unit != "ratio"}
    for row, answer in explained[table]:
        absent = {c for c in measured_otherwise & numbers if row[c] is None}
        assert wanted - absent <= {step.column for step in answer.steps}


@pytest.mark.parametrize("seed", worlds(700, 2))
def test_in_worlds_made_at_random_too(seed, tmp_path):
    records, as_of = random_world(seed)
    inputs = Inputs(write_records(records, tmp_path), as_of, load_policies())
    for code, indicator in all_indicators().items():
        compute(indicator, inputs, Local(tmp_path / code))
        for table, rows in read_answer(indicator, Local(tmp_path / code)).items():
            explain = figure_module.find_explained(table).open(inputs) if table != "findings" else None
            for row in rows.to_dicts() if explain else ():
                answer = explain({c: str(row[c]) for c in key_of(table)})
                assert {s.column: repr(s.value) for s in answer.steps} == {s.column: repr(row[s.column]) for s in answer.steps}


def read_archived(home, file):
    """The lines of an archived file as texts, read without our readers: sheet → line → text."""
    path = home.folder / file.archived
    if path.suffix == ".parquet":
        return {"": {n: str(row) for n, row in enumerate(pl.read_parquet(path).rows(), start=1)}}
    if path.suffix == ".xlsx":
        book = fastexcel.read_excel(path)
        sheets = {}
        for name in book.sheet_names:
            rows = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()
            sheets[name] = {n: str(row) for n, row in enumerate(rows, start=1)}
        return sheets
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    lines = text.replace("\r\n", "\n").split("\n")
    return {"": {n: "|".join(next(csv.reader(io.StringIO(line)), [])) for n, line in enumerate(lines, start=1)}}


def test_every_listed_line_is_that_line_of_the_archived_file(home, explained):
    files = sent_files([last_batch(home)])
    lines = {
        line.place: line for rows in explained.values() for _, answer in rows for line in (*answer.lines, *answer.left_out)
    }
    archived = {seq: read_archived(home, files[seq]) for seq in {place[0] for place in lines}}
    assert len(lines) > 1_000
    for (file, sheet, number), line in lines.items():
        assert files[file].dataset == line.dataset
        text = archived[file][sheet][number].upper()
        codes = [v for v in line.key.values() if isinstance(v, str) and v]
        assert [code for code in codes if code.upper() not in text] == [], (files[file].path, number)


@every_table
def test_the_rows_of_its_own_parties_are_enough(home, engine, table):
    answer = explain_figure(engine, home, None, table, first_row(home, table))
    assert answer.differences == []
    assert answer.shown is not None and answer.lines and answer.steps
    json.dumps(figure_as_json(answer))


def test_a_line_counts_or_is_left_out_but_never_both_in_volume(explained):
    for _, answer in explained["agreed_volume_completion"]:
        places = [line.place for line in answer.lines if line.dataset in ("deliveries", "returns")]
        assert len(set(places)) == len(places)
        assert not {line.place for line in answer.left_out} & set(places)


def test_whatever_is_left_out_says_why(explained):
    for rows in explained.values():
        for _, answer in rows:
            assert [line for line in answer.left_out if not all(line.reasons) or not line.reasons] == []


def test_a_figure_names_the_documents_it_rests_on(home, engine):
    answer = explain_figure(
        engine, home, None, "payment_timeliness", first_row(home, "payment_timeliness", "due_rule = 'EONM'")
    )
    assert {"payment_months_EONM", "payment_roll_to_working_day"} == {p.parameter for p in answer.policies}
    assert all(p.document_no and p.clause for p in answer.policies)


def test_the_due_rule_may_be_left_out(home, engine):
    key = first_row(home, "payment_timeliness", "due_rule = 'applicable'")
    assert explain_figure(engine, home, None, "payment_timeliness", key[1:]).key["due_rule"] == "applicable"


@pytest.mark.parametrize(
    ("table", "key", "said"),
    [
        ("agreed_volume_completion", ["NOWHERE"], "没有"),
        ("agreed_volume_completion", ["A", "B"], "commitment_id"),
        ("two_invoice_line", ["-", "00000001", "first"], "应为整数"),
        ("rejected_records", ["A"], "不是可以解释的结果表"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(home, engine, table, key, said):
    with pytest.raises(UsageError, match=said):
        explain_figure(engine, home, None, table, key)


@pytest.mark.thorough
def test_every_finding_leads_to_its_figure(home, engine):
    with engine.connect() as connection:
        ids = connection.execute(sa.text("SELECT MIN(finding_id), rule_code FROM findings GROUP BY rule_code")).all()
    assert len(ids) >= 5
    for finding_id, rule in ids:
        answer = explain_finding(engine, home, None, finding_id[:16])
        assert answer.finding["rule_code"] == rule
        assert answer.differences == [] and (answer.shown is None) == (rule in all_explained_findings())
        assert answer.finding["clause"] in [p.value for p in answer.policies]


def test_a_changed_cell_is_named_as_different(home, tmp_path):
    shutil.copy(home.folder / "compliance.db", tmp_path / "changed.db")
    [commitment] = first_row(home, "agreed_volume_completion", "strict_rate > 0")
    with closing(sqlite3.connect(tmp_path / "changed.db")) as database:
        sql = "UPDATE agreed_volume_completion_versions SET strict_rate = 0.99 WHERE commitment_id = ?"
        database.execute(sql, [commitment])
        database.commit()
    engine = open_database(f"sqlite:///{tmp_path / 'changed.db'}")
    answer = explain_figure(engine, home, None, "agreed_volume_completion", [commitment])
    engine.dispose()
    assert len(answer.differences) == 1 and "0.99" in answer.differences[0]


def test_an_indicator_that_says_nothing_is_explained_by_its_evidence(home, engine, monkeypatch):
    key = first_row(home, "payment_timeliness", "due_rule = 'applicable'")
    own = explain_figure(engine, home, None, "payment_timeliness", key)
    monkeypatch.setattr(figure_module, "all_explained", dict)
    generic = explain_figure(engine, home, None, "payment_timeliness", key)
    assert generic.differences == []
    assert {line.place for line in generic.lines} == {x.place for x in own.lines if x.role == "应付货款"}


def test_a_run_of_before_an_indicator_has_none_of_its_figures(home, engine, monkeypatch):
    """An upgraded home explains what its old runs made, and nothing else: policies of what came later they did not keep."""
    key = first_row(home, "payment_timeliness", "institution_code = 'H33028200101' AND due_month = '2020-06'")
    [line] = [x for x in explain_figure(engine, home, None, "payment_timeliness", key).lines if x.dataset == "deliveries"][:1]
    path = sent_files([last_batch(home)])[line.file].path
    then = Made({name: columns for name, columns in made_now().tables.items() if name.startswith("agreed_volume")}, ())
    monkeypatch.setattr(past_run, "made_by", lambda store: then)
    with pytest.raises(UsageError, match="还没有结果表 payment_timeliness"):
        explain_figure(engine, home, None, "payment_timeliness", key)
    found = explain_line(engine, home, None, path, line.line, sheet=line.sheet).contributions
    assert {c.table for c in found} == {"agreed_volume_completion", "agreed_volume_rollup"}


def test_a_source_line_leads_to_the_figures_that_list_it(home, engine):
    answer = explain_figure(
        engine, home, None, "agreed_volume_completion", first_row(home, "agreed_volume_completion", "returned_quantity > 0")
    )
    of_each = {line.dataset: line for line in answer.lines}
    assert {"deliveries", "returns", "commitments"} <= set(of_each)
    for line in (of_each["returns"], of_each["commitments"]):
        path = answer.files[line.file].path
        found = explain_line(engine, home, None, path, line.line, sheet=line.sheet)
        tables = {(c.table, tuple(c.key.values())) for c in found.contributions if c.counts}
        assert ("agreed_volume_completion", tuple(answer.key.values())) in tables
        assert ("agreed_volume_rollup", "all") in {(t, key[0]) for t, key in tables if "rollup" in t}
        json.dumps(source_as_json(found))


@pytest.mark.parametrize(("dataset", "table"), [("payments", "payment_timeliness"), ("excuses", "two_invoice_line")])
def test_links_leave_out_no_figure_that_lists_a_line(dataset, table, home, engine, explained, monkeypatch):
    row, line = next((row, x) for row, answer in explained[table] for x in answer.lines if x.dataset == dataset)
    path = sent_files([last_batch(home)])[line.file].path

    def counts():
        found = explain_line(engine, home, None, path, line.line, sheet=line.sheet or None).contributions
        return {(c.table, *c.key.values()) for c in found if c.counts}

    narrowed = counts()
    monkeypatch.setattr(contributions_module, "moved_sums", lambda *_: None)
    assert (table, *(str(row[c]) for c in key_of(table))) in narrowed == counts()


def test_a_rejected_line_says_what_is_wrong_with_it(home, engine):
    with engine.connect() as connection:
        row = connection.execute(
            sa.text("SELECT source_path, sheet, line_no FROM rejected_records WHERE dataset = 'deliveries'")
        ).first()
    found = explain_line(engine, home, None, row.source_path, row.line_no, sheet=row.sheet or None)
    assert found.state == "rejected" and len(found.reasons) > 1 and not found.contributions


def test_a_row_of_the_task_ledger_leads_to_its_findings(home, engine):
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT department, jurisdiction_code, rule_code, open FROM task_ledger")).all()
    for department, place, rule, open_ in rows[::9]:
        answer = explain_tasks(engine, home, None, [department, place or "-", rule])
        assert not answer.differences
        assert next(step for step in answer.steps if step.column == "open").value == open_ > 0
    with pytest.raises(UsageError, match="没有 department=无、"):
        explain_tasks(engine, home, None, ["无", "330282", "payment_overdue"])
    with pytest.raises(UsageError, match="给出了 1 个值"):
        explain_tasks(engine, home, None, ["无"])


@pytest.mark.thorough
def test_a_line_is_led_to_the_same_figures_without_looking_at_where_evidence_has_it(home, engine, explained, monkeypatch):
    line = next(x for _, answer in explained["lot_execution"] for x in answer.lines if x.dataset == "deliveries")
    path = sent_files([last_batch(home)])[line.file].path

    def tell():
        found = explain_line(engine, home, None, path, line.line, sheet=line.sheet or None).contributions
        return [(c.table, *c.key.values(), c.counts, tuple(c.reasons)) for c in found]

    narrowed = tell()
    monkeypatch.setattr(contributions_module, "rows_listing", lambda place, keys, evidence: keys)
    assert narrowed == tell()


def test_a_finding_of_several_rows_leads_to_lines_that_come_to_its_amount(home, engine):
    with engine.connect() as connection:
        query = "SELECT finding_id, amount_fen FROM findings WHERE rule_code = 'delivery_poor'"
        finding_id, amount = connection.execute(sa.text(query)).first()
    answer = explain_finding(engine, home, None, finding_id)
    said = {step.column: step.value for step in answer.steps}
    assert said["ordered_fen"] - said["delivered_fen"] == amount > 0
    assert answer.lines and answer.policies
