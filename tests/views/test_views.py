"""What people see: Chinese names, yuan, words and names, of the latest date and of all, on SQLite and on PostgreSQL."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import migrations
from pipelines.database.open import METADATA, migrate, open_database
from pipelines.errors import UsageError
from pipelines.publish.swap import begin, publish
from pipelines.views import refresh
from pipelines.views.read import see
from pipelines.views.refresh import CODELISTS, refresh_views
from pipelines.views.shown import show
from pipelines.views.views import people_views, view_of, views_of
from schemas.reports import REPORTS
from tests.reports.explained_nights import H, Night
from tests.views.conftest import name_codes

D1, D2 = dt.date(2020, 10, 1), dt.date(2020, 10, 2)
CIXI, XIN, UNKNOWN = "330282", "371522", "990000"
INSTITUTIONS = [
    {"institution_code": "H1", "name": "一院", "jurisdiction_code": CIXI, "ownership": "public", "level": "tertiary"},
    {"institution_code": "H2", "name": "村卫生室", "jurisdiction_code": XIN, "ownership": "private"},
]
NAMES = {
    "institution_names": INSTITUTIONS,
    "enterprise_names": [{"enterprise_code": "S1", "name": "某药业"}],
    "product_names": [{"product_code": "X", "generic_name": "某药", "strength": "5mg", "min_unit": "片"}],
    "lot_names": [{"lot_code": "L1", "name": "第一批"}],
    "agency_names": [{"agency_code": "A1", "name": "某医保中心"}],
}


def run(nights, run_id, as_of, **tables):
    row = nights.row(run_id, as_of)
    begin(nights.engine, row)
    nights.stage(run_id, as_of, **tables)
    publish(nights.engine, row, None, [], names=name_codes(nights, **NAMES))


def shown(nights, table, *titles, latest=True):
    listed = ", ".join(f'"{title}"' for title in titles)
    return nights.read(f'SELECT {listed} FROM "{view_of(table, latest=latest)}" ORDER BY 1, 2')


def test_an_agency_has_its_name(nights):
    agencies = [{"agency_code": code, "jurisdiction_code": CIXI} for code in ("", "A1", "A2")]
    run(nights, "R1", D1, prepayment_agency=agencies)
    assert shown(nights, "prepayment_agency", "经办机构编码", "经办机构名称") == [("", ""), ("A1", "某医保中心"), ("A2", "A2")]


def test_codes_have_names_and_a_code_without_one_shows_as_itself(nights):
    payables = [
        {"institution_code": code, "distributor_code": seller, "jurisdiction_code": place}
        for code, seller, place in (("H1", "S1", CIXI), ("H2", "S2", XIN), ("H3", "S1", UNKNOWN))
    ]
    run(nights, "R1", D1, payment_timeliness=payables)
    titles = ("医疗机构编码", "医疗机构名称", "机构性质", "机构等级", "配送企业名称", "统筹区名称", "到期规则")
    assert shown(nights, "payment_timeliness", *titles) == [
        ("H1", "一院", "公立", "三级", "某药业", "慈溪市", "适用规则"),
        ("H2", "村卫生室", "民营", None, "S2", "莘县", "适用规则"),
        ("H3", "H3", None, None, "某药业", UNKNOWN, "适用规则"),
    ]


def test_days_since_a_date_are_counted_up_to_the_day_of_the_figures(nights):
    days = (dt.date(2020, 9, 1), dt.date(2020, 10, 1)), (dt.date(2020, 9, 2), dt.date(2020, 10, 2))
    rows = [
        {"institution_code": "H1", "delivery_id": f"{n}", "accepted_on": accepted, "payment_due_on": due, "unpaid_fen": 100}
        for n, (accepted, due) in enumerate(days)
    ]
    run(nights, "R1", D1, payment_unpaid=rows)
    run(nights, "R2", D2, payment_unpaid=rows)
    titles = ("统计截止日", "配送明细编号", "验收后天数", "逾期天数", "未付款金额")
    found = [tuple(str(cell) for cell in row[1:4]) for row in shown(nights, "payment_unpaid", *titles, latest=False)]
    assert found == [("0", "30", "0"), ("1", "29", "None"), ("0", "31", "1"), ("1", "30", "0")]


def test_a_plain_sum_is_the_debt_and_the_other_rules_stand_apart(nights):
    debts = {"applicable": 700, "D30": 800, "EONM": 700, "D60": 0}
    rows = [
        {"institution_code": "H1", "due_rule": rule, "overdue_fen": fen, "jurisdiction_code": CIXI}
        for rule, fen in debts.items()
    ]
    run(nights, "R1", D1, payment_timeliness=rows)
    owed = 'SELECT SUM("逾期未付金额") FROM "{}_货款支付及时情况"'
    assert [nights.read(owed.format(when)) for when in ("最新", "历史")] == [[(7,)], [(7,)]]
    others = 'SELECT "到期规则", "逾期未付金额" FROM "{}_货款支付及时情况_各规则" ORDER BY 1'
    apart = [("次月底", 7), ("验收后30日", 8), ("验收后60日", 0)]
    assert [sorted(nights.read(others.format(when))) for when in ("最新", "历史")] == [apart, apart]


def test_restated_cells_are_in_yuan_and_words(nights):
    row = {"institution_code": "H1", "distributor_code": "S1", "jurisdiction_code": CIXI}
    for run_id, fen, verdict in (("R1", 105, "oversold"), ("R2", -7, "exempt")):
        line = {"institution_code": "H1", "verdict": verdict}
        run(nights, run_id, D1, payment_timeliness=[row | {"overdue_fen": fen}], two_invoice_line=[line])
    query = 'SELECT "列中文名", "原值", "新值" FROM "数据修订" ORDER BY "列名"'
    assert nights.read(query) == [("逾期未付金额（元）", "1.05", "-0.07"), ("判定", "销大于购", "豁免")]
    kept = nights.read("SELECT old_value FROM restatements WHERE column_name = 'overdue_fen'")
    assert kept == [("105",)]


def test_the_row_of_an_institution_says_its_division_where_the_table_does_not(nights):
    cash = [{"institution_code": code, "distributor_code": "S1"} for code in ("H1", "H3")]
    run(nights, "R1", D1, payment_unallocated=cash)
    assert shown(nights, "payment_unallocated", "医疗机构编码", "统筹区编码", "统筹区名称") == [
        ("H1", CIXI, "慈溪市"),
        ("H3", None, None),
    ]


def test_a_rollup_is_named_by_its_level(nights):
    codes = {"institution": "H1", "jurisdiction": CIXI, "lot": "L1", "item": "L1/I/1", "all": "all"}
    rows = [{"level": level, "code": code} for level, code in codes.items()] + [{"level": "item", "code": "L/I"}]
    run(nights, "R1", D1, agreed_volume_rollup=rows)
    assert set(shown(nights, "agreed_volume_rollup", "汇总层级", "汇总名称", "统筹区编码", "采购义务")) == {
        ("医疗机构", "一院", CIXI, "公立"),
        ("统筹区", "慈溪市", CIXI, "公立"),
        ("采购批次", "第一批", None, "公立"),
        ("品种", "第一批/I/1", None, "公立"),
        ("品种", "L/I", None, "公立"),
        ("合计", "合计", None, "公立"),
    }


def test_the_row_of_a_city_has_the_name_of_the_city_and_not_of_its_own_level(nights):
    places = (("county", "371500"), ("city", "371500"), ("all", "all"))
    run(nights, "R1", D1, distribution_concentration=[{"level": level, "code": code} for level, code in places])
    assert set(shown(nights, "distribution_concentration", "范围级别", "范围编码", "范围名称")) == {
        ("县（市、区）", "371500", "聊城市本级"),
        ("设区市", "371500", "聊城市"),
        ("全部", "all", "all"),
    }


def test_the_latest_date_and_all_dates(nights):
    for run_id, as_of, fen in (("R2", D2, 7), ("R1", D1, 105)):
        run(nights, run_id, as_of, payment_unallocated=[{"institution_code": "H1", "unallocated_fen": fen}])
    assert shown(nights, "payment_unallocated", "统计截止日", "运行编号") == [(str(D2), "R2")]
    history = shown(nights, "payment_unallocated", "统计截止日", "运行编号", latest=False)
    assert history == [(str(D1), "R1"), (str(D2), "R2")]


def test_money_is_exact_to_the_fen(nights):
    fen = [-5, 0, 1, 105, 123_456_789_01, 90_071_992_547_409_91]
    cash = [{"institution_code": str(place), "unallocated_fen": value} for place, value in enumerate(fen)]
    run(nights, "R1", D1, payment_unallocated=cash, agreed_volume_rollup=[{"level": "all", "code": "all"}])
    with nights.engine.connect() as connection:
        seen = see(connection, "payment_unallocated").rows["未分配金额"].to_list()
        assert see(connection, "agreed_volume_rollup").rows["约定采购金额"].to_list() == [None]
    assert seen == [Decimal(value).scaleb(-2) for value in fen]


def test_frames_have_what_their_columns_say_in_the_same_types_everywhere(nights):
    rows = {name: [{}] for name, report in REPORTS.items() if report.figure}
    run(nights, "R1", D1, **rows | {"agreed_volume_rollup": [{"level": "all", "code": "all"}]})
    kinds = {"date": "Date", "double": "Float64", "yuan": "Decimal", "count": "Int64", "integer": "Int64"}
    with nights.engine.connect() as connection:
        for table, report in REPORTS.items():
            seen = see(connection, table)
            assert seen.rows.columns == [column.title for column in seen.columns]
            types = [str(dtype).split("(")[0] for dtype in seen.rows.dtypes]
            assert types == [kinds.get(column.type, "String") for column in seen.columns]
            if report.figure:
                assert seen.rows.height == 1
                assert see(connection, table, D1).rows.equals(seen.rows)


def test_a_frame_by_date_and_division_in_the_order_of_its_key(nights):
    rows = [{"institution_code": code, "jurisdiction_code": place} for code, place in (("H2", XIN), ("H1", CIXI))]
    run(nights, "R1", D1, two_invoice_compliance=rows)
    run(nights, "R2", D2, two_invoice_compliance=rows[:1])
    with nights.engine.connect() as connection:
        codes = [
            see(connection, "two_invoice_compliance", *choice).rows["医疗机构编码"].to_list()
            for choice in ((), (D1,), (D1, "33"), (D1, "3%"), (D2, "33"), (dt.date(2021, 1, 1),))
        ]
        assert codes == [["H2"], ["H1", "H2"], ["H1"], [], [], []]
        for wrong in ((D1,), (None, "33")):
            with pytest.raises(UsageError, match="没有"):
                see(connection, "check_results", *wrong)


def test_every_view_stands_with_its_columns(engine):
    inspector = sa.inspect(engine)
    views = people_views(engine.dialect.name)
    assert {view.name for view in views} <= set(inspector.get_view_names())
    for view in views:
        found = inspector.get_columns(view.name)
        assert [column["name"] for column in found] == [column.title for column in view.columns]
        assert len(view.name.encode()) < 64 > max(len(column.title.encode()) for column in view.columns)


def test_every_report_table_has_its_views_and_every_value_its_word():
    names = {view.name for view in people_views("sqlite")}
    for report in REPORTS.values():
        both = {f"最新_{report.title_zh}", f"历史_{report.title_zh}"} if report.figure else {report.title_zh}
        assert both <= set(views_of(report.name)) <= names
        words = [word for column in report.columns for word in column.spoken.values()]
        assert all(any(sign >= "\u4e00" for sign in word) for word in words)


def test_every_unit_of_money_is_yuan():
    for report in REPORTS.values():
        columns, _ = show(report, "sqlite")
        assert [c.title for c in columns if "fen" in c.unit] == []
        money = {c.name for c in report.columns if "fen" in c.unit}
        assert {c.origin for c in columns if c.type == "yuan"} == money


def test_comments_of_views_reach_postgres(migrated_postgres_url):
    engine = open_database(migrated_postgres_url)
    inspector = sa.inspect(engine)
    for view in people_views("postgresql"):
        assert inspector.get_table_comment(view.name)["text"] == view.comment
        comments = {column["name"]: column["comment"] for column in inspector.get_columns(view.name)}
        assert comments == {column.title: column.comment for column in view.columns}
    engine.dispose()


def test_the_dictionary_describes_the_views(nights):
    query = (
        "SELECT unit, type, title_zh FROM data_dictionary"
        " WHERE table_name = '最新_货款支付及时情况' AND column_name = '逾期未付金额'"
    )
    assert nights.read(query) == [("yuan", "yuan", "逾期未付金额")]


def test_a_database_with_figures_gets_views_that_show_them(database_url):
    engine = open_database(database_url)
    if engine.dialect.name == "sqlite":
        Path(engine.url.database).touch()
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(sa.text("INSERT INTO publications VALUES ('2020-10-01', 'R1')"))
        connection.execute(
            sa.text("INSERT INTO payment_unallocated_versions VALUES ('H1', 'S1', 250, '2020-10-01', '9999-12-31')")
        )
    migrate(engine)
    with engine.connect() as connection:
        seen = see(connection, "payment_unallocated").rows
    assert seen.select("医疗机构名称", "未分配金额").rows() == [("H1", Decimal("2.50"))]
    engine.dispose()


def test_views_are_made_anew_only_when_a_definition_changed(engine, monkeypatch):
    with engine.begin() as connection:
        assert not refresh_views(connection)
        connection.exec_driver_sql("UPDATE people_views SET definition = '-' WHERE view_name = '运行台账'")
        assert refresh_views(connection)
        assert not refresh_views(connection)
    wanted = [view for view in people_views(engine.dialect.name) if view.name != "运行台账"]
    monkeypatch.setattr(refresh, "people_views", lambda _: wanted)
    migrate(engine)
    assert {view.name for view in wanted} <= set(sa.inspect(engine).get_view_names())
    assert "运行台账" not in sa.inspect(engine).get_view_names()


def test_a_name_stays_until_another_comes(nights):
    run(nights, "R1", D1)
    changed = [{**INSTITUTIONS[0], "name": "第一人民医院"}]
    row = nights.row("R2", D2)
    begin(nights.engine, row)
    nights.stage("R2", D2)
    publish(nights.engine, row, None, [], names=name_codes(nights, institution_names=changed))
    names = nights.read('SELECT "医疗机构编码", "医疗机构名称" FROM "医疗机构名录" ORDER BY 1')
    assert names == [("H1", "第一人民医院"), ("H2", "村卫生室")]


def test_a_night_publishes_the_names_of_its_records(tmp_path):
    night = Night(tmp_path)
    night.run()
    engine = open_database(f"sqlite:///{tmp_path / 'home' / 'compliance.db'}")
    with engine.connect() as connection:
        seen = see(connection, "agreed_volume_completion", jurisdiction="3302").rows
    assert seen["医疗机构编码"][0] == H
    shown = seen.select("医疗机构名称", "采购批次名称", "产品名称", "最小单位", "机构性质", "统筹区名称")
    assert set(shown.rows()) == {("一院", "某批", "某药", "片", "公立", "慈溪市")}
    engine.dispose()


def test_every_listed_division_is_cited():
    lines = (CODELISTS / "divisions.csv").read_text(encoding="utf-8").splitlines()[1:]
    codes = [line.split(",")[0] for line in lines]
    assert codes == sorted(set(codes))
    assert all(len(code) == 6 and line.split(",")[2].startswith("GB/T 2260") for code, line in zip(codes, lines, strict=True))


def test_excuses_lead_to_the_rows_that_they_move(nights):
    volume = {"institution_code": "H1", "jurisdiction_code": CIXI, "agreed_quantity": 9.0}
    completion = [
        {"commitment_id": "C1", "excused_quantity": 5.0, **volume},
        {"commitment_id": "NOT_NEEDED", "excused_quantity": 0.0, **volume},
    ]
    unpaid = [{"institution_code": "H1", "delivery_id": "D1", "excuse_id": "E,P", "unpaid_fen": 250}]
    group = {"institution_code": "H1", "lot_code": "L", "period_start": D1}
    prepaid = [
        {**group, "excuse_id": "A", "required_fen": 900, "paid_in_fen": 500},
        {**group, "lot_code": "PAID", "excuse_id": "A", "required_fen": 900, "paid_in_fen": 900},
    ]
    number = {"institution_code": "H1", "invoice_code": "", "invoice_no": "N", "net_fen": 75}
    lines = [{**number, "line_no": 2, "verdict": "exempt"}, {**number, "line_no": 3, "verdict": "direct"}]
    rows = {"payment_unpaid": unpaid, "prepayment_timeliness": prepaid, "two_invoice_line": lines}
    run(nights, "R1", D1, agreed_volume_completion=completion, **rows)
    of_h1 = {"institution_code": "H1", "reason_code": "-", "approved_by": "-", "document_no": "-", "valid_from": D1}
    excuses = [
        {"excuse_id": "V", "kind": "volume", "commitment_id": "C1", "state": "standing"},
        {"excuse_id": "GONE", "kind": "volume", "commitment_id": "C1", "state": "withdrawn"},
        {"excuse_id": "LATER", "kind": "volume", "commitment_id": "C1", "state": "standing", "valid_from": D2},
        {"excuse_id": "IDLE", "kind": "volume", "commitment_id": "NOT_NEEDED", "state": "standing"},
        {"excuse_id": "P", "kind": "payment", "delivery_id": "D1", "state": "standing"},
        {"excuse_id": "A", "kind": "prepayment", "state": "standing"},
        {"excuse_id": "I", "kind": "two_invoice", "invoice_no": "N", "state": "standing"},
    ]
    with nights.engine.begin() as connection:
        for excuse in excuses:
            connection.execute(sa.insert(METADATA.tables["excuse_register"]), [of_h1 | excuse])
    query = 'SELECT "备案编号", "结果表", "行主键", "剔除数量", "涉及金额", "医疗机构名称" FROM "正当理由影响" ORDER BY 1'
    assert nights.read(query) == [
        ("A", "医保基金预付情况", f"H1|L|{D1}", None, Decimal("4.00"), "一院"),
        ("I", "两票制发票行", "|N|2", None, Decimal("0.75"), "一院"),
        ("P", "未付应付明细", "H1|D1", None, Decimal("2.50"), "一院"),
        ("V", "约定采购量完成情况", "C1", 5.0, None, "一院"),
    ]
