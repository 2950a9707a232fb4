"""Faults of files, disk, database and settings: a clear message, nothing lost, the last figures standing."""

import contextlib
import hashlib
import html
import json
import os
import shutil
import signal
import time
import zipfile
from datetime import date
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import open_database
from pipelines.ingest import workbook
from pipelines.night import begin as opening
from pipelines.night import steps
from pipelines.night.run import run_night
from pipelines.publish import swap
from pipelines.settings import Settings
from pipelines.store import local
from tests.acceptance.night import compute_night
from tests.ingest.files import write_xlsx
from tests.reports.explained_nights import HEADS, MASTER, delivery, send

AS_OF = date(2020, 12, 31)
CALCULATOR = "=cmd|' /C calc'!A0"
LOTS = HEADS["lots"].split(",")
LOT = ["第四批", "national", "drug", "某文"]
FULL = Path("/dev/full")


def query(url, statement):
    engine = open_database(url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(statement))]
    engine.dispose()
    return rows


class House:
    """A landing zone and a home, whose nights are run as `vbp run` runs them."""

    def __init__(self, folder, url=""):
        self.landing, self.home = folder / "landing", folder / "home"
        self.settings = Settings(home=self.home, landing=self.landing, database=url)
        self.arguments = ["--landing", str(self.landing), "--home", str(self.home), "--as-of", str(AS_OF)]

    def night(self):
        return run_night(self.settings, AS_OF, lambda _: None)[0]

    def read(self, statement):
        return query(self.settings.database_url, statement)

    def figures(self):
        return self.read("SELECT commitment_id, net_quantity, run_id FROM agreed_volume_completion ORDER BY 1")

    def digest(self):
        return self.read("SELECT result_digest FROM runs WHERE status = 'published' ORDER BY started_at DESC")[0]

    def copy(self, folder):
        shutil.copytree(self.landing.parent, folder, dirs_exist_ok=True)
        return House(folder)


def first_night(house):
    for dataset, rows in MASTER.items():
        send(house.landing, dataset, *rows)
    send(house.landing, "deliveries", delivery("D1", "2020-10-05"))
    assert house.night() == "published"
    return house


