"""What is printed is text: markup, emoji names and orders to the terminal in it are shown, not followed."""

import io

import pytest
from rich.table import Table

from pipelines.reports.terminal.text import PlainConsole

NASTY = ["[/b]", "[red]x[/red]", "[link=http://x]y[/link]", ":smile:", "[", "\\[b]", "[/]", "[@click=x]y"]


def printed(*things):
    console = PlainConsole(file=io.StringIO(), width=80)
    for thing in things:
        console.print(thing)
    return console.file.getvalue()


def table(text):
    made = Table(text, title=text, caption=text, show_header=True)
    made.add_row(text)
    return made


@pytest.mark.parametrize("text", NASTY)
def test_text_of_a_file_is_no_markup(text):
    assert text in printed(text)
    assert printed(table(text)).count(text) >= 4  # title, head, cell, caption


@pytest.mark.parametrize("order", ["\x1b]0;x\x07", "\x1b[2J", "\x9b2J", "\x08\x08", "\r", "\u202e", "\x00"])
def test_no_order_reaches_the_terminal(order):
    for out in (printed(f"a{order}b"), printed(table(f"a{order}b"))):
        assert order not in out and "a" in out and "b" in out
