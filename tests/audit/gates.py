"""A night's audit by check_id, and files as a night lists them."""

import datetime as dt
import json

from pipelines.audit.great_expectations import AuditLimits, audit
from pipelines.database.made import made_now
from pipelines.store.local import Local

D = dt.date(2020, 10, 31)


def day(n):
    """So many days before D."""
    return D - dt.timedelta(days=n)


def file(path, read, *, rejected=0, accepted=None):
    """A file of source_files; `path` begins with its dataset, which alone stands for a file in its own folder."""
    dataset, _, rest = path.partition("/")
    accepted = read - rejected if accepted is None else accepted
    return {
        "path": f"{dataset}/{rest or 'a.csv'}",
        "dataset": dataset,
        "rows_read": read,
        "rows_accepted": accepted,
        "rows_rejected": rejected,
        "rows_duplicate": read - rejected - accepted,
    }


def audited(nights, as_of, limits=None, made=lambda _: made_now(), **tables):
    """Stage and audit a night; its checks, all of which could run, by check_id. `made` says what earlier runs knew."""
    nights.stage("NOW", as_of, **tables)
    rows = audit(nights.engine, "NOW", as_of, limits or AuditLimits(), Local(nights.folder), made=made)
    faults = [row["details"] for row in rows if "error" in json.loads(row["details"])]
    assert not faults, faults
    return {row["check_id"]: row for row in rows}


def message(row):
    """What a check says."""
    return json.loads(row["details"])["message_zh"]
