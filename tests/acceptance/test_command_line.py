"""The command line as people call it: exit statuses, messages, holding and releasing, both databases."""

import json

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import open_database

PRODUCT = "XC10AAA084A001010100001"
FILES = {
    "institutions": "institution_code,name,jurisdiction_code,ownership\nH33028200001,一院,330282,公立\n",
    "products": f"product_code,kind,generic_name,min_unit,units_per_pack,manufacturer_code\n{PRODUCT},drug,某药,片,7,M1\n",
    "deliveries": "institution_code,delivery_id,order_line_id,distributor_code,product_code,ordered_quantity,"
    "received_quantity,unit_price,ordered_on,accepted_on\n"
    f"H33028200001,D1,O1,S1,{PRODUCT},10,10,6.60,2020-10-01,2020-10-05\n",
}


@pytest.fixture
def landing(tmp_path, monkeypatch):
    for name in ("VBP_HOME", "VBP_LANDING", "VBP_DATABASE", "VBP_POLICIES", "VBP_AS_OF"):
        monkeypatch.delenv(name, raising=False)
    for dataset, text in FILES.items():
        write(tmp_path / "landing", dataset, "a.csv", text)
    return tmp_path / "landing"


def write(landing, dataset, name, text):
    (landing / dataset).mkdir(parents=True, exist_ok=True)
    (landing / dataset / name).write_text(text, encoding="utf-8")


def vbp(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def query(url, statement):
    engine = open_database(url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(statement))]
    engine.dispose()
    return rows


def test_published_on_both_databases(landing, tmp_path, database_url):
    result = vbp("run", "--landing", landing, "--as-of", "2020-12-31", "--home", tmp_path / "home", "--database", database_url)
    assert result.exit_code == 0, result.output
    rows = query(database_url, "SELECT due_rule, due_month, overdue_fen FROM payment_timeliness ORDER BY due_rule")
    assert rows == [
        ("D30", "2020-11", 6600),
        ("D60", "2020-12", 6600),
        ("EONM", "2020-11", 6600),
        ("applicable", "2020-11", 6600),
    ]
    assert "66.00" in result.output


def test_an_empty_landing_zone_is_held_and_publishes_empty_tables_when_released(tmp_path):
    empty, home = tmp_path / "empty", tmp_path / "home"
    empty.mkdir()
    held = vbp("run", "--landing", empty, "--as-of", "2020-12-31", "--home", home)
    assert held.exit_code == 3 and "被扣留：intake.ever" in held.stderr
    (run,) = (home / "runs").iterdir()
    assert vbp("release", run.name, "--home", home, "--note", "确无数据", "--by", "甲").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as-of", "2020-13-01"], "不是有效日期"),
        (["--landing", "/nowhere"], "找不到数据目录"),
        (["--policies", "/nowhere"], "nowhere"),
        (["--database", "postgresql://x/y"], "postgresql+psycopg"),
    ],
)
def test_usage_errors_exit_2_with_one_line(landing, tmp_path, arguments, said):
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    full = {"--landing": landing, "--as-of": "2020-12-31", "--home": tmp_path / "home"} | given
    result = vbp("run", *(part for pair in full.items() for part in pair))
    assert result.exit_code == 2, result.output
    assert said in result.output and "Traceback" not in result.output


