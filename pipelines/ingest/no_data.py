"""Which rows of a sheet are no records: blank ones, repeated headers, totals, and what is written below a table."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from pipelines.ingest.headers import Header, must_be_there
from schemas.records import Dataset
from schemas.spellings import PLACEHOLDER, UNSEEN

_TOTAL = (
    r"(?i)(合计|小计|总计|共计|累计)(金额|数量|笔数|条数|行数|人民币)*(\(.*\))?(:.*|[\d,.]+[笔条行元份张项家盒]?)?$"
    r"|^(sub|grand)?-?totals?(:.*)?$|^共[\d,]+[笔条行份张项家]"
)
_NOTE = (
    r"(?i)^[\p{Han}(][^:]{0,15}:|:$|^第.{1,6}页|^共.{1,4}页|^-+\d+-+$|^\d+/\d+页?$|^[\p{P}\p{S}]+$"
    r"|^[\p{P}\p{S}]*(以下空白|以下无正文|此页无正文|完|end)[\p{P}\p{S}]*$"
)
_SIGNATURE = r"^(制表|制单|填表|填报|编制|审核|复核|校对|批准|经办|打印|导出|负责|单位负责|财务|会计|出纳|签字|签章|盖章|联系)"
_PROSE = r"\p{Han}|\S\s+\S"
_FIGURE = r"^[-+(￥¥]*[\d,.，]+[)%元]*$"
_CODE = r"^[!-~]*[0-9A-Za-z][!-~]*$"
_NO_CODE = r"(?i)total|^(null|none|nan|n/a|\\n)$"
_BLANKS = " \t\r\n\u00a0\u3000"


def find_no_data(rows: pl.DataFrame, header: Header, named: Mapping[str, str], dataset: Dataset) -> pl.DataFrame:
    """Return the rows that are no records: `_row` (position among the rows), `kind`, `text` (what stands there),
    `is_plain` (nothing is there but words for totals, notes and figures).

    In: rows as in `Sheet`, with `_raw` and `_problem`; `named`: canonical column → the column of the rows that says it.
    `kind` is `blank`, `header` (repeated) or `footer`. A footer is a total (合计 in the place of a key; or anywhere, where
    a key is open and no more than half of what is required is there), or a row in which nothing can be the value of a
    column: notes (制表人：…), placeholders, one sentence. Whatever else stands there makes it a record, however broken.
    """
    suspects = _find_suspects(rows, header, named, dataset)
    if suspects.is_empty():
        return pl.DataFrame(schema={"_row": pl.Int64(), "kind": pl.String(), "text": pl.String(), "is_plain": pl.Boolean()})
    cells = _weigh(_list_cells(rows[suspects], header, suspects), header, dataset)
    required = [c for c in dataset.columns if must_be_there(c)]
    keys = [c.name for c in required if c.key]
    is_value = pl.col("weight").is_in(["value", "prose"])

    def count(columns: list[str]) -> pl.Expr:
        return pl.col("column").filter(is_value & pl.col("column").is_in(columns)).n_unique()

    found = cells.group_by("_row", maintain_order=True).agg(
        values=(pl.col("weight") == "value").sum(),
        prose=(pl.col("weight") == "prose").sum(),
        is_total=(pl.col("weight") == "total").any(),
        key_is_total=((pl.col("weight") == "total") & pl.col("column").is_in(dataset.key)).any(),
        keys=count(keys),
        required=count([c.name for c in required]),
        text=pl.col("text").str.join(" "),
        is_plain=(~is_value | (pl.col("weight") == "value") & pl.col("text").str.contains(_FIGURE)).all(),
        is_header=pl.any_horizontal(_repeats(row, header) for row in header.written),
    )
    has_open_key = (pl.col("keys") < len(keys)) & (pl.col("required") * 2 <= len(required))
    is_total = pl.col("key_is_total") | (pl.col("is_total") & has_open_key)
    is_note = (pl.col("values") == 0) & (pl.col("prose") <= 1)
    kind = pl.when("is_header").then(pl.lit("header")).when(is_total | is_note).then(pl.lit("footer")).alias("kind")
    blank = pl.DataFrame({"_row": suspects}).join(cells, on="_row", how="anti")
    none = [
        blank.select("_row", kind=pl.lit("blank"), text=pl.lit(""), is_plain=True),
        found.select("_row", kind, "text", "is_plain").drop_nulls("kind"),
    ]
    return pl.concat(none).sort("_row")


def _see(text: str) -> str:
    return re.sub(UNSEEN, "", text).strip(_BLANKS)


def _find_suspects(rows: pl.DataFrame, header: Header, named: Mapping[str, str], dataset: Dataset) -> pl.Series:
    """Where a key is no code: of all that is no record this can be told at a glance; small files are many, and large ones
    have millions of rows.
    """
    keys = [c for c in dataset.columns if c.key and c.name in named]
    required = [c for c in keys if must_be_there(c)]
    codes = [c for c in required if c.kind == "code"] or required or keys
    looks = [pl.lit(False)]
    for column in codes:
        text = pl.col(named[column.name]).str.strip_chars(_BLANKS)
        names = [_see(header.names[p]) for p in header.positions[column.name]]
        looks.append(~text.str.contains(_CODE) | text.str.contains(_NO_CODE) | text.is_in(names))
    looks += [pl.col(named[c.name]).str.contains("计", literal=True) for c in keys if c not in codes]
    return rows.select(pl.any_horizontal(look.fill_null(True) for look in looks)).to_series().arg_true().cast(pl.Int64)


def _list_cells(rows: pl.DataFrame, header: Header, places: pl.Series) -> pl.DataFrame:
    """`_row`, `position`, `text` of every cell that is not blank; a line that could not be split is split as it comes."""
    cells = [name for name in rows.columns if name.startswith("c") and int(name[1:]) not in header.ours]
    rows = rows.with_columns(places.alias("_row"))
    whole = rows.unpivot(cells, index="_row", variable_name="position", value_name="text").with_columns(
        pl.col("position").str.slice(1).cast(pl.Int64)
    )
    lines = rows.filter(pl.col("_raw").is_not_null()).select(
        "_row", text=pl.col("_raw").str.replace_all('"', "").str.replace_all(r"[,;|\t]", "\t").str.split("\t")
    )
    lines = lines.explode("text").select("_row", pl.int_range(pl.len()).over("_row").alias("position"), "text")
    return (
        pl.concat([whole, lines])
        .with_columns(pl.col("text").str.replace_all(UNSEEN, "").str.strip_chars(_BLANKS))
        .filter(pl.col("text") != "")
        .sort("_row", "position")
    )


def _weigh(cells: pl.DataFrame, header: Header, dataset: Dataset) -> pl.DataFrame:
    """Add `column` (canonical, or null) and `weight`: what a cell says, were it there for people to read."""
    at = {position: column for column, positions in header.positions.items() for position in positions}
    kinds = {c.name: c.kind for c in dataset.columns}
    text = pl.col("text").str.normalize("NFKC").str.replace_all(r"\s", "")
    cells = cells.with_columns(
        column=pl.col("position").replace_strict(at, default=None, return_dtype=pl.String), _bare=text
    ).with_columns(kind=pl.col("column").replace_strict(kinds, default="", return_dtype=pl.String))
    before = pl.col("_bare").shift().over("_row").str.ends_with(":")
    is_behind_label = before & (pl.col("position") == pl.col("position").shift().over("_row") + 1)
    is_words = pl.col("kind").is_in(["text", "enum", "flag"])
    is_figure = ~pl.col("kind").is_in(["", "code"]) & pl.col("_bare").str.contains(r"\d")
    bare, may_be_prose = pl.col("_bare"), ~is_words & ~is_figure
    return cells.with_columns(
        weight=pl.when(bare.str.contains(PLACEHOLDER))
        .then(pl.lit("nothing"))
        .when(bare.str.contains(_TOTAL))
        .then(pl.lit("total"))
        .when(bare.str.contains(_NOTE) | is_behind_label.fill_null(False))
        .then(pl.lit("note"))
        .when(may_be_prose & bare.str.contains(_SIGNATURE))
        .then(pl.lit("note"))
        .when(may_be_prose & pl.col("text").str.contains(_PROSE))
        .then(pl.lit("prose"))
        .otherwise(pl.lit("value"))
    )


def _repeats(written: tuple[str, ...], header: Header) -> pl.Expr:
    """Whether the known columns of a row say what they say in a row of the header."""
    known = {p for at in header.positions.values() for p in at}
    names = {p: name for p, cell in enumerate(written) if p in known and (name := _see(cell))}
    same = pl.col("position").replace_strict(names, default=None, return_dtype=pl.String) == pl.col("text")
    is_known = pl.col("position").is_in(list(known))
    return (same.fill_null(False).sum() == len(names)) & (is_known.sum() == len(names)) & (len(names) > 0)
