"""The commands `vbp tasks …`: what is open, for whom and since when, and what people do about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from pipelines.cli.shared import AsJson, Database, Debug, Home, make_settings, out, print_json, read_date, read_place, told
from pipelines.cli.wrong_call import Commands

tasks = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="任务台账：每个问题一项任务，谁负责、何时到期、办到哪一步。\n\n"
    "问题由每次发布自动立项，消失即为已消除，再次出现另立一项；其间由人指派、备注、延期、办结、驳回、重开，每次办理都记名、"
    "写明理由，只增不改，vbp verify 核对。办结或驳回后金额或数量又增加的，自动恢复待办。\n\n"
    "步骤：list 查看 → assign 指派 → note、extend 记录进展与延期 → close 办结或 reject 驳回 → 需要时 reopen 重开。",
)

Finding = Annotated[str, typer.Argument(help="问题编号，可只写开头几位（vbp tasks list）")]
By = Annotated[str, typer.Option("--by", envvar="USER", help="办理人，记入记录")]
Note = Annotated[str, typer.Option(help="理由或说明，记入记录")]


@tasks.command("list")
def list_(
    finding: Annotated[str, typer.Argument(help="只看该问题的任务及其办理记录（编号可只写开头几位）")] = "",
    state: Annotated[str, typer.Option(help="open 待办、closed 已办结、rejected 已驳回、cured 已消除 或 all")] = "",
    department: Annotated[str, typer.Option(help="责任部门")] = "",
    assignee: Annotated[str, typer.Option(help="经办人")] = "",
    rule: Annotated[str, typer.Option(help="规则编码，如 payment_overdue")] = "",
    jurisdiction: Annotated[str | None, typer.Option(help="行政区划前缀，如 3302")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="只看逾期：整改期限早于最近发布的统计截止日")] = False,
    json: AsJson = False,
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """列出任务，最早发现的在前；默认只列待办的。

    例：vbp tasks list --department 医保局 --overdue

    例：vbp tasks list 095bcd667c6d（一项任务，连同全部办理记录）
    """
    from pipelines.database.open import at_one_moment, opened_existing
    from pipelines.oversight.tasks.act import find_task
    from pipelines.oversight.tasks.read import Wanted, last_as_of, read_actions, read_tasks
    from pipelines.oversight.tasks.show import LIMIT, show_actions, show_tasks, tasks_as_json

    with told(debug):
        place = read_place(jurisdiction)
        url = make_settings(home=home, database=database).database_url
        with opened_existing(url, migrated=True) as engine, at_one_moment(engine) as connection:
            one = find_task(connection, finding)["finding_id"] if finding else ""
            asked = state or ("all" if finding else "open")
            wanted = Wanted("" if asked == "all" else asked, department, assignee, rule, place, one, overdue)
            found, as_of = read_tasks(connection, wanted), last_as_of(connection)
            actions = read_actions(connection, one) if one else None
        if json:
            print_json(tasks_as_json(found, as_of, actions))
            return
        out.print(show_tasks(found, as_of))
        if len(found) > LIMIT:
            out.print(f"共 {len(found):,} 项，只显示前 {LIMIT} 项；请用 --department、--rule 等缩小范围，或用 --json 取全部")
        if actions is not None:
            out.print(show_actions(actions))


@tasks.command()
def assign(
    finding: Finding,
    department: Annotated[str, typer.Option(help="责任部门")] = "",
    assignee: Annotated[str, typer.Option(help="经办人")] = "",
    by: By = "",
    note: Note = "",
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """指派：写明责任部门、经办人之一或两者；没有写的不变。

    例：vbp tasks assign 095bcd667c6d --department 基金监管科 --assignee 王五 --by 张三
    """
    _act(finding, "assign", by, note, home, database, debug, department=department, assignee=assignee)


@tasks.command()
def note(
    finding: Finding, by: By = "", note: Note = "", home: Home = None, database: Database = None, debug: Debug = False
) -> None:
    """备注：记录函询、约谈、整改进展等；不改变任务状态。

    例：vbp tasks note 095bcd667c6d --by 王五 --note "已函询该院，答复月底前付清"
    """
    _act(finding, "note", by, note, home, database, debug)


@tasks.command()
def extend(
    finding: Finding,
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="新的整改期限 YYYY-MM-DD")] = "",
    by: By = "",
    note: Note = "",
    home: Home = None,
    database: Database = None,
    debug: Debug = False,
) -> None:
    """延期：改定整改期限，以最后一次为准；问题清单自下一次发布起随之改变。

    例：vbp tasks extend 095bcd667c6d --to 2021-02-28 --by 王五 --note "供货企业重新开票"
    """
    _act(finding, "extend", by, note, home, database, debug, to=to)


@tasks.command()
def close(
    finding: Finding, by: By = "", note: Note = "", home: Home = None, database: Database = None, debug: Debug = False
) -> None:
    """办结：查实并已处理，不再督办；问题的金额或数量此后增加的，恢复待办。

    例：vbp tasks close 095bcd667c6d --by 王五 --note "已约谈并通报，余款列入分期"
    """
    _act(finding, "close", by, note, home, database, debug)


@tasks.command()
def reject(
    finding: Finding, by: By = "", note: Note = "", home: Home = None, database: Database = None, debug: Debug = False
) -> None:
    """驳回：经核实不成立；问题的金额或数量此后增加的，恢复待办。

    例：vbp tasks reject 095bcd667c6d --by 王五 --note "属同一集团内部调拨，已核对凭证"
    """
    _act(finding, "reject", by, note, home, database, debug)


@tasks.command()
def reopen(
    finding: Finding, by: By = "", note: Note = "", home: Home = None, database: Database = None, debug: Debug = False
) -> None:
    """重开：已办结或已驳回的任务恢复待办。

    例：vbp tasks reopen 095bcd667c6d --by 张三 --note "复查发现凭证不实"
    """
    _act(finding, "reopen", by, note, home, database, debug)


def _act(
    finding: str,
    action: str,
    by: str,
    note: str,
    home: Home,
    database: Database,
    debug: bool,
    *,
    department: str = "",
    assignee: str = "",
    to: str = "",
) -> None:
    from pipelines.database.open import opened_existing
    from pipelines.oversight.tasks.act import act
    from schemas.ledgers.task_actions import ACTIONS
    from schemas.ledgers.tasks import STATES

    with told(debug):
        day: date | None = read_date(to) if to else None
        with opened_existing(make_settings(home=home, database=database).database_url, migrated=True) as engine:
            task, is_done = act(
                engine, finding, action, by=by, department=department, assignee=assignee, new_due_on=day, note=note
            )
        what = f"已{ACTIONS[action]}" if is_done else f"与最近一次{ACTIONS[action]}相同，没有变化"
        who = "、".join(filter(None, (task["department"], task["assignee"])))
        out.print(
            f"{what}：任务 {task['finding_id'][:12]}，{STATES[task['state']]}，由 {who} 负责，期限 {task['due_on'] or '未定'}"
        )
