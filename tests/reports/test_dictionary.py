"""docs/report-tables.md says what the schemas say."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.reports.dictionary import with_tables, write_dictionary
from schemas.reports import REPORTS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "report-tables.md"


def test_the_page_in_docs_is_the_one_the_code_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_dictionary(), "make docs"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_tables_of_a_readme_are_those_the_code_writes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert with_tables(text, name) == text, "make docs"
    with pytest.raises(ValueError, match="0 tables"):
        with_tables("", name)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_column_stands_in_the_section_of_its_table(name: str) -> None:
    section = write_dictionary().split(f"\n## {name} ")[1].split("\n## ")[0]
    rows = [line.split(" | ")[0].strip("|*? ") for line in section.splitlines() if line.startswith("| ")][1:]
    assert rows == list(REPORTS[name].column_names)


def test_every_row_has_as_many_cells_as_the_header() -> None:
    rows = [line.replace("\\|", "") for line in write_dictionary().splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {7}


def test_a_rate_shows_its_bounds_and_a_status_its_values() -> None:
    page = write_dictionary()
    assert "| capped_rate? | double, ratio | 封顶完成率 |" in page
    assert "(≥ 0; ≤ 1)" in page
    assert "one of `cancelled`, `not_started`" in page


def test_the_command_prints_the_page() -> None:
    result = CliRunner().invoke(app, ["dictionary", "--markdown"])
    assert (result.exit_code, result.output) == (0, write_dictionary())
