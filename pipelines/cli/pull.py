"""The command that fetches what `sources.toml` describes: `vbp pull`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pipelines.cli.shared import Database, Debug, Home, Landing, PolicyFolder, make_settings, out, say, told

Named = Annotated[
    str, typer.Argument(metavar="[SOURCE]", help="来源：数据集/名称（deliveries/cixi）或名称（cixi）；不写则全部")
]


def pull(
    source: Named = "",
    landing: Landing = None,
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出会取的对象，不读取，不写任何东西")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="不信来源给出的大小与时间，全部重新读取；数据目录里缺的重新放入")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON：一个数组，每个来源一个对象")] = False,
    debug: Debug = False,
) -> None:
    """拉取 sources.toml 所列来源（S3、SFTP、数据库查询、HTTP）的新数据，放入数据目录，逐个对象记入台账。

    例：vbp pull --policies policies --landing landing --dry-run

    sources.toml 放在政策目录里，写法见 seeds/sources.example.toml；口令放在环境变量或 Airflow 连接里，从不写进文件。

    内容（SHA-256）决定是否新：没变的不再取，变了的作为新文件放入，已有的文件从不改动。断线重试，中断后再执行即接着取。

    退出码：0 全部成功；1 有来源失败（其余照常拉取）；2 用法错误或 sources.toml 不可用。
    """
    from json import dumps

    from pipelines.sources.choose import choose, who
    from pipelines.sources.pull import pull as pull_source

    with told(debug):
        settings = make_settings(landing=landing, home=home, database=database, policies=policies)
        tell = (lambda _: None) if json else say
        chosen = choose(settings.policies, source)
        done = [pull_source(settings, one, who(), tell, again=again, dry_run=dry_run) for one in chosen]
        if json:
            typer.echo(dumps([_as_json(p, dry_run) for p in done], ensure_ascii=False))
        else:
            _show(done, dry_run)
    raise typer.Exit(0 if all(p.is_good for p in done) else 1)


def _as_json(pulled: Any, dry_run: bool) -> dict[str, Any]:
    counts = {name: getattr(pulled, name) for name in ("seen", "new", "known", "waiting", "failed", "bytes")}
    more = {"would_take": pulled.would_take} if dry_run else {}
    return {"source": pulled.source, "kind": pulled.kind, **counts, "error": pulled.error, **more}


def _show(done: list[Any], dry_run: bool) -> None:
    from rich.table import Table

    from pipelines.reports.terminal.text import plain_text

    table = Table("来源", title="会取的对象" if dry_run else "来源拉取", title_justify="left")
    for heading in ("看到对象", "会取" if dry_run else "新取", "已有", "暂缓", "失败", "字节"):
        table.add_column(heading, justify="right")
    for p in done:
        table.add_row(p.source, *(f"{n:,}" for n in (p.seen, p.new, p.known, p.waiting, p.failed, p.bytes)))
    out.print(table)
    for p in done:
        for name in p.would_take:
            out.print(plain_text(f"{p.source}：会取 {name}"), soft_wrap=True)
        if p.error:
            out.print(plain_text(f"{p.source} 失败：{p.error}"), soft_wrap=True)
