"""The gate `<table>.institutions_kept`: an institution that had rows at the previous published date still has some."""

import datetime as dt

import sqlalchemy as sa

from pipelines.audit.changed import Changed, stands
from pipelines.audit.expectations import Check
from pipelines.audit.gates.limits import Waived
from pipelines.database.standing import Publication, published_before
from schemas.reports import REPORTS, ReportTable


def keep_institutions(connection: sa.Connection, as_of: dt.date, base: Publication | None) -> list[Check | Waived]:
    """Passes when no institution is missing from a figure table that was in it at the previous published date.

    Skipped on the first night.
    """
    previous = published_before(connection, as_of)
    return [_keep_in(connection, table, previous, base) for table in REPORTS.values() if table.stays]


def _keep_in(
    connection: sa.Connection, table: ReportTable, previous: dt.date | None, base: Publication | None
) -> Check | Waived:
    name = table.name
    check_id = f"{name}.institutions_kept"
    if previous is None or base is None:
        return Waived(check_id, name, "此前没有已发布的日期，无从比较")
    staged = f"SELECT {_institution(table)} FROM staging_{name}"
    of_version, changed = _institution(table, "v."), Changed(base)
    # An institution can be lost only where one of its rows leaves …
    before = changed.leaving(name, of_version)
    if base.as_of != previous:  # … or, on a date published again, had left it before: of those of the date before
        ended = f"{stands(previous)} AND v.valid_to <= '{base.as_of}'"
        before = f"{before} AND {stands(previous)} UNION ALL SELECT {of_version} FROM {name}_versions AS v WHERE {ended}"
    suspect = f"SELECT institution_code FROM ({before} EXCEPT {staged}) AS s WHERE institution_code IS NOT NULL"
    # Who else still has rows is looked up only when there is someone to look for: that reads the whole table.
    lost = suspect
    if connection.execute(sa.text(f"SELECT COUNT(*) FROM ({suspect}) AS suspects")).scalar_one():
        stay = (
            f"SELECT institution_code FROM (SELECT {of_version}, 1 AS sign FROM {name}_versions AS v"
            f" WHERE {stands(base.as_of)} UNION ALL {changed.leaving(name, f'{of_version}, -1 AS sign')}) AS rest"
            " GROUP BY institution_code HAVING SUM(sign) > 0"
        )
        lost = f"{suspect} EXCEPT SELECT institution_code FROM ({stay}) AS stay"
    applied = f"SELECT COUNT(DISTINCT institution_code) FROM ({before}) AS earlier"
    message_zh = f"{previous} 有数据的医疗机构本次缺失"
    return Check(check_id, name, name, lost, message_zh, applied)


def _institution(table: ReportTable, of: str = "") -> str:
    """Whom a row is about, under the name `institution_code`: null in a row that sums up several."""
    if table.rolled_up is None:
        return f"{of}institution_code"
    level, code = table.rolled_up
    return f"CASE {of}{level} WHEN 'institution' THEN {of}{code} END AS institution_code"
