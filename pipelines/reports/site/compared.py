"""Where institutions stand beside each other: the shares of all institutions of a division, for a point each on its page, and on
theirs, where the own one is marked. They are written once, beside the division's page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from pipelines.reports.site.sheets.sheet import PAGE
from pipelines.reports.site.sheets.summaries import all_figures, field_of, figure_heading
from pipelines.reports.site.sheets.wholes import add_wholes

FILE = "compared.js"
MOST = 3_000
"""The most institutions that are drawn beside each other: of a province as a whole the lists remain."""


def compare(institutions: pl.DataFrame, members: pl.DataFrame) -> Mapping[str, str]:
    """By division with two institutions or more what its `compared.js` says: the shares, and a row of them per institution.

    In: the summary of institutions (`list_institutions`), and which cities and provinces as a whole have pages.
    """
    first = (figure for figure in all_figures("institution") if figure.tile is not None)
    shares = {field_of(figure): figure.titles for figure in first if figure_heading(figure).kind == "rate"}
    placed = add_wholes(institutions.filter(pl.col("jurisdiction").is_not_null()), members, "jurisdiction")
    rows = placed.filter(pl.any_horizontal(pl.col(*shares).is_not_null())) if shares else placed.clear()
    rows = rows.select("jurisdiction", PAGE, "name", pl.col(*shares).round(6)).sort("jurisdiction", PAGE)
    found = {}
    for (division,), own in rows.group_by("jurisdiction", maintain_order=True):
        met = [name for name in shares if own[name].count() > 1]
        if met and own.height <= MOST:
            said = {"shares": [shares[name] for name in met], "rows": [list(r) for r in own.select(PAGE, "name", *met).rows()]}
            found[str(division)] = f"window.vbpCompared = {json.dumps(said, ensure_ascii=False)};\n"
    return found
