"""A bulletin: the same number in table, view, workbook, page and explanation; text that stays text; a quarter that stays."""

import csv
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from unicodedata import normalize

import fastexcel
import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.database.open import open_database
from pipelines.errors import UsageError
from pipelines.oversight.accountability.lists import LATER, finalize, keep_draft
from pipelines.oversight.accountability.objections import decide_on, object_to
from pipelines.policy.policies import load_policies
from pipelines.reports.bulletin import make_bulletin
from pipelines.reports.bulletin.summary import _sections
from pipelines.settings import Settings
from pipelines.store.local import Local
from pipelines.verify.compare_tables import compare_tables
from pipelines.views.read import see
from schemas.reports import REPORTS
from tests.chromium import open_chromium
from tests.reports.explained_nights import AS_OF, H, Night, S, X, delivery, send

KEY = ("applicable", H, S, "2020-11")
DEFINED = "约定采购量完成情况"
FORMULA = "=cmd|' /C calc'!A0"
ELSEWHERE = "H37150000001"


def make(night, as_of=AS_OF, sheet_rows=1_048_576, **options):
    settings = Settings(home=night.home, sheet_rows=sheet_rows)
    return make_bulletin(settings, as_of, lambda _: None, **options)


def read(made, sheet, head=2):
    return fastexcel.read_excel(str(made.workbook)).load_sheet(sheet, header_row=head).to_polars()


def rows_of(night, query):
    engine = open_database(f"sqlite:///{night.home / 'compliance.db'}")
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return found


def view(engine, *_):
    with engine.connect() as connection:
        return see(connection, "payment_timeliness", AS_OF).rows


def find(frame, wanted, shown):
    return frame.filter(**wanted).select(shown).rows()


def cells(page, listing):
    body = re.search(rf'<table data-listing="{listing}".*?</table>', page.read().decode(), re.S)[0]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr.*?</tr>", body, re.S)[1:]]


@pytest.fixture(scope="module")
def no_chromium():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VBP_CHROMIUM", "/nonexistent/chromium")
        yield


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """A hospital in Cixi whose name is a formula, and one in Liaocheng, up to the end of 2020."""
    night = Night(tmp_path_factory.mktemp("bulletin"))
    send(night.landing, "institutions", f"{H},{FORMULA},,330282,public", f"{ELSEWHERE},二院,,371500,public")
    elsewhere = delivery("E1", "2020-10-05").replace(H, ELSEWHERE)
    night.run(
        deliveries=[delivery("D1", "2020-10-05", packs=33), delivery("D2", "2020-11-05", packs=44), elsewhere],
        payments=[f"{H},P1,1,{S},2020-11-03,30.33"],
        invoices=[f",00000001,1,{S},{H},2020-10-01,{X},B1,10,10.00,normal,"],
    )
    return night


@pytest.fixture(scope="module")
def made(night, no_chromium):
    return make(night, is_quarter=True)


def test_the_same_number_everywhere(night, made):
    """Table, people's view, workbook, page and explanation, to the fen and to the last bit."""
    wanted = {"到期规则": "适用规则", "医疗机构编码": H, "到期月份": "2020-11"}
    shown = ("已到期金额", "按时支付金额", "按金额支付及时率")
    names = ("matured_fen", "on_time_fen", "on_time_rate_amount")
    where = f"due_rule = 'applicable' AND due_month = '2020-11' AND institution_code = '{H}'"
    ((matured, on_time, rate),) = rows_of(night, f"SELECT {', '.join(names)} FROM payment_timeliness WHERE {where}")
    assert (matured, on_time) == (3300, 3033)

    seen = night.ask(view)
    assert find(seen, wanted, shown) == [(Decimal("33.00"), Decimal("30.33"), rate)]
    assert find(read(made, "货款支付及时情况"), wanted, shown) == [(33.0, 30.33, rate)]

    explained = night.figure("payment_timeliness", *KEY)
    assert explained.differences == []
    steps = {step.column: step.value for step in explained.steps}
    assert tuple(steps[name] for name in names) == (matured, on_time, rate)

    # A page adds up the months of an institution.
    whole = f"due_rule = 'applicable' AND institution_code = '{H}'"
    ((due, paid),) = rows_of(night, f"SELECT SUM(matured_fen), SUM(on_time_fen) FROM payment_timeliness WHERE {whole}")
    own = next(row for row in cells(made.place.at("institutions.html"), "institutions_payment") if row[0] == H)
    assert own[2:4] == [f"{due / 100:,.2f}", f"{paid / 100:,.2f}"]
    assert own[7] == f"{paid / due:.2%}"


