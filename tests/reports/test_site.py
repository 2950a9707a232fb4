"""The report site on a few rows: which pages are written, what their tables and CSVs say, what is left alone."""

import errno
import html
import json
import logging
import math
import os
import re
import stat
from random import Random

import polars as pl
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.tables import versions_of
from pipelines.errors import UsageError, VbpError
from pipelines.indicators import all_indicators
from pipelines.night.after import after_night
from pipelines.night.in_airflow import refuse_unwritten
from pipelines.reports.site import site as site_module
from pipelines.reports.site.cards import read_cards, read_one
from pipelines.reports.site.folders import folder_of
from pipelines.reports.site.manifest import Manifest
from pipelines.reports.site.page import Page
from pipelines.reports.site.sheets.cells import write_number, write_pieces
from pipelines.reports.site.sheets.sheet import PAGE, Filled, Heading
from pipelines.reports.site.sheets.trends import read_trends
from pipelines.settings import Settings
from pipelines.store import shown
from schemas.declared import SHOWN
from tests.reports.mornings import MONDAY, TUESDAY, WEDNESDAY, cells
from tests.reports.sites import CLINIC, HOSPITAL, Sites


def test_a_page_is_written_again_only_when_its_figures_change(site):
    assert (site.write().written, site.write().written) == (site.write().pages, 0)
    before = site.stamps()
    site.run("tue", TUESDAY)
    assert site.write().written == 1
    after = site.stamps()
    assert {name for name in after if after[name] != before[name]} == {"index.html", *(n for n in after if "/" not in n)}
    assert "2020-06-02" in site.page_of() and "2020-06-01" in site.page_of("institution", HOSPITAL)
    assert (site.home / "site" / "assets" / "published.js").read_text() == 'window.vbpPublished = "2020-06-02";\n'

    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    site.write()
    changed = {name.rpartition("/")[0] for name, stamp in site.stamps().items() if stamp != after[name]}
    assert changed == {
        "",
        "institutions",
        "suppliers",
        "enterprises",
        "enterprise/S1",
        f"institution/{HOSPITAL}",
        "jurisdiction/330282",
    }


@pytest.mark.thorough
def test_a_page_is_written_again_for_each_kind_of_thing_that_it_shows(site, monkeypatch):
    """Figures, findings, names, what stood on earlier dates, days that break a series, neighbours, texts."""
    own, division = f"institution/{HOSPITAL}", "jurisdiction/330282"
    site.run("tue", TUESDAY)
    site.write()

    def written(sql: str) -> set[str]:
        before = site.stamps()
        with site.engine.begin() as connection:
            assert connection.execute(sa.text(sql), {"h": HOSPITAL, "c": CLINIC}).rowcount >= 1
        site.write()
        return {name.rpartition("/")[0] for name, stamp in site.stamps().items() if stamp != before.get(name)}

    of_hospital = "WHERE institution_code = :h"
    assert {own, division} <= written(f"UPDATE payment_timeliness_versions SET on_time_fen = 15000 {of_hospital}")
    assert own in written(f"UPDATE findings_versions SET message_zh = '另一句话' {of_hospital}")
    assert {own, division} <= written(f"UPDATE findings_versions SET state = 'cured' {of_hospital}")
    assert {own, "enterprise/S1"} <= written("UPDATE enterprise_names SET name = '另一公司'")
    assert {own, division, "enterprise/S1"} <= written(f"UPDATE institution_names SET name = '另一医院' {of_hospital}")
    assert own in written(f"UPDATE institution_names SET responsible_person = '另一院长' {of_hospital}")
    assert own in written(f"UPDATE payment_timeliness_versions SET valid_from = '2020-06-02' {of_hospital}")  # a trend begins
    assert own in written(f"UPDATE agreed_volume_completion_versions SET period_start = '2020-03-01' {of_hospital}")
    neighbours = "UPDATE {} SET jurisdiction_code = '330282' WHERE institution_code = :c"
    for table in ("agreed_volume_completion_versions", "two_invoice_compliance_versions", "findings_versions"):
        written(neighbours.format(table))
    assert {own, f"institution/{CLINIC}"} <= written(neighbours.format("payment_timeliness_versions"))
    assert "" in written("UPDATE publications SET run_id = 'mon' WHERE run_id = 'tue'")
    cards = [read_one("payment", {"en": "# 另一张卡片 · Another\n"})]
    monkeypatch.setattr(site_module, "read_cards", lambda: cards)
    assert {"", "indicators/payment"} <= written("UPDATE runs SET note = 'x' WHERE run_id = 'mon'")


def change(site: Sites, table: str, institution: str, **values: object) -> None:
    versions = versions_of(table)
    with site.engine.begin() as connection:
        done = connection.execute(sa.update(versions).where(versions.c.institution_code == institution).values(**values))
    assert done.rowcount == 1


