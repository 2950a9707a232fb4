"""`vbp serve`: what a browser gets of the embedded database, and that it gets no more."""

import asyncio
import csv
import datetime as dt
import io
import json
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from urllib.parse import quote

import httpx
import pytest
from datasette.utils import tilde_encode

from pipelines.database.open import migrate, open_database
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.publish.swap import begin, publish
from pipelines.serve.guard import guard
from pipelines.serve.questions import ask_everything, written_questions
from pipelines.serve.serve import find_database, make_application
from pipelines.views.plain_cell import plain_cell
from pipelines.views.views import people_views
from tests.report_database import Nights
from tests.test_readme import TEXTS, find_statements
from tests.views.conftest import name_codes

D1, D2 = dt.date(2020, 10, 1), dt.date(2020, 10, 2)
FORMULA = "=cmd|' /C calc'!A0"
ROWS = {
    "payment_timeliness": [
        {
            "institution_code": "H1",
            "distributor_code": "S1",
            "due_rule": "applicable",
            "jurisdiction_code": "330282",
            "matured_fen": 400,
            "overdue_fen": 105,
            "on_time_fen": 295,
            "matured_count": 2,
            "on_time_count": 1,
        },
        {
            "institution_code": "H2",
            "distributor_code": "S2",
            "due_rule": "applicable",
            "jurisdiction_code": "371522",
            "matured_fen": 100,
            "overdue_fen": -7,
        },
    ],
    "findings": [{"finding_id": "F", "message_zh": '第一行\n@第二行，含“引号"”', "institution_code": "H1"}],
}
NAMES = {"enterprise_names": [{"enterprise_code": "S1", "name": FORMULA}, {"enterprise_code": "S2", "name": "-某公司"}]}


def run(nights, run_id, as_of, **tables):
    row = nights.row(run_id, as_of)
    begin(nights.engine, row)
    nights.stage(run_id, as_of, **tables)
    publish(nights.engine, row, None, [], names=name_codes(nights, **NAMES))


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    engine = open_database(f"sqlite:///{folder / 'compliance.db'}")
    migrate(engine)
    (folder / "reports").mkdir()
    nights = Nights(engine, folder / "reports")
    run(nights, "R1", D1, **ROWS)
    yield nights
    engine.dispose()


@pytest.fixture(scope="module")
def get(nights):
    """What the pages answer to a path below the database."""
    application = make_application(find_database(str(nights.engine.url)))
    transport = httpx.ASGITransport(app=application)

    async def ask(path, method, headers):
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, headers=headers)

    return lambda path, method="GET", **headers: asyncio.run(ask(path, method, headers))


def page(name, ending="", **asked):
    query = "&".join(f"{key}={quote(value)}" for key, value in asked.items())
    return f"/compliance/{tilde_encode(name)}{ending}?{query}"


def rows(get, name, **asked):
    answer = get(page(name, ".json", _shape="array", **asked))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_questions_of_the_readmes_are_among_those_asked():
    asked = {" ".join(question.sql.split()) for question in written_questions()}
    for text in TEXTS.values():
        statements = [re.sub(r"--.*\n", "", statement) for statement in find_statements(text)]
        assert {" ".join(s.replace("'2020-12-31'", ":as_of").split()) for s in statements} <= asked


def test_the_front_page_leads_to_every_question_and_view(get):
    front = get("/").text
    for name in [question.name for question in ask_everything()] + [view.name for view in people_views("sqlite")]:
        assert f'href="/compliance/{tilde_encode(name)}"' in front


@pytest.mark.parametrize("question", ask_everything(), ids=lambda question: question.name)
def test_a_question_is_answered_for_the_latest_date_where_none_is_given(get, question):
    shown = get(page(question.name)).text
    assert question.title in shown
    empty = rows(get, question.name, as_of="", jurisdiction="")
    assert empty == rows(get, question.name, as_of=str(D1), jurisdiction="")
    if ":as_of" in question.sql:
        assert rows(get, question.name, as_of="2019-01-01", jurisdiction="") == []