def test_a_held_run_leaves_the_figures_and_can_be_released(landing, tmp_path):
    home, url = tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'compliance.db'}"
    run = ["run", "--landing", landing, "--as-of", "2020-12-31", "--home", home]
    assert vbp(*run).exit_code == 0
    before = query(url, "SELECT * FROM payment_timeliness")
    lines = [f"H33028200001,B{n},O,S1,{PRODUCT},1,1,{'x' if n % 2 else '1.00'},2020-10-01,2020-10-05" for n in range(1200)]
    write(landing, "deliveries", "b.csv", "\n".join([FILES["deliveries"].splitlines()[0], *lines]))
    held = vbp(*run)
    assert held.exit_code == 3, held.output
    assert query(url, "SELECT * FROM payment_timeliness") == before
    assert query(url, "SELECT COUNT(*) FROM rejected_records WHERE state = 'open'") == [(600,)]
    [(run_id, note)] = query(url, "SELECT run_id, note FROM runs WHERE status = 'held'")
    assert "deliveries" in note
    assert vbp("release", run_id, "--note", " ", "--by", "张三", "--home", home).exit_code == 2
    assert vbp("release", run_id, "--note", "已核对", "--by", "张三", "--home", home).exit_code == 0
    assert query(url, "SELECT SUM(overdue_fen) FROM payment_timeliness WHERE due_rule = 'D30'") == [(6600 + 600 * 100,)]
    entered = query(url, f"SELECT * FROM runs WHERE run_id = '{run_id}' AND released_by = '张三'")
    again = vbp("release", run_id, "--note", "再来", "--by", "李四", "--home", home)
    assert again.exit_code == 0 and "没有变化" in again.output
    assert query(url, f"SELECT * FROM runs WHERE run_id = '{run_id}' AND status = 'published'") == entered != []
    last, first = json.loads(vbp("runs", "--home", home, "--json").output)
    told = ("run_id", "as_of", "status", "rows_rejected", "released_by")
    assert [last[c] for c in told] == [run_id, "2020-12-31", "published", 600, "张三"] and first["released_by"] is None
    assert last["page"] == str((home / "site" / "morning" / run_id / "index.html").resolve())
    listed = vbp("runs", "--home", home, "--limit", 1).output
    assert run_id in listed and first["run_id"] not in listed and last["page"] in listed and "已核对" in listed
    assert json.loads(vbp("runs", "--home", home, "--status", "held", "--json").output) == []
    rejected = json.loads(vbp("rejects", "list", "--home", home, "--json").output)
    assert len(rejected) == 600 and {r["reasons"][0]["column"] for r in rejected} == {"unit_price"}


@pytest.mark.thorough
def test_a_late_record_restates_a_published_date(landing, tmp_path):
    home, url = tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'compliance.db'}"
    run = ["run", "--landing", landing, "--as-of", "2020-12-31", "--home", home]
    assert vbp(*run).exit_code == 0
    write(
        landing,
        "payments",
        "p.csv",
        "institution_code,payment_id,line_no,payee_code,paid_on,amount\nH33028200001,P1,1,S1,2020-10-20,66.00\n",
    )
    assert vbp(*run).exit_code == 0
    changed = query(
        url, "SELECT old_value, new_value, cause FROM restatements WHERE column_name = 'on_time_fen' AND row_key LIKE 'D30%'"
    )
    assert changed == [("0", "6600", "late_record")]


@pytest.mark.thorough
def test_rejected_rows_wait_for_their_reference(landing, tmp_path):
    home, url = tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'compliance.db'}"
    write(landing, "deliveries", "c.csv", FILES["deliveries"].replace("H33028200001", "H33028200002"))
    run = ["run", "--landing", landing, "--as-of", "2020-12-31", "--home", home]
    assert vbp(*run).exit_code == 0
    [(state, reasons)] = query(url, "SELECT state, reasons FROM rejected_records")
    assert state == "open" and [r["code"] for r in json.loads(reasons)] == ["unknown_reference"]
    write(
        landing, "institutions", "b.csv", "institution_code,name,jurisdiction_code,ownership\nH33028200002,二院,330282,公立\n"
    )
    assert vbp(*run).exit_code == 0
    assert query(url, "SELECT state FROM rejected_records") == [("resolved",)]
    assert query(url, "SELECT COUNT(DISTINCT institution_code) FROM payment_timeliness") == [(2,)]


@pytest.mark.thorough
def test_a_gate_stays_closed_until_someone_opens_it(landing, tmp_path):
    home, url = tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'compliance.db'}"
    run = ["run", "--landing", landing, "--as-of", "2020-12-31", "--home", home]
    bad = [f"H33028200001,B{n},O,S1,{PRODUCT},1,1,x,2020-10-01,2020-10-05" for n in range(1200)]
    write(landing, "deliveries", "b.csv", "\n".join([FILES["deliveries"].splitlines()[0], *bad]))
    assert [vbp(*run).exit_code, vbp(*run).exit_code] == [3, 3]
    held = query(url, "SELECT run_id, rows_read FROM runs WHERE status = 'held' ORDER BY started_at, run_id")
    assert [rows for _, rows in held] == [1203, 1203]
    assert vbp("release", held[0][0], "--note", "已核对", "--by", "张三", "--home", home).exit_code == 0
    [(read, rejected)] = query(url, "SELECT rows_read, rows_rejected FROM runs WHERE status = 'published'")
    assert (read, rejected) == (1203, 1200)
    assert query(url, "SELECT SUM(rows_read) FROM source_files WHERE run_id = '" + held[0][0] + "'") == [(1203,)]
    assert vbp(*run).exit_code == 0
