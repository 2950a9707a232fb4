"""What a parameter is: a value that policy rows give, by place and day."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Literal

Kind = Literal["int", "str", "decimal", "list", "bool"]

DECIMAL_PLACES = 6


@dataclass(frozen=True)
class Parameter:
    """A registered parameter: its kind, its unit, what it may be, and what it means.

    `allowed` limits a text, or the members of a list; `minimum` and `maximum`, both inclusive, limit a
    number, or those that a list assigns; `limited_by` is the document that says so. A decimal is written as text, so
    that it stays exact. With `assigns` (a pattern) the members of a
    list are `key=value`, one per key, and each must match, as `example` does; with `total` their values add up to it.
    `title` is what people read for its name, `words` for its values. One that `may_be_absent` has no row where no rule was
    found: then its value is null.
    """

    kind: Kind
    unit: str
    meaning: str
    title: str = field(kw_only=True)
    allowed: Sequence[str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    limited_by: str = ""
    assigns: str = ""
    example: str = "deliveries/cixi=7"
    total: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    may_be_absent: bool = False

    def explain_fault(self, value: object) -> str | None:
        """Say in Chinese what is wrong with `value` and how to write it; None when nothing is."""
        match self.kind:
            case "bool":
                return None if isinstance(value, bool) else "应为 true 或 false，不加引号"
            case "int":
                if not isinstance(value, int) or isinstance(value, bool):
                    return "应为整数，不加引号"
                return self._explain_range(value)
            case "decimal":
                number = _parse_decimal(value)
                if number is None:
                    return f'应为加引号的小数（至多 {DECIMAL_PLACES} 位），例如 "0.8"'
                return self._explain_range(number)
            case "str":
                if not isinstance(value, str) or not value.strip():
                    return "应为加引号的非空文字"
                return self._explain_members([value])
            case "list":
                if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
                    return '应为文字列表，例如 ["drug"]'
                if len(set(value)) < len(value):
                    return "列表中有重复项，请删去"
                return self._explain_members(value) or (self._explain_assigned(value) if self.assigns else None)

    def _explain_range(self, number: int | Decimal) -> str | None:
        source = f"（{self.limited_by}）" if self.limited_by else ""
        if self.minimum is not None and number < self.minimum:
            return f"不得小于 {self.minimum}{source}"
        if self.maximum is not None and number > self.maximum:
            return f"不得大于 {self.maximum}{source}"
        return None

    def _explain_members(self, members: Sequence[str]) -> str | None:
        strange = [member for member in members if self.allowed is not None and member not in self.allowed]
        return f"{'、'.join(strange)} 不在可用值之内：{'、'.join(self.allowed or ())}" if strange else None

    def _explain_assigned(self, members: Sequence[str]) -> str | None:
        if strange := [member for member in members if not re.fullmatch(self.assigns, member)]:
            return f'{"、".join(strange)} 写法不对，应如 "{self.example}"'
        keys = [member.rpartition("=")[0] for member in members]
        repeated = sorted({key for key in keys if keys.count(key) > 1})
        if repeated:
            return f"{'、'.join(repeated)} 出现不止一次，请只留一项"
        for member in members if self.minimum is not None or self.maximum is not None else ():
            if fault := self._explain_range(Decimal(member.rpartition("=")[2])):
                return f"{member} 中等号后的数{fault}"
        found = sum(int(member.rpartition("=")[2]) for member in members) if self.total is not None else None
        return f"各项之和应为 {self.total}，现为 {found}" if found != self.total else None


def _parse_decimal(value: object) -> Decimal | None:
    """Read a decimal written as plain text; None when it is no finite number or has too many places."""
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    return number if isinstance(exponent, int) and -DECIMAL_PLACES <= exponent <= 0 else None
