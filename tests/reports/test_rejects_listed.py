"""`vbp rejects list` and `show` print what files hold as it is: their text is never markup."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import METADATA, open_database

REASON = {"code": "bad_date", "column": "c", "value": "[/]:smile:", "message_zh": "[link=x]无法识别"}
ROW = {
    "record_id": "abc123",
    "dataset": "[/dim]",
    "source_path": "[bold]a[/b].csv",
    "sheet": "/b",
    "line_no": 2,
    "natural_key": "[/b]K",
    "reasons": json.dumps([REASON]),
    "raw_json": json.dumps({"[red]名称": "[/red]\x1b[2J"}),
    "state": "open",
    "first_seen_run": "20201231-x",
    "last_seen_run": "[/i]",
}


@pytest.fixture
def url(_migrated_sqlite, tmp_path):
    shutil.copy(_migrated_sqlite, tmp_path / "compliance.db")
    engine = open_database(f"sqlite:///{tmp_path / 'compliance.db'}")
    with engine.begin() as connection:
        connection.execute(METADATA.tables["rejected_records"].insert(), [ROW])
    engine.dispose()
    return f"sqlite:///{tmp_path / 'compliance.db'}"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["list"], ["[bold]a[/b].csv[/b]:2", "[/b]K", "[/]:smile:", "[/dim]"]),
        (["show", "abc"], ["[red]名称：[/red]�[2J", "[bold]a[/b].csv", "[link=x]无法识别", "[/i]"]),
    ],
)
def test_text_of_files_is_shown_as_it_is(url, words, shown):
    done = CliRunner().invoke(app, ["rejects", *words, "--database", url])
    assert done.exit_code == 0, done.output
    text = "".join(done.output.replace("│", "").split())
    assert [part for part in shown if "".join(part.split()) not in text] == []
