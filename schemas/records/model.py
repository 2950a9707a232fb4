"""How a dataset is declared: a Pandera model whose fields carry everything known about a column.

A field states its kind (and so its unit and lake type), the headers it may come under, whether it is part of
the natural key, whether it must be present, its default, its accepted values and what it refers to. The text
parser, the row rules, the data dictionary and the sample derive from these declarations; nothing repeats
them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, cast

import polars as pl

from schemas.records.pandera_alone import PolarsData, pa

Text = str
Code = str
Day = pl.Date
Flag = bool
Count = int
Fen = int
Quantity = Annotated[pl.Decimal, 16, 4]
Price = Annotated[pl.Decimal, 16, 4]

DTYPES: dict[str, pl.DataType] = {
    "code": pl.String(),
    "text": pl.String(),
    "enum": pl.String(),
    "day": pl.Date(),
    "flag": pl.Boolean(),
    "count": pl.Int64(),
    "fen": pl.Int64(),
    "price": pl.Decimal(16, 4),
    "quantity": pl.Decimal(16, 4),
}
UNITS = {"fen": "fen (1/100 yuan)", "price": "yuan per pack, 4 decimals", "quantity": "packs, 4 decimals"}


def column(
    kind: str,
    headers: str,
    platform: str = "",
    *,
    description: str,
    canonical: str = "",
    key: bool = False,
    required: bool = False,
    optional_header: bool = False,
    default: Any = None,
    values: dict[str, str] | None = None,
    refers: str = "",
    unit: str = "",
    warn: str = "",
    most: int | None = None,
    is_verbatim: bool = False,
    is_kept: bool = True,
    example: str | None = None,
    **checks: Any,
) -> Any:
    """Declare one column of a dataset.

    `headers` and `platform` are alternatives in order of preference, separated by `|`; the first Chinese
    header is the title. `canonical` is the English header where it differs from the column's name (`amount`
    for `amount_fen`). `values` maps each accepted value to its Chinese spellings. `refers` names the dataset
    whose natural key the column completes. `optional_header` marks a required column that the pipeline can
    supply (行号). `warn` names a format check whose failures are counted and not rejected. `most` is the largest believable
    value, where it is not that of the kind (MOST). `is_verbatim` text keeps placeholders such as 无.
    A column that is not kept is read for the rules alone: no accepted record has it. `example` is a cell as a sender may fill
    it ('' = left open), where it does not follow from kind, values and reference (`example_of`).
    """
    if values:
        checks["isin"] = list(values)
    if kind in MOST:
        limit = MOST[kind] if most is None else most
        checks["in_range"] = {"min_value": -limit, "max_value": limit}
    return pa.Field(
        nullable=not required,
        title=headers.split("|")[0],
        description=description,
        metadata={
            "kind": kind,
            "canonical": canonical,
            "headers": tuple(filter(None, headers.split("|"))),
            "platform": tuple(filter(None, platform.split("|"))),
            "key": key,
            "required": required,
            "optional_header": optional_header,
            "default": default,
            "values": values or {},
            "refers": refers,
            "unit": unit or UNITS.get(kind, ""),
            "warn": warn,
            "is_verbatim": is_verbatim,
            "is_kept": is_kept,
            "example": example,
        },
        **checks,
    )


MOST_YUAN = 10**10
MOST_PACKS, MOST_PRICE = 10**8, 10**7
MOST_UNITS, MOST_UNITS_PER_PACK, MOST_FACTOR = 10**10, 10**5, 10**3
MOST: dict[str, int] = {"fen": 100 * MOST_YUAN, "quantity": MOST_PACKS, "price": MOST_PRICE, "count": 10**9}
"""The largest believable value of a row, either side of zero, by kind of column; above it a row is rejected, so that no
single one can fill what a figure is held in.

