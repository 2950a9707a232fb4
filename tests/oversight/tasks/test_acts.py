"""What people do about tasks: what each act needs, what it changes, and when it may be done."""

import pytest
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.oversight.tasks.act import act
from pipelines.publish.tasks.actions import check_actions, hash_action
from tests.oversight.tasks.histories import day, do, findings, publish, tasks, terms

NAMED = {"by": "张三", "note": "已核实"}


@pytest.fixture
def opened(nights):
    """One finding, F, of 100.00 yuan, first seen on 12-31, due 01-30; its task is of 医保局."""
    publish(nights, "12-31", findings(F=10000))
    return nights


def faults(nights):
    with nights.engine.connect() as connection:
        return check_actions(connection)


def test_a_finding_opens_a_task(opened):
    assert tasks(opened, "rule_code, department, assignee, due_on, state, note") == {
        "F 12-31": ("R", "医保局", None, "2021-01-30", "open", None)
    }


def test_a_task_is_cured_with_its_finding_and_a_new_one_opens_when_that_is_back(opened):
    publish(opened, "01-01", [])
    assert tasks(opened) == {"F 12-31": "cured"}
    publish(opened, "01-02", findings("F"))
    assert tasks(opened) == {"F 01-02": "open", "F 12-31": "cured"}


@pytest.mark.parametrize(
    ("action", "said", "changed"),
    [
        ("assign", {"department": "卫健局"}, ("卫健局", None, "2021-01-30", "open", None)),
        ("assign", {"assignee": "王五"}, ("医保局", "王五", "2021-01-30", "open", None)),
        ("note", {"note": "已函询"}, ("医保局", None, "2021-01-30", "open", "已函询")),
        ("extend", {"new_due_on": day("02-28")}, ("医保局", None, "2021-02-28", "open", "已核实")),
        ("close", {}, ("医保局", None, "2021-01-30", "closed", "已核实")),
        ("reject", {}, ("医保局", None, "2021-01-30", "rejected", "已核实")),
    ],
)
def test_an_act_shows_at_once(opened, action, said, changed):
    task, is_done = do(opened, "F", action, **said)
    assert is_done and tasks(opened, "department, assignee, due_on, state, note") == {"F 12-31": changed}
    assert (task["department"], task["state"]) == (changed[0], changed[3])


@pytest.mark.parametrize(
    ("action", "said", "message"),
    [
        ("assign", {"by": "张三"}, "指派必须写明 --department 或 --assignee"),
        ("assign", {"by": " ", "assignee": "王五"}, "指派必须写明 --by"),
        ("extend", NAMED, "延期必须写明 --to"),
        *((action, {"by": "张三", "note": " "}, "必须写明 --note") for action in ("note", "close", "reject", "reopen")),
        ("close", NAMED | {"assignee": "王五"}, "办结不能同时写 --assignee；请分别办理"),
        ("note", NAMED | {"new_due_on": day("02-28")}, "备注不能同时写 --to"),
        ("extend", NAMED | {"new_due_on": day("12-30")}, "不能延期至更早的 2020-12-30"),
        ("extend", NAMED | {"new_due_on": day("01-30")}, "整改期限本来就是 2021-01-30"),
        ("reopen", NAMED, "是待办，不能重开"),
    ],
)
def test_an_act_that_lacks_what_it_needs_does_nothing(opened, action, said, message):
    with pytest.raises(UsageError, match=message):
        act(opened.engine, "F", action, **said)
    assert opened.read("SELECT COUNT(*) FROM task_actions") == [(0,)]


@pytest.mark.parametrize("action", ["assign", "extend", "close", "reject"])
def test_what_is_settled_is_reopened_first(opened, action):
    do(opened, "F", "close")
    said = {"assign": {"assignee": "王五"}, "extend": {"new_due_on": day("02-28")}}.get(action, {"note": "又一次"})
    with pytest.raises(UsageError, match="请先 vbp tasks reopen"):
        do(opened, "F", action, **said)
    do(opened, "F", "reopen")
    do(opened, "F", action, **said)


def test_of_what_is_cured_only_a_note_is_taken(opened):
    publish(opened, "01-01", [])
    with pytest.raises(UsageError, match="是已消除，不能办结：问题已不存在"):
        do(opened, "F", "close")
    do(opened, "F", "note", note="月底付清")
    assert tasks(opened, "state, note") == {"F 12-31": ("cured", "月底付清")}


