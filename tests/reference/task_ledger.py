"""Tasks and their ledger as the rule book words them, by plain loops over what each published date shows; nothing is imported
from the code that is judged.

`dates`: published date → finding → (rule, division or None, amount or None, quantity or None), the dates in order.
`acts`: as they were done, each with the published date on which it was done and what the finding was then.
"""

from datetime import date, timedelta
from itertools import pairwise


def series_of(finding, dates, as_of):
    """The unbroken series of published dates up to as_of that have the finding, each a list of its dates."""
    found = []
    before_has_it = False
    for day in sorted(dates):
        if day > as_of:
            break
        has_it = finding in dates[day]
        if has_it and before_has_it:
            found[-1].append(day)
        elif has_it:
            found.append([day])
        before_has_it = has_it
    return found


def task_of(finding, series, is_last, dates, acts, as_of, days, departments):
    """How the task of one series stands at as_of: department, assignee, due_on, state, note."""
    begins = [s[0] for s in series_of(finding, dates, as_of)]
    rule, _, _, _ = dates[series[-1]][finding]
    task = {
        "department": departments.get(rule, "医保局"),
        "assignee": None,
        "due_on": None if days is None else series[0] + timedelta(days=days),
        "state": "open",
        "note": None,
    }
    settled = None
    for act in acts:
        if act["finding_id"] != finding or act["as_of"] > as_of:
            continue
        begun = [day for day in begins if day <= act["as_of"]]
        if not begun or begun[-1] != series[0]:
            continue
        for column in ("department", "assignee", "note"):
            if act[column] is not None:
                task[column] = act[column]
        if act["new_due_on"] is not None:
            task["due_on"] = act["new_due_on"]
        if act["action"] in ("close", "reject", "reopen"):
            settled = act
    if settled is not None and settled["action"] != "reopen":
        grown = False
        for day in series:
            _, _, amount, quantity = dates[day][finding]
            more = (amount or 0) > (settled["amount_fen"] or 0) or (quantity or 0) > (settled["quantity"] or 0)
            if day >= settled["as_of"] and more:
                grown = True
        if not grown:
            task["state"] = "closed" if settled["action"] == "close" else "rejected"
    if not is_last:
        task["state"] = "cured"
    return task


def tasks_at(dates, acts, as_of, days, departments):
    """(finding, first_seen) → task, of all series begun by as_of."""
    found = {}
    findings = {finding for day in dates if day <= as_of for finding in dates[day]}
    for finding in findings:
        for series in series_of(finding, dates, as_of):
            stands = series[-1] == as_of
            found[finding, series[0]] = task_of(finding, series, stands, dates, acts, as_of, days, departments)
    return found


def quarter_end_before(day):
    """The last of 31 March, 30 June, 30 September, 31 December before a day."""
    ends = [date(year, *end) for year in (day.year - 1, day.year) for end in ((3, 31), (6, 30), (9, 30), (12, 31))]
    return max(end for end in ends if end < day)


def ledger_at(dates, acts, as_of, days, departments):
    """(department, division or '', rule) → open, new, overdue, oldest_first_seen, amount_fen, cured."""
    tasks = tasks_at(dates, acts, as_of, days, departments)
    since = quarter_end_before(as_of)
    is_known = any(since <= day < as_of for day in dates)
    rows = {}

    def row(task, what):
        rule, division, _, _ = what
        return rows.setdefault((task["department"], division or "", rule), [0, 0, 0, None, 0, set()])

    for (finding, first_seen), task in tasks.items():
        if task["state"] == "open":
            what = dates[as_of][finding]
            own = row(task, what)
            own[0] += 1
            own[1] += first_seen == as_of
            own[2] += task["due_on"] is not None and task["due_on"] < as_of
            own[3] = first_seen if own[3] is None else min(own[3], first_seen)
            own[4] += what[2] or 0
    if is_known:
        days_so_far = [day for day in sorted(dates) if day <= as_of]
        for before, day in pairwise(days_so_far):
            if not since < day <= as_of:
                continue
            for finding, what in dates[before].items():
                if finding not in dates[day]:
                    first_seen = next(s[0] for s in series_of(finding, dates, as_of) if s[-1] == before)
                    row(tasks[finding, first_seen], what)[5].add(finding)
    return {key: (*own[:5], len(own[5]) if is_known else None) for key, own in rows.items()}
