"""What can be said of a row from its own file: does it parse, does it keep the rules, is its key its own."""

from __future__ import annotations

import polars as pl

from pipelines.validate.cells import UNREADABLE, read_column
from schemas.records import Column, Dataset

PLACE = ("_sheet", "_line")
REASON = {"code": pl.String(), "column": pl.String(), "value": pl.String(), "message_zh": pl.String()}


def check_rows(text: pl.DataFrame, dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Split the rows of one file into good, bad and repeated ones.

    In: the columns of `name_columns`. Out: (good rows: typed columns, `_sheet`, `_line`; bad rows: the same
    plus the text of each column as `text:<column>`, `_raw`, `_extra` and `_reasons`, a list of {code, column,
    value, message_zh}; the number of identical repeats). A row that repeats another of the file to the letter
    counts as a repeat; a key with two contents rejects all its rows.
    """
    typed = _drop_repeats(_number_lines(_read_cells(text, dataset), dataset), dataset)
    reasons = _list_reasons(dataset)
    conflicting = _conflicting_keys(typed, dataset)
    typed = typed.with_columns(_conflict=conflicting)
    is_bad = pl.any_horizontal(*(broken for broken, _ in reasons), pl.col("_conflict"))
    typed = typed.with_columns(_bad=is_bad)
    columns = [c.name for c in dataset.columns]
    good = typed.filter(~pl.col("_bad")).select(*columns, *PLACE)
    bad = typed.filter(pl.col("_bad")).with_columns(
        _reasons=pl.concat_list(
            [pl.when(broken).then(reason).otherwise(None) for broken, reason in reasons]
            + [pl.when(pl.col("_conflict")).then(_conflict_reason(dataset)).otherwise(None)]
        ).list.drop_nulls()
    )
    return good, bad.drop("_bad", "_conflict"), text.height - typed.height


def _read_cells(text: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    values = text.select("_sheet", "_line", "_raw", "_problem", "_extra")
    for column in dataset.columns:
        cleaned, value = read_column(text[column.name], column)
        values = values.with_columns(value.alias(column.name), cleaned.alias(f"text:{column.name}"))
    unnamed = [c for c in dataset.columns if c.default is not None]
    return values.with_columns(
        pl.when(pl.col(f"text:{c.name}").is_null() & pl.col("_problem").is_null())
        .then((c.default() if callable(c.default) else pl.lit(c.default)).cast(c.dtype))
        .otherwise(pl.col(c.name))
        .alias(c.name)
        for c in unnamed
    )


def _contents(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """What two rows must share to be the same row: every value, or the text where it could not be read."""
    return frame.select(
        "_raw",
        *(c.name for c in dataset.columns),
        *(
            pl.when(pl.col(c.name).is_null()).then(pl.col(f"text:{c.name}")).alias(f"text:{c.name}")
            for c in dataset.columns
        ),
    )


def _drop_repeats(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    contents = _contents(frame, dataset)
    suspects = contents.hash_rows().is_duplicated()
    if not suspects.any():
        return frame
    numbered = contents.with_row_index("_i").filter(suspects)
    repeats = numbered.filter(~pl.struct(pl.exclude("_i")).is_first_distinct())["_i"]
    return frame.with_row_index("_i").filter(~pl.col("_i").is_in(repeats.implode())).drop("_i")


def _number_lines(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Give the lines of a document that has no 行号 the rank of their content within it; repeats share a
    rank.
    """
    if not any(c.optional_header for c in dataset.columns) or not frame["text:line_no"].has_nulls():
        return frame
    document = [k for k in dataset.key if k != "line_no"]
    is_open = pl.col("text:line_no").is_null().all().over(document) & pl.col("_problem").is_null()
    frame = frame.with_columns(_open=is_open & pl.all_horizontal(pl.col(document).is_not_null()))
    if not frame["_open"].any():
        return frame.drop("_open")
    unnumbered = frame.filter("_open").drop("line_no")
    content = [c for c in _contents(frame, dataset).columns if not c.endswith("line_no")]
    order = _contents(frame.filter("_open"), dataset).select(content).rename(lambda c: f"by:{c}")
    sorting = [f"by:{k}" for k in document] + [
        c for c in order.columns if c.removeprefix("by:") not in document
    ]
    ranked = (
        unnumbered.hstack(order)
        .sort(sorting, nulls_last=False)
        .with_columns(_run=pl.struct(sorting).rle_id())
        .with_columns(line_no=(pl.col("_run") - pl.col("_run").min().over(document) + 1).cast(pl.Int64))
    )
    return (
        pl.concat([frame.filter(~pl.col("_open")), ranked.select(frame.columns)]).drop("_open").sort(*PLACE)
    )


def _conflicting_keys(frame: pl.DataFrame, dataset: Dataset) -> pl.Series:
    key = list(dataset.key)
    whole = pl.all_horizontal(pl.col(key).is_not_null())
    twice = frame.filter(whole).group_by(key).len().filter(pl.col("len") > 1)
    if twice.is_empty():
        return pl.repeat(False, frame.height, eager=True)
    return frame.select(key).join(
        twice.select(*key, _twice=pl.lit(True)), on=key, how="left", maintain_order="left"
    )["_twice"].fill_null(False)  # fmt: skip


def _list_reasons(dataset: Dataset) -> list[tuple[pl.Expr, pl.Expr]]:
    """Every way in which a row can be broken: (expression that is true where it is, the reason)."""
    split = pl.col("_problem").is_not_null()
    found = [(split, _reason("unreadable_line", "", pl.col("_raw"), pl.col("_problem")))]
    stands = ~split & ~pl.col("is_withdrawn").fill_null(False)
    titles = {c.name: c.title for c in dataset.columns}
    for c in dataset.columns:
        text, code, message = pl.col(f"text:{c.name}"), *UNREADABLE[c.kind]
        message = f"{c.title}：{message}" + (f"：{_spell(c)}" if c.values else "")
        found.append(
            (text.is_not_null() & pl.col(c.name).is_null(), _reason(code, c.name, text, pl.lit(message)))
        )
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
        value = pl.col(f"text:{rule.column}") if rule.column else pl.lit(None, pl.String)
        message = f"{titles[rule.column]}：{rule.message}" if rule.column else rule.message
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
