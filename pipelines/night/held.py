"""A held run in Airflow: what a person is told who is asked to let it through, and what becomes of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pipelines.errors import UsageError
from pipelines.night.status import standing
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.runs import Run, load_run


class HeldError(UsageError):
    """A run that is not published, and will not be by trying the same again; the message names the remedy."""


_MARKS = re.compile(r"[\\`*\[\]<>#!|~&]|(?<=:)//")
RELEASE, KEEP = "放行发布", "不发布"
NOTE = "note"


def needs_answer(settings: Settings, run_id: str) -> bool:
    """Return whether a person is to be asked about the run: True when it is held, False when it is published.

    Raises HeldError for a run in another state, and for a held one that `dag.test()` runs: nobody could
    answer there, and it would wait for ever.
    """
    run = load_run(settings, run_id)
    status = standing(run)
    if status not in ("published", "held"):
        raise HeldError(f"运行 {run_id} 的状态是 {status}，不能发布；请从 begin 起重新运行")
    if status == "held" and is_test():
        raise HeldError(_explain_held(run))
    return status == "held"


def is_test() -> bool:
    """Whether `dag.test()` runs the tasks, all in this one process."""
    from airflow.sdk.execution_time import supervisor, task_runner

    comms = getattr(task_runner, "SUPERVISOR_COMMS", None)
    return isinstance(comms, supervisor.InProcessSupervisorComms)


def describe_held(run_id: str) -> str:
    """What the request shows, in Markdown: the run, every failed check with what it says, what the answers do."""
    run = load_run(Settings(), run_id)
    checks = [f"- **{_as_text(check_id)}**：{_as_text(message)}" for check_id, message in _failed_checks(run)]
    return "\n".join(
        [
            f"运行 {run_id}（统计截止日 {run.as_of}）被扣留，上次发布的数字不变。未通过的检查：",
            "",
            *checks,
            "",
            f"选“{RELEASE}”须写明理由，理由与放行人记入运行台账；选“{KEEP}”或逾时不答，数字不发布。",
        ]
    )


def _as_text(text: str) -> str:
    """A text in Markdown as it is: names of senders and files may hold anything."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def settle_held(settings: Settings, run_id: str, answer: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Release the run when that was answered; a run released meanwhile by `vbp release` is left alone.

    `answer`: `chosen_options`, `params_input` with the note, `responded_by_user` (None after a time-out).
    Raises HeldError when the run is not to be published, and when person or note are missing; UsageError
    where `release` refuses.
    """
    run = load_run(settings, run_id)
    if standing(run) == "published":
        say(f"运行 {run_id} 在等待期间已放行")
        if run.store.has(keys.RELEASE_BEGUN):  # by an earlier try of this task, which was killed
            _release(settings, run_id, "", "", say)
        return
    if list(answer["chosen_options"]) != [RELEASE]:
        raise HeldError(_explain_held(run))
    user = answer.get("responded_by_user") or {}
    by, note = (str(user.get("name") or user.get("id") or ""), str(answer["params_input"].get(NOTE) or "").strip())
    if not by or not note:
        remedy = f"请清除任务 ask 后重新答复，或用 vbp release {run_id} --note 理由"
        raise HeldError(f"放行必须写明理由与放行人：{remedy}")
    _release(settings, run_id, by, note, say)


def _release(settings: Settings, run_id: str, by: str, note: str, say: Callable[[str], None]) -> None:
    # Needs Polars, which must not be imported where Airflow parses and forks.
    from pipelines.night.run import release

    release(settings, run_id, by, note, say)


def _explain_held(run: Run) -> str:
    """Say in one line which checks hold the run, and how to release it on the command line."""
    failed = "；".join(check_id for check_id, _ in _failed_checks(run))
    remedy = f"核实后放行：vbp release {run.run_id} --note 理由"
    return f"运行 {run.run_id} 被扣留，上次的数字不变。未通过：{failed}。{remedy}"


def _failed_checks(run: Run) -> list[tuple[str, str]]:
    results = run.audit.results
    return [(r["check_id"], _read_message(r["details"])) for r in results if r["status"] == "failed"]


def _read_message(details: str) -> str:
    return str(json.loads(details).get("message_zh", ""))
