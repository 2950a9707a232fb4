"""Policy rows: which one holds, what is refused, and that our own rows leave no gap."""

import re
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipelines.indicators import all_indicators
from pipelines.policy.files import our_files
from pipelines.policy.policies import PolicyError, load_policies
from schemas.declared import declared
from schemas.policies import PARAMETERS

ROW = {
    "id": '"BASE"',
    "parameter": '"payment_days_D30"',
    "value": "30",
    "unit": '"day"',
    "jurisdiction": '""',
    "valid_from": "2000-01-01",
    "document_no": '"文号"',
    "clause": '"条款"',
    "mark": '"D"',
}


def put(folder: Path, *rows: dict[str, str], name: str = "a.toml") -> Path:
    """Write rows that differ from ROW in the given keys; a value of '' leaves the key out."""
    folder.mkdir(exist_ok=True)
    tables = [{**ROW, **row} for row in rows]
    text = "".join("[[policy]]\n" + "".join(f"{k} = {v}\n" for k, v in t.items() if v) for t in tables)
    (folder / name).write_text(text, "utf-8")
    return folder


def value_of(policies, jurisdiction: str, day: date) -> object:
    return policies.resolve("payment_days_D30", jurisdiction, day).value


BASE = {}
ZHEJIANG = {"id": '"ZHEJIANG"', "jurisdiction": '"33"', "value": "45", "valid_from": "2010-01-01"}
CIXI_2020 = {
    "id": '"CIXI_2020"',
    "jurisdiction": '"330282"',
    "value": "20",
    "valid_from": "2020-01-01",
    "valid_to": "2020-12-31",
}
NATION_2015 = {"id": '"NATION_2015"', "value": "31", "valid_from": "2015-02-09"}


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [
        (date(2019, 12, 30), date(2019, 12, 31), False),
        (date(2019, 12, 31), date(2020, 1, 1), True),
        (date(2020, 1, 1), date(2019, 12, 31), True),
        (date(2020, 1, 1), date(2020, 12, 31), False),
        (date(2020, 12, 31), date(2021, 1, 1), True),
        (date(2021, 1, 1), date(2021, 1, 1), False),
    ],
)
def test_a_row_that_begins_or_ends_lies_between_two_days(one, other, changes, tmp_path):
    policies = load_policies(put(tmp_path / "site", CIXI_2020), put(tmp_path / "ours", BASE))
    assert bool(policies.moved_between(one, other)) is changes


# --- which row holds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jurisdiction", "day", "value"),
    [
        ("330282", date(2009, 12, 31), 30),  # before Zhejiang's row: the nation
        ("330282", date(2010, 1, 1), 45),  # first day of Zhejiang's row
        ("330282", date(2019, 12, 31), 45),  # the prefix goes before the later national row
        ("330282", date(2020, 1, 1), 20),
        ("330282", date(2020, 12, 31), 20),  # valid_to is included
        ("330282", date(2021, 1, 1), 45),  # Cixi's row ended: back to Zhejiang
        ("330100", date(2020, 6, 1), 45),
        ("371500", date(2015, 2, 8), 30),
        ("371500", date(2015, 2, 9), 31),  # the latest valid_from
        ("", date(2020, 6, 1), 31),
    ],
)
def test_row_that_holds(tmp_path: Path, jurisdiction: str, day: date, value: int) -> None:
    policies = load_policies(seeds=put(tmp_path, BASE, ZHEJIANG, CIXI_2020, NATION_2015))
    assert value_of(policies, jurisdiction, day) == value


def test_overlay_goes_before_ours_even_when_older(tmp_path: Path) -> None:
    site = put(tmp_path / "site", {"value": "25", "valid_from": "2001-01-01"})
    policies = load_policies(site, seeds=put(tmp_path / "ours", BASE, NATION_2015))
    assert value_of(policies, "", date(2000, 12, 31)) == 30
    assert value_of(policies, "", date(2020, 1, 1)) == 25