Fen: 10¹² a row; nine million such add up to less than a BIGINT holds (9.2 × 10¹⁸), and so does what a thousand of them
come to in fen·days when paid 25 years late. What is a product of columns of one row (quantity × price) keeps to it by a
rule of its dataset. Minimum units, in 10⁻¹² and 128 bits (1.7 × 10³⁸): packs × units per pack × factor, 10¹⁶ × 10¹² a
receipt at most, times the days of a period (3 × 10⁶ from 1900 to 9999) leave room for five thousand such receipts of one
commitment, and packs × units per pack of what was agreed is less than one of them. Line numbers fit 32 bits. What a
commitment is worth is made of three datasets: `indicators.completion` holds it against MOST_YUAN.
"""


def rule(message: str, *columns: str) -> Callable[[Callable[[Any], pl.Expr]], Any]:
    """Turn a method that returns a boolean expression (true = the row is good) into a Pandera check of that
    name. A row that breaks it is shown with what stands in these `columns`.

    A null result counts as a pass, as everywhere in Pandera: an expression says itself where null must fail.
    """

    def decorate(expression: Callable[[Any], pl.Expr]) -> Any:
        def check(cls: Any, data: PolarsData) -> pl.LazyFrame:
            return data.lazyframe.select(expression(cls).alias(expression.__name__))

        check.__name__ = expression.__name__
        check.__doc__ = expression.__doc__
        return pa.dataframe_check(name=expression.__name__, error=message, title="、".join(columns))(check)

    return decorate


class Record(pa.DataFrameModel):
    """What every dataset has: a row may be withdrawn (撤回) by a later file."""

    is_withdrawn: Flag = column(
        "flag", "是否撤回|撤回标志", default=False, example="", description="True takes the row with this key out again."
    )


@dataclass(frozen=True)
class Column:
    """One column of a dataset as its field declares it."""

    name: str
    kind: str
    title: str
    description: str
    canonical: str
    headers: tuple[str, ...]
    platform: tuple[str, ...]
    key: bool
    required: bool
    optional_header: bool
    default: Any
    values: dict[str, str]
    refers: str
    unit: str
    warn: str
    is_verbatim: bool
    is_kept: bool
    example: str | None

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column in the lake."""
        return DTYPES[self.kind]

    @property
    def empty(self) -> pl.Expr:
        """What an empty cell of the column means."""
        default = self.default() if callable(self.default) else pl.lit(self.default)
        return cast(pl.Expr, default).cast(self.dtype)

    @property
    def all_headers(self) -> tuple[str, ...]:
        """Every header the column may come under, the preferred first."""
        return (self.canonical or self.name, *self.headers, *self.platform)


@dataclass(frozen=True)
class Rule:
    """A row rule read off a model: the row is good where `expression` is true or null. `column` names what it looks at:
    no column, one, or several with 、 between them. `message` is said of a row that breaks it, `asked` of one yet to be written.
    """

    name: str
    column: str
    message: str
    expression: pl.Expr
    asked: str


class _Reader:
    """Stands in for a frame while a check is asked for its expression instead of being run."""

    def select(self, expression: pl.Expr) -> pl.Expr:
        return expression


IN_RANGE = "in_range"
_BEYOND = "数值过大，不可能是真实数据，{}；多为整行错位、单位弄错或多录了位数，请核对后重新报送"
BOUNDS = (IN_RANGE, "is_an_amount")
"""The rules that keep a row within what the figures can hold."""
_MESSAGES = {
    "greater_than": "必须大于 {min_value}",
    "greater_than_or_equal_to": "不得小于 {min_value}",
    "not_equal_to": "不得等于 {value}",
    "in_range": "绝对值不得超过 {max_value:,}",
    "isin": "取值不在允许范围内：{allowed_values}",
    "str_matches": "应为 {digits} 位数字",
}


@dataclass(frozen=True)
class Dataset:
    """A dataset of the landing zone: its name, its model, and what the model declares."""

    name: str
    model: type[Record]

    @property
    def title(self) -> str:
        """The Chinese name."""
        return str(self.model.to_schema().title)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the order of the interface, `is_withdrawn` last."""
        fields = self.model.to_schema().columns
        ordered = [n for n in fields if n != "is_withdrawn"] + ["is_withdrawn"]
        return tuple(
            Column(n, title=fields[n].title, description=fields[n].description, **_rename(fields[n].metadata)) for n in ordered
        )

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return tuple(c.name for c in self.columns if c.key)

    @cached_property
    def references(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Referring column → (dataset, the columns here that make up its key)."""
        found = {}
        for c in self.columns:
            if c.refers:
                target = RECORDS[c.refers].key
                found[c.name] = (c.refers, (*target[:-1], c.name))
        return found

    @property
    def targets(self) -> set[str]:
        """The datasets that this one refers to."""
        return {target for target, _ in self.references.values()}

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every check of the model with its expression, so that one pass over the rows can evaluate them all."""
        schema = self.model.to_schema()
        found = []
        for name, field in schema.columns.items():
            for check in field.checks:
                facts = check.statistics
                if check.name == IN_RANGE and field.metadata["kind"] == "fen":
                    facts = {"max_value": facts["max_value"] // 100}
                if check.name == "str_matches":  # the only patterns are numbers of digits
                    facts = {"digits": facts["pattern"].removeprefix(r"^\d{").removesuffix("}$")}
                asked = _MESSAGES[check.name].format(**facts)
                message = _BEYOND.format(asked) if check.name == IN_RANGE else asked
                found.append(Rule(check.name, name, message, _read_expression(check, name), asked))
        for check in schema.checks:
            found.append(Rule(check.name, check.title or "", check.error, _read_expression(check, None), check.error))
        return tuple(found)

    def schema(self) -> dict[str, pl.DataType]:
        """Column of an accepted record → lake type."""
        return {c.name: c.dtype for c in self.columns if c.is_kept}


RECORDS: dict[str, Dataset] = {}


def _rename(metadata: dict[str, Any]) -> dict[str, Any]:
    return dict(metadata)


def _read_expression(check: Any, key: str | None) -> pl.Expr:
    expression: pl.Expr = check._check_fn(PolarsData(_Reader(), key), **check._check_kwargs)  # type: ignore[arg-type]
    return expression
