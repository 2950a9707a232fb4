"""The command line `vbp`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.accountability import accountability
from pipelines.cli.assess import assess
from pipelines.cli.bulletin import bulletin
from pipelines.cli.explain import explain, restatements, verify
from pipelines.cli.pull import pull
from pipelines.cli.read import grant, retain, runs, serve
from pipelines.cli.rejects import rejects
from pipelines.cli.sample import sample
from pipelines.cli.senders import check, template
from pipelines.cli.shared import (
    Database,
    Debug,
    Home,
    Landing,
    PolicyFolder,
    make_settings,
    out,
    read_date,
    read_places,
    say,
    told,
)
from pipelines.cli.tasks import tasks
from pipelines.cli.wrong_call import Commands
from pipelines.errors import UsageError

app = typer.Typer(
    cls=Commands,
    name="vbp",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="带量采购履约监测：接收医院与平台的采购、发票、付款、使用、追溯等数据，校验，计算约定采购量、货款支付、两票制等二十项义务的履行，发布结果表。\n\n"
    "Nightly compliance monitoring of volume-based drug procurement.\n\n"
    "退出码：0 已发布；1 失败，未发布任何数字；2 用法或配置错误；3 已计算但被检查扣留，上次发布的数字不变。",
)

AsOf = Annotated[str | None, typer.Option(envvar="VBP_AS_OF", metavar="DATE", help="统计截止日 YYYY-MM-DD（默认上海时间昨天）")]
Jurisdiction = Annotated[
    list[str] | None, typer.Option(envvar="VBP_JURISDICTION", help="只显示该行政区划前缀的数字（可重复）；计算与发布不受影响")
]


@app.command()
def run(
    landing: Landing = None,
    as_of: AsOf = None,
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    jurisdiction: Jurisdiction = None,
    debug: Debug = False,
) -> None:
    """执行一次夜间批处理：接收、校验、计算、审核、发布。

    例：vbp run --landing /data/landing --as-of 2020-12-31 --home ./var

    新文件按内容（SHA-256）识别，处理过的自动跳过；中断后重新执行同一命令即可，不会丢行也不会重复。
    """
    from pipelines.night.run import run_night
    from pipelines.reports.terminal.headline import show

    with told(debug):
        settings = make_settings(landing=landing, home=home, database=database, policies=policies)
        places = read_places(jurisdiction)
        status, run_id = run_night(settings, read_date(as_of), say)
        show(settings, run_id, places)
    raise typer.Exit(0 if status == "published" else 3)


@app.command()
def demo(
    home: Annotated[Path, typer.Option(envvar="VBP_DEMO_HOME", help="演示目录")] = Path("demo"), debug: Debug = False
) -> None:
    """写出示例数据（慈溪、聊城的形态，交易为虚构），以 2020-12-31 为截止日运行一次，并提示去哪里看。"""
    import shutil

    from pipelines.night.run import run_night
    from pipelines.reports.terminal.headline import show

    with told(debug):
        seeds = Path(__file__).parents[2] / "seeds" / "sample"
        landing = home / "landing"
        shutil.copytree(seeds, landing, dirs_exist_ok=True)
        settings = make_settings(landing=landing, home=home / "var")
        status, run_id = run_night(settings, date(2020, 12, 31), say)
        show(settings, run_id)
        out.print(f"示例数据：{landing}（每处脏数据见 {landing / 'README.zh-CN.md'}）")
    raise typer.Exit(0 if status == "published" else 3)


@app.command()
def generate(
    out: Annotated[Path, typer.Option(help="写到哪个目录（须为空）")],
    scale: Annotated[float, typer.Option(help="规模：1 = 100 万条配送、130 万行发票、60 万条付款")] = 0.01,
    seed: Annotated[int, typer.Option(help="随机种子；同一规模与种子得到逐字节相同的文件")] = 1,
    beside: Annotated[
        str, typer.Option("--with", help="另外生成：trace（规模 1 为 2000 万条追溯码）、usages（500 万条使用记录），逗号分隔")
    ] = "",
    debug: Debug = False,
) -> None:
    """生成测试与基准用的合成数据目录。"""
    from seeds.generator import generate as generate_landing

    with told(debug):
        counts = generate_landing(out, scale, seed, beside=[b for b in beside.split(",") if b], progress=say)
        typer.echo("，".join(f"{name} {rows:,}" for name, rows in counts.items()))


@app.command()
def release(
    run_id: Annotated[str, typer.Argument(help="被扣留的运行编号")],
    note: Annotated[str, typer.Option(help="放行理由，记入运行台账")],
    by: Annotated[str, typer.Option("--by", envvar="USER", help="放行人")] = "",
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """放行一个被检查扣留的运行：按原结果发布，理由与放行人记入运行台账。"""
    from pipelines.night.run import release as release_run
    from pipelines.reports.terminal.headline import show

    with told(debug):
        if not note.strip() or not by.strip():
            raise UsageError("放行必须写明理由（--note）与放行人（--by）")
        settings = make_settings(home=home, database=database)
        release_run(settings, run_id, by, note, say)
        show(settings, run_id)


@app.command()
def site(
    home: Home = None,
    database: Database = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="已发布的统计截止日 YYYY-MM-DD（默认最近发布的一日）")
    ] = None,
    debug: Debug = False,
) -> None:
    """写出报告网站 <home>/site/index.html：总览、各统筹区、各医疗机构、各产品、各企业、指标说明，可直接从磁盘打开。

    每夜发布后自动写出；只重写数字有变化的页面。只读取已发布的结果表，不重新计算。
    例：vbp site --home ./var
    """
    from pipelines.database.open import opened_existing
    from pipelines.reports.morning import write_newest_page
    from pipelines.reports.site import write_site
    from pipelines.store.private import require_home

    with told(debug):
        settings = make_settings(home=home, database=database)
        day = None if as_of is None else read_date(as_of)
        with opened_existing(settings.database_url) as engine:
            folder = require_home(settings.home)
            write_newest_page(engine, folder, settings.keep_pages)
            done = write_site(engine, folder, day)
        out.print(f"{done.as_of} 的网站共 {done.pages:,} 页，本次写出 {done.written:,} 页")
        out.print(str(done.page), soft_wrap=True)


@app.command()
def alarm(
    run_id: Annotated[str, typer.Argument(help="运行编号：就这次运行发出通知")] = "",
    deadline: Annotated[
        bool, typer.Option("--deadline", help="过了 VBP_ALARM_DEADLINE 仍未发布昨天的数字时告警，退出码 1")
    ] = False,
    test: Annotated[bool, typer.Option("--test", help="向每个地址发一条测试通知")] = False,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """发出告警：每次运行最多一条，没有变化时不发。

    收件地址、负责人、时限取自 VBP_ALARM_URLS、VBP_ALARM_OWNER、VBP_ALARM_DEADLINE；处置办法见 docs/runbook.md。
    例：vbp alarm --deadline（另一台机器的 cron 每天 06:05 执行）
    """
    from pipelines.alarms.alarm import alarm_night
    from pipelines.alarms.deadline import check_deadline
    from pipelines.alarms.settings import AlarmSettings
    from pipelines.alarms.try_out import try_out
    from pipelines.database.open import opened
    from pipelines.store.private import require_home

    with told(debug):
        if sum((bool(run_id), deadline, test)) != 1:
            raise UsageError("请给出运行编号、--deadline、--test 三者之一")
        settings = make_settings(home=home, database=database)
        if run_id:
            require_home(settings.home)
            message = alarm_night(settings, run_id)
            out.print(f"{message.title}\n{message.body}" if message else "没有需要告知的变化")
        elif deadline:
            with opened(settings.database_url) as engine:
                message = check_deadline(engine, settings.home, AlarmSettings())
            out.print(f"{message.title}\n{message.body}" if message else "已按时发布，或未到时限")
            raise typer.Exit(1 if message else 0)
        else:
            tried = try_out(AlarmSettings())
            if not tried:
                raise UsageError("没有收件地址；请设置 VBP_ALARM_URLS（apprise 地址，以空格分隔）")
            for place, problem in tried:
                out.print(f"{place}：{problem or '已发出'}")
            raise typer.Exit(1 if any(problem for _, problem in tried) else 0)


app.add_typer(rejects, name="rejects")
app.add_typer(accountability, name="accountability")
app.add_typer(tasks, name="tasks")
app.command()(check)
app.command()(pull)
app.command()(template)
app.command()(explain)
app.command()(verify)
app.command()(grant)
app.command()(serve)
app.command()(assess)
app.command()(sample)
app.command()(bulletin)
app.command()(restatements)
app.command()(runs)
app.command()(retain)


@app.command("new-indicator")
def add_indicator(
    name: Annotated[str, typer.Argument(help="小写字母、数字与下划线，如 prepayment_balance")], debug: Debug = False
) -> None:
    """写出一个新指标的目录及其示例测试。

    声明、代码、说明卡（英文、中文）、政策条目，写出即可运行；写法见 docs/adding-an-indicator.md。
    """
    from pipelines.cli.new_indicator import new_indicator

    with told(debug):
        for path in new_indicator(name, Path(__file__).parents[2]):
            out.print(str(path), soft_wrap=True)


@app.command()
def dictionary(
    markdown: Annotated[bool, typer.Option("--markdown", help="以 Markdown 输出（即 docs/report-tables.md）")] = False,
) -> None:
    """打印数据字典：每个结果表、每一列的中文名、单位、含义与依据。"""
    from rich.table import Table

    from pipelines.reports.dictionary import write_dictionary
    from schemas.reports import REPORTS
    from schemas.table import tell

    if markdown:
        typer.echo(write_dictionary(), nl=False)
        return
    for report in REPORTS.values():
        table = Table(
            "列", "中文名", "类型", "单位", "说明", "依据", title=f"{report.name} {report.title_zh}", title_justify="left"
        )
        for c in report.columns:
            key = "*" if c.name in report.key else ""
            table.add_row(c.name + key, c.title_zh, c.type, c.unit, tell(c.description), c.source)
        out.print(table)


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
