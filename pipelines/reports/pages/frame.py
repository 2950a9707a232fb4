"""From facts to HTML: one file that opens from disk, in two languages, with nothing from outside.

Everything is escaped. The page's own policy allows no script but the language switch, so that a name of a file
that says `<script>` would stay text even where an escape were forgotten.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipelines.reports.pages import formats
from pipelines.reports.pages.words import words_of

_HERE = Path(__file__).parent
_BOTH = Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>')


def make_environment(templates: Path, page: str) -> jinja2.Environment:
    """The templates of a folder over the common frame (`base.html.j2`).

    `t("key", name=value)` in a template is a text of this kind of page in both languages, the one whose key is its own
    name ends the title of every page. Numbers are written by the filters of `formats`.
    """
    words = words_of(page)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([templates, _HERE / "templates"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    style, script = (read_asset(name) for name in ("style.css", "language.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    @cache
    def say_plainly(key: str) -> Markup:
        return in_both(*words.get(key, (key, key)))

    def say(key: str, **values: Any) -> Markup:
        """A text in both languages; the style sheet shows one. An unknown key, such as a new rule, stands for itself."""
        if not values:
            return say_plainly(key)
        return in_both(*(Markup.escape(text).format(**values) for text in words.get(key, (key, key))))

    environment.globals |= {
        "t": say,
        "both": in_both,
        "words": words,
        "title": words[page],
        "style": Markup(style),
        "script": Markup(script),
        "script_digest": digest,
    }
    environment.filters |= {
        name: getattr(formats, name) for name in ("number", "signed", "percent", "yuan", "lasting", "moment", "href")
    }
    return environment


@lru_cache(maxsize=4096, typed=True)
def in_both(zh: str, en: str) -> Markup:
    """A text in Chinese and in English, escaped; the style sheet shows one of them."""
    return _BOTH.format(zh, en)


def read_asset(name: str) -> str:
    """The text of `style.css` or of `language.js`."""
    return (_HERE / name).read_text(encoding="utf-8")


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; folders are made, line ends stay what they are."""
    write_parts(path, [text.encode()])


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """The same of its bytes, part by part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        file.write(b"".join(parts))
    partial.replace(path)