def test_the_task_ledger_stands_in_workbook_and_summary(night, made):
    ((still, new, fen),) = rows_of(
        night, f"SELECT SUM(open), SUM(new), SUM(amount_fen) FROM task_ledger WHERE as_of = '{AS_OF}'"
    )
    sheet = read(made, REPORTS["task_ledger"].title_zh)
    assert (sheet["待办任务"].sum(), sheet["其中新增"].sum()) == (still, new) and still > 0
    whole = cells(made.place.at("summary.html"), "summary_tasks")[-1]
    assert whole[:3] == ["合计", str(still), str(new)] and whole[5] == f"{fen / 100:,.2f}"


def test_sums_of_divisions_are_those_of_the_tables(night, made):
    summary = cells(made.place.at("summary.html"), "summary_volume")
    ((agreed, net, rate),) = rows_of(
        night, "SELECT agreed_fen, net_fen, execution_rate FROM agreed_volume_rollup WHERE level = 'all' AND phase = 'running'"
    )
    row = next(r for r in summary if r[1] == "合计" and r[2] == "执行中")
    assert row[7:10:2] == [f"{agreed / 100:,.2f}", row[9]]
    assert row[8] == f"{net / 100:,.2f}"
    assert row[10] == ("—" if rate is None else f"{rate:.2%}")


def test_numbers_are_numbers_dates_are_dates_codes_are_text(made):
    types = dict(zip(read(made, DEFINED).columns, map(str, read(made, DEFINED).dtypes), strict=True))
    assert {types[c] for c in ("约定采购量", "完成率", "序时进度")} == {"Float64"}
    assert types["采购周期开始"].startswith("Date")
    assert {types[c] for c in ("医疗机构编码", "协议明细编号", "状态")} == {"String"}
    assert set(read(made, DEFINED)["状态"]) <= {"未完成", "正常", "滞后", "严重滞后", "已完成"}


