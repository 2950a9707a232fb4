"""The one message of a run: published with news, held, failed; silence where nothing is new."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from pipelines.alarms.message import LARGEST, SYSTEM, Message, cut, shorten, size
from pipelines.alarms.night import Night, Problem
from schemas.reports import REPORTS

_ROOM = LARGEST - 500  # for the owner and the address of the page


def compose(night: Night, unwritten: Sequence[str] = (), *, ends_alarm: bool = False) -> Message | None:
    """Put a night into words; None for a published one with nothing new, and for one still running.

    What of its pages could not be written (`unwritten`) is loud: people would read the old ones. With `ends_alarm` (the last
    thing said was loud) a publication is news by itself. Sections are shortened until the message fits every channel.
    """
    match night.run["status"]:
        case "published":
            faults = [f"unwritten:{night.run['as_of']}:{_without_numbers(problem)}" for problem in unwritten]
            facts = faults + _list_facts(night)
            if not facts and not ends_alarm:
                return None
            title = "已恢复发布" if ends_alarm else "已发布"
            title += f"，有 {len(facts)} 项新情况" if facts and not faults else ""
            title = "已放行发布" if night.run["released_by"] else title
            title += "，但页面未能写出" if faults else ""
            title += "（该日已冻结，只登记修订）" if night.only_restates else ""
            facts = facts or [f"published:{night.run['run_id']}"]
            return _fit(night, title, facts, unwritten, is_loud=bool(faults))
        case "held":
            gates = [f"held:{night.run['as_of']}:{p.check_id}:{p.failed}" for p in night.problems if p.status == "failed"]
            return _fit(night, "被扣留，数字未更新", gates + _list_facts(night), unwritten, is_loud=True)
        case "failed":
            return tell_failure(night.run["note"] or "", night.run["as_of"], night.run["run_id"])
    return None


def tell_failure(reason: str, as_of: date | None = None, run_id: str = "") -> Message:
    """The message of a run that failed, or of one that could not even be opened (no `run_id`)."""
    kind = _without_numbers(reason)
    title = f"{SYSTEM}{f'{as_of} ' if as_of else ''}运行失败，数字未更新"
    lines = [f"运行：{run_id}" if run_id else "运行未能开始", f"原因：{cut(reason, 600) or '未记录'}"]
    lines += ["上次发布的数字不变。按 docs/runbook.md 排除原因后重新运行，处理过的文件自动跳过："]
    lines += ["  vbp run" + (f" --as-of {as_of}" if as_of else "")]
    return Message(title, "\n".join(lines), True, (f"failed:{as_of}:{kind}",))


def _without_numbers(reason: str) -> str:
    """A reason as it is told once a day: the same failure tried again has other numbers."""
    return re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", reason)


def _list_facts(night: Night) -> list[str]:
    """What is new about a run, one text each; of a released run only what its publication brought.

    The run's id is part of them: the same number of rows rejected by the next run are other rows.
    """
    own = night.run["run_id"]
    facts = [f"{own}:restated:{as_of}:{table}:{n}" for as_of, table, n in night.restated]
    if night.run["released_by"]:  # the rest was told when it was held
        return [f"{own}:released", *facts]
    facts += [f"{own}:{p.check_id}:{p.failed}" for p in _list_news(night)]
    facts += [f"{own}:refused:{path}" for path in night.refused]
    facts += [f"{own}:rejected:{r.dataset}:{r.rows}" for r in night.rejected]
    return facts + [f"{own}:interrupted:{run_id}" for run_id in night.interrupted]


def _list_news(night: Night) -> list[Problem]:
    """The checks that are news; what holds a run is told as its gates."""
    is_held = night.run["status"] == "held"
    return [p for p in night.problems if p.is_new and not (is_held and p.status == "failed")]


def _fit(night: Night, title: str, facts: list[str], unwritten: Sequence[str], *, is_loud: bool) -> Message:
    title = f"{SYSTEM}{night.run['as_of']} {title}"
    for limit in (5, 3, 1):
        lines = [*_write_unwritten(unwritten, limit), *_write_lines(night, limit)]
        if size(title, *lines) <= _ROOM:
            break
    return Message(title, "\n".join(lines), is_loud, tuple(facts))


def _write_unwritten(unwritten: Sequence[str], limit: int) -> Iterator[str]:
    if unwritten:
        yield "未能写出的内容仍是此前的样子，排除原因后执行 vbp site（Airflow：清除任务 publish）："
        yield from shorten((cut(problem, 200) for problem in unwritten), limit)


def _write_lines(night: Night, limit: int) -> Iterator[str]:
    run = night.run
    yield f"运行：{run['run_id']}"
    if run["status"] == "held":
        yield from _write_gates(night, limit)
    elif run["released_by"]:
        yield f"由 {run['released_by']} 放行：{cut((run['note'] or '').split('；原行哈希')[0], 200)}"
    if not (run["released_by"] and run["status"] == "published"):
        yield from _write_news(night, limit)
    if night.restated:
        cells = sum(n for *_, n in night.restated)
        yield (
            f"该日已随季度通报冻结，数字不变；登记修订 {cells} 处（restatements）："
            if night.only_restates
            else f"更正既往数字 {cells} 处（restatements）："
        )
        told = (f"{as_of} {_name_table(table)}：{n} 处" for as_of, table, n in night.restated)
        yield from shorten(told, limit)


def _write_gates(night: Night, limit: int) -> Iterator[str]:
    gates = [p for p in night.problems if p.status == "failed"]
    yield f"上次发布的数字不变。未通过的检查 {len(gates)} 项："
    yield from shorten((f"{p.check_id}：{cut(p.message_zh, 120)}" for p in gates), limit)
    rejecting = [p.check_id.partition(".")[2] for p in gates if p.check_id.startswith(("reject_rate.", "reject_all."))]
    yield from shorten((f"查看：vbp rejects list --dataset {dataset}" for dataset in dict.fromkeys(rejecting)), limit)
    yield f"核实后放行：vbp release {night.run['run_id']} --note 理由；或改正数据后重新运行"


def _write_news(night: Night, limit: int) -> Iterator[str]:
    found = _list_news(night)
    news = [p for p in found if not p.check_id.startswith("source:")]
    if sources := [p for p in found if p.check_id.startswith("source:")]:
        yield f"没有取全的来源 {len(sources)} 个（vbp pull）："
        yield from shorten((cut(p.message_zh, 180) for p in sources), limit)
    if news:
        yield f"新增或增多的提示 {len(news)} 项（check_results）："
        yield from shorten(
            (f"{p.check_id}：{cut(p.message_zh, 120)}，{p.failed}（上次 {p.before}）{_name_added(p)}" for p in news), limit
        )
    if night.refused:
        yield f"整个文件被拒收 {len(night.refused)} 个，改正后重新放入即可："
        yield from shorten((cut(message, 180) for message in night.refused.values()), limit)
    if night.rejected:
        yield f"新拒收 {sum(r.rows for r in night.rejected)} 行（vbp rejects list）："
        yield from shorten(
            (f"{r.dataset} {r.rows} 行" + "".join(f"，{code} {n}" for code, n in r.reasons.items()) for r in night.rejected),
            limit,
        )
    if night.interrupted:
        yield "此前中断、未曾报告的运行：" + "、".join(night.interrupted[-limit:])


def _name_added(problem: Problem) -> str:
    """What is new about it by name; a remark on a sheet has said so already."""
    added = [name for name in problem.added if name != problem.message_zh]
    return f"：{cut('、'.join(added), 90)}" if added else ""


def _name_table(name: str) -> str:
    """A table as people and as the database call it; one that is no more by its name."""
    return f"{REPORTS[name].title_zh}（{name}）" if name in REPORTS else name
