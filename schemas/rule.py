"""What a rule is: a kind of finding, how it is called, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["violation", "warning", "signal"]


@dataclass(frozen=True)
class Subject:
    """What kind of thing a finding is about: `key` are the columns whose values, joined by `|`, name one."""

    code: str
    title_zh: str
    key: tuple[str, ...]


INSTITUTION_MONTH = Subject("institution_month", "医疗机构与月份", ("institution_code", "month"))


@dataclass(frozen=True)
class Excused:
    """What an approved excuse kept out of the findings of a rule: on an accountability list none may vanish.

    It stands there under `code` and `title_zh`. `by` (`module:function`) names what finds it: from
    `pipelines.engine.indicator.Published` and the rule to rows as `excused_thing` makes them.
    """

    code: str
    title_zh: str
    by: str


@dataclass(frozen=True)
class ExcusedRows:
    """Rows of a report `table` that approved excuses move, and by how much, as people are shown it.

    A table with a column `excuse_id` says itself which ones. Of any other one an excuse of that `kind`, once it is valid, moves
    the rows that it names by the columns `by`, which the table and the register of excuses share. `where` is an SQL condition
    on a row, named t, and `quantity` (minimum units) and `fen` are SQL of what is excused of it; empty where nothing is.
    `told_zh` says what that is.
    """

    table: str
    told_zh: str
    kind: str = ""
    by: tuple[str, ...] = ()
    where: str = ""
    quantity: str = ""
    fen: str = ""


@dataclass(frozen=True)
class Rule:
    """A kind of finding.

    `table` is the report table whose rows it follows from: a finding's subject names one of them. `clause` is the policy
    parameter whose row, valid on the day of the event in the division, is cited. With `may_be_named` a bureau may put
    it on the accountability list (policy `accountability_rules` says whether it does); `is_money` says that its amount,
    not its quantity, is what fell short. `is_later` marks one that came to a table that stood before: runs that noted no
    rules did not know it.

    One that `binds_public` is raised as a signal for institutions of another ownership. One that `fades` is not raised where its
    day lies before 1 January of the year `findings_from` years before as_of's; the indicator names that parameter.

    On an accountability list a finding stands with its amount or quantity, covered as a whole where it names an excuse.
    Where an indicator knows more, `figures` (`module:function`) names what says it: from `Published` and the findings to
    `finding_id` → columns of `accountability_items`, and `is_excused`, whether nothing would be left of it without what
    excuses cover; `sides` (`module:text`) tells readers on whose side it lies. `excused` is what no finding was raised for.
    """

    code: str
    title_zh: str
    title_en: str
    severity: Severity
    subject: Subject
    table: str
    clause: str
    may_be_named: bool = True
    is_money: bool = False
    is_later: bool = False
    binds_public: bool = False
    fades: bool = False
    figures: str = ""
    sides: str = ""
    excused: Excused | None = None
