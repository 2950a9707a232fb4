"""A sample for the terminal and as a workbook."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from pipelines.oversight.sampling.sample import Sample
from pipelines.views.table_book import Sheet, write_table_book
from schemas.reports import REPORTS
from schemas.reports.audit_sample_members import GRAVEST
from schemas.reports.audit_samples import SEED_SOURCES, STRATA

_COLUMNS = ("draw_no", "institution_name", "institution_code", "jurisdiction_code", "stratum", "inspectors", "order_hash")


def show_sample(sample: Sample) -> Table:
    """What was drawn, in the order of the draw."""
    table = Table(title=f"随机抽查 {sample.head['sample_id']}", title_justify="left")
    for name in ("序号", "医疗机构", "编码", "统筹区", "层", "检查人员", "排序值"):
        table.add_column(name, overflow="fold")
    drawn = [m for m in sample.members if m["draw_no"] is not None]
    for m in sorted(drawn, key=lambda m: m["draw_no"]):
        table.add_row(
            str(m["draw_no"]),
            m["institution_name"] or "",
            m["institution_code"],
            m["jurisdiction_code"],
            GRAVEST.get(m["stratum"], m["stratum"]),
            m["inspectors"] or "",
            m["order_hash"][:16],
        )
    return table


def describe(sample: Sample) -> list[tuple[str, str]]:
    """What is needed to draw it again, title and text."""
    head = sample.head
    facts = [
        ("抽查编号", head["sample_id"]),
        ("数字", f"{head['as_of']} 发布的数字（运行 {head['run_id']}），区划 {head['jurisdiction_code'] or '全部'}"),
        ("样本与总体", f"{head['size']} / {head['population']} 家，{STRATA[head['stratum_by']]}"),
        ("随机种子", f"{head['seed']}（{SEED_SOURCES[head['seed_source']]}）"),
        ("总体摘要", head["frame_digest"]),
        ("方法", head["method"]),
        ("抽取", f"{head['drawn_at']} {head['drawn_by']}"),
    ]
    if head["inspectors_digest"]:
        facts.append(("检查人员名单摘要", f"{head['inspectors_digest']}，每家 {head['inspectors_each']} 人"))
    return facts


def export_sample(path: Path, sample: Sample) -> Path:
    """Write it as a workbook: facts, what was drawn, the whole frame."""
    columns = [REPORTS["audit_sample_members"].column(name) for name in _COLUMNS]
    drawn = sorted((m for m in sample.members if m["draw_no"] is not None), key=lambda m: m["draw_no"])
    sheets = [Sheet(title, columns, rows) for title, rows in (("样本", drawn), ("总体", sample.members))]
    return write_table_book(path, describe(sample), sheets)
