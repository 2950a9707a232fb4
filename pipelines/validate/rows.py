"""What can be said of a row from its own file: does it parse, does it keep the rules, is its key its own."""

from __future__ import annotations

from functools import partial

import polars as pl

from pipelines.lake.tables import PLACE
from pipelines.validate.cells import UNREADABLE, clean, read_cells
from schemas.records import Column, Dataset

REASON = {"code": pl.String(), "column": pl.String(), "value": pl.String(), "message_zh": pl.String()}


def check_rows(text: pl.DataFrame, dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Split the rows of some files, each judged by itself, into good, bad and repeated ones.

    In: the columns of `name_columns` and `_file`. Out: (good rows: typed columns, `_file`, `_sheet`, `_line`; bad
    rows: the same plus the text of each column as `text:<column>`, `_raw`, `_extra` and `_reasons`, a list of
    {code, column, value, message_zh}; the `_file` of every identical repeat). A row that repeats another of its
    file to the letter counts as a repeat; a key with two contents in a file rejects all its rows.

    All rows are read and asked in one go whether they break any rule. Which one, and in what words, is asked
    of those that do; whether contents repeat or contradict each other, of those that share a key.
    """
    rows = _number_lines(_read_rows(text, dataset), text, dataset)
    doubtful = _find_doubtful(rows, dataset).arg_true()
    kept = rows.select(*(c.name for c in dataset.columns), *PLACE)
    if doubtful.is_empty():
        return kept, _none_bad(dataset), rows.select("_file").clear()
    once, repeats = _drop_repeats(_with_text(rows, doubtful, text, dataset), dataset)
    once, is_bad = _give_reasons(once, dataset)
    good = pl.repeat(True, rows.height, eager=True).scatter(doubtful, False)
    good = good.scatter(once["_row"].filter(~is_bad), True)
    return (kept if good.all() else kept.filter(good), once.filter(is_bad).drop("_row"), repeats.select("_file"))


def _none_bad(dataset: Dataset) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = {**PLACE, "_raw": pl.String(), "_problem": pl.String(), "_extra": pl.String()}
    for column in dataset.columns:
        schema |= {column.name: column.dtype, f"text:{column.name}": pl.String()}
    return pl.DataFrame(schema=schema | {"_reasons": pl.List(pl.Struct(REASON))})


def _read_rows(text: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Typed columns, PLACE, `_split` (the line could not be split), `_unreadable` (a cell could not
    be read), `_unnumbered` (the row brings no number of its line), `_place` (where the row stands in `text`).
    """
    supplied = [c.name for c in dataset.columns if c.optional_header]
    defaults = [c for c in dataset.columns if c.default is not None]
    schema = {c.name: c.dtype for c in dataset.columns} | PLACE
    schema |= dict.fromkeys(("_split", "_unreadable"), pl.Boolean())
    schema |= {f"empty:{name}": pl.Boolean() for name in (*supplied, *(c.name for c in defaults))}
    return (
        text.lazy()
        .map_batches(partial(_read_part, dataset=dataset, order=list(schema)), schema=schema, streamable=True)
        .with_columns(
            pl.when(pl.col(f"empty:{c.name}") & ~pl.col("_split")).then(c.empty).otherwise(c.name).alias(c.name)
            for c in defaults
        )
        .select(
            *(c.name for c in dataset.columns),
            *PLACE,
            "_split",
            "_unreadable",
            _unnumbered=pl.any_horizontal(pl.lit(False), *(f"empty:{name}" for name in supplied)),
        )
        .collect()
        .with_row_index("_place")
    )


def _read_part(text: pl.DataFrame, dataset: Dataset, order: list[str]) -> pl.DataFrame:
    found = [text[name] for name in PLACE]
    found.append(text["_problem"].is_not_null().alias("_split"))
    unreadable = pl.Series("_unreadable", [False], dtype=pl.Boolean).new_from_index(0, text.height)
    for column in dataset.columns:
        value, failed = read_cells(text[column.name], column)
        found.append(value.alias(column.name))
        empty = value.is_null()
        if failed is not None:
            unreadable, empty = (unreadable | failed).alias("_unreadable"), empty & ~failed
        found.append(empty.alias(f"empty:{column.name}"))
    return pl.DataFrame([*found, unreadable]).select(order)


def _with_text(rows: pl.DataFrame, which: pl.Series, text: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Some of the rows with the text they were read from, and their position among the rows as `_row`."""
    rows = rows[which]
    origin = text[rows["_place"]]
    return rows.select(*PLACE).with_columns(
        origin["_raw"],
        origin["_problem"],
        origin["_extra"],
        *(series for c in dataset.columns for series in (rows[c.name], clean(origin[c.name], c).alias(f"text:{c.name}"))),
        which.alias("_row"),
    )


def _find_doubtful(rows: pl.DataFrame, dataset: Dataset) -> pl.Series:
    """The rows that break a rule, and those whose key may stand on another row too."""
    stands = ~pl.col("_split") & ~pl.col("is_withdrawn").fill_null(False)
    missing = [pl.col(c.name).is_null() & (c.key | stands) for c in dataset.columns if c.required or c.key]
    broken = [(~rule.expression).fill_null(False) & stands for rule in dataset.rules if rule.name != "isin"]
    doubtful = (
        rows.lazy()
        .select(pl.any_horizontal("_split", "_unreadable", *missing, *broken).alias("doubtful"))
        .collect()
        .to_series()
    )
    keys = rows.select("_file", *dataset.key).hash_rows()
    ordered = keys.sort()
    shared = ordered.filter(ordered == ordered.shift()).unique()
    return doubtful if shared.is_empty() else doubtful | keys.is_in(shared.implode())


def _give_reasons(rows: pl.DataFrame, dataset: Dataset) -> tuple[pl.DataFrame, pl.Series]:
    """Add `_reasons`; say also which rows have any."""
    conflict = _conflicting_keys(rows, dataset)
    reasons = _list_reasons(dataset)
    flags = rows.select(broken.alias(str(i)) for i, (broken, _) in enumerate(reasons))
    flags = flags.with_columns(conflict.alias("conflict")).fill_null(False)
    # of dozens of ways to be broken few are met: a list of all of them for every row costs more than the reading
    met = [pl.when(flags[str(i)]).then(r) for i, (_, r) in enumerate(reasons) if flags[str(i)].any()]
    met.append(pl.when(flags["conflict"]).then(_conflict_reason(dataset)))
    return (
        rows.with_columns(_reasons=pl.concat_list(met).list.drop_nulls()),
        flags.select(pl.any_horizontal(pl.all())).to_series(),
    )


def _contents(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """What two rows must share to be the same row: file and every value, or the text where it could not be read."""
    return frame.select(
        "_file",
        "_raw",
        *(c.name for c in dataset.columns),
        *(pl.when(pl.col(c.name).is_null()).then(pl.col(f"text:{c.name}")).alias(f"text:{c.name}") for c in dataset.columns),
    )


def _drop_repeats(frame: pl.DataFrame, dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows without those that repeat another, and those."""
    contents = _contents(frame, dataset)
    suspects = contents.hash_rows().is_duplicated()
    if not suspects.any():
        return frame, frame.clear()
    numbered = contents.with_row_index("_i").filter(suspects)
    repeats = numbered.filter(~pl.struct(pl.exclude("_i")).is_first_distinct())["_i"]
    is_first = pl.repeat(True, frame.height, eager=True).scatter(repeats, False)
    return frame.filter(is_first), frame.filter(~is_first)


def _number_lines(rows: pl.DataFrame, text: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Give the lines of a document that has no 行号 the rank of their content within it; repeats share a
    rank.
    """
    if not rows["_unnumbered"].any():
        return rows
    document = ["_file", *(k for k in dataset.key if k != "line_no")]
    is_open = pl.col("_unnumbered").all().over(document) & ~pl.col("_split")
    is_open &= pl.all_horizontal(pl.col(document).is_not_null())
    unnumbered = rows.select(is_open).to_series().arg_true()
    if unnumbered.is_empty():
        return rows
    is_alone = rows[document][unnumbered].select(pl.len().over(document) == 1).to_series()
    alone, several = unnumbered.filter(is_alone), unnumbered.filter(~is_alone)
    numbers = rows["line_no"].scatter(alone, 1)
    if several.len():
        numbers = numbers.scatter(several, _rank_lines(rows, several, text, document, dataset))
    return _sort_sheets(rows.with_columns(numbers), rows["_file"].gather(unnumbered).unique())


def _sort_sheets(rows: pl.DataFrame, files: pl.Series) -> pl.DataFrame:
    """Put the sheets of some of the files in the order of their names; in a sheet, and elsewhere, rows lie in order."""
    is_meant = pl.col("_file").is_in(files.implode())
    if rows.filter(is_meant).select("_file", "_sheet").unique().height == files.len():
        return rows
    return rows.sort("_file", pl.when(is_meant).then("_sheet"), maintain_order=True)


def _rank_lines(rows: pl.DataFrame, which: pl.Series, text: pl.DataFrame, document: list[str], dataset: Dataset) -> pl.Series:
    contents = _contents(_with_text(rows, which, text, dataset), dataset)
    order = [*document, *(c for c in contents.columns if not c.endswith("line_no") and c not in document)]
    order = [c for c in order if contents[c].null_count() < contents.height]
    return (
        contents.with_row_index("_i")
        .sort(order, nulls_last=False)
        .with_columns(_run=pl.struct(order).rle_id())
        .with_columns(_rank=(pl.col("_run") - pl.col("_run").min().over(document) + 1).cast(pl.Int64))
        .sort("_i")["_rank"]
    )


def _conflicting_keys(frame: pl.DataFrame, dataset: Dataset) -> pl.Series:
    key = ["_file", *dataset.key]
    whole = pl.all_horizontal(pl.col(key).is_not_null())
    twice = frame.filter(whole).group_by(key).len().filter(pl.col("len") > 1)
    if twice.is_empty():
        return pl.repeat(False, frame.height, eager=True)
    return (
        frame.select(key)
        .join(twice.select(*key, _twice=pl.lit(True)), on=key, how="left", maintain_order="left")["_twice"]
        .fill_null(False)
    )


def _list_reasons(dataset: Dataset) -> list[tuple[pl.Expr, pl.Expr]]:
    """Every way in which a row can be broken: (expression that is true where it is, the reason)."""
    split = pl.col("_problem").is_not_null()
    found = [
        (split & pl.col("_raw").is_not_null(), _reason("unreadable_line", "", pl.col("_raw"), pl.col("_problem"))),
        (split & pl.col("_raw").is_null(), _reason("unclear_cell", "", pl.col("_raw"), pl.col("_problem"))),
    ]
    stands = ~split & ~pl.col("is_withdrawn").fill_null(False)
    titles = {c.name: c.title for c in dataset.columns}
    for c in dataset.columns:
        text, code, message = pl.col(f"text:{c.name}"), *UNREADABLE[c.kind]
        message = f"{c.title}：{message}" + (f"：{_spell(c)}" if c.values else "")
        found.append((text.is_not_null() & pl.col(c.name).is_null(), _reason(code, c.name, text, pl.lit(message))))
        if c.required:
            needed = ~split if c.key else stands
            if c.optional_header:
                needed &= pl.all_horizontal(pl.col(k).is_not_null() for k in dataset.key if k != c.name)
            missing = needed & text.is_null() & pl.col(c.name).is_null()
            found.append((missing, _reason("missing_value", c.name, text, pl.lit(f"{c.title}：不能为空"))))
    for rule in dataset.rules:
        if rule.name == "isin":
            continue
        broken = stands & (~rule.expression).fill_null(False)
        named = rule.column.split("、") if rule.column else []
        texts = [pl.col(f"text:{name}") for name in named]
        value = pl.concat_str(texts, separator="|", ignore_nulls=True) if texts else pl.lit(None, pl.String)
        message = "：".join(filter(None, ["、".join(titles[name] for name in named), rule.message]))
        found.append((broken, _reason(rule.name, rule.column, value, pl.lit(message))))
    return found


def _spell(column: Column) -> str:
    """The accepted values as people write them."""
    return "、".join(f"{chinese.split('|')[0]}（{value}）" for value, chinese in column.values.items())


def _conflict_reason(dataset: Dataset) -> pl.Expr:
    value = pl.concat_str([pl.col(k).cast(pl.String) for k in dataset.key], separator="|")
    message = "同一文件中同一主键出现多条内容不同的记录，无法判断以哪条为准，请只保留正确的一条"
    return _reason("conflicting_key", "、".join(dataset.key), value, pl.lit(message))


def _reason(code: str, column: str, value: pl.Expr, message: pl.Expr) -> pl.Expr:
    return pl.struct(code=pl.lit(code), column=pl.lit(column), value=value, message_zh=message, schema=REASON)


__all__ = ["REASON", "check_rows"]