def test_our_longer_prefix_goes_before_overlay(tmp_path: Path) -> None:
    site = put(tmp_path / "site", {"value": "25"})
    policies = load_policies(site, seeds=put(tmp_path / "ours", BASE, ZHEJIANG))
    assert value_of(policies, "330282", date(2020, 1, 1)) == 45
    assert value_of(policies, "371500", date(2020, 1, 1)) == 25


def test_day_without_row_is_refused(tmp_path: Path) -> None:
    policies = load_policies(seeds=put(tmp_path, BASE))
    with pytest.raises(PolicyError, match=r"payment_days_D30 在 330282 1999-12-31"):
        value_of(policies, "330282", date(1999, 12, 31))


def test_unregistered_parameter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="参数 color 未登记"):
        load_policies(seeds=put(tmp_path, BASE)).resolve("color", "", date(2020, 1, 1))


def test_used_holds_what_was_resolved(tmp_path: Path) -> None:
    policies = load_policies(seeds=put(tmp_path, BASE, ZHEJIANG, NATION_2015))
    assert policies.used == set()
    value_of(policies, "330282", date(2020, 1, 1))
    value_of(policies, "", date(2000, 1, 1))
    assert policies.used == {"ZHEJIANG", "BASE"}


# --- whole frames ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_lazy", [False, True])
def test_frame_agrees_with_single_rows(tmp_path: Path, is_lazy: bool) -> None:
    policies = load_policies(seeds=put(tmp_path, BASE, ZHEJIANG, CIXI_2020, NATION_2015))
    days = pl.date_range(date(2009, 12, 1), date(2021, 2, 1), "17d", eager=True)
    frame = pl.DataFrame({"on": days}).join(pl.DataFrame({"place": ["330282", "330100", "371500"]}), how="cross")
    given = frame.lazy() if is_lazy else frame
    found = policies.resolve_frame(given, "payment_days_D30", day="on", jurisdiction="place").lazy().collect()
    assert found.select("on", "place").equals(frame)
    for on, place, value, policy_id in found.iter_rows():
        row = policies.resolve("payment_days_D30", place, on)
        assert (value, policy_id) == (row.value, row.id)


def test_frame_without_jurisdiction_takes_nation_and_notes_use(tmp_path: Path) -> None:
    policies = load_policies(seeds=put(tmp_path, BASE, ZHEJIANG, NATION_2015))
    frame = pl.DataFrame({"on": [date(2020, 1, 1), None]})
    found = policies.resolve_frame(frame, "payment_days_D30", day="on", jurisdiction=None)
    assert found["payment_days_D30"].to_list() == [31, None]
    assert found["payment_days_D30_policy_id"].to_list() == ["NATION_2015", None]
    assert policies.used == {"NATION_2015"}


def test_frame_with_uncovered_day_is_refused(tmp_path: Path) -> None:
    policies = load_policies(seeds=put(tmp_path, BASE))
    frame = pl.DataFrame({"on": [date(2020, 1, 1), date(1999, 12, 31)], "place": ["330282", "371500"]})
    with pytest.raises(PolicyError, match=r"payment_days_D30 在 371500 1999-12-31"):
        policies.resolve_frame(frame, "payment_days_D30", day="on", jurisdiction="place")


def test_frame_holds_nothing_for_a_parameter_that_may_be_absent(tmp_path: Path, monkeypatch) -> None:
    may_be_absent = {**PARAMETERS, "payment_days_D30": replace(PARAMETERS["payment_days_D30"], may_be_absent=True)}
    monkeypatch.setattr("pipelines.policy.policies.PARAMETERS", may_be_absent)
    rows = pl.DataFrame({"on": [date(2009, 12, 31), date(2010, 1, 1)], "place": ["330282", "330282"]})
    for given, values in (((), [None, None]), ((ZHEJIANG,), [None, 45])):
        policies = load_policies(seeds=put(tmp_path, *given))
        found = policies.resolve_frame(rows, "payment_days_D30", day="on", jurisdiction="place")
        assert found["payment_days_D30"].to_list() == values