def test_figures_are_those_of_the_table(get, nights):
    ((fen,),) = nights.read("SELECT overdue_fen FROM payment_timeliness WHERE institution_code = 'H1'")
    (shown,) = rows(get, "最新_货款支付及时情况", **{"医疗机构编码": "H1"})
    assert (shown["逾期未付金额"], shown["到期规则"]) == (fen / 100, "适用规则")
    by_place = rows(get, "by_date_payment_timeliness", as_of="", jurisdiction="3302")
    assert [row["医疗机构编码"] for row in by_place] == ["H1"]
    rates = {row["institution_code"]: row["rate_amount"] for row in rows(get, "payment_rates", as_of="")}
    assert rates == {"H1": 295 / 400, "H2": 0.0}


def test_every_view_has_a_page_that_says_its_columns(get):
    for view in people_views("sqlite"):
        shown = get(page(view.name)).text
        assert all(f"<dt>{column.title}</dt>" in shown for column in view.columns), view.name
    assert "<dd>（元） 已到期应付中未支付的部分。</dd>" in get(page("最新_货款支付及时情况")).text


def test_the_machinery_is_hidden(get):
    listed = get("/compliance.json").json()["tables"]
    hidden = {table["name"] for table in listed if table["hidden"]}
    assert {"findings_versions", "people_views", "readers", "alembic_version"} <= hidden
    assert {"runs", "source_files"} <= set(METADATA.tables) - hidden


def test_pages_load_nothing_from_elsewhere(get):
    for path in ("/", "/compliance", page("最新_问题清单"), page("failing_commitments"), page("runs")):
        loaded = re.findall(r'(?:<script[^>]*src|<img[^>]*src|<link[^>]*href)="([^"]+)"', get(path).text)
        assert loaded
        for address in loaded:
            assert re.match(r"/(?!/)|http://localhost/", address), address
    styles = get("/vbp/browse.css").text
    assert "url(" not in styles and "@import" not in styles


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM runs",
        "UPDATE runs SET note = 1",
        "ATTACH 'x.db' AS x",
        "PRAGMA writable_schema = 1",
        "DROP VIEW findings",
        "WITH x AS (SELECT 1) INSERT INTO readers SELECT 'X', ''",
    ],
)
def test_nobody_writes_through_the_pages(get, sql):
    assert get(f"/compliance.json?sql={quote(sql)}").status_code == 400


@pytest.mark.parametrize(
    ("host", "given", "answered"),
    [
        ("localhost:8001", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("[::1]:8001", "::1", True),
        ("LOCALHOST.", "::1", True),
        ("evil.example:8001", "127.0.0.1", False),
        ("127.0.0.1.evil.example", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("localhost@evil.example", "127.0.0.1", False),
        ("10.0.0.5:8001", "127.0.0.1", False),
        ("10.0.0.5:8001", "0.0.0.0", True),
        ("evil.example", "0.0.0.0", False),
        ("vbp.example.org", "0.0.0.0", True),
        ("10.0.0.5", "10.0.0.5", True),
    ],
)
def test_only_its_own_names_are_answered(host, given, answered):
    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"referrer-policy", b"x")]})
        await send({"type": "http.response.body", "body": b""})

    async def ask():
        transport = httpx.ASGITransport(app=guard(page, given, ["vbp.example.org"]))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/", headers={"host": host})

    answer = asyncio.run(ask())
    assert answer.status_code == (200 if answered else 421)
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers.get_list("referrer-policy") == ["no-referrer"]


def test_every_answer_forbids_frames_guessing_and_foreign_sources(get):
    for path in ("/", page("runs"), page("runs", ".json"), page("runs", ".csv"), "/vbp/browse.css", "/none"):
        headers = get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT group_concat(n) FROM t",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n, randomblob(1000) FROM t ORDER BY 2",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT randomblob(1000000) FROM t",
        "SELECT randomblob(1000000000)",
        "SELECT hex(zeroblob(900000000))",
        "SELECT replace(printf('%.*c', 4000000, 'x'), 'x', 'xxxxxxxxxxxxxxxx')",
        "WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT s FROM t",
    ],
)
def test_no_question_takes_more_than_its_share(get, sql):
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert get(f"/compliance.json?_timelimit=3000&sql={quote(sql)}").status_code == 400
    assert time.monotonic() - began < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000  # KiB


