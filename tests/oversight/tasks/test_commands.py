"""`vbp tasks …` from the outside: what it prints, and its exit status."""

import json

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import open_database
from tests.oversight.tasks.histories import findings, publish


@pytest.fixture
def call(_migrated_sqlite, tmp_path, nights_on):
    (tmp_path / "compliance.db").write_bytes(_migrated_sqlite.read_bytes())
    nights = nights_on(open_database(f"sqlite:///{tmp_path / 'compliance.db'}"))
    publish(nights, "12-31", findings(F1=12345, F2=1))
    nights.engine.dispose()

    def call(*words, user="张三"):
        return CliRunner().invoke(app, ["tasks", *words], env={"VBP_HOME": str(tmp_path), "USER": user})

    return call


def test_acts_are_told_and_listed(call):
    done = call("assign", "F1", "--department", "基金监管科", "--assignee", "王五")
    assert (done.exit_code, done.output) == (0, "已指派：任务 F1，待办，由 基金监管科、王五 负责，期限 2021-01-30\n")
    assert "已延期：任务 F1，待办" in call("extend", "F1", "--to", "2021-02-28", "--note", "分期", "--by", "李四").output
    assert "已办结：任务 F1，已办结" in call("close", "F1", "--note", "已付清").output
    again = call("close", "F1", "--note", "已付清")
    assert again.exit_code == 0 and "与最近一次办结相同，没有变化" in again.output
    assert "已重开：任务 F1，待办" in call("reopen", "F1", "--note", "未付").output
    found = json.loads(call("list", "F1", "--json").output)
    assert [(t["finding_id"], t["assignee"], t["due_on"], t["note"]) for t in found] == [("F1", "王五", "2021-02-28", "未付")]
    assert [(a["action"], a["by"], a["as_of"]) for a in found[0]["actions"]] == [
        (action, by, "2020-12-31")
        for action, by in (("assign", "张三"), ("extend", "李四"), ("close", "张三"), ("reopen", "张三"))
    ]
    listed = call("list", "F1").output
    assert "办理记录 4 条" in listed and "交 基金监管科、王五" in listed and "至 2021-02-28；分期" in listed


def test_the_list_is_of_open_tasks_unless_others_are_asked_for(call):
    call("reject", "F2", "--note", "不成立")
    assert "任务 1 项（截至 2020-12-31）" in call("list").output
    numbers = {
        state: [t["finding_id"] for t in json.loads(call("list", "--state", state, "--json").output)]
        for state in ("open", "rejected", "all")
    }
    assert numbers == {"open": ["F1"], "rejected": ["F2"], "all": ["F1", "F2"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["close", "F1"], "办结必须写明 --note"),
        (["note", "X", "--note", "n"], "问题编号“X”对应的没有任务"),
        (["extend", "F1", "--to", "2021-02-30", "--note", "n"], "日期“2021-02-30”不是有效日期"),
        (["list", "--state", "done"], "任务状态“done”应为 open、closed、rejected、cured 或 all"),
        (["list", "--rule", "none"], "没有规则“none”"),
        (["list", "--jurisdiction", "x"], "行政区划“x”"),
        (["settle", "F1"], "没有命令“settle”"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_status_2(call, words, told):
    done = call(*words)
    assert done.exit_code == 2 and told in done.output


def test_nobody_acts_without_a_name(call):
    done = call("close", "F1", "--note", "n", user="")
    assert done.exit_code == 2 and "办结必须写明 --by" in done.output
