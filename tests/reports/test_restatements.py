"""Restatements as people read them: found, shown, and written into a workbook."""

import datetime as dt
import json

import polars as pl
import pytest
import sqlalchemy as sa
from rich.console import Console
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import open_database
from pipelines.database.tables import METADATA
from pipelines.reports.restatements import read_restated, restated_as_json, show_restated, write_restated

DAY = dt.date(2020, 12, 31)
CELLS = [
    ("payment_unallocated", "H1|S1", "unallocated_fen", "100", "123456", "R2", "withdrawal"),
    ("agreed_volume_completion", "=1+1", "strict_rate", "0.5", None, "R2", "correction"),
    ("agreed_volume_completion", "C2", "strict_rate", "0.12341", "0.12342", "R3", "policy"),
]


@pytest.fixture
def connection(migrated_database_url):
    engine = open_database(migrated_database_url)
    names = ("table_name", "row_key", "column_name", "old_value", "new_value", "run_id", "cause")
    with engine.connect() as connection:
        runs = [
            {"run_id": run, "as_of": DAY, "status": "published", "started_at": "-", "finished_at": f"2021-01-0{n}T02:30:00"}
            for n, run in enumerate(("R2", "R3"), start=1)
        ]
        cells = [dict(zip(names, cell, strict=True)) | {"as_of": DAY, "previous_run_id": "R1"} for cell in CELLS]
        connection.execute(sa.insert(METADATA.tables["runs"]), runs)
        connection.execute(sa.insert(METADATA.tables["restatements"]), cells)
        yield connection
    engine.dispose()


def test_they_are_found_in_the_order_of_the_changes(connection):
    found = read_restated(connection)
    assert [(c.run_id, c.table_name) for c in found] == [
        ("R2", "agreed_volume_completion"),
        ("R2", "payment_unallocated"),
        ("R3", "agreed_volume_completion"),
    ]
    for asked in ({"run_id": "R3"}, {"cause": "policy"}, {"row_key": "C2"}):
        assert [c.row_key for c in read_restated(connection, **asked)] == ["C2"]
    assert read_restated(connection, as_of=dt.date(2020, 1, 1)) == []
    assert len(read_restated(connection, most=2)) == 2


def test_money_is_yuan_and_rates_are_percent_unless_that_hides_the_change(connection):
    values = {c.row_key: c.values for c in read_restated(connection)}
    assert values == {"H1|S1": ("1.00", "1,234.56"), "=1+1": ("50.00%", "—"), "C2": ("0.12341", "0.12342")}


def test_the_terminal_says_what_why_and_by_whom(connection):
    console = Console(record=True, width=160)
    show_restated(read_restated(connection), console)
    text = console.export_text()
    for words in ("运行 R2（2021-01-01 02:30:00）修订了 2 处", "此前是运行 R1", "1,234.56", "撤回", "政策变化"):
        assert words in text
    show_restated([], console)
    assert "没有符合条件的修订" in console.export_text()


def test_the_workbook_holds_all_as_text_and_says_when_it_is_cut(connection, tmp_path):
    cells = read_restated(connection)
    path = write_restated(tmp_path / "r.xlsx", cells, {"统计截止日": "2020-12-31"}, is_cut=True)
    rows = pl.read_excel(path, sheet_name="数据修订", infer_schema_length=None)
    assert rows["行标识"].to_list() == ["=1+1", "H1|S1", "C2"] and rows["原因"].to_list() == ["更正", "撤回", "政策变化"]
    facts = pl.read_excel(path, sheet_name="说明", has_header=False)
    assert "本表不完整" in str(facts.rows())


def test_json_keeps_the_values_as_they_are(connection):
    first = json.loads(json.dumps([restated_as_json(c) for c in read_restated(connection)]))[1]
    assert (first["new_value"], first["cause_zh"], first["column_zh"]) == ("123456", "撤回", "未分配金额（元）")


def test_the_command(connection, migrated_database_url):
    connection.commit()
    ask = ["restatements", "--database", migrated_database_url, "--json"]
    answer = CliRunner().invoke(app, [*ask, "--as-of", "2020-12-31", "--cause", "policy"])
    assert [cell["row_key"] for cell in json.loads(answer.stdout)] == ["C2"]
    wrong = CliRunner().invoke(app, [*ask, "--cause", "weather"])
    assert wrong.exit_code == 2 and "late_record" in wrong.output
