"""What a report table is: its key, its columns, and what each may hold. DDL, comments, dictionary and audit derive from it."""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from schemas.declared import beside
from schemas.units import unit_zh, words_of

ColumnType = Literal["text", "date", "double", "fen", "count", "integer", "flag", "timestamp", "json"]

# What holds depends on where the row is and when: nation first, then the divisions that have a document of their own.
VOLUME_CLAUSE = (
    "全国：国办发〔2015〕7号 三(一)，国办发〔2019〕2号 三(二)，医保发〔2019〕56号，国办发〔2021〕2号 (十二)；"
    "慈溪 330282：慈政办发〔2020〕68号 二(一)1"
)
PAYMENT_CLAUSE = (
    "全国：国办发〔2015〕7号 三(二)，国办发〔2017〕13号 (十)，医保发〔2019〕56号，国办发〔2021〕2号 (十三)；"
    "慈溪 330282：慈政办发〔2020〕68号 二(一)2"
)
TWO_INVOICE_CLAUSE = "全国：国医改办发〔2016〕4号 二，国办发〔2017〕13号 (八)；聊城 3715：聊政发〔2018〕44号 三(四)3"
CIXI = "慈溪 330282：慈政办发〔2020〕68号"
EXCUSE_CLAUSE = f"{CIXI} 二(一)2；其他地区：国办发〔2017〕13号 (十)（无正当理由）"
OWNER_CLAUSE = f"{CIXI} 二(一)2；其他地区：本系统默认"
LEDGER_CLAUSE = f"{CIXI} 四(六)；其他地区：本系统默认"


@cache
def _read_chinese() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (*Path(__file__).parent.glob("**/chinese.csv"), *beside("chinese.csv").values()):
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                found |= {row["english"]: row["chinese"] for row in csv.DictReader(file)}
    return found


def in_chinese(sentence: str) -> str:
    """The Chinese of a description, from the `chinese.csv` here, of records or of an indicator; empty where it is not there."""
    return _read_chinese().get(sentence, "")


def tell(sentence: str) -> str:
    """A description in Chinese, the English beside it."""
    return f"{in_chinese(sentence)} {sentence}".strip()


def title_en_of(name: str) -> str:
    """The English heading of a column or table: its name in words, without the unit that stands beside it."""
    words = re.sub(r"(\d) (\d)", r"\1–\2", words_of(name.removesuffix("_zh")))
    return words[:1].upper() + words[1:]


NO_WORDS: Mapping[str, str] = MappingProxyType({})
FLAGS: Mapping[str, str] = MappingProxyType({"true": "是", "false": "否"})

