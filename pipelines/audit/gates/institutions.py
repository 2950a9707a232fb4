"""The gate `<table>.institutions_kept`: an institution that had rows at the previous published date still has some."""

import datetime as dt

import sqlalchemy as sa

from pipelines.audit.expectations import Check, leaving, stands
from pipelines.audit.gates.limits import Waived
from pipelines.database.standing import Publication, published_before

# Tables in which an institution stays once it is there. Cash and findings come and go.
_LASTING = {
    "agreed_volume_completion": "institution_code",
    "agreed_volume_rollup": "CASE level WHEN 'institution' THEN code END",
    "payment_timeliness": "institution_code",
    "two_invoice_compliance": "institution_code",
    "two_invoice_line": "institution_code",
}


def keep_institutions(
    connection: sa.Connection, as_of: dt.date, base: Publication | None
) -> list[Check | Waived]:
    """Passes when no institution is missing from a figure table that was in it at the previous published date.

    Skipped on the first night.
    """
    previous = published_before(connection, as_of)
    return [_keep_in(connection, name, previous, base) for name in _LASTING]


def _keep_in(
    connection: sa.Connection, name: str, previous: dt.date | None, base: Publication | None
) -> Check | Waived:
    check_id = f"{name}.institutions_kept"
    if previous is None or base is None:
        return Waived(check_id, name, "此前没有已发布的日期，无从比较")
    code = _LASTING[name]
    staged = f"SELECT {code} AS institution_code FROM staging_{name}"
    # An institution can be lost only where one of its rows leaves …
    before = leaving(name, f"{_of_version(code)} AS institution_code", base)
    if (
        base.as_of != previous
    ):  # … or, on a date published again, had left it before: of those of the date before
        ended = f"{stands(previous)} AND v.valid_to <= '{base.as_of}'"
        before = (
            f"{before} AND {stands(previous)} UNION ALL"
            f" SELECT {_of_version(code)} AS institution_code FROM {name}_versions AS v WHERE {ended}"
        )
    suspect = (
        f"SELECT institution_code FROM ({before} EXCEPT {staged}) AS s WHERE institution_code IS NOT NULL"
    )
    # Who else still has rows is looked up only when there is someone to look for: that reads the whole table.
    lost = suspect
    if connection.execute(sa.text(f"SELECT COUNT(*) FROM ({suspect}) AS suspects")).scalar_one():
        lost = f"{suspect} EXCEPT SELECT institution_code FROM ({_stay(name, code, base)}) AS stay"
    applied = f"SELECT COUNT(DISTINCT institution_code) FROM ({before}) AS earlier"
    message_zh = f"{previous} 有数据的医疗机构本次缺失"
    return Check(check_id, name, name, lost, message_zh, applied)


def _of_version(code: str) -> str:
    return f"v.{code}" if " " not in code else code.replace("level", "v.level").replace("code", "v.code")


def _stay(name: str, code: str, base: Publication) -> str:
    """SELECT of institution_code of the rows that stand and do not leave, by counting the ones and the others."""
    of_version = _of_version(code)
    return (
        f"SELECT institution_code FROM (SELECT {of_version} AS institution_code, 1 AS sign"
        f" FROM {name}_versions AS v WHERE {stands(base.as_of)}"
        f" UNION ALL {leaving(name, f'{of_version} AS institution_code, -1 AS sign', base)}) AS rest"
        " GROUP BY institution_code HAVING SUM(sign) > 0"
    )
