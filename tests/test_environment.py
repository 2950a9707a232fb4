"""Variables `VBP_…` that are wrong: exit status 2, with name, value and what is allowed."""

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from tests.test_secrecy import PASSWORD


def vbp(*words, **variables):
    return CliRunner().invoke(app, [str(w) for w in words], env=variables)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("VBP_SETTLE_SECONDS", "abc", "不小于 0 的整数"),
        ("VBP_SETTLE_SECONDS", "-1", "不小于 0 的整数"),
        ("VBP_KEEP_PAGES", "0", "不小于 1 的整数"),
        ("VBP_KEEP_NIGHTS", "30", "不小于 92 的整数"),
        ("VBP_SHEET_ROWS", "2000000", "10 至 1048576"),
        ("VBP_ALARM_DEADLINE", "25:00", "06:00"),
        ("VBP_AS_OF", "2020-13-01", "2020-12-31"),
        ("VBP_AS_OF", "20201231", "2020-12-31"),
        ("VBP_AS_OF", "9999-12-31", "无法计算"),
        ("VBP_AS_OF", "1899-12-31", "无法计算"),
        ("VBP_JURISDICTION", "慈溪", "330282"),
        ("VBP_DEBUG", "vielleicht", "true"),
        ("VBP_LANDIG", "/data", "VBP_LANDING"),
        ("VBP_XYZZY", "1", "VBP_HOME"),
        ("vbp_hom", "1", "VBP_HOME"),
    ],
)
def test_nonsense_is_refused_by_name_before_anything_is_made(tmp_path, variable, value, said):
    (tmp_path / "landing").mkdir()
    ran = vbp("run", "--landing", tmp_path / "landing", "--home", tmp_path / "home", **{variable: value})
    assert ran.exit_code == 2, ran.output
    assert variable in ran.output and said in ran.output and "Traceback" not in ran.output
    assert value in ran.output or variable.upper() not in ("VBP_AS_OF", "VBP_SETTLE_SECONDS")
    assert not (tmp_path / "home").exists()


def test_a_wrong_address_is_refused_without_being_shown(tmp_path):
    (tmp_path / "landing").mkdir()
    ran = vbp("run", "--landing", tmp_path / "landing", "--home", tmp_path / "home", VBP_DATABASE=f"x:{PASSWORD}@y")
    assert ran.exit_code == 2 and PASSWORD not in ran.output