Terms = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Quotient:
    """What a rate is the quotient of: sums of columns of its table, each with its sign (1 or -1).

    `where` is an SQL condition on the rows whose rate is made of just these columns, empty: all of them.
    """

    above: Terms
    below: Terms
    where: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is made of, each once."""
        return tuple(dict.fromkeys(name for _, name in (*self.above, *self.below)))

    def told(self, tell: Callable[[str], str]) -> str:
        """`a ÷ (b - c)`, each column in the words of `tell`."""

        def side(terms: Terms) -> str:
            sums = "".join(f" {'-' if sign < 0 else '+'} {tell(name)}" for sign, name in terms).removeprefix(" + ")
            return f"({sums})" if len(terms) > 1 else sums

        return f"{side(self.above)} ÷ {side(self.below)}"

    def value(self, sums: Mapping[str, Any]) -> float | None:
        """The exact quotient of these sums by column, rounded once; None where the denominator is 0."""
        above, below = (sum(sign * sums[name] for sign, name in terms) for terms in (self.above, self.below))
        return above / below if below else None


def as_quotient(above: str, below: str) -> Quotient:
    """The quotient of two sums as they are written: `"matured_fen - excused_fen"`."""
    return Quotient(terms_of(above), terms_of(below))


def terms_of(sum_: str) -> Terms:
    """Read `a + b - c`."""
    signs = {"+": 1, "-": -1}
    words = f"+ {sum_}".split()
    return tuple((signs[sign], name) for sign, name in zip(words[::2], words[1::2], strict=True))


@dataclass(frozen=True)
class Column:
    """One column: name, type, unit, Chinese title, one English sentence, clause, and the values it may hold.

    `values` are the only values allowed, each with the Chinese word that people read for it (empty: any);
    `words` are those of values that are known where others may come. `refers` says what the column's codes are
    codes of (a reference of `pipelines.views.references`), or names the column of the table that says so.
    `minimum` and `maximum` are inclusive bounds. `of` says what a rate is the quotient of: whoever adds rows up divides by it
    anew. `days` titles how many days lie between a date and as_of, empty where it is later: shown to people beside the date
    and held by no table, for it is another number every night.
    """

    name: str
    type: ColumnType
    unit: str
    title_zh: str
    description: str
    source: str = ""
    nullable: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    refers: str = ""
    minimum: float | None = None
    maximum: float | None = None
    of: Quotient | None = None
    days: str = ""

    @property
    def spoken(self) -> Mapping[str, str]:
        """Chinese word of every value that has one."""
        return FLAGS if self.type == "flag" else self.values or self.words

    @property
    def adds_up(self) -> bool:
        """Whether rows may be added: money, counts and packs; minimum units are of one product only."""
        return self.type in ("fen", "count") or self.unit == "packs"

    @property
    def title_en(self) -> str:
        """The English heading."""
        return title_en_of(self.name)

    @property
    def is_share(self) -> bool:
        """Whether it is a quotient of like by like, which people read in percent."""
        return self.of is not None and self.unit == "ratio"

    @property
    def units(self) -> tuple[str, str] | None:
        """The unit that stands beside its numbers, in Chinese and English: of money, and of a quotient that is no share."""
        if self.type == "fen":
            return "元", "yuan"
        return None if self.of is None or self.is_share else (unit_zh(self.unit), self.unit)

    @property
    def comment(self) -> str:
        """The comment of the database column: Chinese title, then the English sentence."""
        return f"{self.title_zh}: {self.description}"


@dataclass(frozen=True)
class Alternatives:
    """Rows that state the same money again under other values of a column, so that no sum may run over all of them.

    People are shown the rows with `value`, and the others apart, under a title that ends in `suffix_zh`.
    """

    column: str
    value: str
    suffix_zh: str
    suffix_en: str


@dataclass(frozen=True)
class ReportTable:
    """One report table: `figure` tables belong to an `as_of` and enter the result digest.

    `alternatives` says which of its rows state the same again. `rolled_up` names the columns of level and code of a table
    whose rows stand ready for institutions, divisions and all; of others whoever needs them adds rows up by their codes.
    `of_divisions`: columns of level and code, and the level of divisions. With `stays` an institution never loses all its rows.
    """

    name: str
    title_zh: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    figure: bool = False
    alternatives: Alternatives | None = None
    rolled_up: tuple[str, str] | None = None
    of_divisions: tuple[str, str, str] | None = None
    stays: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names) or not set(self.key) <= set(names):
            raise ValueError(f"report table {self.name}: key {self.key} or column names {names} are inconsistent")
        titles = [title for column in self.columns for title in (column.title_zh, column.days) if title]
        if len(set(titles)) != len(titles):
            raise ValueError(f"report table {self.name}: Chinese titles {titles} are not unique")
        if nullable := [c.name for c in self.columns if c.name in self.key and c.nullable]:
            raise ValueError(f"report table {self.name}: key columns {nullable} must not be nullable")

    @property
    def comment(self) -> str:
        """The comment of the database table: Chinese title, then the English sentence."""
        return f"{self.title_zh}: {self.description}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    def formula(self, of: Quotient) -> tuple[str, str]:
        """What a rate is the quotient of by the titles of its columns, in Chinese and English: `Σ按时支付金额 ÷ Σ已到期金额`."""
        return of.told(lambda name: f"Σ{self.column(name).title_zh}"), of.told(lambda name: f"Σ {self.column(name).title_en}")


def text(
    name: str,
    title_zh: str,
    description: str,
    source: str = "",
    *,
    nullable: bool = False,
    values: Mapping[str, str] = NO_WORDS,
    words: Mapping[str, str] = NO_WORDS,
    refers: str = "",
) -> Column:
    """A code, a name or a word from a list."""
    return Column(name, "text", "", title_zh, description, source, nullable, values, words, refers)


def date(name: str, title_zh: str, description: str, source: str = "", *, nullable: bool = False, days: str = "") -> Column:
    """A business date, Asia/Shanghai."""
    return Column(name, "date", "date", title_zh, description, source, nullable, days=days)


def flag(name: str, title_zh: str, description: str, source: str = "", *, nullable: bool = False) -> Column:
    """Yes or no."""
    return Column(name, "flag", "", title_zh, description, source, nullable)


def fen(name: str, title_zh: str, description: str, source: str = "", *, nullable: bool = False) -> Column:
    """Money in integer fen (0.01 yuan)."""
    return Column(name, "fen", "fen", title_zh, description, source, nullable)


def count(name: str, unit: str, title_zh: str, description: str, source: str = "", *, nullable: bool = False) -> Column:
    """A whole number of `unit`, never negative."""
    return Column(name, "count", unit, title_zh, description, source, nullable, minimum=0)


def quantity(name: str, title_zh: str, description: str, source: str = "", *, nullable: bool = False) -> Column:
    """A quantity in minimum units (片, 粒, 支)."""
    return Column(name, "double", "min_unit", title_zh, description, source, nullable)


def rate(
    name: str,
    title_zh: str,
    description: str,
    source: str = "",
    *,
    maximum: float | None = 1.0,
    unit: str = "ratio",
    of: tuple[str, str] | None = None,
    where: str = "",
) -> Column:
    """An unrounded ratio from 0 to `maximum` (None: no upper bound), null when its denominator is 0.

    `of` are numerator and denominator: columns of the same table, added and taken away (`"matured_fen - excused_fen"`), in
    the rows that meet the SQL condition `where`.
    """
    quotient = Quotient(terms_of(of[0]), terms_of(of[1]), where) if of else None
    return Column(name, "double", unit, title_zh, description, source, True, minimum=0.0, maximum=maximum, of=quotient)


AS_OF = date("as_of", "统计截止日", "Business date at whose end the figures stand.")
RUN_ID = text("run_id", "运行编号", "Run that wrote the row.")
JURISDICTION = text(
    "jurisdiction_code", "统筹区编码", "Six-digit division (GB/T 2260) of the institution.", refers="jurisdiction"
)
INSTITUTION = text("institution_code", "医疗机构编码", "Institution the row is about.", refers="institution")
DISTRIBUTOR = text("distributor_code", "配送企业编码", "Supplier that delivered and is to be paid.", refers="enterprise")