def test_a_change_of_looks_writes_every_page(site, monkeypatch):
    pages = site.write().pages
    monkeypatch.setattr(site_module, "program_digest", lambda: "another template")
    assert site.write().written == pages


def test_how_pages_look_is_told_alike_in_every_process(site, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(Manifest, "is_new", lambda _, page: told.extend(repr(s.columns) for s in page.sheets.values()))
    site.write()
    assert told and " at 0x" not in "".join(told) + repr(list(SHOWN.values()))


def test_pages_of_what_is_gone_are_removed_and_nothing_else_is(site):
    site.write()
    foreign = site.home / "site" / "morning" / "notes.html"
    foreign.parent.mkdir()
    foreign.write_text("x")
    for table in ("agreed_volume_completion", "payment_timeliness", "two_invoice_compliance", "findings"):
        change(site, table, CLINIC, valid_to=TUESDAY)
    site.run("tue", TUESDAY)
    site.write()
    assert not (site.home / "site" / "institution" / CLINIC).exists()
    assert not (site.home / "site" / "jurisdiction" / CLINIC[1:7]).exists()
    assert (site.home / "site" / "institution" / HOSPITAL / "index.html").exists() and foreign.exists()
    assert CLINIC not in site.page_of("institutions")


def test_a_page_is_one_file_and_takes_away_what_an_earlier_version_wrote_beside_it(site):
    site.write()
    place = site.home / "site" / "institution" / HOSPITAL
    (place / "findings.csv").write_text("")
    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    site.write()
    assert [path.name for path in place.iterdir()] == ["index.html"]


@pytest.mark.parametrize("is_killed", [False, True])
def test_readers_see_the_old_site_or_the_new_one(site, monkeypatch, is_killed):
    """Killed, or out of space, between two pages; a kill leaves what was begun lying beside until the next time."""
    site.write()
    before = site.stamps()
    write, seen = Page.write, []

    def die(page: Page, *where: object) -> None:
        write(page, *where)
        seen.append(site.stamps())
        raise OSError(errno.ENOSPC, "No space left on device")

    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(Page, "write", die)
        if is_killed:
            patch.setattr(shown.shutil, "rmtree", lambda *_, **__: None)
        site.write()
    assert seen == [before] and site.stamps() == before
    assert (site.home / "site.next").exists() == is_killed
    assert site.write().written == 7
    assert site.write().written == 0


@pytest.mark.thorough
def test_the_copy_to_write_in_is_brought_up_by_what_was_written(site, monkeypatch):
    site.write()
    linked, link = [], os.link
    monkeypatch.setattr(shown.os, "link", lambda source, *rest, **more: (linked.append(source), link(source, *rest, **more)))
    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    site.write()
    alike = {str(path.relative_to(site.home / "site")): path.stat().st_ino for path in (site.home / "site").rglob("*.*")}
    beside = site.home / "site.next"
    assert {str(path.relative_to(beside)): path.stat().st_ino for path in beside.rglob("*.*")} == alike
    assert 0 < len(linked) < len(alike)
    (site.home / "site" / "manifest.json").unlink()
    assert site.write().written > 7


@pytest.mark.thorough
def test_where_folders_cannot_be_exchanged_they_are_renamed(site, monkeypatch):
    site.write()
    monkeypatch.setattr(shown.ctypes, "CDLL", lambda *_, **__: object())
    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    assert site.write().written == 7 and site.write().written == 0
    (site.home / "site").rename(site.home / "site.old")  # killed between the two
    assert site.write().written == 0
    assert {path.name for path in site.home.glob("site*")} == {"site", "site.lock", "site.next", "site.same"}


@pytest.mark.thorough
def test_where_there_are_no_hard_links_files_are_copied(site, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    site.write()
    monkeypatch.setattr(shown.os, "link", refuse)
    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    assert site.write().written == 7 and site.write().written == 0


def test_a_site_opened_to_a_web_server_stays_open(site):
    site.write()
    (site.home / "site").chmod(0o755)
    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    site.write()
    assert stat.S_IMODE((site.home / "site").stat().st_mode) == 0o755


def test_names_stand_beside_codes_and_an_unknown_name_is_the_code(site):
    site.write()
    assert "<h1>慈溪某医院</h1>" in site.page_of("institution", HOSPITAL)
    assert f"<h1>{CLINIC}</h1>" in site.page_of("institution", CLINIC)
    assert cells(site.page_of("institution", HOSPITAL), "suppliers")[1][0] == "某医药公司 S1"
    assert cells(site.page_of("institutions"), "institutions")[1][0] == f"慈溪某医院 {HOSPITAL}"


def test_a_list_adds_up_its_rows_and_divides_the_sums(site):
    """Σ/Σ, not the mean of 1/3 and 0."""
    site.figure(
        "payment_timeliness",
        MONDAY,
        due_rule="applicable",
        institution_code=HOSPITAL,
        jurisdiction_code="330282",
        distributor_code="S1",
        due_month="2020-04",
        matured_fen=600_00,
        on_time_fen=0,
        overdue_fen=600_00,
    )
    site.write()
    (row,) = cells(site.page_of("jurisdiction", "330282"), "suppliers")[1:]
    assert row[:2] == ["某医药公司 S1", "11.11%"] and "800.00" in row
    months = cells(site.page_of("institution", HOSPITAL), "due_months")[1:]
    assert [m[0] for m in months] == ["2020-05", "2020-04"]


def test_a_hostile_name_is_text_on_a_page(site):
    name = "=cmd|' /C calc'!A0<script>alert(1)</script>"
    with site.engine.begin() as connection:
        connection.execute(sa.text("UPDATE enterprise_names SET name = :name"), {"name": name})
    site.write()
    page = site.page_of("institution", HOSPITAL)
    assert name not in page and cells(page, "suppliers")[1][0] == f"{name} S1"
    assert "<script>alert" not in page


@pytest.mark.parametrize("code", ["../../etc", "a/b", "..", "x" * 300, "H3|'\"<", "中文"])
def test_a_code_cannot_leave_its_folder(code):
    folder = folder_of(code)
    assert "/" not in folder and folder not in (".", "..") and len(folder) <= 100


def test_numbers_are_written_to_the_fen_and_dashes_where_they_are_missing():
    columns = {
        "yuan": [-5, 123_456_789, None],
        "rate": [1 / 3, 1.2, None],
        "points": [-0.05, 0.0, None],
        "quantity": [-1234.5, 2.0, None],
        "days": [26.66, 0.0, None],
    }
    headings = [Heading(kind, kind, kind, kind) for kind in columns]  # type: ignore[arg-type]
    piece = write_pieces(Filled("numbers", headings, pl.DataFrame({PAGE: ["H"] * 3, **columns})), ["H"])["H"]
    lines = piece.body.decode().replace("<tr>", "").replace('<td class="n">', "").splitlines()
    assert [line.split("</td>")[:-1] for line in lines] == [
        ["−0.05", "33.33%", "−5.00", "−1,234.5", "26.7"],
        ["1,234,567.89", "120.00%", "+0.00", "2", "0.0"],
        ["—"] * 5,
    ]


def test_many_numbers_are_written_as_each_by_itself():
    """Digits are looked up where a product of doubles rounds as writing does: halves, thousands and what is below 0 go apart."""
    random = Random(20)
    rates = [0.0, 1 / 3, 0.125, 0.00125, 0.12345, 1.005, 9.99999, 10.0, 123.456, -0.05, 1e12, 1e300, math.inf, None]
    rates += [random.random() for _ in range(5000)] + [n / 100_000 for n in range(5000)]
    rates += [round(random.random() * 10 ** random.randint(0, 8), 4) for _ in range(5000)]
    counts = [0, 1, -1, 999, 1000, -1000, 99_999, 10**15, -(10**17), None]
    counts += [random.randint(-(10 ** random.randint(1, 17)), 10 ** random.randint(1, 17)) for _ in range(5000)]
    for kinds, values in ((("rate", "quantity", "price", "days", "points"), rates), (("yuan", "count"), counts)):
        sheet = Filled("n", [Heading(k, k, k, k) for k in kinds], pl.DataFrame({PAGE: "H"} | dict.fromkeys(kinds, values)))
        body = write_pieces(sheet, ["H"])["H"].body.decode()
        assert [re.findall('"n">([^<]*)', line) for line in body.splitlines()] == [
            [write_number(value, kind) for kind in kinds] for value in values
        ]


def test_pages_written_apart_have_the_rows_that_they_have_together():
    """Only some pages of a sheet are written again, here the second, third and fifth of five."""
    pages = [*"AABBBCDEE"]
    sheet = Filled("counts", [Heading("n", "n", "n", "count")], pl.DataFrame({PAGE: pages, "n": range(len(pages))}))
    together, some = write_pieces(sheet, [*"ABCDE"]), write_pieces(sheet, ["E", "B", "none", "C"])
    assert [(page, some[page].height) for page in some] == [("E", 2), ("B", 3), ("none", 0), ("C", 1)]
    assert all(some[page].body == together[page].body for page in "EBC") and some["none"].body == b""


def test_trends_have_a_point_where_a_rate_changes_and_none_where_it_does_not(site):
    site.run("tue", TUESDAY)
    change(site, "payment_timeliness", HOSPITAL, valid_to=WEDNESDAY)
    place = {"institution_code": HOSPITAL, "jurisdiction_code": "330282", "due_rule": "applicable", "distributor_code": "S1"}
    site.figure("payment_timeliness", WEDNESDAY, **place, due_month="2020-05", matured_fen=300_00, on_time_fen=150_00)
    site.figure("payment_timeliness", WEDNESDAY, **place, due_month="2020-06", matured_fen=0, on_time_fen=0)
    site.run("wed", WEDNESDAY)
    with site.engine.connect() as connection:
        found = read_trends(connection, WEDNESDAY, "institution")
        everything = read_trends(connection, WEDNESDAY, "all")
        earlier = read_trends(connection, TUESDAY, "institution")
    assert found[HOSPITAL]["paid_on_time"] == [("2020-06-01", 1 / 3), ("2020-06-03", 0.5)]
    assert (
        found[CLINIC]
        == earlier[CLINIC]
        == {"paid_on_time": [("2020-06-01", 1 / 3)], "two_invoice_compliant": [("2020-06-01", 0.75)]}
    )
    assert everything["all"]["paid_on_time"] == [("2020-06-01", 200 / 600), ("2020-06-03", 250 / 600)]


def test_the_site_of_an_earlier_date_can_be_written_and_of_an_unpublished_one_not(site):
    site.run("wed", WEDNESDAY)
    assert (site.write(MONDAY).as_of, site.write().as_of) == (MONDAY, WEDNESDAY)
    with pytest.raises(UsageError, match="2020-06-02 没有已发布的数字；最近的发布日是 2020-06-01"):
        site.write(TUESDAY)


def test_without_anything_published_the_remedy_is_named(tmp_path, migrated_database_url):
    (tmp_path / "empty.db").touch()
    for url, remedy in (
        (migrated_database_url, "请先执行 vbp run"),
        (f"sqlite:///{tmp_path / 'empty.db'}", "请先执行一次 vbp run"),
    ):
        site = Sites(tmp_path / "home", url)
        with pytest.raises(UsageError, match=remedy):
            site.write()
        site.engine.dispose()


MORNING = ("morning/tue/index.html", "morning/tue/checks.html")


def settings_of(site: Sites) -> Settings:
    return Settings(home=site.home, database=site.engine.url.render_as_string(hide_password=False))


def test_a_night_that_publishes_writes_the_site_and_a_held_one_leaves_it(site):
    after_night(settings_of(site), "mon")
    before = site.stamps()
    assert "index.html" in before
    change(site, "payment_timeliness", HOSPITAL, on_time_fen=150_00)
    site.run("tue", TUESDAY, "held")
    after_night(settings_of(site), "tue")
    after = site.stamps()
    assert {name for name in after if after[name] != before.get(name)} == {"morning/index.html", *MORNING}


def test_a_site_that_cannot_be_written_is_red_on_the_page_and_told_and_written_by_its_remedy(site, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "index.html")

    with monkeypatch.context() as patch, caplog.at_level(logging.INFO):
        patch.setattr("pipelines.reports.site.write_site", fail)
        *_, told = after_night(settings_of(site), "mon")
    assert told.startswith("报告网站未能写出（磁盘空间不足，写不下 index.html") and "数字不受影响" in told
    page = site.home / "site" / "morning" / "mon" / "index.html"
    assert told in html.unescape(page.read_text("utf-8")) and 'id="unwritten"' in page.read_text("utf-8")
    assert "已发布，但页面未能写出" in caplog.text and "执行 vbp site" in caplog.text
    with pytest.raises(VbpError, match="磁盘空间不足"):
        refuse_unwritten([told], is_held=False)
    refuse_unwritten([told], is_held=True)
    (site.home / "runs").mkdir()
    given = ["site", "--home", str(site.home), "--database", settings_of(site).database]
    assert CliRunner().invoke(app, given).exit_code == 0
    assert (site.home / "site" / "index.html").exists() and 'id="unwritten"' not in page.read_text("utf-8")


def test_every_indicator_has_a_card_and_markup_in_it_is_text():
    assert [card.code for card in read_cards()] == list(all_indicators())
    text = "# 名称 · Name\n\n<script>alert(1)</script>\n\n| a |\n|---|\n| [b](javascript:alert(1)) |\n\n按时\n支付 in\ntime\n"
    card = read_one("x", {"en": text})
    (_, zh), (_, en) = card.texts
    assert (card.zh, card.en, zh) == ("名称", "Name", en)
    assert "<script>" not in zh and "href" not in zh and "<table>" in zh and "按时支付 in\ntime" in zh


def test_the_manifest_names_every_page(site):
    pages = site.write().pages
    manifest = json.loads((site.home / "site" / "manifest.json").read_text())
    assert len(manifest) == pages == len([n for n in site.stamps() if n.endswith("index.html")])
