"""What the pages of `vbp serve` say: titles, columns with units, questions, all from the report definitions."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import quote

from pipelines.database.tables import METADATA
from pipelines.indicators import all_indicators
from pipelines.serve.limits import HIDDEN
from pipelines.serve.questions import Question, ask_everything
from pipelines.views.views import HISTORY, LATEST, View, people_views
from schemas.reports import REPORTS
from schemas.table import in_chinese, tell
from schemas.units import unit_zh

TITLE = "带量采购执行监测 · 结果库"
_ABOUT = (
    "及其明细，由夜间批处理发布，只读。“最新”为最近一个已发布的截止日，“历史”为全部已发布的截止日；"
    "金额为元，比率不作舍入，合计比率请用合计除以合计。问题清单是待核查的线索，不是结论。"
)
_ASK = "截止日 as_of 写作 2020-12-31，留空为最近一个已发布的截止日；统筹区前缀 jurisdiction 如 330282、3715，留空为全部。"


def _tell_about() -> str:
    return "、".join(indicator.title_zh for indicator in all_indicators().values()) + _ABOUT


def describe(database: str, note: str = "") -> dict[str, Any]:
    """Datasette's metadata of a database of that name: Chinese titles, columns, hidden machinery, questions; `note` stands on
    the front page.
    """
    questions = ask_everything()
    views = people_views("sqlite")
    return {
        "title": TITLE,
        "description_html": _write_index(database, views, questions, note),
        "source": "各数据集的来源文件，见“来源文件”",
        "license": "数据归报送单位与监管单位，不随程序许可",
        "databases": {
            database: {
                "title": TITLE,
                "description": _tell_about(),
                "queries": {q.name: {"title": q.title, "description": _ASK, "sql": q.sql, "hide_sql": True} for q in questions},
                "tables": {
                    **{name: {"hidden": True} for name in (*METADATA.tables, "alembic_version")},
                    **{name: {"hidden": True, "allow": False} for name in HIDDEN},
                    **{report.name: _describe_table(report.name) for report in REPORTS.values()},
                    **{view.name: _describe_view(view) for view in views},
                },
            }
        },
    }


def _describe_table(name: str) -> dict[str, Any]:
    report = REPORTS[name]
    columns = {c.name: _say(c.title_zh, c.unit, in_chinese(c.description) or c.description, c.source) for c in report.columns}
    return {"title": f"{report.title_zh} {name}", "description": tell(report.description), "columns": columns}


def _describe_view(view: View) -> dict[str, Any]:
    columns = {c.title: _say("", c.unit, in_chinese(c.description) or c.description, c.source) for c in view.columns}
    return {"title": view.name.replace("_", "·"), "description": view.comment, "columns": columns}


def _say(title: str, unit: str, description: str, source: str) -> str:
    words = [title, f"（{unit_zh(unit)}）" if unit else "", " " if title or unit else "", description]
    return "".join(words) + (f" 依据：{source}" if source else "")


def _write_index(database: str, views: tuple[View, ...], questions: list[Question], note: str) -> str:
    """The front page: what is here, and where to begin."""
    groups = {
        "最新数字": [v for v in views if v.name.startswith(LATEST)],
        "历史数字": [v for v in views if v.name.startswith(HISTORY)],
        "台账与名录": [v for v in views if not v.name.startswith((LATEST, HISTORY))],
    }
    parts = [f"<p>{html.escape(part)}</p>" for part in (_tell_about(), note) if part]
    parts += ["<h2>常用查询</h2>", f"<p>{html.escape(_ASK)}</p>"]
    parts.append(_list_links(database, [(q.name, q.title) for q in questions]))
    for heading, members in groups.items():
        parts += [f"<h2>{heading}</h2>", _list_links(database, [(v.name, v.title) for v in members])]
    parts.append(f'<p><a href="/{quote(database)}">全部表、视图与自编 SQL 查询</a>；各页可导出 CSV 与 JSON。</p>')
    return "\n".join(parts)


def _list_links(database: str, pages: list[tuple[str, str]]) -> str:
    links = (f'<li><a href="/{quote(database)}/{_encode(name)}">{html.escape(title)}</a></li>' for name, title in pages)
    return f'<ul class="bullets">{"".join(links)}</ul>'


def _encode(name: str) -> str:
    from datasette.utils import tilde_encode

    return str(tilde_encode(name))
