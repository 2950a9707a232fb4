"""Open tasks as pages and bulletins show them."""

from collections import Counter
from decimal import Decimal
from types import SimpleNamespace

import pytest

from pipelines.database.open import open_database
from pipelines.oversight.tasks.became import Moment, became
from pipelines.oversight.tasks.read import Wanted, read_actions, read_tasks
from pipelines.reports.bulletin.task_ledger import sum_tasks
from pipelines.reports.morning import write_morning_page
from pipelines.reports.open_tasks import read_open_tasks
from pipelines.reports.site import write_site
from pipelines.store.local import Local
from tests.oversight.tasks.histories import day, do, findings, publish, terms
from tests.reports.mornings import cells, plain


def shown(nights, text, most=9):
    with nights.engine.connect() as connection:
        return read_open_tasks(connection, day(text), most)


def ids(tasks):
    return [task.finding_id for task in tasks]


@pytest.mark.parametrize(
    ("first", "band"),
    [
        *(("12-31", "age_7"), ("12-24", "age_7"), ("12-23", "age_30"), ("12-01", "age_30")),
        *(("11-30", "age_90"), ("10-02", "age_90"), ("10-01", "age_over")),
    ],
)
def test_a_task_is_as_old_as_its_finding(nights, first, band):
    publish(nights, first, findings("F"))
    if first != "12-31":
        publish(nights, "12-31", findings("F"))
    (own,) = shown(nights, "12-31").departments
    assert {name for name, n in own.ages.items() if n} == {band}


def test_departments_and_tasks_stand_with_the_oldest_first(nights):
    rows = [{"finding_id": i, "rule_code": i, "amount_fen": 5} for i in ("R1", "R2")]
    publish(nights, "12-01", rows[1:], terms(days=29, R2="卫健局"))
    publish(nights, "12-31", rows, terms(days=29, R2="卫健局"))
    found = shown(nights, "12-31")
    assert [(d.department, d.open, d.new, d.overdue, d.amount_fen) for d in found.departments] == [
        ("卫健局", 1, 0, 1, 5),
        ("医保局", 1, 1, 0, 5),
    ]
    assert [(t.finding_id, t.days, t.is_overdue) for t in found.oldest] == [("R2", 30, True), ("R1", 0, False)]


def test_no_more_are_listed_than_asked_for_and_all_are_counted(nights):
    publish(nights, "12-31", findings("A", "B", "C"))
    found = shown(nights, "12-31", most=2)
    assert (ids(found.oldest), found.total) == (["A", "B"], 3)


def test_what_is_settled_is_left_out_what_is_cured_or_back_is_listed(nights):
    publish(nights, "12-29", findings("BACK", "CLOSED"))
    publish(nights, "12-30", findings("CLOSED", "GONE"))
    do(nights, "CLOSED", "close")
    publish(nights, "12-31", findings("BACK", "CLOSED", "NEW"))
    found = shown(nights, "12-31")
    assert (ids(found.oldest), ids(found.cured), ids(found.back)) == (["BACK", "NEW"], ["GONE"], ["BACK"])
    assert (found.total, found.cured_total, found.back_total) == (2, 1, 1)


def when(nights, text):
    query = f"SELECT r.finished_at FROM publications p JOIN runs r ON r.run_id = p.run_id WHERE p.as_of = '{day(text)}'"
    return Moment(day(text), nights.read(query)[0][0])


def outcome(nights, before, now, *scope):
    with nights.engine.connect() as connection:
        return became(connection, when(nights, before), when(nights, now), scope)


def test_what_became_of_the_tasks_of_an_earlier_date(nights):
    publish(nights, "09-30", findings("BACK", "CLOSED", "GONE", "OLD", "REJECTED", "SETTLED"))
    do(nights, "SETTLED", "close")
    publish(nights, "09-30", findings("BACK", "CLOSED", "GONE", "OLD", "REJECTED", "SETTLED"))
    publish(nights, "10-01", findings("CLOSED", "OLD", "REJECTED", "SETTLED"))
    do(nights, "CLOSED", "close")
    do(nights, "REJECTED", "reject")
    publish(nights, "12-31", findings("BACK", "CLOSED", "NEW", "OLD", "REJECTED", "SETTLED"))
    assert outcome(nights, "09-30", "12-31") == {"R": Counter(cured=2, back=1, closed=1, rejected=1, open=1)}
    assert outcome(nights, "09-30", "12-31", "3302") == outcome(nights, "09-30", "12-31")
    assert outcome(nights, "09-30", "12-31", "37") == {}
    do(nights, "OLD", "close")  # after what was published
    assert outcome(nights, "09-30", "12-31")["R"]["open"] == 1


def listings(nights, text, previous, *scope):
    """Those of a bulletin of a date that follows that of another."""
    as_of, known = when(nights, text)
    since = when(nights, previous)[1] if previous else ""
    before = day(previous) if previous else None
    subject = SimpleNamespace(as_of=as_of, previous=before, since=since, scope=scope, ledger={"finished_at": known})
    with nights.engine.connect() as connection:
        return sum_tasks(connection, subject)


