"""What the two READMEs name exists, what they tell to run runs, and what they print is printed."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import typer

from pipelines.alarms.settings import AlarmSettings
from pipelines.cli.app import app
from pipelines.database.open import open_database
from pipelines.policy.policies import load_policies
from pipelines.reports.terminal.headline import show
from pipelines.settings import Settings
from schemas.declared import SHOWN
from schemas.records import RECORDS
from schemas.reports import REPORTS
from tests.sample_home import sample_home

ROOT = Path(__file__).parents[1]
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")}
ENGLISH, CHINESE = TEXTS.values()


def _list_commands(group: Any, prefix: str = "") -> Iterator[tuple[str, list[Any]]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _list_commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command.params


PARAMETERS = dict(_list_commands(typer.main.get_command(app)))
OPTIONS = {command: {o for p in params for o in p.opts} for command, params in PARAMETERS.items()}

both = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)


def find_blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def find_statements(text: str) -> list[str]:
    return [s.strip() for block in find_blocks(text, "sql") for s in block.split(";") if s.strip()]


def find_calls(text: str) -> list[tuple[str, str]]:
    """(command, its line with the continuation lines) of every `vbp …`; prose ends at the closing backtick."""
    joined = re.sub(r"\\\n", " ", text)
    word = "[a-z][a-z-]*"
    calls = re.findall(rf"(?:^ {{4}}|`|[ /])vbp ({word})( {word}\b)?([^`\n]*)", joined, re.MULTILINE)
    return [(first + second, rest) if first + second in OPTIONS else (first, second + rest) for first, second, rest in calls]


@both
def test_every_path_exists(text: str) -> None:
    folders = "pipelines|schemas|dags|seeds|migrations|tests|docs|benchmarks"
    top = rf"(?:{folders})/[\w./-]*|[\w.-]+\.(?:toml|yml|lock)\b|\.env\.example"
    paths = re.findall(rf"(?<![\w/>])(?:{top})", text) + re.findall(r"\]\(([^)#]+)", text)
    assert len(paths) > 30
    assert [p for p in paths if not (ROOT / p.rstrip(".")).exists()] == []


@both
def test_every_make_target_exists(text: str) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^ {4})make ([a-z]+)", text, re.MULTILINE)
    assert {"run", "test"} <= set(named) <= set(targets)


@both
def test_every_command_and_option_exists(text: str) -> None:
    calls = find_calls(text)
    assert {"run", "release", "rejects list", "dictionary"} <= {command for command, _ in calls}
    for command, rest in calls:
        assert command in OPTIONS
        assert set(re.findall(r"--[a-z-]+", rest)) <= OPTIONS[command], command


@both
def test_every_option_in_a_table_or_in_prose_exists(text: str) -> None:
    assert set(re.findall(r"`(--[a-z-]+)`", text)) <= set().union(*OPTIONS.values())


@both
def test_every_variable_exists(text: str) -> None:
    known = {f"VBP_{name.upper()}" for name in Settings.model_fields}
    known |= {f"VBP_ALARM_{name.upper()}" for name in AlarmSettings.model_fields} | {"VBP_SITE_URL"}
    known |= {p.envvar for params in PARAMETERS.values() for p in params if p.envvar}
    assert set(re.findall(r"VBP_[A-Z_]+", text)) <= known


@both
def test_the_datasets_and_their_keys(text: str) -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE))
    assert {name: tuple(key.split(", ")) for name, key in rows.items()} == {n: d.key for n, d in RECORDS.items()}


@both
def test_the_report_tables(text: str) -> None:
    assert set(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \|$", text, re.MULTILINE)) == set(REPORTS)


PAGES = {
    "institution": ("institution", "机构"),
    "jurisdiction": ("division", "统筹区"),
    "all": ("overview", "总览"),
    "product": ("product", "产品"),
    "enterprise": ("company", "企业"),
}


@pytest.mark.parametrize("language", range(2), ids=TEXTS)
def test_every_obligation_has_its_tables_pages_and_command(language: int) -> None:
    shown_on: dict[str, set[str]] = {}
    for sheet in (sheet for shown in SHOWN.values() for sheet in shown.sheets):
        shown_on.setdefault(sheet.table, set()).update(sheet.levels)
    text = list(TEXTS.values())[language]
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (`[^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 21)), "the clauses of the sources"
    for number, tables, pages, commands in rows:
        names = re.findall(r"`(\w+)`", tables)
        assert set(names) <= set(REPORTS), number
        levels = set().union(*(shown_on.get(name, ()) for name in names))
        said = [word for level, word in ((level, words[language]) for level, words in PAGES.items()) if level in levels]
        assert pages == (", ".join(said) if language == 0 else "、".join(said)) or not said, number
        assert commands.count("vbp ") == len(find_calls(commands)), number


@both
def test_the_statements_run_on_a_new_database(text: str, migrated_database_url: str) -> None:
    engine = open_database(migrated_database_url)
    statements = find_statements(text)
    assert len(statements) >= 6
    with engine.connect() as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).all() == []
    engine.dispose()


@both
def test_the_policy_row_holds_in_its_city_only(text: str, tmp_path: Path) -> None:
    [block] = find_blocks(text, "toml")
    (tmp_path / "local.toml").write_text(block, encoding="utf-8")
    [row] = tomllib.loads(block)["policy"]
    policies = load_policies(tmp_path)
    assert policies.resolve(row["parameter"], row["jurisdiction"] + "82", row["valid_from"]).id == row["id"]
    assert policies.resolve(row["parameter"], "371500", row["valid_from"]).id != row["id"]


def test_both_languages_have_the_same_parts() -> None:
    assert ENGLISH.count("\n## ") == CHINESE.count("\n## ")
    assert find_blocks(ENGLISH, "toml") == find_blocks(CHINESE, "toml")
    assert find_blocks(ENGLISH, "text") == find_blocks(CHINESE, "text")
    without_comments = [re.sub(r"--.*", "", s).split() for s in find_statements(ENGLISH)]
    assert without_comments == [re.sub(r"--.*", "", s).split() for s in find_statements(CHINESE)]


def test_the_figures_are_those_of_the_sample(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    home, settings = sample_home(tmp_path_factory)
    [run] = (home / "runs").iterdir()
    show(settings, run.name)
    printed = capsys.readouterr().out
    [block] = find_blocks(ENGLISH, "text")
    for line in block.splitlines():
        assert re.search(re.escape(line).replace("…", ".*"), printed), line
    engine = open_database(settings.database_url)
    with engine.connect() as connection:
        found = [len(connection.execute(sa.text(s)).all()) for s in find_statements(ENGLISH)]
    engine.dispose()
    assert [bool(rows) for rows in found] == [True] * (len(found) - 1) + [False], "nothing was restated yet"