def test_frame_with_unknown_place_is_refused(tmp_path: Path) -> None:
    policies = load_policies(seeds=put(tmp_path, BASE, ZHEJIANG))
    frame = pl.DataFrame({"on": [date(2020, 1, 1)], "place": [None]}, schema_overrides={"place": pl.String})
    with pytest.raises(PolicyError, match="没有行政区划代码"):
        policies.resolve_frame(frame, "payment_days_D30", day="on", jurisdiction="place")


@pytest.mark.parametrize(
    ("parameter", "value", "dtype"),
    [
        ("payment_rule_other", "D30", pl.String()),
        ("payment_roll_to_working_day", True, pl.Boolean()),
        ("seriously_behind_ratio", Decimal("0.8"), pl.Decimal(18, 6)),
        ("two_invoice_ownerships", ["public"], pl.List(pl.String())),
    ],
)
def test_frame_value_is_typed(parameter: str, value: object, dtype: pl.DataType) -> None:
    for height in (0, 1, 3):
        frame = pl.DataFrame({"on": [date(2020, 8, 18)] * height}, schema={"on": pl.Date})
        found = load_policies().resolve_frame(frame, parameter, day="on", jurisdiction=None)[parameter]
        assert found.dtype == dtype
        assert found.to_list() == [value] * height


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"colour": "1"}, "未知的键 colour"),
        ({"clause": ""}, "缺少必填的键 clause"),
        ({"parameter": '"payment_days_D31"'}, "payment_days_D31 未登记"),
        ({"value": '"30"'}, "应为整数"),
        ({"value": "true"}, "应为整数"),
        ({"value": "0"}, "不得小于 1"),
        ({"value": "0.8"}, "小数也要加引号"),
        ({"unit": '"month"'}, "单位 unit 应为 day"),
        ({"jurisdiction": '"330"'}, "键 jurisdiction"),
        ({"valid_from": '"2000-01-01"'}, "不加引号的日期"),
        ({"valid_to": "1999-12-31"}, "早于生效日期"),
        ({"mark": '"X"'}, "应为 S、N 或 D"),
        ({"parameter": '"payment_rule_other"', "value": '"D90"', "unit": '"code"'}, "D90 不在可用值之内"),
        ({"parameter": '"gate_reject_rate"', "value": '"30%"', "unit": '"ratio"'}, "加引号的小数"),
        ({"parameter": '"gate_reject_rate"', "value": '"1.01"', "unit": '"ratio"'}, "不得大于 1"),
        ({"parameter": '"two_invoice_categories"', "value": '["gas"]', "unit": '"code"'}, "gas 不在可用值"),
        ({"parameter": '"payment_roll_to_working_day"', "value": "1", "unit": '"flag"'}, "true 或 false"),
    ],
)
def test_bad_row_is_refused_by_name(tmp_path: Path, keys: dict[str, str], message: str) -> None:
    with pytest.raises(PolicyError, match=message) as refused:
        load_policies(seeds=put(tmp_path, keys))
    assert "a.toml" in str(refused.value)
    assert "BASE" in str(refused.value)


def test_repeated_id_is_refused(tmp_path: Path) -> None:
    put(tmp_path, BASE)
    put(tmp_path, {"valid_from": "2001-01-01"}, name="b.toml")
    with pytest.raises(PolicyError, match=r"BASE 重复.*a\.toml.*b\.toml"):
        load_policies(seeds=tmp_path)


