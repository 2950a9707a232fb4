"""A wrong call as one Chinese line: what the library of the command line tells in English and in three lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer import _click as click
from typer._click import exceptions
from typer.core import TyperGroup

from pipelines.cli.shared import tell_error
from pipelines.errors import UsageError, VbpError

_CALLED = "pipelines.called"
"""Where a call keeps what it has come to: the command's context and the words that follow its name."""
_FAULTS = {
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "finite_number": "应为数字",
    "greater_than_equal": "不得小于 {ge}",
    "less_than_equal": "不得大于 {le}",
}


class Commands(TyperGroup):
    """A group of commands; a wrong call of any of them ends with one line and exit status 2."""

    def main(self, *args: Any, **given: Any) -> Any:
        """As typer runs commands, but for how errors are told."""
        try:
            status = super().main(*args, **given | {"standalone_mode": False})
        except exceptions.NoArgsIsHelpError as error:  # the help is what was asked for
            error.show()
            sys.exit(error.exit_code)
        except exceptions.UsageError as error:
            tell_error(UsageError(_explain(error)))
            sys.exit(error.exit_code)
        except VbpError as error:
            tell_error(error)
            sys.exit(error.exit_status)
        sys.exit(status)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As typer has it; UsageError for a command that is not there."""
        command = self.get_command(ctx, args[0])
        if command is None:
            near = get_close_matches(args[0], self.list_commands(ctx))
            raise UsageError(f"没有命令“{args[0]}”{_meant(near)}；{_look_up(ctx)}")
        ctx.meta[_CALLED] = typer.Context(command, info_name=args[0], parent=ctx), args[1:]
        return args[0], command, args[1:]

    def invoke(self, ctx: click.Context) -> Any:
        """As typer has it; every error of a call knows which command it is of."""
        try:
            return super().invoke(ctx)
        except exceptions.UsageError as error:
            if error.ctx is None:
                error.ctx = ctx.meta[_CALLED][0]
            raise


def _explain(error: exceptions.UsageError) -> str:
    ctx = error.ctx
    return "；".join(filter(None, (_fault(error, ctx), _look_up(ctx))))


def _fault(error: exceptions.UsageError, ctx: click.Context | None) -> str:
    match error:
        case exceptions.NoSuchOption():
            return f"没有选项 {error.option_name}{_meant(error.possibilities or ())}"
        case exceptions.MissingParameter():
            return f"缺少{_name(error.param)}{_help(error.param)}"
        case exceptions.BadParameter():
            return f"{_name(error.param)}{_help(error.param)}{'，'.join(_values(error)) or '的值无法识别'}"
        case exceptions.BadOptionUsage():
            option = ctx and next((p for p in ctx.command.get_params(ctx) if error.option_name in p.opts), None)
            if option is None or getattr(option, "is_flag", False):
                return f"选项 {error.option_name} 是开关，后面不能写值"
            return f"选项 {error.option_name} 后面缺少值{_help(option)}"
    if ctx is None or isinstance(ctx.command, TyperGroup):
        return "没有写明命令"
    words = ctx.meta[_CALLED][1]
    left = ctx.command.make_parser(ctx).parse_args(list(words))[1]
    return f"多出了参数“{' '.join(left)}”"


def _values(error: exceptions.BadParameter) -> Iterator[str]:
    """What was given and why it does not fit."""
    from pydantic import ValidationError

    cause = error.__cause__
    for fault in cause.errors() if isinstance(cause, ValidationError) else ():
        why = _FAULTS.get(fault["type"], "无法识别").format(**fault.get("ctx", {}))
        yield f"的值“{fault['input']}”{why}"


def _name(param: Any) -> str:
    if param is None:
        return "参数"
    return f"{'选项' if param.param_type_name == 'option' else '参数'} {param.opts[0]}"


def _help(param: Any) -> str:
    text = getattr(param, "help", None)
    return f"（{text}）" if text else ""


def _meant(names: Sequence[str]) -> str:
    return f"，是否想写 {'、'.join(names)}" if names else ""


def _look_up(ctx: click.Context | None) -> str:
    return f"用法见 {ctx.command_path if ctx else 'vbp'} --help"
