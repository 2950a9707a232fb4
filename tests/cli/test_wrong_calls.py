"""Calls that the library of the command line refuses: one Chinese line each, with where to look."""

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app

PLACE = "（--jurisdiction 或 VBP_JURISDICTION）应为 2、4 或 6 位数字，如 33、3302、330282"


def call(arguments):
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("nope", "没有命令“nope”；用法见 vbp --help"),
        ("rum", "没有命令“rum”，是否想写 run；用法见 vbp --help"),
        ("--", "没有写明命令；用法见 vbp --help"),
        ("--foo", "没有选项 --foo；用法见 vbp --help"),
        ("--help=1", "选项 --help 是开关，后面不能写值；用法见 vbp --help"),
        ("run --hom x", "没有选项 --hom，是否想写 --home；用法见 vbp run --help"),
        ("run -x", "没有选项 -x；用法见 vbp run --help"),
        ("run --debug=1", "选项 --debug 是开关，后面不能写值；用法见 vbp run --help"),
        ("run a b", "多出了参数“a b”；用法见 vbp run --help"),
        ("release", "缺少参数 run_id（被扣留的运行编号）；用法见 vbp release --help"),
        ("release r", "缺少选项 --note（放行理由，记入运行台账）；用法见 vbp release --help"),
        ("sample --size 两", "选项 --size（抽取多少家医疗机构）的值“两”应为整数；用法见 vbp sample --help"),
        ("sample --size 1.5", "选项 --size（抽取多少家医疗机构）的值“1.5”应为整数；用法见 vbp sample --help"),
        ("sample --size 0", "选项 --size（抽取多少家医疗机构）的值“0”不得小于 1；用法见 vbp sample --help"),
        ("assess --year 20200", "选项 --year（考核年度）的值“20200”不得大于 2100；用法见 vbp assess --help"),
        ("rejects nope", "没有命令“nope”；用法见 vbp rejects --help"),
        ("rejects --", "没有写明命令；用法见 vbp rejects --help"),
        ("rejects --help=1", "选项 --help 是开关，后面不能写值；用法见 vbp rejects --help"),
        ("rejects list --age", "选项 --age 后面缺少值（首次出现至今至少多少天）；用法见 vbp rejects list --help"),
        ("rejects show -- --a --b", "多出了参数“--b”；用法见 vbp rejects show --help"),
        ("accountability decide i upheld --by x y", "多出了参数“y”；用法见 vbp accountability decide --help"),
        ("accountability darft", "没有命令“darft”，是否想写 draft；用法见 vbp accountability --help"),
        ("accountability draft --jurisdiction 330", f"行政区划“330”{PLACE}"),
        ("accountability draft --jurisdiction=", f"行政区划“”{PLACE}"),
        ("assess --year 2020 --jurisdiction 宁波", f"行政区划“宁波”{PLACE}"),
        ("sample --size 2 --jurisdiction 33028200", f"行政区划“33028200”{PLACE}"),
    ],
)
def test_a_wrong_call_is_one_line(arguments, line):
    assert call(arguments.split()) == (2, f"错误：{line}\n")


def test_passwords_and_line_breaks_of_a_wrong_call_are_not_shown():
    assert call(["run", "postgresql+psycopg://u:geheim@h/d\n\x1b[2J"])[1].count("\n") == 1
    assert "geheim" not in call(["run", "postgresql+psycopg://u:geheim@h/d"])[1]


@pytest.mark.parametrize("arguments", [[], ["rejects"], ["accountability"]])
def test_a_group_without_a_command_shows_its_help(arguments):
    status, text = call(arguments)
    assert status == 2 and f"Usage: {' '.join(['vbp', *arguments])}" in text


def test_right_calls_end_as_they_did():
    assert call(["run", "--help"])[0] == 0
    assert call(["dictionary", "--markdown"])[0] == 0
