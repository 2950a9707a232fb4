"""Who may read a PostgreSQL report database: roles that see the views and report tables, or their own divisions only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from pipelines.errors import UsageError, VbpError
from pipelines.views.everybody import close_to_everybody, find_open_doors
from pipelines.views.views import people_views, quote_name
from schemas.reports import REPORTS

ALL = ""
_READERS = "readers"
_OWN_TABLES = ("data_dictionary",)
_ATTRIBUTES = {
    "rolsuper": "SUPERUSER",
    "rolcreaterole": "CREATEROLE",
    "rolcreatedb": "CREATEDB",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}


def keep_reader(engine: sa.Engine, role: str, jurisdictions: Sequence[str] = ()) -> list[str]:
    """Make `role` a reader, and return the names of the views and tables it may read.

    Without jurisdictions it reads every report table and people's view, else the views of its own divisions
    (prefixes of division codes) and the data dictionary. A role that does not exist is made (NOLOGIN); whatever
    else it held on our tables is taken away, and from everybody what nobody needs who reads. All of it or nothing:
    VbpError when the role can do more than that
    afterwards, UsageError on SQLite, where the tables are missing, or where a role cannot be made.
    """
    if engine.dialect.name != "postgresql":
        raise UsageError("SQLite 没有数据库角色；只读查看请用 vbp serve，或以文件权限限制对 compliance.db 的访问")
    with engine.begin() as connection:
        if not sa.inspect(connection).has_table(_READERS):
            raise UsageError("结果库还没有供人查看的视图；请先执行一次 vbp run（或升级后的首次运行）")
        _make_role(connection, role)
        close_to_everybody(connection)
        _become_owner(connection)
        connection.execute(sa.text("DELETE FROM readers WHERE role_name = :role"), {"role": role})
        rows = [{"role": role, "place": place} for place in sorted(set(jurisdictions)) or [ALL]]
        connection.execute(sa.text("INSERT INTO readers (role_name, jurisdiction) VALUES (:role, :place)"), rows)
        grant_readers(connection)
        readable = _readable(is_own=bool(jurisdictions))
        if excess := _find_excess(connection, role, readable):
            raise VbpError(f"角色 {role} 的权限超出只读，未作任何更改：{'；'.join(excess)}。请收回后再执行")
    return readable


def grant_readers(connection: sa.Connection) -> None:
    """Grant every registered reader what it may read and nothing else; forget those whose role is gone.

    Nothing on SQLite, which has no roles. Needs no right but that of the tables' owner.
    """
    if connection.dialect.name != "postgresql":
        return
    gone = "DELETE FROM readers WHERE role_name NOT IN (SELECT rolname::text FROM pg_catalog.pg_roles)"
    connection.exec_driver_sql(gone)
    found = connection.exec_driver_sql("SELECT role_name, MAX(jurisdiction) FROM readers GROUP BY role_name")
    for role, jurisdiction in found.all():
        _do(connection, f"REVOKE ALL ON {_list(_relations(connection))} FROM {quote_name(role)}")
        readable = _list(_readable(is_own=jurisdiction != ALL))
        _do(connection, f"GRANT SELECT ON {readable} TO {quote_name(role)}")


def _do(connection: sa.Connection, statement: str) -> None:
    """Send a statement as it stands: no sign in the name of a role is a parameter."""
    driver: Any = connection.connection.driver_connection
    driver.execute(statement).close()


def _readable(*, is_own: bool) -> list[str]:
    views = [view.name for view in people_views("postgresql") if view.is_own == is_own]
    return [*(_OWN_TABLES if is_own else REPORTS), *views]


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(quote_name, names))


def _relations(connection: sa.Connection) -> list[str]:
    """Every table and view of the schema that belongs to us."""
    query = (
        "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'v') AND c.relowner ="
        " (SELECT o.relowner FROM pg_catalog.pg_class o WHERE o.oid = 'readers'::regclass) ORDER BY 1"
    )
    return list(connection.exec_driver_sql(query).scalars())


def _make_role(connection: sa.Connection, role: str) -> None:
    exists = sa.text("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = :role")
    if connection.execute(exists, {"role": role}).first():
        return
    may = "SELECT rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user"
    if not connection.exec_driver_sql(may).scalar_one():
        raise UsageError(f"数据库用户无权建立角色；请数据库管理员执行 CREATE ROLE {quote_name(role)} NOLOGIN; 然后再执行本命令")
    _do(connection, f"CREATE ROLE {quote_name(role)} NOLOGIN")


def _become_owner(connection: sa.Connection) -> None:
    """Act as the owner of the tables for the rest of the transaction: an administrator owns none of them."""
    query = (
        "SELECT o.rolname::text, pg_catalog.pg_has_role(o.oid, 'MEMBER') FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_roles o ON o.oid = c.relowner WHERE c.oid = 'readers'::regclass"
    )
    owner, is_member = connection.exec_driver_sql(query).one()
    if not is_member:
        raise UsageError(f"结果库的表属于数据库用户 {owner}；请以该用户或管理员连接后再执行")
    _do(connection, f"SET LOCAL ROLE {quote_name(owner)}")


def _find_excess(connection: sa.Connection, role: str, readable: Sequence[str]) -> list[str]:
    """What the role can do in our schema beyond reading, in Chinese, whoever gave it that right."""
    who = {"role": role}
    row = connection.execute(sa.text("SELECT * FROM pg_catalog.pg_roles WHERE rolname = :role"), who)
    attributes = row.mappings().one()
    found = [f"具有 {word} 属性" for name, word in _ATTRIBUTES.items() if attributes[name]]
    groups = connection.execute(
        sa.text(
            "SELECT g.rolname::text FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid"
            " JOIN pg_catalog.pg_roles r ON r.oid = m.member WHERE r.rolname = :role ORDER BY 1"
        ),
        who,
    )
    found += [f"是角色 {group} 的成员" for group in groups.scalars()]
    if found:  # the rest follows from these
        return found
    schema = connection.execute(
        sa.text(
            "SELECT current_schema()::text, has_schema_privilege(:role, current_schema(), 'CREATE'),"
            " has_schema_privilege(:role, current_schema(), 'USAGE')"
        ),
        who,
    )
    name, creates, uses = schema.one()
    if creates:
        found.append(f"可在模式 {name} 中建表（收回：REVOKE CREATE ON SCHEMA {quote_name(name)} FROM PUBLIC;）")
    if not uses:
        found.append(f"反而无权使用模式 {name}（授予：GRANT USAGE ON SCHEMA {quote_name(name)} TO {role};）")
    relations = connection.execute(
        sa.text(
            "SELECT c.relname::text,"
            " has_table_privilege(:role, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
            " OR has_any_column_privilege(:role, c.oid, 'INSERT, UPDATE, REFERENCES'),"
            " has_any_column_privilege(:role, c.oid, 'SELECT') FROM pg_catalog.pg_class c"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'v', 'm', 'p', 'f') ORDER BY 1"
        ),
        who,
    )
    for relation, writes, reads in relations:
        if writes:
            found.append(f"可改写 {relation}")
        elif reads and relation not in readable:
            found.append(f"可读 {relation}")
    return found + find_open_doors(connection, role)
