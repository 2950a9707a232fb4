"""The command line's bulletins: `vbp bulletin`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.shared import Database, Debug, Home, PolicyFolder, make_settings, out, read_date, read_places, say, told


def bulletin(
    as_of: Annotated[
        str | None, typer.Option(envvar="VBP_AS_OF", metavar="DATE", help="统计截止日 YYYY-MM-DD（默认上海时间昨天）")
    ] = None,
    quarter: Annotated[
        bool, typer.Option("--quarter", help="季度通报：截止日须为季末，此后该日数字冻结，再次运行只登记修订")
    ] = False,
    accepted_to: Annotated[
        str | None,
        typer.Option(
            "--arrears-accepted-to", metavar="DATE", help="另列验收至该日（月末）的货款截至统计截止日的未付，按市、县与机构等级"
        ),
    ] = None,
    jurisdiction: Annotated[
        list[str] | None, typer.Option(envvar="VBP_JURISDICTION", help="只含该行政区划前缀的数字（可重复）")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="写到哪个目录（默认 <home>/site/bulletin/<截止日>）")] = None,
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    debug: Debug = False,
) -> None:
    """制作通报：工作簿（摘要、图表、各结果表、问题清单、修订、口径与文号、运行信息）、网页与打印版 PDF。

    例：vbp bulletin --as-of 2020-12-31 --quarter

    例：vbp bulletin --as-of 2020-12-31 --arrears-accepted-to 2020-09-30

    工作簿旁另有官方版式的报表（如国采医疗机构带量执行报表，每个批次一张工作表），文件名为 <报表>-<截止日>.xlsx。
    任何已发布的日期都可以制作，不改动数字；加 --quarter 则冻结该日。同一运行制作的工作簿逐字节相同，摘要记入 bulletins 表。
    PDF 由 Chromium 打印（VBP_CHROMIUM 或 PATH），没有时只缺 PDF。一张工作表最多 VBP_SHEET_ROWS 行，超出的另存 csv。
    """
    from pipelines.reports.bulletin import make_bulletin

    with told(debug):
        settings = make_settings(home=home, database=database, policies=policies)
        day, scope = read_date(as_of), read_places(jurisdiction)
        up_to = read_date(accepted_to) if accepted_to else None
        made = make_bulletin(settings, day, say, is_quarter=quarter, scope=scope, up_to=up_to, out=folder)
        for remark in made.remarks:
            out.print(f"注意：{remark}", soft_wrap=True)
        forms = (("报表", form) for form in made.forms)
        for name, path in (("工作簿", made.workbook), *forms, ("网页", made.pages), ("打印版", made.pdf)):
            if path is not None:
                out.print(f"{name}：{path}", soft_wrap=True)
        out.print(f"工作簿摘要 {made.workbook_digest}" + ("（该日已冻结）" if made.is_frozen else ""), soft_wrap=True)
