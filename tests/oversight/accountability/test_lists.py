"""A draft, objections, decisions, the final list; what is kept, on both databases."""

import shutil
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.errors import UsageError, VbpError
from pipelines.oversight.accountability import lists
from pipelines.oversight.accountability.lists import LATER, check_list, finalize, find_list, items_of, keep_draft
from pipelines.oversight.accountability.objections import decide_on, object_to
from pipelines.policy.policies import load_policies
from pipelines.store.local import Local
from schemas.reports import REPORTS

AS_OF = date(2020, 12, 31)
DRAFTED = datetime.fromisoformat("2021-01-08T10:00:00+08:00")  # seven days later is a Friday
LAST_DAY, AFTER = (datetime.fromisoformat(f"2021-01-{day}T10:00:00+08:00") for day in (15, 16))

on_sqlite = pytest.mark.parametrize("migrated_database_url", ["sqlite"], indirect=True)


def item(name: str, part: str = "named", **values) -> dict:
    """An item as `list_items` makes it; what is left out is null, or a text that says nothing."""
    own = {"item_id": name, "part": part, "item_no": 1, "jurisdiction_code": "330282", "strict_rate": 2 / 3}
    columns = [c for c in REPORTS["accountability_items"].columns if c.name not in (*LATER, "objection_days")]
    return {c.name: None if c.nullable else "-" for c in columns} | own | values


class Desk:
    """Whoever drafts, records and decides, on days that are told."""

    def __init__(self, url: str) -> None:
        self.engine = open_database(url)

    def draft(self, *items: dict, at: datetime = DRAFTED, prefix: str = ""):
        with self.engine.begin() as connection:
            return keep_draft(connection, AS_OF, "R1", prefix, items, load_policies(), by="张三", at=at)

    def object(self, name: str, *, received_on: date = date(2021, 1, 15), at: datetime = LAST_DAY, note: str = "已付"):
        return object_to(self.engine, name, by="一院", note=note, received_on=received_on, at=at)

    def decide(self, name: str, decision: str, *, by: str = "李四", at: datetime = AFTER):
        return decide_on(self.engine, name, decision, by=by, note="已核对", document_no="复1号", at=at)

    def final(self, list_id: str, at: datetime = AFTER):
        return finalize(self.engine, list_id, by="王五", note="会议通过", at=at)

    def read(self, list_id: str):
        with self.engine.connect() as connection:
            head = find_list(connection, list_id)
            return head, {i["item_id"]: i for i in items_of(connection, head["list_id"])}

    def faults(self, list_id: str):
        head, items = self.read(list_id)
        return check_list(head, list(items.values()))


@pytest.fixture
def desk(migrated_database_url):
    desk = Desk(migrated_database_url)
    yield desk
    desk.engine.dispose()


def test_from_draft_to_final(desk):
    list_id = desk.draft(item("PAID"), item("OWED"), item("QUIET"), item("EXCUSED", "excused")).list_id
    assert desk.object("PAID") and desk.object("OWED")
    assert desk.decide("PAID", "upheld") and desk.decide("OWED", "rejected")
    assert desk.final(list_id)
    head, items = desk.read(list_id)
    assert (head["state"], head["finalized_by"], head["note"]) == ("final", "王五", "会议通过")
    assert [i for i, row in items.items() if row["part"] == "named" and row["decision"] != "upheld"] == ["OWED", "QUIET"]
    assert (items["PAID"]["objection_note"], items["PAID"]["decision_document_no"]) == ("已付", "复1号")
    assert desk.faults(list_id) == []


def test_everything_may_be_said_again_and_changes_nothing(desk):
    first = desk.draft(item("A"))
    assert desk.draft(item("A"), at=LAST_DAY).list_id == first.list_id
    assert (first.is_new, desk.draft(item("A")).is_new) == (True, False)
    assert [desk.object("A"), desk.object("A", at=AFTER)] == [True, False]
    assert [desk.decide("A", "rejected"), desk.decide("A", "rejected")] == [True, False]
    assert [desk.final(first.list_id), desk.final(first.list_id)] == [True, False]
    before = desk.read(first.list_id)
    assert [desk.object("A"), desk.decide("A", "rejected"), desk.draft(item("A")).is_new] == [False] * 3
    assert desk.read(first.list_id) == before


@on_sqlite
def test_a_final_list_takes_nothing_more(desk):
    list_id = desk.draft(item("A"), item("B")).list_id
    desk.object("A")
    desk.decide("A", "rejected")
    desk.final(list_id)
    for change in (lambda: desk.object("B"), lambda: desk.decide("A", "upheld")):
        with pytest.raises(UsageError, match="已定稿，不再变更"):
            change()
    assert desk.draft(item("C")).superseded == []
    assert desk.read(list_id)[0]["state"] == "final"


@on_sqlite
def test_it_is_final_only_after_the_last_day_of_objection(desk):
    list_id = desk.draft(item("A")).list_id
    assert desk.read(list_id)[0]["objections_until"] == LAST_DAY.date()
    with pytest.raises(UsageError, match="异议期到 2021-01-15 为止"):
        desk.final(list_id, at=LAST_DAY)
    assert desk.final(list_id, at=AFTER)


@on_sqlite
def test_it_is_final_only_when_every_objection_is_decided(desk):
    list_id = desk.draft(item("A"), item("B")).list_id
    desk.object("B")
    with pytest.raises(UsageError, match="还有 1 条异议没有复核：第 1 条（B）"):
        desk.final(list_id)