def land_more(house):
    """What the second night is to take in."""
    send(house.landing, "deliveries", delivery("D2", "2020-11-05", packs=20), name="b.csv")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A home with a night published, moved away since: beside one that goes on, its copies would be refused."""
    folder = tmp_path_factory.mktemp("good")
    first_night(House(folder / "made"))
    return House((folder / "made").rename(folder / "moved"))


@pytest.fixture(scope="module")
def undisturbed(good, tmp_path_factory):
    """Figures and digest of two nights that nothing went wrong with."""
    house = good.copy(tmp_path_factory.mktemp("undisturbed"))
    land_more(house)
    assert house.night() == "published"
    return [row[:2] for row in house.figures()], house.digest()


@pytest.fixture
def house(good, tmp_path):
    return good.copy(tmp_path)


def land_broken_files(landing):
    whole = write_xlsx(landing / "lots" / "truncated.xlsx", 一=[LOTS, ["L8", *LOT]])
    whole.write_bytes(whole.read_bytes()[:-200])
    (landing / "deliveries" / "nothing.csv").write_bytes(b"")
    with zipfile.ZipFile(landing / "lots" / "renamed.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    lines = [HEADS["deliveries"], delivery("D3", "2020-10-06"), delivery("N\0L", "2020-10-07")]
    (landing / "deliveries" / "nul.csv").write_bytes("\n".join(lines).encode())
    send(landing, "deliveries", delivery(CALCULATOR, "=1+1"), name=f"甲/{CALCULATOR.replace('/', '')}.csv")
    write_xlsx(landing / "lots" / "cut.xlsx", 一=[LOTS, *([f"L{n}", *LOT] for n in range(1, 10))])


def land_what_is_no_file(landing):
    shutil.copy(landing / "lots" / "truncated.xlsx", landing / "lots" / "twin.xlsx")
    (landing / "payments").mkdir(exist_ok=True)
    os.mkfifo(landing / "payments" / "fifo.csv")
    (landing / "lots" / os.fsdecode("批次.csv".encode("gbk"))).write_text("lot_code\n")
    (landing / "loose.csv").write_text("lot_code\n")


NO_FILES = {
    "lots/twin.xlsx": "不是可读取的",
    "payments/fifo.csv": "这是命名管道",
    r"lots/\xc5\xfa\xb4\xce.csv": "文件名或目录名不是 UTF-8 编码（按 GBK 读作“lots/批次.csv”）",
    "loose.csv": "没有放在数据集的目录中",
}
BROKEN = {
    "lots/truncated.xlsx": "不是可读取的 xlsx 工作簿（可能被截断或改名），请重新导出",
    "lots/renamed.xlsx": "内容是Word 或 PowerPoint 文档，不能读取；请改用 xlsx、xls、csv 或 parquet 重新报送",
    "deliveries/nothing.csv": "文件为空（0 字节），请重新导出",
}


@pytest.fixture(scope="module")
def broken(good, tmp_path_factory):
    """The second night found every kind of broken file; sheets are full with ten rows here."""
    house = good.copy(tmp_path_factory.mktemp("broken"))
    land_broken_files(house.landing)
    land_what_is_no_file(house.landing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "SHEET_LIMIT", 10)
        assert house.night() == "published"
    ((house.run_id,),) = house.read("SELECT run_id FROM runs WHERE rows_rejected = 2")
    house.page = (house.home / "site" / "morning" / house.run_id / "index.html").read_text(encoding="utf-8")
    return house


@pytest.mark.parametrize(("path", "message"), BROKEN.items())
def test_a_file_that_cannot_be_read_is_named_kept_and_tried_again(broken, path, message):
    details = broken.read("SELECT details FROM check_results WHERE check_id = 'files_taken_in'")[-1][0]
    assert f"{path}：{message}" in details and f"{path}：{message}" in broken.page
    found = f"SELECT status, rows_read FROM source_files WHERE path = '{path}'"
    assert broken.read(found) == [("failed", 0)]
    sent = (broken.landing / path).read_bytes()
    dataset, suffix = path.split("/")[0], Path(path).suffix
    kept = broken.home / "archive" / dataset / f"{hashlib.sha256(sent).hexdigest()}{suffix}"
    assert kept.read_bytes() == sent


@pytest.mark.parametrize(("path", "message"), NO_FILES.items())
def test_what_is_not_read_is_named(broken, path, message):
    ((details,),) = broken.read(
        f"SELECT details FROM check_results WHERE check_id = 'files_taken_in' AND run_id = '{broken.run_id}'"
    )
    (told,) = [example for example in json.loads(details)["examples"] if example.startswith(f"{path}：")]
    assert message in told and told in html.unescape(broken.page)
    assert broken.read(f"SELECT status, rows_read FROM source_files WHERE path = '{path}'") == [("failed", 0)]


def test_a_folder_that_leads_elsewhere(house):
    (house.landing / "payments").symlink_to(house.home.parent / "unmounted")
    before = house.figures(), house.read("SELECT run_id FROM runs")
    result = CliRunner().invoke(app, ["run", *house.arguments])
    assert result.exit_code == 2 and f"目录 {house.landing / 'payments'} " in result.stderr
    assert (house.figures(), house.read("SELECT run_id FROM runs")) == before
    (house.home.parent / "unmounted").mkdir()
    roots = {"VBP_LANDING_ROOTS": f"/nowhere:{house.home.parent}"}
    assert CliRunner().invoke(app, ["run", *house.arguments], env=roots).exit_code == 0


def test_what_is_good_beside_them_is_taken_in_and_figures_follow(good, broken):
    assert [(c, net) for c, net, _ in good.figures()] == [("C", 70.0), ("LATER", 0.0)]
    assert [(c, net) for c, net, _ in broken.figures()] == [("C", 140.0), ("LATER", 0.0)]
    found = "SELECT rows_read, rows_accepted, rows_rejected FROM source_files WHERE path LIKE '%nul.csv'"
    assert broken.read(found) == [(2, 1, 1)]


def test_a_line_with_a_nul_costs_that_line(broken):
    ((reasons,),) = broken.read("SELECT reasons FROM rejected_records WHERE source_path LIKE '%nul.csv'")
    assert "该行含有无法解码的字节或 NUL 字符" in reasons


def test_a_full_sheet_is_taken_in_with_a_warning(broken):
    said = "lots/cut.xlsx：工作表“一”已达 Excel 行数上限 10，可能被截断，请核对"
    ((status, details),) = broken.read("SELECT status, details FROM check_results WHERE check_id = 'sheets_read'")
    assert status == "warning" and said in details and said in broken.page
    assert broken.read("SELECT rows_accepted FROM source_files WHERE path = 'lots/cut.xlsx'") == [(9,)]


def test_a_formula_leaves_every_export_as_text(broken):
    """Workbooks are what leaves; their cells, and what was sent as the name of a file, stay what they were."""
    books = list((broken.home / "returns" / broken.run_id).rglob("*.xlsx"))
    assert len(books) == 2
    parts = []
    for path in books:
        with zipfile.ZipFile(path) as book:
            parts += [(name, book.read(name).decode()) for name in book.namelist() if name.endswith(".xml")]
    sheets = [text for name, text in parts if name.startswith("xl/worksheets/")]
    assert not any("<f>" in sheet or 't="str"' in sheet for sheet in sheets)
    assert any(CALCULATOR in text for name, text in parts if name == "xl/sharedStrings.xml")
    assert not any("externalLink" in name or "ddeLink" in text for name, text in parts)
    assert "=cmd|&#39; C calc&#39;!A0.csv" in broken.page


@pytest.mark.thorough
def test_a_disk_that_fills_up_during_archiving(house, undisturbed, monkeypatch):
    if not FULL.exists():
        pytest.skip("no /dev/full here: nothing to write to that is full")
    land_more(house)
    before = house.figures()
    sha256 = hashlib.sha256((house.landing / "deliveries" / "b.csv").read_bytes()).hexdigest()
    archived = house.home / "archive" / "deliveries"
    clear = opening.clear_leftovers

    def clear_and_fill(*given):
        clear(*given)
        (archived / f"{sha256}.csv.half.part").symlink_to(FULL)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(local, "token_hex", lambda _: "half")
        patch.setattr(opening, "clear_leftovers", clear_and_fill)
        house.night()
    ((note,),) = house.read("SELECT note FROM runs WHERE status = 'failed'")
    assert note.startswith(f"磁盘空间不足，写不下 {archived / sha256}.csv.half.part；请腾出空间后重新运行")
    assert house.figures() == before
    assert len(list(archived.iterdir())) == 1
    assert house.night() == "published"
    assert ([row[:2] for row in house.figures()], house.digest()) == undisturbed


def test_a_policy_file_with_an_unknown_key(house):
    policies = house.home.parent / "policies"
    policies.mkdir()
    (policies / "site.toml").write_text('[[policy]]\nid = "x"\nunheard = 1\n', encoding="utf-8")
    before = house.figures(), house.read("SELECT run_id FROM runs")
    result = CliRunner().invoke(app, ["run", *house.arguments, "--policies", str(policies)])
    assert result.exit_code == 2 and "site.toml" in result.output and "unheard" in result.output
    assert (house.figures(), house.read("SELECT run_id FROM runs")) == before


def end_backend(server, database, connection):
    """What a server does that is restarted: the connection that publishes is cut off."""
    pid = connection.connection.driver_connection.info.backend_pid
    with psycopg.connect(server, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def close_database(server, database, _):
    """What a server does that is going down: nobody is let in any more."""
    with psycopg.connect(server, autocommit=True) as other:
        other.execute(f"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false")
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])


def crash(server, _, connection):
    """What a server does whose power was cut: it comes up again with its unlogged tables empty. It goes down some time after the
    kill, with everybody who is connected: only who is let in after that is let in by the one that came up.
    """
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server, autocommit=True) as other:
        os.kill(connection.connection.driver_connection.info.backend_pid, signal.SIGKILL)
        while True:
            other.execute("SELECT pg_sleep(0.05)")
    for _ in range(600):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server):
            return
        time.sleep(0.05)
    raise AssertionError("the server did not come up again in half a minute")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("lose", "status", "note"),
    [
        (end_backend, "failed", "结果库无法读写：terminating connection"),
        (crash, "failed", "结果库无法读写："),
        (close_database, "running", ""),
    ],
)
def test_a_database_that_goes_away_while_publishing(
    lose, status, note, postgres_server, postgres_url, undisturbed, tmp_path, monkeypatch, caplog
):
    house = first_night(House(tmp_path, postgres_url))
    land_more(house)
    before = house.figures()
    database = sa.make_url(postgres_url).database
    with monkeypatch.context() as patch:
        finish = swap.finish

        def lose_then_finish(connection, *more):
            lose(postgres_server, database, connection)
            return finish(connection, *more)

        patch.setattr(swap, "finish", lose_then_finish)
        with pytest.raises(sa.exc.OperationalError):
            house.night()
    with psycopg.connect(postgres_server, autocommit=True) as other:
        other.execute(f"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS true")
    assert house.figures() == before
    (found,) = house.read("SELECT status, COALESCE(note, '') FROM runs ORDER BY started_at DESC, run_id DESC LIMIT 1")
    assert found[0] == status and found[1].startswith(note)
    assert status == "failed" or "下一次运行会补记为中断" in caplog.text
    assert house.night() == "published"
    assert ([row[:2] for row in house.figures()], house.digest()) == undisturbed
    assert house.read("SELECT COUNT(*) FROM runs WHERE status = 'running'") == [(0,)]


@pytest.mark.thorough
@pytest.mark.parametrize("step", ["audit", "publish"])
def test_what_a_crash_took_out_of_staging_is_staged_again(step, postgres_server, postgres_url, undisturbed, tmp_path):
    """As a task of Airflow is tried again: the figures are those of the run, and not the empty tables that were left."""
    house = first_night(House(tmp_path, postgres_url))
    land_more(house)
    run = compute_night(house.landing, house.home, AS_OF, postgres_url)
    if step == "publish":
        steps.audit(run)
    unlogged = "SELECT COUNT(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^(staging|leaving)_' AND relpersistence <> 'u'"
    assert house.read(unlogged) == [(0,)], "a crash empties all of staging, or nothing of it"
    engine = open_database(postgres_url)
    with engine.connect() as connection:
        crash(postgres_server, "", connection)
        connection.invalidate()
    engine.dispose()
    assert house.read("SELECT COUNT(*) FROM staging_run") == [(0,)]
    said = []
    if step == "audit":
        steps.audit(run, said.append)
    assert steps.publish(run, said.append) == "published"
    assert sum("重新暂存" in line for line in said) == 1
    assert ([row[:2] for row in house.figures()], house.digest()) == undisturbed