def test_tie_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"BASE.*与 TWIN.*并列"):
        load_policies(seeds=put(tmp_path, BASE, {"id": '"TWIN"', "value": "31"}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[[policy]", "TOML"),
        (b"[[rule]]\nid = 'A'\n", "未知的键 rule"),
        (b"[policy]\nid = 'A'\n", "双方括号"),
        ("# 条款\n".encode("gb18030"), "UTF-8"),
    ],
)
def test_unreadable_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "site.toml").write_bytes(content)
    with pytest.raises(PolicyError, match=message):
        load_policies(tmp_path)


def test_missing_overlay_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="不存在"):
        load_policies(tmp_path / "nowhere")


# --- digest ------------------------------------------------------------------------------------------------


def test_digest_ignores_files_but_not_layers(tmp_path: Path) -> None:
    together = load_policies(seeds=put(tmp_path / "one", BASE, NATION_2015))
    put(tmp_path / "two", NATION_2015, name="a.toml")
    apart = load_policies(seeds=put(tmp_path / "two", BASE, name="b.toml"))
    layered = load_policies(put(tmp_path / "site", NATION_2015), seeds=put(tmp_path / "ours", BASE))
    assert together.digest == apart.digest
    assert layered.digest != together.digest


def test_digest_sees_a_changed_value(tmp_path: Path) -> None:
    before = load_policies(seeds=put(tmp_path, BASE)).digest
    assert load_policies(seeds=put(tmp_path, {"value": "31"})).digest != before


def test_every_parameter_has_a_chinese_title_of_its_own() -> None:
    titles = [p.title for p in PARAMETERS.values()]
    assert len(set(titles)) == len(titles)
    assert [t for t in titles if not re.search(r"[\u4e00-\u9fff]", t)] == []


# --- our own rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_our_rows_leave_no_gap_since_2000(parameter: str) -> None:
    policies = load_policies()
    if not PARAMETERS[parameter].may_be_absent:
        assert policies.resolve(parameter, "", date(2000, 1, 1)).mark == "D"
    every_day = pl.DataFrame({"on": pl.date_range(date(2000, 1, 1), date(2060, 12, 31), eager=True)})
    for place in ("", "330282", "371500", "110101"):
        policies.resolve_frame(every_day.with_columns(place=pl.lit(place)), parameter, day="on", jurisdiction="place")


@pytest.mark.parametrize(
    ("parameter", "jurisdiction", "day", "value"),
    [
        ("clause_agreed_volume", "330282", date(2020, 8, 18), "慈政办发〔2020〕68号 二(一)1"),
        ("clause_agreed_volume", "330282", date(2020, 8, 17), "医保发〔2019〕56号"),
        ("clause_payment", "330282", date(2020, 8, 18), "慈政办发〔2020〕68号 二(一)2"),
        ("clause_two_invoice", "371502", date(2018, 8, 10), "聊政发〔2018〕44号 三(四)3"),
        ("clause_two_invoice", "371502", date(2020, 12, 31), "聊政发〔2018〕44号 三(四)3"),
        ("clause_two_invoice", "371502", date(2021, 1, 1), "国办发〔2017〕13号 (八)、国医改办发〔2016〕4号 二"),
    ],
)
def test_our_clauses(parameter: str, jurisdiction: str, day: date, value: str) -> None:
    assert load_policies().resolve(parameter, jurisdiction, day).value == value


@pytest.mark.parametrize("name", our_files())
def test_the_rows_of_an_indicators_parameters_lie_in_its_folder(name: str, tmp_path: Path) -> None:
    shutil.copy(our_files()[name], tmp_path)
    found = {row.parameter for row in load_policies(seeds=tmp_path).rows}
    by_code = {f"indicators.{code}.toml": {n for n, _ in declared("PARAMETERS", code)} for code in all_indicators()}
    assert found <= by_code.get(name, PARAMETERS.keys() - set().union(*by_code.values()))


def test_our_rows_survive_a_copy_as_overlay(tmp_path: Path) -> None:
    for name, path in our_files().items():
        shutil.copy(path, tmp_path / name)
    assert len(load_policies(tmp_path).rows) == 2 * len(load_policies().rows)
