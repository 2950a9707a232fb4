"""The folder of a page: a name that is safe on any disk, whatever the code it is made from."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

_LIMIT = 100


def folder_of(code: str) -> str:
    """The code itself where it is made of letters and digits, percent-encoded else, its digest where too long."""
    name = quote(code, safe="")
    if len(name) > _LIMIT or not name.strip("."):
        return hashlib.sha256(code.encode()).hexdigest()
    return name
