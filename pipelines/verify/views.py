"""The views of the report database against their definitions: one that was replaced by hand may say anything."""

from __future__ import annotations

import re
from typing import Any, cast

import sqlalchemy as sa

from pipelines.database.open import dictionary_rows
from pipelines.database.tables import FIGURES, METADATA, define_view, versions_of
from pipelines.verify.report import Report, compare_rows
from pipelines.views.refresh import division_rows
from pipelines.views.shown import Dialect
from pipelines.views.views import OWN, people_views, quote_name
from schemas.reports import REPORTS

_SIGNS = re.compile(r'[\s"]+')

_TRIGGERS: dict[Dialect, str] = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace",
}


def check_views(connection: sa.Connection, is_own_code: bool, report: Report) -> None:
    """Report views that are not what they were made as, triggers, and lists that are not those of the code.

    Made by other code (`is_own_code` false), people's views, dictionary and divisions are held to nothing but what was
    noted when they were made.
    """
    dialect = cast(Dialect, connection.dialect.name)
    wanted = {name: define_view(name) for name in FIGURES if is_own_code or _is_known(connection, name)}
    if is_own_code:
        wanted |= {view.name: view.select for view in people_views(dialect)}
        _check_lists(connection, dialect, report)
    else:
        made = connection.execute(sa.select(METADATA.tables["people_views"])).mappings()
        wanted |= {row["view_name"]: _select_of(row["definition"]) for row in made}
        report.notes.append("程序版本与最近一次运行不同：供人查看的视图与数据字典只按建立时的记载核对")
    differing = _differing_sqlite if dialect == "sqlite" else _differing_postgres
    for name in differing(connection, wanted):
        report.faults.append(f"视图“{name}”被改动或删除，不是程序所定义的：不要采信，恢复办法见 docs/runbook.md")
    triggers = _TRIGGERS[dialect]
    for name in connection.exec_driver_sql(triggers).scalars():
        report.faults.append(f"结果库中有触发器 {name}：程序没有建立任何触发器")


def _is_known(connection: sa.Connection, name: str) -> bool:
    """Whether the database has the figure table with every column that the program knows; one of before an upgrade has not."""
    versions, inspector = versions_of(name), sa.inspect(connection)
    if not inspector.has_table(versions.name):
        return False
    return {c.name for c in versions.columns} <= {c["name"] for c in inspector.get_columns(versions.name)}


def _select_of(definition: str) -> str:
    """The SELECT of a statement that made a view."""
    return definition.partition(";\n")[0].partition(" AS ")[2]


def _differing_sqlite(connection: sa.Connection, wanted: dict[str, str]) -> list[str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'view'"
    found = {name: _SIGNS.sub("", str(sql)) for name, sql in connection.exec_driver_sql(query)}
    return [name for name, select in wanted.items() if found.get(name) != _SIGNS.sub("", f"CREATE VIEW {name} AS {select}")]


def _differing_postgres(connection: sa.Connection, wanted: dict[str, str]) -> list[str]:
    """The server writes both views in its own words: the one that stands, and one made for the purpose and taken back."""
    differing = []
    driver: Any = connection.connection.driver_connection
    with driver.transaction(force_rollback=True):
        for name, select in wanted.items():
            driver.execute(f"CREATE TEMPORARY VIEW vbp_verified AS {select}")
            query = "SELECT pg_get_viewdef(to_regclass(%s)), pg_get_viewdef('pg_temp.vbp_verified'::regclass)"
            stands, made = driver.execute(query, [quote_name(name)]).fetchone()
            driver.execute("DROP VIEW pg_temp.vbp_verified")
            if stands != made:
                differing.append(name)
        # Without its barrier a county's view shows others' rows to a function in the query.
        bare = "SELECT relname FROM pg_class WHERE relkind = 'v' AND relname = ANY(%s) AND reloptions IS NULL"
        own = [name for name in wanted if name.startswith(OWN)]
        differing += [name for (name,) in driver.execute(bare, [own]) if name not in differing]
    return differing


def _check_lists(connection: sa.Connection, dialect: Dialect, report: Report) -> None:
    for name, rows in (("data_dictionary", dictionary_rows(dialect)), ("division_names", division_rows())):
        key = REPORTS[name].key
        found = connection.execute(sa.select(METADATA.tables[name])).mappings()
        cells = compare_rows(
            name, key, {tuple(r[k] for k in key): r for r in rows}, {tuple(r[k] for k in key): dict(r) for r in found}
        )
        if cells:
            report.differs(name, REPORTS[name].title_zh, cells)
