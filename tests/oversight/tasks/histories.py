"""Published dates made of a few findings, and acts on their tasks."""

import datetime as dt

from pipelines.oversight.tasks.act import act
from pipelines.publish.tasks.terms import Terms

ZERO = dt.date(2000, 1, 1)


def day(text):
    """12-31 is of 2020, 01-05 of 2021; a whole date is itself."""
    return dt.date.fromisoformat(text if len(text) > 5 else f"{2021 if text < '07' else 2020}-{text}")


def findings(*ids, **fen):
    """Findings by their number; those given an amount have it."""
    return [{"finding_id": i, "rule_code": "R", "jurisdiction_code": "330282"} for i in ids] + [
        {"finding_id": i, "rule_code": "R", "jurisdiction_code": "330282", "amount_fen": n} for i, n in fen.items()
    ]


def publish(nights, text, rows, terms=30):
    """A night of the day, under the next number."""
    nights.run(f"N{len(nights.terms) + 1:03}", day(text), remedy_days=terms, findings=rows)


def do(nights, finding_id, action, **said):
    """An act of 张三; who gives no reason gives one."""
    given = {"note": "已核实"} if action != "assign" else {}
    return act(nights.engine, finding_id, action, by="张三", **given | said)


def terms(days=30, **departments):
    """The same days for all; departments by rule."""
    return Terms(lambda *_: days, lambda rule, *_: departments.get(rule, "医保局"))


def tasks(nights, columns="state"):
    """`F first_seen` → what stands in a column of `tasks`."""
    rows = nights.read(f"SELECT finding_id, first_seen, {columns} FROM tasks ORDER BY 1, 2")
    return {f"{row[0]} {row[1][5:]}": row[2] if len(row) == 3 else row[2:] for row in rows}


def ledger(nights, text):
    """Department, division and rule → open, new, overdue, oldest_first_seen, amount_fen, cured of a date."""
    rows = nights.read(
        "SELECT department, jurisdiction_code, rule_code, open, new, overdue, oldest_first_seen, amount_fen, cured"
        f" FROM task_ledger WHERE as_of = '{day(text)}' ORDER BY 1, 2, 3"
    )
    return {row[:3]: row[3:] for row in rows}