def test_the_same_act_again_is_not_done_again(opened):
    do(opened, "F", "close")
    assert do(opened, "F", "close")[1] is False
    assert opened.read("SELECT action_id FROM task_actions") == [(1,)]


@pytest.mark.parametrize(("asked", "message"), [("A", "不止一个任务"), ("X", "没有任务"), ("", "没有任务")])
def test_one_task_is_meant(nights, asked, message):
    publish(nights, "12-31", findings("A1", "A12"))
    with pytest.raises(UsageError, match=message):
        do(nights, asked, "close")
    assert do(nights, "A1", "close")[0]["finding_id"] == "A1"


def test_before_anything_is_published_there_is_no_task(nights):
    with pytest.raises(UsageError, match="请先执行一次 vbp run"):
        do(nights, "F", "close")


@pytest.mark.parametrize("action", ["close", "reject"])
@pytest.mark.parametrize(("fen", "is_open"), [(9999, False), (10000, False), (10001, True)])
def test_what_is_settled_stays_so_while_its_amount_does_not_exceed_that_of_then(opened, action, fen, is_open):
    do(opened, "F", action)
    publish(opened, "01-01", findings(F=fen))
    assert tasks(opened) == {"F 12-31": "open" if is_open else {"close": "closed", "reject": "rejected"}[action]}


def test_a_quantity_that_grows_opens_it_too(nights):
    for text, packs in (("12-30", 1.5), ("12-31", 1.5), ("01-01", 1.25), ("01-02", 1.75)):
        publish(nights, text, [{"finding_id": "F", "rule_code": "R", "amount_fen": 5, "quantity": packs}])
        if text == "12-30":
            do(nights, "F", "close")
        assert tasks(nights) == {"F 12-30": "open" if packs == 1.75 else "closed"}


def test_what_had_no_amount_grows_with_the_first(nights):
    publish(nights, "12-31", findings("F"))
    do(nights, "F", "close")
    publish(nights, "01-01", findings(F=1))
    assert tasks(nights) == {"F 12-31": "open"}


def test_what_grew_stays_open_where_it_falls_back_until_somebody_acts(opened):
    do(opened, "F", "close")
    publish(opened, "01-01", findings(F=10001))
    publish(opened, "01-02", findings(F=10000))
    assert tasks(opened) == {"F 12-31": "open"}
    do(opened, "F", "close")
    publish(opened, "01-03", findings(F=10000))
    assert tasks(opened) == {"F 12-31": "closed"}


def test_acts_of_a_former_task_are_none_of_the_next(opened):
    do(opened, "F", "assign", department="卫健局")
    do(opened, "F", "extend", new_due_on=day("06-30"))
    do(opened, "F", "close")
    publish(opened, "01-01", [])
    publish(opened, "01-02", findings(F=10000))
    assert tasks(opened, "department, due_on, state") == {
        "F 01-02": ("医保局", "2021-02-01", "open"),
        "F 12-31": ("卫健局", "2021-06-30", "cured"),
    }


def due(nights, text):
    return nights.read(f"SELECT due_on FROM findings WHERE as_of = '{day(text)}' AND finding_id = 'F'")


def test_findings_are_due_when_their_task_is_from_the_next_night_on(opened):
    do(opened, "F", "extend", new_due_on=day("02-28"))
    assert due(opened, "12-31") == [("2021-01-30",)]
    publish(opened, "01-01", findings(F=10000))
    do(opened, "F", "extend", new_due_on=day("02-15"))
    publish(opened, "01-02", findings(F=10000))
    publish(opened, "01-03", findings(F=10000))
    assert [due(opened, d) for d in ("12-31", "01-01", "01-02", "01-03")] == [
        [("2021-01-30",)],
        [("2021-02-28",)],
        [("2021-02-15",)],
        [("2021-02-15",)],
    ]
    assert opened.read("SELECT COUNT(*) FROM restatements") == [(0,)]


def test_a_date_published_again_is_due_by_what_was_extended_on_it(opened):
    do(opened, "F", "extend", new_due_on=day("02-28"))
    publish(opened, "12-31", findings(F=10000))
    assert due(opened, "12-31") == [("2021-02-28",)]


