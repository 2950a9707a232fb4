"""What PostgreSQL allows everybody, and what of it breaks the promise that a reader only reads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from pipelines.views.views import quote_name

_WRITING_LARGE_OBJECTS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_put(oid, bigint, bytea)",
    "lowrite(integer, bytea)",
    "lo_truncate(integer, integer)",
    "lo_truncate64(integer, bigint)",
    "lo_unlink(oid)",
)
"""A large object of a reader's fills the disk, and no backup by the tables' owner gets past it."""

_PLACE = """
SELECT current_database()::text AS database, current_schema()::text AS schema,
  r.rolsuper AS is_super, r.rolsuper OR pg_has_role(d.datdba, 'MEMBER') AS owns_database,
  r.rolsuper OR pg_has_role(n.nspowner, 'MEMBER') AS owns_schema,
  (SELECT o.rolname::text FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE c.oid = 'readers'::regclass) AS owner
FROM pg_database d, pg_namespace n, pg_roles r
WHERE d.datname = current_database() AND n.nspname = current_schema() AND r.rolname = current_user
"""


def close_to_everybody(connection: sa.Connection) -> None:
    """Take from PUBLIC, as far as the user of the connection may: large objects, tables in our schema, temporary objects.
    The tables' owner keeps all of it.
    """
    place = connection.exec_driver_sql(_PLACE).mappings().one()
    if place["is_super"]:
        functions = ", ".join(f"pg_catalog.{name}" for name in _WRITING_LARGE_OBJECTS)
        _do(connection, f"REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC")
    owner, schema = quote_name(place["owner"]), quote_name(place["schema"])
    if place["owns_schema"]:
        _do(connection, f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {owner}")
        _do(connection, f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC")
    if place["owns_database"]:
        database = quote_name(place["database"])
        _do(connection, f"GRANT TEMPORARY ON DATABASE {database} TO {owner}")
        _do(connection, f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")


def find_open_doors(connection: sa.Connection, role: str) -> list[str]:
    """What the role can still make in the database outside our tables, in Chinese, with the statement that takes it."""
    who = {"role": role}
    allowed = connection.execute(
        sa.text(
            "SELECT current_database()::text, has_database_privilege(:role, current_database(), 'CREATE'),"
            " has_database_privilege(:role, current_database(), 'TEMPORARY'),"
            " (SELECT count(*) FROM pg_largeobject_metadata m JOIN pg_roles r ON r.oid = m.lomowner WHERE r.rolname = :role)"
        ),
        who,
    )
    database, makes_schemas, makes_temporary, objects = allowed.one()
    name, found = quote_name(database), []
    if makes_schemas:
        found.append(f"可建立模式（收回：REVOKE CREATE ON DATABASE {name} FROM {quote_name(role)};）")
    if makes_temporary:
        found.append(
            f"可建立临时表（由数据库所有者或管理员收回：REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC, {quote_name(role)};）"
        )
    if writing := [f for f in _WRITING_LARGE_OBJECTS if _may_call(connection, role, f)]:
        functions = ", ".join(f"pg_catalog.{f}" for f in writing)
        found.append(f"可写入大对象（由管理员收回：REVOKE EXECUTE ON FUNCTION {functions} FROM PUBLIC, {quote_name(role)};）")
    if objects:
        found.append(
            f"拥有 {objects} 个大对象，会使备份失败（由管理员删除：SELECT lo_unlink(m.oid) FROM pg_largeobject_metadata m"
            f" JOIN pg_roles r ON r.oid = m.lomowner WHERE r.rolname = '{role}';）"
        )
    return found


def _may_call(connection: sa.Connection, role: str, function: str) -> bool:
    asked = sa.text("SELECT has_function_privilege(:role, CAST(:name AS text), 'EXECUTE')")
    return bool(connection.execute(asked, {"role": role, "name": f"pg_catalog.{function}"}).scalar_one())


def _do(connection: sa.Connection, statement: str) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(statement).close()
