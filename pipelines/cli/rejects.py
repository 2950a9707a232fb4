"""The commands `vbp rejects …`: look at rejected rows, send them back, decide on them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from pipelines.cli.shared import AsJson, Database, Debug, Home, make_settings, out, print_json, read_date, say, told
from pipelines.cli.wrong_call import Commands
from pipelines.errors import UsageError

rejects = typer.Typer(
    cls=Commands, no_args_is_help=True, help="被拒收的行：在哪个文件哪一行、什么原因、现在如何；退回整改、豁免、作废、重试。"
)

Dataset = Annotated[str, typer.Option(help="数据集，如 deliveries")]
Institution = Annotated[str, typer.Option(help="医疗机构编码（出现在主键或原始内容中）")]
Reason = Annotated[str, typer.Option(help="原因代码，如 unknown_reference、bad_date")]
File = Annotated[str, typer.Option(help="来源文件路径中的一段")]
Age = Annotated[int, typer.Option(help="首次出现至今至少多少天")]
State = Annotated[str, typer.Option(help="open、resolved、superseded、waived、discarded 或 all")]
Ids = Annotated[list[str] | None, typer.Argument(help="退回编号，可只写开头几位；不写则用筛选条件")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="决定人，记入记录")]
Note = Annotated[str, typer.Option(help="理由，记入记录")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只说明结果会怎样，什么也不写")]


@rejects.command("list")
def list_rejected(
    dataset: Dataset = "",
    institution: Institution = "",
    reason: Reason = "",
    file: File = "",
    age: Age = 0,
    state: State = "open",
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """列出被拒收的行及全部原因。"""
    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.reports.terminal.rejects import LIMIT, read_rejects, show_rejects

    with told(debug):
        url = make_settings(home=home, database=database).database_url
        with opened_existing(url) as engine, at_one_moment(engine) as connection:
            asked = {"dataset": dataset, "institution": institution, "reason": reason, "file": file, "state": state}
            rows, total = read_rejects(connection, **asked, age=age, most=0 if json else LIMIT)
        if json:
            print_json(rows)
            return
        out.print(show_rejects(rows, total))
        if total > LIMIT:
            out.print(f"共 {total} 条，只显示前 {LIMIT} 条；请用 --dataset、--reason 等缩小范围")


@rejects.command("show")
def show_rejected(
    record_id: Annotated[str, typer.Argument(help="退回编号，可只写开头几位")],
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """显示一条被拒收的行：原始内容、全部原因、首次与最近出现的运行、现状。"""
    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.reports.terminal.rejects import show_reject

    with told(debug):
        url = make_settings(home=home, database=database).database_url
        with opened_existing(url) as engine, at_one_moment(engine) as connection:
            table = show_reject(connection, record_id)
        out.print(table)


@rejects.command()
def export(
    dataset: Dataset = "",
    institution: Institution = "",
    reason: Reason = "",
    file: File = "",
    age: Age = 0,
    until: Annotated[str | None, typer.Option(help="整改期限 YYYY-MM-DD，写在说明页上")] = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """写出退回整改表（xlsx）：报送单位自己的表头，问题单元格标色加批注，旁边写明问题与如何改正。

    改正后的工作簿按原目录放回数据目录即可，凭退回编号自动核销。例：vbp rejects export --institution H33028200001
    """
    from pipelines.desk.export import export_returns
    from pipelines.desk.select import Wanted

    with told(debug):
        wanted = Wanted(dataset, institution, reason, file, age)
        paths = export_returns(make_settings(home=home), wanted, until=_read(until))
        for path in paths:
            out.print(str(path), soft_wrap=True)
        if not paths:
            out.print("没有符合条件的待改正行")


@rejects.command()
def waive(
    ids: Ids = None,
    dataset: Dataset = "",
    institution: Institution = "",
    reason: Reason = "",
    file: File = "",
    age: Age = 0,
    until: Annotated[str | None, typer.Option(help="有效期 YYYY-MM-DD，过后该行退出统计")] = None,
    by: By = "",
    note: Note = "",
    dry_run: DryRun = False,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """豁免违反规则的行：按原样接收，直到 --until；读不出、主键不全、引用不存在的行不能豁免。"""
    from pipelines.desk.select import Wanted

    with told(debug):
        _decide("waive", ids, Wanted(dataset, institution, reason, file, age), by, until, note, dry_run, home)


@rejects.command()
def discard(
    ids: Ids = None,
    dataset: Dataset = "",
    institution: Institution = "",
    reason: Reason = "",
    file: File = "",
    age: Age = 0,
    by: By = "",
    note: Note = "",
    dry_run: DryRun = False,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """作废：不再要求改正，也不再重试；同一行再次报送仍为作废。"""
    from pipelines.desk.select import Wanted

    with told(debug):
        _decide("discard", ids, Wanted(dataset, institution, reason, file, age), by, None, note, dry_run, home)


@rejects.command()
def retry(
    ids: Ids = None,
    dataset: Dataset = "",
    institution: Institution = "",
    reason: Reason = "",
    file: File = "",
    age: Age = 0,
    dry_run: DryRun = False,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """用夜间批处理的同一程序重新校验：现在合格的行接收，仍不合格的换成今天的原因，首次出现日不变。"""
    from pipelines.desk.select import Wanted

    with told(debug):
        _decide("retry", ids, Wanted(dataset, institution, reason, file, age), "", None, "", dry_run, home)


def _decide(
    kind: str, ids: list[str] | None, wanted: object, by: str, until: str | None, note: str, dry_run: bool, home: Home
) -> None:
    from pipelines.desk import decide as decisions
    from pipelines.desk.select import Wanted
    from schemas.ledgers.rejected_records import STATES

    assert isinstance(wanted, Wanted)
    if kind != "retry" and not ids and wanted == Wanted():
        raise UsageError("请写明退回编号，或用 --dataset、--institution、--reason、--file、--age 限定范围")
    settings = make_settings(home=home)
    chosen = ids or decisions.numbers_of(settings, wanted)
    if dry_run:
        outcome = decisions.dry_run(settings, kind, chosen, by, _read(until), note)
    else:
        outcome = decisions.decide(settings, kind, chosen, by, _read(until), note, say=say)
    if outcome.earlier:
        when, who = outcome.earlier.at[:19], f"（{outcome.earlier.by}）" if outcome.earlier.by else ""
        out.print(f"这些行已于 {when} 按决定 {outcome.earlier.number}{who}处理过，没有变化", markup=False)
        return
    states = "，".join(f"{STATES[state]} {rows} 条" for state, rows in outcome.states.items()) or "没有需要处理的行"
    out.print(("（未写入）" if dry_run else "") + f"处理后：{states}")
    if outcome.batch:
        out.print(f"已记为决定 {outcome.decision}、数据湖第 {outcome.batch} 批；结果表在下一次 vbp run 后更新")


def _read(text: str | None) -> date | None:
    return read_date(text) if text else None