def test_what_was_sent_to_us_is_never_a_formula(made):
    assert FORMULA in read(made, DEFINED)["医疗机构名称"].to_list()
    with zipfile.ZipFile(str(made.workbook)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert len(sheets) > 10
    assert not any("<f>" in sheet for sheet in sheets)


def test_heads_are_frozen_and_filtered_and_charts_are_native(night, made):
    number = fastexcel.read_excel(str(made.workbook)).sheet_names.index(DEFINED) + 1
    with zipfile.ZipFile(str(made.workbook)) as book:
        sheet = book.read(f"xl/worksheets/sheet{number}.xml").decode()
        charts = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/charts/chart")]
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    held = [s for s in _sections() if s.bars and rows_of(night, f"SELECT 1 FROM {s.table} LIMIT 1")]
    drawn = [level for s in held for level in s.levels if level != "institution"]
    assert len(charts) == len(drawn) > 4
    assert sum(">序时进度<" in chart for chart in charts) == 2
    assert any("逾期0至30天金额" in chart for chart in charts)
    assert any("无法核实金额" in chart for chart in charts)
    assert any("未付款金额" in chart for chart in charts)


def test_definitions_name_formula_document_and_validity(made):
    cards = read(made, "指标口径")
    wanted = {"指标": "货款支付及时率", "项目": "公式与口径"}
    ((formula,),) = find(cards, wanted, ["内容"])
    assert "按金额支付及时率 = Σ 已到期款项中到期日前支付的金额 / Σ 已到期金额" in formula
    policies = {row["政策条目"]: row for row in read(made, "政策条目").to_dicts()}
    other = policies["payment_rule_other@CN@2015-02-09"]
    assert (other["取值"], other["文号"], other["生效日"].isoformat()[:10]) == ("D30", "国办发〔2015〕7号", "2015-02-09")
    facts = dict(read(made, "运行信息")[:, :2].rows())
    assert facts["范围"] == "全部统筹区"
    assert len(facts["结果摘要"]) == 64


def test_a_sheet_that_is_cut_says_so_at_its_top_and_a_csv_has_all(night, no_chromium, tmp_path):
    made = make(night, out=tmp_path, sheet_rows=10)
    top = fastexcel.read_excel(str(made.workbook)).load_sheet("货款支付及时情况_各规则", header_row=None, n_rows=2).to_polars()
    total = len(rows_of(night, "SELECT 1 FROM payment_timeliness WHERE due_rule <> 'applicable'"))
    assert total > 7
    assert top.row(1)[0] == (
        f"本表未列全：共 {total} 行，这里只有前 7 行；全部数据在同一文件夹的 payment_timeliness_others.csv"
    )
    assert read(made, "货款支付及时情况_各规则").height == 7
    with (tmp_path / "payment_timeliness_others.csv").open(encoding="utf-8-sig", newline="") as text:
        listed = list(csv.DictReader(text))
    assert len(listed) == total
    assert {row["医疗机构名称"] for row in listed} == {f"'{FORMULA}", "二院"}
    assert {row["到期规则"] for row in listed} == {"验收后30日", "次月底", "验收后60日"}
    assert any("payment_timeliness_others.csv" in remark for remark in made.remarks)


def test_without_chromium_the_pages_stand_and_one_line_says_so(made):
    assert made.pdf is None
    (remark,) = made.remarks
    assert remark.startswith("没有生成 PDF：")
    assert made.pages.exists
    assert "bulletin-2020-12-31.pdf" not in made.pages.read().decode()


def test_a_scope_holds_its_own_divisions_only(night, no_chromium, tmp_path):
    made = make(night, out=tmp_path, scope=["3715"])
    for sheet in (DEFINED, "货款支付及时情况", "两票制发票行", "约定采购量完成·按医疗机构"):
        codes = {code for code in read(made, sheet)["医疗机构编码"].to_list() if code}
        assert codes <= {ELSEWHERE}, sheet
    assert {row[0] for row in cells(made.place.at("summary.html"), "summary_payment")} == {"371500", ""}
    assert rows_of(night, "SELECT scope, is_frozen FROM bulletins WHERE scope <> ''") == [("3715", 1)]


@pytest.mark.parametrize(
    ("as_of", "options", "message"),
    [
        (date(2020, 12, 30), {"is_quarter": True}, "不是季末"),
        (date(2020, 9, 30), {"is_quarter": True}, "没有发布过数字"),
        (date(2020, 9, 30), {}, "没有发布过数字"),
        (AS_OF, {"scope": ["3302'"]}, "不是行政区划编码的前缀"),
    ],
)
def test_what_cannot_be_made_is_refused(night, as_of, options, message):
    with pytest.raises(UsageError, match=message):
        make(night, as_of, **options)


def keep_list(night, run_id):
    """A list drafted from the run's figures, with an item that is named, one whose objection was upheld, one excused."""
    at = datetime.fromisoformat("2021-01-08T10:00:00+08:00")
    columns = [c for c in REPORTS["accountability_items"].columns if c.name not in (*LATER, "objection_days")]
    blank = {c.name: None if c.nullable else "-" for c in columns}
    items = [
        blank | {"item_id": name, "item_no": number, "part": part, "institution_name": name, "jurisdiction_code": "330282"}
        for number, (name, part) in enumerate([("点名医院", "named"), ("异议医院", "named"), ("备案医院", "excused")])
    ]

    def draft(engine, *_):
        with engine.begin() as connection:
            return keep_draft(connection, AS_OF, run_id, "", items, load_policies(), by="张三", at=at).list_id

    return night.ask(draft)


def close_list(night, list_id):
    on = datetime.fromisoformat("2021-01-15T10:00:00+08:00")
    after = datetime.fromisoformat("2021-03-01T10:00:00+08:00")

    def close(engine, *_):
        object_to(engine, "异议医院", by="院", note="已付", received_on=on.date(), at=on)
        decide_on(engine, "异议医院", "upheld", by="李四", note="属实", document_no="复1号", at=after)
        finalize(engine, list_id, by="王五", note="会议通过", at=after)

    night.ask(close)


def test_names_are_published_once_their_list_is_final(night, made, no_chromium, tmp_path):
    run_id = rows_of(night, "SELECT run_id FROM publications")[0][0]
    assert "没有就这次运行的数字起草的名单" in made.place.at("named.html").read().decode()
    list_id = keep_list(night, run_id)
    draft = make(night, out=tmp_path)
    for page in tmp_path.glob("*.html"):
        assert "点名医院" not in page.read_text("utf-8")
    assert "名单尚未定稿" in draft.place.at("named.html").read().decode()
    assert read(draft, "通报名单").height == 0

    close_list(night, list_id)
    final = make(night, out=tmp_path)
    assert read(final, "通报名单")["医疗机构名称"].to_list() == ["点名医院"]
    assert "点名医院" in final.place.at("named.html").read().decode()
    kept = [digest for (digest,) in rows_of(night, "SELECT workbook_digest FROM bulletins ORDER BY made_at")]
    editions = [edition.workbook_digest for edition in (made, draft, final)]
    assert [digest for digest in kept if digest in editions] == editions
    assert make(night, out=tmp_path, scope=["3715"]).place == Local(tmp_path)
    assert "点名医院" not in (tmp_path / "named.html").read_text("utf-8")


@pytest.mark.thorough
def test_a_bulletin_that_is_no_quarters_freezes_nothing(tmp_path, no_chromium):
    night = Night(tmp_path)
    night.run(deliveries=[delivery("D1", "2020-10-05", packs=33)])
    first = make(night)
    assert rows_of(night, "SELECT is_frozen FROM bulletins") == [(0,)]
    night.run("b.csv", deliveries=[delivery("D2", "2020-10-06", packs=10)])
    assert rows_of(night, "SELECT DISTINCT received_quantity FROM agreed_volume_completion WHERE commitment_id = 'C'") == [
        (301.0,)
    ]
    assert make(night).workbook_digest != first.workbook_digest


@pytest.mark.thorough
def test_a_frozen_quarter_stays_what_it_was(tmp_path, no_chromium):
    """Late rows, and a new name of the hospital, change neither figures nor workbook; the next quarter lists what changed."""
    night = Night(tmp_path)
    figures = "SELECT commitment_id, run_id, net_quantity, strict_rate FROM agreed_volume_completion WHERE as_of = '2020-09-30'"
    quarter = date(2020, 9, 30)
    run_id = night.run(as_of=quarter, deliveries=[delivery("D1", "2020-08-05", packs=33)])
    first, before = make(night, quarter, is_quarter=True), rows_of(night, figures)
    assert first.is_frozen

    for name in ("b.csv", "c.csv"):  # the second brings nothing new
        send(night.landing, "institutions", f"{H},新一院,,330282,public", name=name)
        night.run(name, as_of=quarter, deliveries=[delivery("D2", "2020-08-06", packs=10)])
    cell = "WHERE row_key = 'C' AND column_name = 'net_quantity'"
    changes = rows_of(night, f"SELECT old_value, new_value, previous_run_id FROM restatements {cell}")
    assert changes == [("231", "301", run_id)]
    assert rows_of(night, figures) == before
    assert rows_of(night, "SELECT name FROM institution_names") == [("新一院",)]

    again = make(night, quarter)
    assert again.is_frozen
    assert again.workbook_digest == first.workbook_digest
    assert rows_of(night, "SELECT COUNT(*) FROM bulletins") == [(1,)]
    assert night.figure("agreed_volume_completion", "C", run_id=run_id).differences == []
    assert night.ask(lambda engine, home, _: compare_tables(engine, home, run_id)).is_good

    night.run("d.csv", as_of=AS_OF)
    assert rows_of(
        night, "SELECT net_quantity FROM agreed_volume_completion WHERE as_of = '2020-12-31' AND commitment_id = 'C'"
    ) == [(301.0,)]
    following = make(night, is_quarter=True)
    listed = read(following, "数据修订")
    summed = cells(following.place.at("restatements.html"), "restatements_summed")
    assert ["2020-09-30", "约定采购量完成情况", "净采购量", "迟到记录", "1", "1"] in summed
    assert 'data-listing="restatements"' not in following.place.at("print.html").read().decode()
    assert set(listed["统计截止日"].dt.date()) == {quarter}
    assert ("231", "301") in listed.select("原值", "新值").rows()
    assert read(following, "数据修订", head=None).row(1)[0].endswith("上次通报（2020-09-30）以来对已发布数字的修订")
    assert read(make(night, quarter), "数据修订").height == 0


def test_on_postgres_the_workbook_says_the_same(tmp_path, migrated_postgres_url, night, made, monkeypatch):
    """The same files on the other database: every sheet but that of the run."""
    monkeypatch.setenv("VBP_DATABASE", migrated_postgres_url)
    monkeypatch.setenv("VBP_CHROMIUM", "/nonexistent/chromium")
    other = Night(tmp_path)
    for path in night.landing.rglob("*.csv"):
        target = other.landing / path.relative_to(night.landing)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    other.run()
    engine = open_database(migrated_postgres_url)
    with engine.begin() as connection:  # what it is called since is not asked
        connection.exec_driver_sql("UPDATE institution_names SET name = '改名'")
    engine.dispose()
    again = make(other, is_quarter=True)
    sheets = fastexcel.read_excel(str(made.workbook)).sheet_names
    assert fastexcel.read_excel(str(again.workbook)).sheet_names == sheets
    for sheet in sheets:
        if sheet not in ("图表", "运行信息"):
            columns = read(made, sheet).columns  # the division of a changed cell is known there alone
            assert read(again, sheet).select(columns).equals(read(made, sheet)), sheet


def test_the_command(night, tmp_path):
    environment = {"VBP_CHROMIUM": "/nonexistent/chromium", "VBP_HOME": str(night.home)}
    done = CliRunner().invoke(app, ["bulletin", "--as-of", "2020-12-31", "--out", str(tmp_path)], env=environment)
    assert done.exit_code == 0, done.output
    assert "没有生成 PDF" in done.output
    assert "（该日已冻结）" in done.output
    wrong = CliRunner().invoke(app, ["bulletin", "--as-of", "2020-12-30", "--quarter"], env=environment)
    assert wrong.exit_code == 2
    assert "不是季末" in wrong.output


def test_printed_with_its_fonts_and_readable_in_both_languages(night, tmp_path, monkeypatch):
    monkeypatch.delenv("VBP_CHROMIUM", raising=False)
    with open_chromium(tmp_path / "profile") as browser:
        made = make(night, out=tmp_path / "out")
        assert made.pdf is not None
        pdf = PdfReader(str(made.pdf))
        text = normalize("NFKC", "".join(page.extract_text() for page in pdf.pages))  # 行 may come as the radical ⾏
        assert "药品集中带量采购执行季度通报" in text
        assert "货款支付及时" in text
        assert made.pdf.key in made.pages.read().decode()
        assert all(is_embedded(font) for page in pdf.pages for font in page["/Resources"]["/Font"].values())
        page = browser.open(made.place.folder / "summary.html")
        assert page.text("h1") == "药品集中带量采购执行季度通报"
        assert "慈溪市" in page.evaluate("document.querySelector('figure svg').textContent")
        page.click("#language")
        assert page.text("h1") == "Volume-based procurement: quarterly bulletin"
        assert page.complaints == []
        assert {address.partition(":")[0] for address in page.requests} == {"file"}


def is_embedded(font):
    """Type 3 fonts carry their drawings, others a font file."""
    font = font.get_object()
    if font["/Subtype"] == "/Type3":
        return "/CharProcs" in font
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    return any(name in inner["/FontDescriptor"].get_object() for name in ("/FontFile", "/FontFile2", "/FontFile3"))


def test_an_official_form_has_a_sheet_for_each_lot_with_the_numbers_of_its_table(night, made):
    (form,) = made.forms
    book = fastexcel.read_excel(str(form))
    assert len(book.sheet_names) == len(rows_of(night, "SELECT DISTINCT lot_code FROM lot_execution"))
    sheet = book.load_sheet(0, header_row=2).to_polars()
    counts = ("agreed_products", "zero_products", "below_products", "non_selected_products")
    wanted = rows_of(night, f"SELECT institution_code, {', '.join(counts)}, time_progress FROM lot_execution ORDER BY 1")
    titles = ("医疗机构编码", "签约产品总数", "零采购产品数", "低于序时进度产品数", "非中选产品数", "序时进度")
    *rows, whole = sheet.select(titles).rows()
    assert rows == wanted
    assert whole[1:5] == tuple(sum(column) for column in zip(*(row[1:5] for row in wanted), strict=True))
    assert sheet["零采购占比"].to_list()[-1] == whole[2] / whole[1]
    assert form.key in made.place.at("index.html").read().decode()
