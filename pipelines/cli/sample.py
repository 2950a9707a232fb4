"""The command `vbp sample`: a random audit sample that anyone can draw again."""

from __future__ import annotations

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
    say,
    told,
)


def sample(
    size: Annotated[int, typer.Option(min=1, help="抽取多少家医疗机构")],
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="统计截止日（默认最近发布的一天）")] = None,
    stratum: Annotated[str, typer.Option(help="分层：none、jurisdiction（统筹区）、finding（最重的未消除问题）")] = "none",
    seed: Annotated[str, typer.Option(help="随机种子（任意文字）；不给则由本机随机源产生并记录")] = "",
    inspectors: Annotated[Path | None, typer.Option(help="检查人员名单（每行一个工号，不写姓名），同时随机指派")] = None,
    each: Annotated[int, typer.Option("--inspectors-each", min=1, help="每家指派几名检查人员")] = 2,
    jurisdiction: Annotated[str | None, typer.Option(help="只在该行政区划前缀的医疗机构中抽取")] = None,
    by: Annotated[str, typer.Option("--by", envvar="USER", help="抽取人，记入记录")] = "",
    to: Annotated[Path | None, typer.Option(help="同时写出工作簿（xlsx）到该文件")] = None,
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    debug: Debug = False,
) -> None:
    """双随机抽查：从已发布数字涉及的医疗机构中随机抽取检查对象，并可随机指派检查人员。

    例：vbp sample --as-of 2020-12-31 --size 5 --stratum finding --seed 2021-01-15福彩3D-386 --by 张三

    同一运行、同一种子得到同一样本，与数据库和行的顺序无关；种子、总体摘要、方法、结果记入 audit_samples 与
    audit_sample_members。手工复核的办法见 docs/accountability.md。
    """
    from pipelines.database.open import opened_existing
    from pipelines.oversight.sampling.sample import draw_sample, read_inspectors
    from pipelines.oversight.sampling.show import describe, export_sample, show_sample
    from pipelines.store import clock
    from pipelines.store.private import require_home

    with told(debug):
        settings, place = (make_settings(home=home, database=database, policies=policies), read_place(jurisdiction))
        names = read_inspectors(inspectors) if inspectors else []
        with opened_existing(settings.database_url, migrated=True) as engine:
            drawn = draw_sample(
                engine,
                require_home(settings.home),
                settings.policies,
                size=size,
                by=by,
                at=clock.now(),
                as_of=read_date(as_of) if as_of else None,
                prefix=place,
                stratum_by=stratum,
                seed=seed,
                inspectors=names,
                each=each,
            )
        if json:
            print_json(drawn.members)
        else:
            out.print(show_sample(drawn))
        for title, fact in () if json else describe(drawn):
            out.print(f"{title}：{fact}", soft_wrap=True)
        if not drawn.is_new and not json:
            out.print("与已记录的抽查相同，没有另记")
        if to:
            path = export_sample(to, drawn)
            say(str(path)) if json else out.print(str(path), soft_wrap=True)
