"""The command `vbp assess`: yearly assessment scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.shared import AsJson, Database, Debug, Home, PolicyFolder, make_settings, out, print_json, read_place, told


def assess(
    year: Annotated[int, typer.Option(min=2000, max=2100, help="考核年度")],
    jurisdiction: Annotated[str | None, typer.Option(help="只考核该行政区划前缀的医疗机构，如 3302")] = None,
    to: Annotated[Path | None, typer.Option(help="同时写出工作簿（xlsx）到该文件")] = None,
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    policies: PolicyFolder = None,
    debug: Debug = False,
) -> None:
    """年度考核：按当年最后一次发布的数字给各医疗机构计分，原始金额与笔数列在旁边。

    例：vbp assess --year 2020 --to 考核2020.xlsx

    权重是政策参数 assessment_weights（合计 100），各地可另行规定；没有数字的部分不计入并说明原因。民营与零售药店只列示，
    不计分。结果记入 assessment_scores：同一结果只记一次，不同结果另起编号，不覆盖。规则见 docs/accountability.md。
    """
    from pipelines.database.open import opened_existing
    from pipelines.oversight.assessment.assess import assess_year
    from pipelines.oversight.assessment.show import describe, export_assessment, show_assessment
    from pipelines.store import clock
    from pipelines.store.private import require_home

    with told(debug):
        settings, place = (make_settings(home=home, database=database, policies=policies), read_place(jurisdiction))
        with opened_existing(settings.database_url, migrated=True) as engine:
            found = assess_year(engine, require_home(settings.home), settings.policies, year, at=clock.now(), prefix=place)
        book = export_assessment(to, found, year) if to else None
        if json:
            print_json(found.rows)
            return
        for table in show_assessment(found):
            out.print(table)
        for title, fact in describe(found, year):
            out.print(f"{title}：{fact}")
        for remark in found.remarks:
            out.print(f"注意：{remark}")
        if not found.is_new:
            out.print("与已记录的考核结果相同，没有另记")
        if book:
            out.print(str(book), soft_wrap=True)