@on_sqlite
def test_a_last_day_off_rolls_to_the_next_working_day(desk):
    list_id = desk.draft(item("A"), at=datetime.fromisoformat("2021-02-04T10:00:00+08:00")).list_id
    assert desk.read(list_id)[0]["objections_until"] == date(2021, 2, 18)  # 11 to 17 February: spring festival


@on_sqlite
@pytest.mark.parametrize(
    ("received_on", "is_in_time"),
    [(date(2021, 1, 7), False), (date(2021, 1, 8), True), (date(2021, 1, 15), True), (date(2021, 1, 16), False)],
)
def test_an_objection_comes_in_its_period_though_it_may_be_entered_later(desk, received_on, is_in_time):
    desk.draft(item("A"))
    if is_in_time:
        assert desk.object("A", received_on=received_on, at=AFTER)
    else:
        with pytest.raises(UsageError, match="不在其内"):
            desk.object("A", received_on=received_on, at=AFTER)


@on_sqlite
def test_an_item_is_objected_to_once_and_only_where_it_is_to_be_named(desk):
    desk.draft(item("A"), item("E", "excused"))
    desk.object("A")
    with pytest.raises(UsageError, match="每条只受理一次"):
        desk.object("A", note="另一理由")
    with pytest.raises(UsageError, match="不在拟通报部分"):
        desk.object("E")
    with pytest.raises(UsageError, match="对应 0 条"):
        desk.object("NOBODY")


@on_sqlite
def test_a_decision_needs_an_objection_and_its_correction_keeps_the_former(desk):
    list_id = desk.draft(item("A"), item("B")).list_id
    with pytest.raises(UsageError, match="没有提出异议"):
        desk.decide("A", "upheld")
    desk.object("A")
    with pytest.raises(UsageError, match="应为 upheld"):
        desk.decide("A", "perhaps")
    desk.decide("A", "rejected")
    desk.decide("A", "upheld", by="赵六")
    assert not desk.decide("A", "upheld", by="赵六")
    found = desk.read(list_id)[1]["A"]
    assert found["decision"] == "upheld"
    assert found["decision_note"] == "已核对（原复核结果 rejected，李四 2021-01-16T10:00:00+08:00：已核对）"


def test_a_new_draft_supersedes_that_of_the_same_date_and_divisions(desk):
    old, other = desk.draft(item("A")), desk.draft(item("A"), prefix="3302")
    assert other.superseded == [] and old.list_id != other.list_id
    new = desk.draft(item("A", strict_rate=0.5))
    assert new.superseded == [old.list_id]
    with pytest.raises(UsageError, match="已被较新的草稿取代"):
        desk.final(old.list_id)
    with pytest.raises(UsageError, match="不能恢复"):
        desk.draft(item("A"))


@on_sqlite
def test_a_short_number_finds_the_item_of_the_only_draft(desk):
    desk.draft(item("A1"))
    desk.draft(item("A1", strict_rate=0.5))
    assert desk.object("A")


@on_sqlite
def test_a_changed_item_is_noticed(desk):
    list_id = desk.draft(item("A", amount_fen=100)).list_id
    change(desk, "UPDATE accountability_items SET amount_fen = 1")
    assert "与起草时的内容摘要不符" in desk.faults(list_id)[0]
    with pytest.raises(VbpError, match="可能被改动"):
        desk.final(list_id)


def test_a_changed_final_list_is_noticed(desk):
    list_id = desk.draft(item("A")).list_id
    desk.object("A")
    desk.decide("A", "rejected")
    desk.final(list_id)
    change(desk, "UPDATE accountability_items SET decision = 'upheld'")
    assert desk.faults(list_id) == [f"名单 {list_id} 与定稿时的摘要不符，可能被改动"]


def change(desk, statement):
    with desk.engine.begin() as connection:
        connection.execute(sa.text(statement))


@on_sqlite
@pytest.mark.parametrize("missing", ["by", "note", "document_no"])
def test_nobody_decides_without_name_reason_and_document(desk, missing):
    desk.draft(item("A"))
    desk.object("A")
    told = {"by": "李四", "note": "已核对", "document_no": "复1号"} | {missing: " "}
    with pytest.raises(UsageError, match="必须写明 --"):
        decide_on(desk.engine, "A", "upheld", at=AFTER, **told)


@on_sqlite
def test_a_list_without_items_can_be_kept(desk):
    list_id = desk.draft().list_id
    assert desk.final(list_id) and desk.faults(list_id) == []


def test_a_list_is_of_the_run_that_stands_when_it_is_kept(published, tmp_path, monkeypatch):
    home = Local(shutil.copytree(published.folder, tmp_path / "home"))
    engine = open_database(f"sqlite:///{home.folder / 'compliance.db'}")
    make = lists.list_items

    def publish_meanwhile(connection, run, *more):
        with engine.begin() as other:
            other.exec_driver_sql("UPDATE publications SET run_id = 'ANOTHER'")
        return make(connection, run, *more)

    monkeypatch.setattr(lists, "list_items", publish_meanwhile)
    with pytest.raises(VbpError, match="现行发布的已是运行 ANOTHER 的数字"):
        lists.draft_list(engine, home, None, by="张三", at=DRAFTED)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM accountability_lists").scalar() == 0
    engine.dispose()
