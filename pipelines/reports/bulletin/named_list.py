"""The list of those named publicly (通报名单): none is kept yet, and the bulletin says so."""

from __future__ import annotations

import sqlalchemy as sa

from pipelines.reports.bulletin.listing import Head, Listing, list_rows
from pipelines.reports.bulletin.subject import Subject

_HEADS = (Head("医疗机构编码", "institution code", "text"), Head("说明", "message zh", "text"))
_NONE = ("没有就这次运行的数字起草的名单", "No list was drafted from the figures of this run")


def list_named(connection: sa.Connection, subject: Subject) -> Listing:
    """The items of a final list drafted from the run's figures; no rows, and a note that says why, where there is none."""
    return list_rows("named", "通报名单", "Named list", _HEADS, [], _NONE)
