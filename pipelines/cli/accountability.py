"""The commands `vbp accountability …`: a draft list, objections to it, their decision, the final list."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.shared import (
    AsJson,
    Database,
    Debug,
    Home,
    PolicyFolder,
    make_settings,
    out,
    print_json,
    read_date,
    read_place,
    told,
)
from pipelines.cli.wrong_call import Commands
from pipelines.errors import VbpError

accountability = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="通报名单：从已发布的数字起草，记录异议与复核，期满定稿。\n\n"
    "步骤：draft 起草 → show、export 发给医疗机构 → object 记录异议 → decide 复核 → 异议期满后 final 定稿。\n\n"
    "有正当理由、自愿参加、只列示的条目分列，不会无声消失；定稿后不再变更。规则见 docs/accountability.md。",
)

AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="统计截止日（默认最近发布的一天）")]
Prefix = Annotated[str | None, typer.Option("--jurisdiction", help="只起草该行政区划前缀的名单，如 3302")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="办理人，记入名单")]
Note = Annotated[str, typer.Option(help="说明，记入名单")]
ItemId = Annotated[str, typer.Argument(help="条目编号，可只写开头几位（vbp accountability show）")]
ListId = Annotated[str, typer.Argument(help="名单编号，可只写开头几位（vbp accountability list）")]
InList = Annotated[str, typer.Option("--list", help="名单编号（默认含有该条目的草稿）")]


@accountability.command()
def draft(
    as_of: AsOf = None,
    jurisdiction: Prefix = None,
    by: By = "",
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    debug: Debug = False,
) -> None:
    """起草：列出该日未消除的问题、责任人、条款与文号、严格与剔除正当理由两种口径、缺口在供应还是采购一侧。

    例：vbp accountability draft --as-of 2020-12-31 --by 张三

    同一内容再次起草得到同一份名单；数字或政策变了，新草稿取代旧草稿，旧草稿及其异议仍可查看。
    """
    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.oversight.accountability.lists import draft_list, items_of
    from pipelines.oversight.accountability.show import count_parts
    from pipelines.store import clock
    from pipelines.store.private import require_home

    with told(debug):
        settings, place = (make_settings(home=home, database=database, policies=policies), read_place(jurisdiction))
        with opened_existing(settings.database_url, migrated=True) as engine:
            drafted = draft_list(
                engine,
                require_home(settings.home),
                settings.policies,
                by=by,
                at=clock.now(),
                as_of=read_date(as_of) if as_of else None,
                prefix=place,
            )
            out.print(f"{'已起草' if drafted.is_new else '内容相同，已有'}名单 {drafted.list_id}")
            for former in drafted.superseded:
                out.print(f"取代草稿 {former}；其中的异议须在新草稿上重新记录")
            for remark in drafted.remarks:
                out.print(f"注意：{remark}")
            with at_one_moment(engine) as connection:
                parts = count_parts(items_of(connection, drafted.list_id))
            out.print("，".join(f"{title} {rows} 条" for title, rows in parts.items()))
            out.print(f"逐条查看：vbp accountability show {drafted.list_id}")


@accountability.command("object")
def object_(
    item: ItemId,
    by: By = "",
    note: Note = "",
    received_on: Annotated[str | None, typer.Option(metavar="DATE", help="收到异议的日期（默认今天）")] = None,
    list_id: InList = "",
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """记录一条异议：须在异议期内收到，每条只受理一次。

    例：vbp accountability object 095bcd667c6d --by 慈溪市示例第一医院 --note "发票已于 12 月 28 日退回重开"
    """
    from pipelines.database.open import opened_existing
    from pipelines.oversight.accountability.objections import object_to
    from pipelines.store import clock

    with told(debug), opened_existing(make_settings(home=home, database=database).database_url) as engine:
        at = clock.now()
        day = read_date(received_on) if received_on else at.date()
        is_new = object_to(engine, item, by=by, note=note, received_on=day, at=at, list_id=list_id)
        out.print("已记录异议" if is_new else "该异议已记录过，没有变化")


@accountability.command()
def decide(
    item: ItemId,
    decision: Annotated[str, typer.Argument(help="upheld 异议成立（不进入定稿名单）或 rejected 异议不成立")],
    by: By = "",
    note: Note = "",
    document_no: Annotated[str, typer.Option("--document-no", help="复核意见的文号")] = "",
    list_id: InList = "",
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """记录复核结果；定稿前可以改正，原结果留在复核意见中。

    例：vbp accountability decide 095bcd667c6d upheld --by 李四 --note "经核对退票属实" --document-no 慈医保复〔2021〕1号
    """
    from pipelines.database.open import opened_existing
    from pipelines.oversight.accountability.objections import decide_on
    from pipelines.store import clock

    with told(debug), opened_existing(make_settings(home=home, database=database).database_url) as engine:
        changed = decide_on(engine, item, decision, by=by, note=note, document_no=document_no, at=clock.now(), list_id=list_id)
        out.print("已记录复核结果" if changed else "该复核结果已记录过，没有变化")


@accountability.command()
def final(
    list_id: ListId, by: By = "", note: Note = "", home: Home = None, database: Database = None, debug: Debug = False
) -> None:
    """定稿：异议期已满、每条异议都已复核之后；定稿后不再变更。

    例：vbp accountability final 2020-12-31-1f0c --by 张三 --note "局务会通过"
    """
    from pipelines.database.open import opened_existing
    from pipelines.oversight.accountability.lists import finalize
    from pipelines.store import clock

    with told(debug), opened_existing(make_settings(home=home, database=database).database_url) as engine:
        is_new = finalize(engine, list_id, by=by, note=note, at=clock.now())
        out.print("已定稿" if is_new else "该名单已是定稿，没有变化")


@accountability.command("list")
def list_(json: AsJson = False, home: Home = None, database: Database = None, debug: Debug = False) -> None:
    """列出全部名单：编号、状态、异议截止日。"""
    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.oversight.accountability.show import read_lists, show_lists

    with told(debug):
        url = make_settings(home=home, database=database).database_url
        with opened_existing(url) as engine, at_one_moment(engine) as connection:
            lists = read_lists(connection)
        print_json(lists) if json else out.print(show_lists(lists))


@accountability.command()
def show(
    list_id: ListId,
    institution: Annotated[str, typer.Option(help="只显示该医疗机构（编码）")] = "",
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """显示一份名单：拟通报、有正当理由、自愿参加、仅列示四部分；并核对摘要，被改动过则退出码 1。"""
    from pipelines.database.open import opened_existing

    with told(debug):
        with opened_existing(make_settings(home=home, database=database).database_url) as engine:
            faults = _show(engine, list_id, institution, json)
        if faults:
            raise VbpError("；".join(faults))


@accountability.command()
def export(
    list_id: ListId,
    to: Annotated[Path | None, typer.Option(help="写到哪个文件（默认 <home>/accountability/<名单编号>.xlsx）")] = None,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """写出工作簿（xlsx）：说明、名单、分列的条目、异议与复核；金额为元，单元格都不是公式。"""
    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.oversight.accountability.export import export_list
    from pipelines.oversight.accountability.lists import check_list, find_list, items_of
    from pipelines.store.private import require_home

    with told(debug):
        settings = make_settings(home=home, database=database)
        with opened_existing(settings.database_url) as engine, at_one_moment(engine) as connection:
            head = find_list(connection, list_id)
            items = items_of(connection, head["list_id"])
        kept = require_home(settings.home).at(f"accountability/{head['list_id']}.xlsx")
        with nullcontext(to) if to else kept.store.begin(kept.key) as path:
            export_list(path, head, items, check_list(head, items))
        out.print(str(to or kept), soft_wrap=True)


def _show(engine: object, list_id: str, institution: str, as_json: bool) -> list[str]:
    """Print a list; what its digests do not give any more."""
    import sqlalchemy as sa

    from pipelines.database.open import at_one_moment
    from pipelines.oversight.accountability.lists import check_list, find_list, items_of
    from pipelines.oversight.accountability.show import show_parts
    from pipelines.oversight.accountability.words import say_sides
    from schemas.reports.accountability_lists import STATES

    assert isinstance(engine, sa.Engine)
    with at_one_moment(engine) as connection:
        head = find_list(connection, list_id)
        items = items_of(connection, head["list_id"])
    if as_json:
        print_json([item for item in items if institution in ("", item["institution_code"])])
        return check_list(head, items)
    for table in show_parts(items, institution):
        out.print(table)
    for sides in say_sides(items):
        out.print(sides)
    out.print(
        f"名单 {head['list_id']}（{STATES[head['state']]}）：拟通报 {head['named_items']} 条，共 {head['items']} 条；"
        f"异议截止 {head['objections_until']}；内容摘要 {head['content_digest']}"
    )
    return check_list(head, items)