def test_a_bulletin_tells_the_ledger_and_what_became_of_the_one_before(nights):
    publish(nights, "09-30", findings("GONE", CLOSED=5, OLD=12345))
    do(nights, "CLOSED", "close")
    publish(nights, "12-31", findings("NEW", CLOSED=5, OLD=12345))
    ledger, before = listings(nights, "12-31", "09-30")
    assert [list(row) for row in ledger.rows()] == [
        ["医保局", 2, 1, 1, day("2020-09-30"), Decimal("123.45"), 1],
        ["合计", 2, 1, 1, day("2020-09-30"), Decimal("123.45"), 1],
    ]
    assert ledger.note[0] == (
        "截至 2020-12-31，待办任务 2 项，其中当日新增 1 项、逾期 1 项，最早发现于 2020-09-30，"
        "涉及金额 123.45 元；本季已消除 1 项。"
    )
    assert [list(row) for row in before.rows()] == [["R", 3, 1, 0, 1, 0, 1], ["合计", 3, 1, 0, 1, 0, 1]]
    assert before.note[0] == "上次通报（2020-09-30）的 3 项待办任务：已办结 1 项，已驳回 0 项，已消除 1 项，仍待办 1 项。"


def test_a_first_bulletin_tells_the_ledger_alone_and_one_without_tasks_that_there_are_none(nights):
    publish(nights, "12-31", [])
    (ledger,) = listings(nights, "12-31", "")
    assert ledger.total == 0 and ledger.note[0] == "截至 2020-12-31，待办任务 0 项，其中当日新增 0 项、逾期 0 项。"


def test_a_bulletin_of_some_divisions_counts_theirs(nights):
    rows = [*findings("A"), {"finding_id": "B", "rule_code": "R", "jurisdiction_code": None}]
    publish(nights, "09-30", rows)
    publish(nights, "12-31", rows)
    for scope, n in (((), 2), (("3302",), 1), (("37", "33"), 1), (("37",), 0)):
        ledger, before = listings(nights, "12-31", "09-30", *scope)
        assert ledger.headline.value == n and sum(row[1] for row in before.rows()) == 2 * n


def test_lists_are_limited_as_asked(nights):
    rows = [
        {"finding_id": i, "rule_code": "payment_overdue", "jurisdiction_code": p} for i, p in (("A", "330282"), ("B", None))
    ]
    publish(nights, "12-01", rows, 29)
    do(nights, "A", "assign", department="卫健局", assignee="王五")
    publish(nights, "12-31", rows, 29)
    do(nights, "B", "close")

    def listed(**wanted):
        with nights.engine.connect() as connection:
            return [task["finding_id"] for task in read_tasks(connection, Wanted(**wanted))]

    assert listed() == ["A", "B"] and listed(state="open") == ["A"] and listed(state="closed") == ["B"]
    assert listed(department="卫健局") == listed(assignee="王五") == listed(place="3302") == listed(is_overdue=True) == ["A"]
    assert listed(rule="payment_overdue", finding_id="B") == ["B"]
    with nights.engine.connect() as connection:
        assert [act["action"] for act in read_actions(connection, "A")] == ["assign"]


@pytest.fixture
def published(_migrated_sqlite, tmp_path, nights_on):
    """A home with three dates, in which one task is overdue, one cured and one came back."""
    (tmp_path / "compliance.db").write_bytes(_migrated_sqlite.read_bytes())
    nights = nights_on(open_database(f"sqlite:///{tmp_path / 'compliance.db'}"))
    publish(nights, "11-01", findings(OLD=12345, BACK=1))
    publish(nights, "12-30", findings("GONE", OLD=12345))
    do(nights, "OLD", "assign", department="基金监管科", assignee="王五")
    publish(nights, "12-31", findings(OLD=12345, BACK=1))
    yield nights
    nights.engine.dispose()


def test_the_morning_page_lists_them(published, tmp_path):
    page = write_morning_page(published.engine, Local(tmp_path), "N003").read().decode()
    assert cells(page, "departments")[1:] == [
        ["基金监管科", "1", "0", "1", "0", "0", "1", "0", "2020-11-01", "123.45"],
        ["医保局", "1", "1", "0", "1", "0", "0", "0", "2020-12-31", "0.01"],
    ]
    oldest, gone, back = (
        page.partition(f'id="{name}-tasks"')[2].partition("</details>")[0] for name in ("oldest", "cured", "back")
    )
    assert "OLD" in oldest and "王五" in oldest and plain(oldest).count("逾期") == 1
    assert "GONE" in gone and "OLD" not in gone
    assert "BACK" in back and "OLD" not in back


def test_the_site_has_a_page_of_them(published, tmp_path):
    write_site(published.engine, Local(tmp_path))
    page = (tmp_path / "site" / "tasks" / "index.html").read_text("utf-8")
    assert [row[:4] for row in cells(page, "task_departments")[1:]] == [
        ["基金监管科", "1", "0", "1"],
        ["医保局", "1", "1", "0"],
    ]
    assert [(row[0], row[-2]) for row in cells(page, "tasks_open")[1:]] == [("基金监管科 王五", "逾期"), ("医保局", "未逾期")]
    assert len(cells(page, "tasks_cured")) == len(cells(page, "tasks_back")) == 2
    assert 'href="tasks/index.html"' in (tmp_path / "site" / "index.html").read_text("utf-8")
    assert 'data-code="经办人"' in page and "123.45" in cells(page, "tasks_open")[1]
