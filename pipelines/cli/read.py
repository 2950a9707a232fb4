"""The commands about what stands: who may read it (`vbp grant`, `vbp serve`), which runs made it (`vbp runs`), how long it
stays (`vbp retain`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.shared import (
    AsJson,
    Database,
    Debug,
    Home,
    make_settings,
    out,
    print_json,
    read_date,
    read_places,
    say,
    told,
)
from pipelines.errors import UsageError


def grant(
    role: Annotated[str, typer.Argument(help="数据库角色；不存在则建立（NOLOGIN）")] = "vbp_reader",
    jurisdiction: Annotated[
        list[str] | None, typer.Option(help="只能看到该行政区划（2、4 或 6 位前缀，可重复），如 330282、3715；不给则可看到全部")
    ] = None,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """在 PostgreSQL 结果库中设立只读角色：只能查询供人查看的视图与结果表，不能写入，也看不到暂存与版本表。

    例：vbp grant（全部）；vbp grant vbp_cixi --jurisdiction 330282（只看慈溪，视图以“本地区_”开头）

    重复执行结果相同，以最后一次给出的行政区划为准；视图重建后权限由夜间运行自动恢复。以管理员连接时只用其建立角色的权限，
    其余以结果表所有者的身份执行。之后把角色授予登录用户：GRANT vbp_reader TO 用户;
    """
    from pipelines.database.open import opened
    from pipelines.views.readers import keep_reader

    with told(debug):
        places = read_places(jurisdiction)
        if not role.strip() or role.startswith("pg_") or len(role.encode()) > 63:
            raise UsageError(f"角色名“{role}”不可用：不能为空，不能以 pg_ 开头，不能超过 63 字节")
        with opened(make_settings(home=home, database=database).database_url) as engine:
            readable = keep_reader(engine, role, places)
        seen = "、".join(places) or "全部统筹区"
        out.print(f"角色 {role} 只读：{seen}，{len(readable)} 个表和视图")
        for name in readable:
            out.print(f"  {name}")
        out.print(f'授予登录用户：GRANT "{role}" TO 用户名;')


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口；0 为任取一个空闲端口")] = 8001,
    host: Annotated[str, typer.Option(help="监听地址；默认只有本机能访问，页面本身不设口令")] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="另外允许浏览器使用的主机名（可重复），如 vbp.example.org；其他名称一律拒绝，以防 DNS 重绑定"),
    ] = None,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """用浏览器只读查看结果库：中文视图、常用查询、自编 SQL、导出 CSV 与 JSON。

    例：vbp serve --home ./var，然后打开 http://127.0.0.1:8001/

    夜间运行照常发布，刷新页面即见新的数字。PostgreSQL 结果库先复制成临时目录（TMPDIR）中的 SQLite 文件再供浏览，
    发布后一分钟内自动更新；连接用户须能读取全部结果表。
    """
    from pipelines.serve.serve import serve as serve_pages

    with told(debug):
        settings = make_settings(home=home, database=database)
        serve_pages(settings.database_url, host, port, say, allow_host or [])


def runs(
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="只看该统计截止日的运行")] = None,
    status: Annotated[str, typer.Option(help="published 已发布、held 被扣留、failed 失败或 running 运行中")] = "",
    limit: Annotated[int, typer.Option(min=1, help="最多列出多少次，最近的在前")] = 20,
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """列出运行：截止日、编号、状态、读取与接收与拒收的行数、起止时间、放行人，以及最近一次的晨报页面。

    例：vbp runs --status held（之后 vbp release 运行编号 --note 理由）
    """
    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.reports.terminal.runs import read_runs, show_runs
    from schemas.ledgers.runs import STATUSES

    with told(debug):
        if status and status not in STATUSES:
            raise UsageError(f"没有状态“{status}”；可用：{'、'.join(STATUSES)}")
        settings, day = make_settings(home=home, database=database), read_date(as_of) if as_of else None
        with opened_existing(settings.database_url) as engine, at_one_moment(engine) as connection:
            found = read_runs(connection, settings.home, as_of=day, status=status, most=limit)
        if json:
            print_json(found)
            return
        out.print(show_runs(found))
        for run in found:
            if run["note"]:
                out.print(f"{run['run_id']}：{run['note']}", soft_wrap=True)
        if page := next((run["page"] for run in found if run["page"]), None):
            out.print(f"最近的晨报：{page}", soft_wrap=True)


def retain(
    keep_nights: Annotated[
        int | None, typer.Option(envvar="VBP_KEEP_NIGHTS", help="保留最近多少天的夜间数字，不小于 92（如 400）")
    ] = None,
    tell: Annotated[bool, typer.Option("--tell", help="只列出会清理什么，不改动")] = False,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """清理过期的夜间数字：最近若干天的全部保留，更早的只永久保留月末、年末和已被引用的。

    例：vbp retain --keep-nights 400 --tell（先看），vbp retain --keep-nights 400（清理）

    永久保留：每月最后一个发布日；已出通报的；通报名单、考核、抽查、任务办理和被扣留运行所依据的。
    问题清单、任务、修订、拒收记录、数据湖与文件档案一律不动。清理了哪些日、依据什么规则，记入表 dropped_dates 并封存，
    vbp verify 照常通过；被清理的日子不能再解释或重算。设了环境变量 VBP_KEEP_NIGHTS，每夜发布后自动清理；默认不清理。
    """
    from pipelines.database.open import migrate, opened_existing
    from pipelines.night.run import hold_home
    from pipelines.retain.retain import retain as retain_nights

    with told(debug):
        settings = make_settings(home=home, database=database, keep_nights=keep_nights)
        if not settings.keep_nights:
            raise UsageError("请用 --keep-nights（VBP_KEEP_NIGHTS）写明保留最近多少天，如 400")
        with opened_existing(settings.database_url) as engine, hold_home(settings):
            if not tell:
                migrate(engine)
            done = retain_nights(engine, settings.home, settings.keep_nights, only_tell=tell)
        for row in done.dates:
            out.print(f"{row.as_of}  运行 {row.run_id}  {row.row_count} 行  {row.file_count} 个文件", soft_wrap=True)
        if tell:
            out.print(f"会清理 {len(done.dates)} 个发布日的夜间数字、{done.files} 个工作文件；没有改动")
            return
        out.print(
            f"已清理 {len(done.dates)} 个发布日的夜间数字：删除 {done.versions} 行、{done.files} 个工作文件"
            if done.dates or done.files
            else "没有可清理的发布日"
        )
