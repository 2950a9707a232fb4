"""The command line's questions to past runs: `vbp explain`, `vbp verify` and `vbp restatements`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.shared import Database, Debug, Home, PolicyFolder, make_settings, out, read_date, say, told
from pipelines.errors import UsageError

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 文档")]


def explain(
    report: Annotated[str, typer.Argument(help="结果表名；finding（后接问题编号）；line（后接文件路径与行号）")],
    key: Annotated[list[str], typer.Argument(help="该行的主键，空的发票代码写 - 或省略；due_rule 省略即适用规则")],
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="统计截止日（默认最近发布的一天）")] = None,
    run_id: Annotated[str, typer.Option("--run", help="按哪次运行解释（默认该日现行发布的运行）")] = "",
    sheet: Annotated[str | None, typer.Option(help="工作表名（仅 line，同一行号在多个工作表时）")] = None,
    every: Annotated[bool, typer.Option("--all", help="同一原因未计入的行全部列出")] = False,
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    debug: Debug = False,
) -> None:
    """从数字到来源行，从来源行到数字：公式与代入的数字、政策条目与文号、每一行的文件与行号、未计入的行及原因。

    例：vbp explain agreed_volume_completion C001
    vbp explain payment_timeliness H33028200101 91330200MA9XXXX29Q 2020-11
    vbp explain finding 095bcd667c6d
    vbp explain line payments/cixi/payments_2020.csv 110
    vbp explain task_ledger 医保局 330282 payment_overdue（任务台账的一行由哪些问题组成）
    """
    from json import dumps

    from pipelines.database.open import opened_existing
    from pipelines.reports.explain import explain_figure, explain_finding, explain_line, explain_tasks
    from pipelines.reports.explain.as_json import figure_as_json, source_as_json
    from pipelines.reports.explain.render import show_figure, show_line
    from pipelines.store.private import require_home

    with told(debug):
        settings = make_settings(home=home, database=database, policies=policies)
        place, overlay = require_home(settings.home), settings.policies
        day = read_date(as_of) if as_of else None
        with opened_existing(settings.database_url) as engine:
            if report == "line":
                if len(key) != 2 or not key[1].isdecimal():
                    raise UsageError("请写作：vbp explain line <文件路径> <行号>")
                answer = explain_line(
                    engine, place, overlay, key[0], int(key[1]), say=say, sheet=sheet, run_id=run_id, as_of=day
                )
                typer.echo(dumps(source_as_json(answer), ensure_ascii=False)) if json else show_line(answer, out)
            else:
                found = (
                    explain_finding(engine, place, overlay, key[0], run_id=run_id, as_of=day)
                    if report == "finding"
                    else explain_tasks(engine, place, overlay, key, run_id=run_id, as_of=day)
                    if report == "task_ledger"
                    else explain_figure(engine, place, overlay, report, key, run_id=run_id, as_of=day)
                )
                typer.echo(dumps(figure_as_json(found), ensure_ascii=False)) if json else show_figure(found, out, every=every)


def verify(
    run_id: Annotated[str, typer.Argument(help="运行编号（默认最近发布的一天的现行运行）")] = "",
    tables: Annotated[bool, typer.Option("--tables", help="只把结果表现状与该运行的摘要比较，不重算")] = False,
    head: Annotated[
        str, typer.Option(metavar="LINK", help="从通报或晨报上抄下的封存链头（或只给其哈希），核对它仍在链中")
    ] = "",
    scratch: Annotated[Path | None, typer.Option(help="重算用的临时目录（默认在 home 之下，用后删除）")] = None,
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    debug: Debug = False,
) -> None:
    """核验一次运行，以及已发布的一切及其依据：不给编号即核验最近发布的运行。

    用存档的文件与政策条目重算该运行并比较结果摘要；再核对各发布日的结果表、来源文件、拒收记录、检查结果、数据修订、
    通报及其文件、通报名单、考核、抽查、名录、视图、问题清单的日期，以及存档、数据湖、快照、政策文件，都与写入时封存的一致。

    例：vbp verify；vbp verify --tables（不重算，较快）；vbp verify --head 12-5f0c…（与手中的链头对照）

    末行之前印出封存链头，请与通报、晨报上所印的对照：整条链被重新编造时，只有链外留存的链头能看出来。
    退出码：0 一致；1 不一致（逐条印出“不一致”，指明表、行、列或文件）；2 无法核验。每种不一致的处理见 docs/runbook.md。
    """
    from json import dumps

    from pipelines.database.open import opened_existing
    from pipelines.settings import refuse_for_lake
    from pipelines.store.private import require_home
    from pipelines.verify.compare_tables import TablesVerified, compare_tables, last_standing
    from pipelines.verify.rebuild import RunVerified, rebuild
    from pipelines.verify.render import show_verified, verified_as_json

    with told(debug):
        settings = make_settings(home=home, database=database, policies=policies)
        if scratch:
            refuse_for_lake(scratch, "--scratch")
        with opened_existing(settings.database_url) as engine:
            place = require_home(settings.home)
            run_id = run_id or last_standing(engine)
            answer: RunVerified | TablesVerified
            if tables:
                answer = compare_tables(engine, place, run_id, known_head=head)
            else:
                answer = rebuild(engine, place, settings.policies, run_id, say, scratch=scratch, known_head=head)
        typer.echo(dumps(verified_as_json(answer), ensure_ascii=False)) if json else show_verified(answer, out)
        raise typer.Exit(0 if answer.is_good else 1)


def restatements(
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="统计截止日（默认全部）")] = None,
    table: Annotated[str, typer.Option(help="结果表名，如 payment_timeliness")] = "",
    key: Annotated[str, typer.Option(help="行的主键，各部分以 | 相连，如 C001")] = "",
    run_id: Annotated[str, typer.Option("--run", help="只看某次运行所作的修订")] = "",
    cause: Annotated[str, typer.Option(help="late_record、correction、withdrawal、policy 或 code")] = "",
    xlsx: Annotated[Path | None, typer.Option(help="写出为工作簿")] = None,
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """已发布的数字后来改了哪些：从多少改为多少，由哪次运行，原因是什么。

    原因：迟到记录、更正、撤回（数据），政策变化，程序变化。同一数字有多个原因时取最先的：撤回、更正、迟到、政策、程序。
    例：vbp restatements --as-of 2020-12-31 --table agreed_volume_completion
    """
    from json import dumps

    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.reports.restatements import MOST, read_restated, restated_as_json, show_restated, write_restated
    from schemas.ledgers.restatements import CAUSES

    with told(debug):
        if cause and cause not in CAUSES:
            raise UsageError(f"没有原因“{cause}”；可用：{'、'.join(CAUSES)}")
        with opened_existing(make_settings(home=home, database=database).database_url) as engine:
            asked = {"table": table, "row_key": key, "run_id": run_id, "cause": cause}
            with at_one_moment(engine) as connection:
                found = read_restated(connection, as_of=read_date(as_of) if as_of else None, **asked, most=MOST + 1)
        cells = found[:MOST]
        if xlsx is not None:
            titles = {"统计截止日": as_of or "全部", "结果表": table, "行": key, "运行": run_id, "原因": cause}
            given = {title: text for title, text in titles.items() if text}
            out.print(str(write_restated(xlsx, cells, given, is_cut=len(found) > MOST)), soft_wrap=True)
        elif json:
            typer.echo(dumps([restated_as_json(c) for c in cells], ensure_ascii=False))
        else:
            show_restated(cells, out)
