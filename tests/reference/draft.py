"""A world being drawn: its dice, its few distinct days, its parties and the rows so far."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from stdnum.cn import uscc

from .rows import make_row, no_records

AS_OF_DAYS = (
    date(2020, 10, 8),
    date(2020, 12, 31),
    date(2021, 2, 28),
    date(2021, 3, 31),
    date(2021, 9, 20),
    date(2022, 6, 30),
    date(2023, 1, 28),
)
DAY_OFFSETS = (-290, -230, -160, -125, -92, -91, -75, -62, -61, -60, -45, -40, -31, -30, -29, -10, -2, -1)


def make_uscc(head: str, number: int) -> str:
    """A valid 18-character code: 8 digits, 9 characters and the check character."""
    body = f"{head}{number:09d}"
    return body + uscc.calc_check_digit(body)


def _company(number: int) -> str:
    return make_uscc("91330282", number)


MAKER_1, MAKER_2, HOLDER = _company(101), _company(102), _company(103)
FOREIGN_MAKER = "FOREIGN-01"
SALES_COMPANY, AGENT = _company(201), _company(202)
DISTRIBUTORS = tuple(_company(number) for number in (301, 302, 303, 304, 305))
UNREGISTERED = _company(999)
PLACEHOLDER_BATCHES = (None, "无", "-", "—", "/", "N/A", "n/a", "－", "*")


@dataclass
class Draft:
    """What the drawing functions share; `days` is small so that ties happen."""

    rng: random.Random
    as_of: date
    days: list[date]
    records: dict[str, list[dict]] = field(default_factory=no_records)

    def add(self, dataset: str, **values: object) -> dict:
        row = make_row(dataset, **values)
        self.records[dataset].append(row)
        return row

    def happens(self, probability: float) -> bool:
        return self.rng.random() < probability

    def day(self, *extra: date) -> date:
        return self.rng.choice([*self.days, *extra])

    def offset(self, *days: int) -> date:
        """`as_of` moved by one of these numbers of days."""
        return self.as_of + timedelta(days=self.rng.choice(days))

    def aside(self, name: str) -> random.Random:
        """Dice of their own for what is added to worlds later: all else in them stays as it was."""
        return random.Random(f"{name} {self.rng.getstate()}")

    def quantity(self, *choices: str) -> Decimal:
        return Decimal(self.rng.choice(choices))

    def window(self) -> tuple[date, date | None]:
        """valid_from and valid_to on the world's days, often open, sometimes one day long."""
        first, last = sorted((self.day(), self.day()))
        return first, (None if self.happens(0.5) else last)


def start_draft(seed: int) -> Draft:
    """Dice and days of world number `seed`."""
    rng = random.Random(seed)
    as_of = rng.choice(AS_OF_DAYS)
    offsets = [*rng.sample(DAY_OFFSETS, 6), 0, 0, 1]
    return Draft(rng, as_of, sorted(as_of + timedelta(days=n) for n in offsets))