@pytest.mark.thorough
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM staging_findings",
        'SELECT * FROM "STAGING_findings"',
        "WITH findings AS (SELECT * FROM [staging_findings]) SELECT * FROM findings",
        "SELECT (SELECT count(*) FROM main.`staging_findings`)",
        "SELECT * FROM runs JOIN leaving_findings",
    ],
)
def test_nobody_reads_what_is_not_published(get, sql):
    assert get(f"/compliance.json?sql={quote(sql)}").status_code == 400
    assert get(page("staging_findings")).status_code == 403
    assert get(page("staging_findings", ".csv", _stream="on")).status_code == 403
    assert "staging_findings" not in get("/compliance").text


def test_the_programs_own_pages_are_closed(get):
    for path in ("/-/databases.json", "/-/settings", "/-/threads", "/-/metadata", "/-/versions"):
        assert get(path).status_code == 404


def test_the_whole_file_is_not_given_away_and_nothing_is_posted(get):
    assert get("/compliance.db").status_code == 403
    assert {get(path, "POST").status_code for path in ("/", "/compliance/runs", "/-/messages")} == {405}


def test_csv_holds_no_formula_and_numbers_stay_numbers(get):
    answer = get(page("最新_货款支付及时情况", ".csv", _dl="1"))
    assert answer.text.startswith("\ufeff统计截止日,")
    found = {row["医疗机构编码"]: row for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))}
    assert found["H1"]["配送企业名称"] == f"'{FORMULA}"
    assert (found["H2"]["配送企业名称"], found["H2"]["逾期未付金额"]) == ("'-某公司", "-0.07")
    whole = get(page("最新_问题清单", ".csv", _stream="on")).text
    (row,) = csv.DictReader(io.StringIO(whole, newline=""))
    assert row["说明"] == ROWS["findings"][0]["message_zh"]
    asked = get(f"/compliance.csv?sql={quote(chr(10).join(['select', repr('@SUM(1)'), 'as x']))}").text
    assert asked.splitlines() == ["x", "'@SUM(1)"]


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("-5", "-5"),
        ("-1.5e3", "-1.5e3"),
        ("+1", "+1"),
        ("-1+1", "'-1+1"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("慈溪=1", "慈溪=1"),
    ],
)
def test_a_cell(cell, safe):
    assert plain_cell(cell) == safe


def test_what_cannot_be_served_is_said_with_a_remedy(tmp_path):
    missing = tmp_path / "compliance.db"
    with pytest.raises(UsageError, match="vbp run"):
        find_database(f"sqlite:///{missing}")
    assert not missing.exists()
    sqlite3.connect(missing).close()
    with pytest.raises(UsageError, match="旧版本"):
        find_database(f"sqlite:///{missing}")
    missing.write_text("no database" * 100)
    with pytest.raises(UsageError, match="不是可读的 SQLite"):
        find_database(f"sqlite:///{missing}")


def test_the_command_serves_while_a_night_publishes(nights):
    """Started as a user starts it; a second one on its port is refused; it ends on Ctrl-C."""
    home = str(nights.folder.parent)
    words = [sys.executable, "-m", "pipelines.cli.app", "serve", "--home", home, "--port"]
    with subprocess.Popen([*words, "0"], stderr=subprocess.PIPE, text=True) as process:
        try:
            told = process.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:(\d+)/", told)
            assert address, told
            taken = subprocess.run([*words, address[1]], capture_output=True, text=True, check=False)
            assert taken.returncode == 2
            assert "--port" in taken.stderr
            url = address[0] + page("最新_未分配付款", ".json", _shape="array").lstrip("/")
            assert fetch(url) == []
            run(nights, "R2", D2, **ROWS, payment_unallocated=[{"institution_code": "H1", "unallocated_fen": 5}])
            (row,) = fetch(url)
            assert (row["统计截止日"], row["未分配金额"]) == (str(D2), 0.05)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)