def test_a_date_put_in_before_an_extension_knows_nothing_of_it(opened):
    do(opened, "F", "extend", new_due_on=day("02-28"))
    publish(opened, "01-02", findings(F=10000))
    publish(opened, "12-30", findings(F=10000))
    assert [due(opened, d) for d in ("12-30", "12-31", "01-02")] == [[("2021-01-29",)], [("2021-01-29",)], [("2021-02-28",)]]
    assert tasks(opened, "due_on") == {"F 12-30": "2021-02-28"}


def test_an_extension_goes_with_the_series_that_it_was_of(opened):
    publish(opened, "01-02", findings(F=10000))
    do(opened, "F", "extend", new_due_on=day("06-30"))
    publish(opened, "01-03", findings(F=10000))
    publish(opened, "01-01", [])
    assert [due(opened, d) for d in ("12-31", "01-02", "01-03")] == [[("2021-01-30",)], [("2021-02-01",)], [("2021-06-30",)]]


def test_a_task_has_the_department_of_its_rule_and_findings_the_days_of_theirs(nights):
    rows = [{"finding_id": i, "rule_code": i, "jurisdiction_code": None} for i in ("R1", "R2")]
    publish(nights, "12-31", rows, terms(days=5, R2="卫健局"))
    assert tasks(nights, "department, due_on") == {"R1 12-31": ("医保局", "2021-01-05"), "R2 12-31": ("卫健局", "2021-01-05")}


def test_a_database_that_had_findings_before_it_had_tasks_gets_them_all_with_the_next_publication(opened):
    publish(opened, "01-01", findings("G", F=10000))
    before = tasks(opened, "rule_code, department, assignee, due_on, state, note")
    with opened.engine.begin() as connection:
        connection.execute(sa.delete(METADATA.tables["tasks"]))
    publish(opened, "01-02", findings("G", F=10000))
    assert tasks(opened, "rule_code, department, assignee, due_on, state, note") == before


ACTS = (("assign", {"assignee": "王五"}), ("note", {}), ("close", {}), ("reopen", {}))


@pytest.fixture
def acted(opened):
    for action, said in ACTS:
        do(opened, "F", action, **said)
    return opened


def test_acts_are_chained_by_hashes(acted):
    with acted.engine.connect() as connection:
        rows = connection.execute(sa.select(METADATA.tables["task_actions"])).mappings().all()
    assert [row["action_id"] for row in rows] == [1, 2, 3, 4]
    assert [row["previous_hash"] for row in rows] == [None, *(row["row_hash"] for row in rows[:-1])]
    assert [row["row_hash"] for row in rows] == [hash_action(dict(row)) for row in rows]
    assert sorted(row["at"] for row in rows) == [row["at"] for row in rows]
    assert {(str(row["as_of"]), row["amount_fen"]) for row in rows} == {("2020-12-31", 10000)}
    assert faults(acted) == []


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE task_actions SET note = '改' WHERE action_id = 2", ["第 2 条被改动过"]),
        ("UPDATE task_actions SET amount_fen = 99999 WHERE action_id = 3", ["第 3 条被改动过"]),
        ("DELETE FROM task_actions WHERE action_id = 2", ["第 3 条之前有记录被删除"]),
        ("DELETE FROM task_actions WHERE action_id = 1", ["第 2 条之前有记录被删除"]),
    ],
)
def test_the_chain_tells_what_was_changed(acted, sql, told):
    with acted.engine.begin() as connection:
        connection.exec_driver_sql(sql)
    found = faults(acted)
    assert len(found) == len(told) and all(part in line for part, line in zip(told, found, strict=True))


def test_an_act_slipped_in_between_is_told(acted):
    with acted.engine.begin() as connection:
        table = METADATA.tables["task_actions"]
        row = dict(connection.execute(sa.select(table).where(table.c.action_id == 2)).mappings().one())
        row |= {"action_id": 5, "note": "假", "previous_hash": row["row_hash"]}
        connection.execute(sa.insert(table), [row | {"row_hash": hash_action(row)}])
    assert faults(acted) == ["任务办理记录第 5 条之前有记录被删除、插入或改动：previous_hash 对不上"]
