"""The commands for those who send files: `vbp check` and `vbp template`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.shared import AsJson, Debug, Home, make_settings, out, print_json, told

Dataset = Annotated[str, typer.Option(help="数据集，如 deliveries；不写则看所在目录名，再看表头")]


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="要检查的文件；目录表示其中的全部文件")],
    dataset: Dataset = "",
    to: Annotated[Path | None, typer.Option(help="把整改表写到这个目录：<目录>/<数据集>/<报送单位或文件名>.xlsx")] = None,
    home: Home = None,
    json: AsJson = False,
    debug: Debug = False,
) -> None:
    """报送前检查：用夜间批处理的同一程序看文件，说明哪些行会被接收、哪些会被拒收、为什么，不改动数据湖、档案和台账。

    例：vbp check 配送明细.xlsx --dataset deliveries --to 整改

    引用的机构、产品、批次等在 --home 的数据湖和所给文件中核对；没有数据目录时不核对，逐一列出。
    整改表与退回整改表相同：问题单元格标色加批注，旁边写明如何改正。

    退出码：0 全部会被接收；3 有行会被拒收或有文件不会被读取；2 用法错误（如认不出数据集）；1 失败。
    """
    from pipelines.senders.check import check_files
    from pipelines.senders.show import checked_as_json, show_checked
    from pipelines.store.private import is_home

    with told(debug):
        settings = make_settings(home=home)
        asked = settings.home if home or is_home(settings.home) else None
        checked = check_files(files, dataset, asked, to=to)
        if json:
            print_json(checked_as_json(checked))
        else:
            for shown in show_checked(checked):
                out.print(shown)
    raise typer.Exit(0 if checked.is_good else 3)


def template(
    to: Annotated[Path, typer.Option(help="写到哪个目录：<目录>/<数据集>/填报模板_….xlsx")],
    dataset: Annotated[list[str] | None, typer.Option(help="数据集，如 deliveries（可重复）；不写则全部")] = None,
    debug: Debug = False,
) -> None:
    """写出填报模板（xlsx）：供没有系统导出的报送单位填写，填好放入数据目录即可接收。

    例：vbp template --dataset deliveries --dataset payments --to 模板

    表头标明必填列并有批注，编码列为文本格式，取值从下拉列表选择，日期列已设格式；“说明”表逐列写明填什么、格式、单位、规则和示例。
    """
    from pipelines.errors import UsageError
    from pipelines.senders.template import write_templates
    from schemas.records import RECORDS

    with told(debug):
        if unknown := [name for name in dataset or () if name not in RECORDS]:
            raise UsageError(f"没有数据集“{'、'.join(unknown)}”；应为 {'、'.join(RECORDS)} 之一")
        for path in write_templates(to, list(dict.fromkeys(dataset or RECORDS))):
            out.print(str(path), soft_wrap=True)
