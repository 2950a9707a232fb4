"""Random histories of findings and acts, held against the rule book read aloud."""

import datetime as dt
import random

import pytest

from pipelines.database.open import open_database
from pipelines.errors import UsageError
from pipelines.oversight.tasks.act import act
from pipelines.publish.tasks.terms import Terms
from tests.random_worlds import worlds
from tests.reference.task_ledger import ledger_at, tasks_at

START = dt.date(2020, 12, 27)
DEPARTMENTS = {"R2": "卫健局"}


def some_findings(chance):
    """Number → rule, division, amount, quantity; a finding keeps its rule and division."""
    found = {}
    for n in range(6):
        if chance.random() < 0.65:
            rule, place = f"R{n % 3}", [None, "330282", "371522"][n % 3]
            found[f"F{n}"] = (rule, place, chance.choice([None, 100, 100, 101, 99]), chance.choice([None, 1.5, 1.5, 1.75]))
    return found


def some_act(chance):
    action = chance.choice(["assign", "note", "extend", "close", "close", "reject", "reopen"])
    said = {
        "assign": {"department": chance.choice(["", "药监局"]), "assignee": "王五"},
        "extend": {"new_due_on": START + dt.timedelta(days=chance.randrange(12)), "note": "延"},
    }.get(action, {"note": chance.choice(["一", "二"])})
    return {"action": action, "by": "张三", "department": "", "assignee": "", "new_due_on": None, "note": ""} | said


def play(nights, seed):
    """Dates in any order, some again, with acts between; each time all that stands is compared with what the text gives."""
    chance = random.Random(seed)
    days = chance.choice([2, 3, None])
    terms = Terms(lambda *_: days, lambda rule, *_: DEPARTMENTS.get(rule, "医保局"))
    dates, acts, known = {}, [], {}
    for number in range(9):
        as_of = START + dt.timedelta(days=chance.randrange(8) if chance.random() < 0.4 else number)
        dates[as_of] = some_findings(chance)
        columns = ("rule_code", "jurisdiction_code", "amount_fen", "quantity")
        rows = [{"finding_id": i} | dict(zip(columns, what, strict=True)) for i, what in dates[as_of].items()]
        nights.run(f"N{number}", as_of, remedy_days=terms, findings=rows)
        known[as_of] = len(acts)
        check(nights, dates, acts, known, days)
        for _ in range(chance.randrange(4)):
            do(nights, dates, acts, f"F{chance.randrange(6)}", some_act(chance))
        assert shown_tasks(nights) == expected_tasks(dates, acts, days)
    return acts


def do(nights, dates, acts, finding, wanted):
    try:
        _, is_done = act(nights.engine, finding, **wanted)
    except UsageError:
        return
    last = max(dates)
    _, _, amount, quantity = dates[last].get(finding, (None, None, None, None))
    if is_done:
        texts = {c: wanted[c] or None for c in ("department", "assignee", "note")}
        seen = {"finding_id": finding, "as_of": last, "amount_fen": amount, "quantity": quantity}
        acts.append(wanted | texts | seen)


def shown_tasks(nights):
    query = "SELECT finding_id, first_seen, rule_code, department, assignee, due_on, state, note FROM tasks"
    return {(row[0], row[1]): row[2:] for row in nights.read(query)}


def expected_tasks(dates, acts, days):
    found = tasks_at(dates, acts, max(dates), days, DEPARTMENTS)
    return {
        (finding, str(first)): (
            f"R{int(finding[1:]) % 3}",
            task["department"],
            task["assignee"],
            task["due_on"] and str(task["due_on"]),
            task["state"],
            task["note"],
        )
        for (finding, first), task in found.items()
    }


def check(nights, dates, acts, known, days):
    """Tasks, the ledger of every date, and when its open findings are due; a date knows the acts that were done before the last
    publication of it.
    """
    assert shown_tasks(nights) == expected_tasks(dates, acts, days)
    columns = "as_of, department, jurisdiction_code, rule_code, open, new, overdue, oldest_first_seen, amount_fen, cured"
    found = {row[:4]: row[4:] for row in nights.read(f"SELECT {columns} FROM task_ledger")}
    expected = {
        (str(as_of), *key): (*row[:3], row[3] and str(row[3]), *row[4:])
        for as_of in dates
        for key, row in ledger_at(dates, acts[: known[as_of]], as_of, days, DEPARTMENTS).items()
    }
    assert found == expected
    due = {row[:2]: row[2] for row in nights.read("SELECT as_of, finding_id, due_on FROM findings WHERE state = 'open'")}
    for as_of in dates:
        stand = tasks_at(dates, acts[: known[as_of]], as_of, days, DEPARTMENTS)
        for (finding, _), task in stand.items():
            if task["state"] != "cured":
                assert due[str(as_of), finding] == (task["due_on"] and str(task["due_on"]))


@pytest.mark.parametrize("seed", worlds(0, 12))
def test_random_histories_on_sqlite(_migrated_sqlite, tmp_path, nights_on, seed):
    (tmp_path / "compliance.db").write_bytes(_migrated_sqlite.read_bytes())
    engine = open_database(f"sqlite:///{tmp_path / 'compliance.db'}")
    play(nights_on(engine), seed)
    engine.dispose()


@pytest.mark.parametrize("seed", worlds(100, 2))
def test_random_histories_on_postgres(migrated_postgres_url, nights_on, seed):
    engine = open_database(migrated_postgres_url)
    play(nights_on(engine), seed)
    engine.dispose()
