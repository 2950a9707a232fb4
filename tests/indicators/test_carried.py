"""Sums carried from night to night give what computing everything gives, to the last row."""

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from pipelines.engine import carry, compute
from pipelines.engine import kept_sums as sums
from pipelines.engine.compute import BaseRun, units_recomputed
from pipelines.engine.figures import scaled
from pipelines.engine.finding import COLUMNS
from pipelines.engine.indicator import Indicator, Inputs, Link
from pipelines.engine.links import links_of
from pipelines.engine.order import look_up
from pipelines.indicators import all_indicators
from pipelines.lines.returned import returned
from pipelines.policy.files import Placed
from pipelines.policy.policies import Policies, load_policies
from pipelines.store import keys
from pipelines.store.local import Local
from schemas.policies import PARAMETERS, PolicyRow
from schemas.records import RECORDS
from tests.indicators.records import compute_after, prepare, read_answer, write_records
from tests.random_worlds import worlds
from tests.reference.worlds import random_world
from tests.spec.tables import read_day, read_records

POLICIES = load_policies()
MOVING = (
    *("deliveries", "returns", "invoices", "payments", "excuses"),
    *("prepayments", "commitment_adjustments", "commitments", "trace_scans", "usages"),
)
FIXED = ("institutions", "products", "enterprises", "selections", "deemed_manufacturers")


@pytest.fixture(autouse=True)
def any_share(monkeypatch):
    monkeypatch.setattr(carry._Delta, "is_large", lambda *_: False)


class World:
    """Records that arrive, change and go, night by night."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.records, self.last_day = random_world(seed)
        self.as_of = self.last_day
        self.waiting = {
            name: [self.records[name].pop() for _ in range(int(len(self.records[name]) * self.rng.random() * 0.5))]
            for name in MOVING
        }

    def move(self) -> None:
        """One night: some records arrive, some are corrected or withdrawn, the day moves, or nothing happens."""
        rng = self.rng
        for name in MOVING:
            if rng.random() < 0.4:
                for _ in range(rng.randint(0, min(3, len(self.waiting[name])))):
                    self.records[name].append(self.waiting[name].pop())
            if self.records[name] and rng.random() < 0.25:
                self.correct(name)
            if self.records[name] and rng.random() < 0.1:
                self.waiting[name].append(self.records[name].pop(rng.randrange(len(self.records[name]))))
        if rng.random() < 0.1:
            self.correct(rng.choice([name for name in FIXED if self.records[name]]))
        if rng.random() < 0.4:
            self.as_of = self.last_day - timedelta(days=rng.choice((0, 1, 2, 30, 45)))

    def correct(self, name: str) -> None:
        """Give one field of one record the value that another record has there."""
        rows, key = self.records[name], RECORDS[name].key
        place = self.rng.randrange(len(rows))
        fields = [c for c in rows[place] if c not in key]
        field = self.rng.choice(fields)
        value = self.rng.choice(rows)[field]
        if isinstance(value, Decimal) and self.rng.random() < 0.5:
            value = value * 2
        rows[place] = rows[place] | {field: value}


def lay_out(records: dict, folder: Path) -> Local:
    """Write records as those of a night that lies in a folder."""
    written = write_records(records, folder / keys.RECORDS)
    written.put_json(keys.BASE, {})
    return written


@cache
def policies_of(code: str) -> Policies:
    """Ours, with the rows that a site lays over them of which an indicator's spec says that its nights need them."""
    own = getattr(import_module(f"tests.spec.test_{code}"), "NIGHT_POLICIES", "") if code in all_indicators() else ""
    with TemporaryDirectory() as folder:
        (Path(folder) / "site.toml").write_text(own, encoding="utf-8")
        return load_policies(Path(folder)) if own else POLICIES


def other_value(row: PolicyRow) -> object:
    """What a parameter may be, too: nearest to what it is in the registry's words, else the same."""
    known = PARAMETERS[row.parameter]
    found: list[object] = []
    match known.kind:
        case "bool":
            found = [not row.value]
        case "int":
            found = [row.value + 1, row.value - 1]
        case "decimal":
            found = [str(Decimal(row.value) / 2), str(Decimal(row.value) * 2)]
        case "str":
            found = [value for value in known.allowed or (f"{row.value}（改）",) if value != row.value]
        case "list":
            found = [row.value[1:], [*row.value, *(value for value in known.allowed or () if value not in row.value)]]
    return next((value for value in found if value != row.value and not known.explain_fault(value)), row.value)


def turned(policies: Policies, day: date) -> Policies:
    """The same, and of every parameter another value from a day on, wherever one is laid down."""
    held = [row for row in policies.rows if row.valid_from < day and (row.valid_to or day) >= day]
    turns = [row.model_copy(update={"id": f"{row.id}-{day}", "value": other_value(row), "valid_from": day}) for row in held]
    ours = [Placed(row, 0, Path("ours.toml")) for row in policies.rows]
    return Policies(
        [*ours, *(Placed(row, 1, Path("site.toml")) for row in {(r.parameter, r.jurisdiction): r for r in turns}.values())]
    )


def night(
    indicator: Indicator, records: Local, as_of: date, folder: Path, base: BaseRun | None, policies: Policies | None = None
) -> BaseRun:
    """A night's answer. As a night does: rows of others that begin or end make nothing anew."""
    compute_after(indicator, Inputs(records, as_of, policies or policies_of(indicator.code)), Local(folder), base)
    return BaseRun(Local(folder), as_of)


def place_of(indicator: Indicator, name: str) -> str:
    """A place of that name for all indicators that go by our policies, or for one that has its own."""
    return name if policies_of(indicator.code) is POLICIES else f"{indicator.code}-{name}"


def rows_of(frames: dict[str, pl.DataFrame]) -> dict[str, set]:
    return {name: set(map(repr, rows.iter_rows())) for name, rows in frames.items()}


def sums_of(indicator: Indicator, store: Local) -> dict[str, set]:
    frames = {name: rows.collect() for name, rows in sums.Sums.standing(store, indicator).whole().items()}
    return rows_of({n: f.select(sorted(f.columns)) for n, f in frames.items()})


def figures_after(indicator: Indicator, before: dict[str, set], store: Local) -> dict[str, set]:
    """The figures of a night: those of the night before, without what that has of the units recomputed, with its own."""
    found = rows_of(read_answer(indicator, store))
    if not store.has(f"{keys.OF_BASE}/{keys.findings(indicator.code)}"):
        return found
    of_base = rows_of(read_answer(indicator, store.below(keys.OF_BASE)))
    assert all(of_base[name] <= before[name] for name in found), store.folder
    return {name: (before[name] - of_base[name]) | rows for name, rows in found.items()}


class Moving:
    """The nights of worlds, each laid out once: what others have computed there stands for those who rest on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nights: dict[str, list[tuple[Local, date, Path]]] = {}

    def of(self, indicator: Indicator, seed: int, days: Sequence[date | None] = (None,) * 5) -> list[tuple[Local, date, Path]]:
        """Records, day and place of every night of a world: of these days, or of those that the world moves to."""
        name = place_of(indicator, "-".join(map(str, (seed, *filter(None, days)))))
        if name not in self.nights:
            world, found = World(seed), []
            for number, day in enumerate(days):
                world.as_of = day or world.as_of
                place = self.folder / f"{name}-{number}"
                found.append((lay_out(world.records, place), world.as_of, place))
                world.move()
            self.nights[name] = found
        return self.nights[name]


@pytest.fixture(scope="module")
def moving(tmp_path_factory) -> Moving:
    return Moving(tmp_path_factory.mktemp("moving"))


def check_nights(indicator: Indicator, nights: list[tuple[Local, date, Path]], policies: Policies | None = None) -> int:
    """How many nights were carried; every one of them must give the figures and sums of a night from nothing."""
    code = indicator.code
    base, figures, carried = None, {}, 0
    for number, (records, as_of, place) in enumerate(nights):
        before, base = base, night(indicator, records, as_of, place, base, policies)
        fresh = night(indicator, records, as_of, place / "fresh", None, policies)
        expected = rows_of(read_answer(indicator, fresh.store))
        notes, fresh_notes = (s.store.read_json(keys.notes(code)) for s in (base, fresh))
        found = figures_after(indicator, figures, Local(place))
        carried += before is not None and units_recomputed(code, base.store) is not None
        assert found == expected, (number, before and before.as_of, as_of)
        assert sums_of(indicator, Local(place)) == sums_of(indicator, fresh.store), number
        assert notes["notes"] == fresh_notes["notes"]
        figures = expected
    return carried


def _one(code: str) -> object:
    """Indicators of several stages are carried in `make test`, those of one in `make thorough`."""
    return pytest.param(code, marks=[] if len(all_indicators()[code].stages) > 1 else [pytest.mark.thorough], id=code)


@pytest.mark.parametrize("seed", worlds(900, 2))
@pytest.mark.parametrize("code", [_one(code) for code in sorted(all_indicators())])
def test_nights_carried_on_are_nights_from_nothing(code, seed, moving):
    indicator = all_indicators()[code]
    assert check_nights(indicator, moving.of(indicator, seed)) or not indicator.links


@pytest.mark.parametrize("seed", worlds(910, 2))
@pytest.mark.parametrize("code", [_one(code) for code in sorted(all_indicators())])
def test_nights_are_carried_on_over_the_day_on_which_policy_turns_and_over_the_end_of_a_year(code, seed, moving, monkeypatch):
    indicator, carried = all_indicators()[code], set()

    def noted_carry(one, *night):
        found = carry.carry(one, *night)
        carried.update({one.code} if found else ())
        return found

    monkeypatch.setattr(compute, "carry", noted_carry)
    ahead, nights = set(), []
    ask = Inputs.with_policy

    def noted(self, rows, parameter, day):
        nights.append(self.as_of)
        if (rows[day] > max(nights)).any():
            ahead.add(parameter)
        return ask(self, rows, parameter, day)

    monkeypatch.setattr(Inputs, "with_policy", noted)
    turn = random_world(seed)[1]
    new_year = date(turn.year + 1, 1, 1)
    days = (turn - timedelta(1), turn, turn - timedelta(1), new_year - timedelta(1), new_year, new_year - timedelta(1))
    check_nights(indicator, moving.of(indicator, seed, days), turned(policies_of(code), turn))
    assert code in carried or indicator.today or not indicator.links
    assert ahead <= {parameter for i in (indicator, *indicator.rests_on) for parameter in i.ahead}


def returned_share() -> Indicator:
    """The share of returned goods by institution and month: it adds up lines, and says nothing of being carried."""
    by = ["institution_code", "month"]

    def evidence(inputs):
        rows = inputs.scan("deliveries").filter(pl.col("accepted_on") <= inputs.as_of).collect()
        return {"lines": look_up(rows.with_row_index("n"), returned(rows, inputs), ["n"])}

    def sums(evidence, inputs):
        packs, back = scaled("received_quantity"), pl.col("packs_back").fill_null(0)
        key = ["institution_code", "delivery_id", pl.col("accepted_on").dt.strftime("%Y-%m").alias("month")]
        return {"lines": evidence["lines"].select(*key, packs=packs, back=back, rows=pl.lit(1, pl.Int64))}

    def totals(sums, inputs):
        return {"months": sums["lines"].lazy().group_by(by).agg(pl.col("packs", "back", "rows").sum()).collect()}

    return Indicator(
        code="returned_share",
        title_zh="退货率",
        clause="试",
        version=1,
        reviewed_on=date(2026, 11, 30),
        axis="institution",
        reads=("deliveries", "returns"),
        parameters=(),
        tables=(),
        unit=("institution_code", "delivery_id"),
        evidence=evidence,
        sums=sums,
        anew=("lines",),
        totals=totals,
        grains={"months": tuple(by)},
        reports=lambda sums, inputs: {},
        findings=lambda reports, sums, inputs: pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)),
        notes=lambda totals: {"退货": str(totals["months"].lazy().select(pl.col("back").sum()).collect().item())},
    )


@pytest.mark.parametrize("seed", worlds(900, 4))
def test_an_indicator_that_only_adds_up_lines_is_carried_without_a_word(seed, moving):
    indicator = returned_share()
    assert check_nights(indicator, moving.of(indicator, seed))


def net_of_institutions() -> Indicator:
    """What institutions bought towards their commitments: it rests on what agreed volume has added up, and reads nothing."""
    agreed, frame = all_indicators()["agreed_volume"], "agreed_volume.commitments"

    def evidence(inputs):
        return {"commitments": inputs.scan(frame).filter(pl.col("net") > 0).collect()}

    def sums(evidence, inputs):
        rows = evidence["commitments"].group_by("institution_code").agg(net=pl.col("net").sum(), rows=pl.len().cast(pl.Int64))
        return {"institutions": rows}

    return replace(
        returned_share(),
        code="net_of_institutions",
        reads=(),
        unit=("institution_code",),
        evidence=evidence,
        sums=sums,
        anew=(),
        totals=lambda sums, inputs: {},
        grains={},
        notes=lambda totals: {},
        links={frame: Link()},
        rests_on=(agreed,),
    )


@pytest.mark.parametrize("seed", worlds(900, 4))
def test_an_indicator_is_carried_on_what_it_rests_on(seed, moving):
    indicator = net_of_institutions()
    assert check_nights(indicator, moving.of(indicator, seed))


def links_left_out() -> Iterator[tuple[str, Indicator, str | None]]:
    """Every indicator without one of the links that it declares, or without the days on which one wakes; and what to change
    to miss it: a dataset, or the day.
    """
    share = returned_share()
    share = replace(share, links=links_of(share, share))
    for indicator in [share, net_of_institutions(), *all_indicators().values()]:
        for number, stage in enumerate(indicator.stages):
            if stage is indicator and indicator.ages:
                yield f"{indicator.code}-ages", replace(indicator, ages={}), None
            for name in indicator.beside if stage is indicator else ():
                others = {n: beside for n, beside in indicator.beside.items() if n != name}
                changed = source_of(indicator, next(iter(stage.links)))
                yield f"{indicator.code}-beside-{name}", replace(indicator, beside=others), changed
            if stage.wakes:
                yield f"{indicator.code}-{number}-wakes", _with(indicator, number, wakes=None), None
            for name in stage.links:
                links = links_of(indicator, stage)[name]
                for n, link in enumerate(links):
                    without = {"": replace(link, where=pl.lit(False))}
                    if link.day or link.span:
                        without["-wakes"] = replace(link, day=None, span=None)
                    for what, other in without.items():
                        others = {**stage.links, name: (*links[:n], other, *links[n + 1 :])}
                        changed = None if what or link.span else source_of(indicator, name)
                        label = f"{indicator.code}-{number}-{name}-{n}{what}"
                        yield label, _with(indicator, number, links=others), changed


def _with(indicator: Indicator, number: int, **changed) -> Indicator:
    """The indicator with another stage of that number."""
    stages = [*indicator.stages]
    stages[number] = replace(stages[number], **changed)
    return replace(stages[-1], earlier=tuple(stages[:-1]))


def source_of(indicator: Indicator, name: str) -> str:
    """The dataset that a frame is made of."""
    while name not in RECORDS:
        resting = {f"{other.code}.": other for other in indicator.rests_on}
        code, dot, own = name.rpartition(".")
        indicator = resting.get(code + dot, indicator)
        name = next(iter(indicator.stage_of(own).links))
    return name


ENDED = """
commitments
commitment_id  period_start  period_end
C              01-01         11-30

"""
ADJUSTED = (
    ENDED
    + """
commitment_adjustments
effective_on  delta_quantity
12-30         50
"""
)
RETURNED = (
    ENDED
    + """
deliveries
delivery_id  accepted_on
D1           11-30

returns
delivery_id  returned_on  returned_quantity  status
D1           12-30        10                 confirmed
"""
)
EXCUSED = """
invoices
invoice_code  invoice_no  seller_code  buyer_code  issued_on
111           00000001    D            H           03-02

excuses kind=two_invoice
invoice_code  invoice_no  valid_from
111           00000001    12-30
"""


MONEY = """
deliveries
delivery_id  distributor_code  accepted_on  invoice_no
BACK         A                 12-20        I1
PAID_LATE    B                 12-20        I2
MATURES      C                 11-30        I3
EXCUSED      E                 03-01        I4
SO_IS_THIS   F                 03-01        I5

payments
payment_id  payee_code  paid_on  amount  invoice_no  reverses_payment_id
P1          A           12-21    100     I1          null
TAKEN_BACK  A           12-30    -100    null        P1
P2          B           12-30    100     I2          null
P3          C           12-05    100     I3          null

excuses kind=payment
excuse_id  delivery_id  invoice_no  valid_from
E1         EXCUSED      null        12-30
E2         null         I5          12-30
"""
NOT_BACK = MONEY.replace("A           12-30", "A           2021-01-30")
PREPAID = """
institutions
institution_code
H
EXCUSED

selections
item_code
I

commitments
commitment_id  institution_code  period_start  period_end  signed_on
TO_APPLY       H                 01-02         2021-12-31  12-16
EXCUSED        EXCUSED           01-02         2021-12-31  01-02

commitment_adjustments
commitment_id  effective_on  delta_quantity
EXCUSED        01-03         50

prepayments
prepayment_id  period_start  paid_on
PAID           01-03         12-30

excuses kind=prepayment
institution_code  valid_from
EXCUSED           12-30

deliveries
delivery_id  accepted_on
D1           03-02
"""
PREPAID_FOR_MORE = PREPAID.replace("01-03         50", "01-02         50")
SIGNED_BEFORE = PREPAID.replace("12-16", "12-15")
SUPPLIER_PAID = (
    PREPAID
    + """
payments
payment_id  paid_on  amount
P1          12-20    100
"""
)


def directed_nights(code: str) -> Iterator[tuple[tuple[dict, date], tuple[dict, date]]]:
    """What random worlds seldom hold: records and day of a night, and of the night after; an indicator's own stand as `NIGHTS`
    in its spec, and policy rows that they need as `NIGHT_POLICIES`.
    """
    own = getattr(import_module(f"tests.spec.test_{code}"), "NIGHTS", ()) if code in all_indicators() else ()
    for of, texts, days in (
        *((code, texts, days) for texts, days in own),
        ("two_invoice", (BOUGHT, WITHDRAWN), ("12-31", "12-31")),
        ("two_invoice", (EXCUSED, EXCUSED), ("12-29", "12-31")),
        ("agreed_volume", (RETURNED, RETURNED), ("12-29", "12-31")),
        ("agreed_volume", (ADJUSTED, ADJUSTED), ("12-29", "12-31")),
        ("prepayment", (PREPAID, PREPAID), ("12-29", "12-31")),
        ("prepayment", (PREPAID, PREPAID_FOR_MORE), ("12-31", "12-31")),
        ("prepayment", (PREPAID, SIGNED_BEFORE), ("12-31", "12-31")),
        ("prepayment", (PREPAID, SUPPLIER_PAID), ("12-31", "12-31")),
        ("payment", (MONEY, MONEY), ("12-29", "12-31")),
        ("payment", (NOT_BACK, MONEY), ("12-31", "12-31")),
    ):
        if of == code:
            then, now = ((read_records(text), read_day(day)) for text, day in zip(texts, days, strict=True))
            yield then, now


known_world = cache(random_world)
Night = tuple[str, dict, date]  # what its records are called, these, its day


def meant(indicator: Indicator) -> Iterator[tuple[Night, Night]]:
    """Two nights that are meant for the indicator."""
    for n, pair in enumerate(directed_nights(indicator.code)):
        yield tuple((f"{indicator.code}-{n}-{i}", *night) for i, night in enumerate(pair))


def drawn(changed: str | None) -> Iterator[tuple[Night, Night]]:
    """The same of two nights between which records of one dataset alone have come, or only the day has moved."""
    for seed in range(12):
        rng, (records, last_day) = random.Random(seed), known_world(seed)
        fewer = {n: [r for r in rows if n != changed or rng.random() < 0.7] for n, rows in records.items()}
        earlier = last_day - timedelta(days=0 if changed else rng.choice((1, 5, 45)))
        yield (f"{seed}-before-{changed}", fewer, earlier), (f"{seed}", records, last_day)


@dataclass(frozen=True)
class FromNothing:
    """A night from nothing, and what it says."""

    base: BaseRun
    sums: dict[str, set]
    figures: dict[str, set]


class Begun:
    """Nights from nothing, each computed once: they follow no links, so that whoever leaves out one can be carried on from
    them, and be held to them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records: dict[str, Local] = {}
        self.nights: dict[tuple[str, str], FromNothing] = {}

    def night(self, indicator: Indicator, name: str, records: dict, as_of: date) -> FromNothing:
        """That of an indicator on the records of that name."""
        name = place_of(indicator, name)
        place, key = self.folder / name, (indicator.code, name)
        if name not in self.records:
            self.records[name] = lay_out(records, place)
        if key not in self.nights:
            base = night(indicator, self.records[name], as_of, place, None)
            figures = rows_of(read_answer(indicator, base.store))
            self.nights[key] = FromNothing(base, sums_of(indicator, base.store), figures)
        return self.nights[key]

    def carry_others(self, indicator: Indicator, then: FromNothing, now: FromNothing, folder: Path) -> None:
        """Let the second night begin in a folder: what the indicator rests on has been carried on already."""
        others = self.folder / f"{then.base.store.folder.name}-to-{now.base.store.folder.name}"
        others.mkdir(exist_ok=True)
        inputs = Inputs(now.base.store.below(keys.RECORDS), now.base.as_of, policies_of(indicator.code))
        prepare(indicator, inputs, Local(others), then.base)
        shutil.copytree(others, folder)


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Begun:
    return Begun(tmp_path_factory.mktemp("begun"))


def is_missed(indicator: Indicator, then: FromNothing, now: FromNothing, folder: Path) -> bool:
    """Whether the second night, carried on from the first in a folder where that of others is, gives other sums or figures
    than from nothing.
    """
    records = now.base.store.below(keys.RECORDS)
    carried = night(indicator, records, now.base.as_of, folder, then.base).store
    try:
        figures = figures_after(indicator, then.figures, carried)
    except AssertionError:  # it takes off what never stood
        return True
    return sums_of(indicator, carried) != now.sums or figures != now.figures


def nights_beside(indicator: Indicator, texts: tuple[str, ...], folder: Path) -> Iterator[tuple[BaseRun, BaseRun]]:
    """Every night carried on from the one before, and beside it the same from nothing."""
    base = None
    for number, text in enumerate(texts):
        records, as_of = lay_out(read_records(text), folder / f"{number}"), read_day("12-31")
        base = night(indicator, records, as_of, folder / f"{number}", base)
        yield base, night(indicator, records, as_of, folder / f"fresh{number}", None)


BOUGHT = """
invoices
invoice_no  seller_code  buyer_code  batch_no  issued_on  quantity  amount  red_of_invoice_no
FIRST       MAKER        D           B1        03-01      100       100     null
SECOND      D            H           B2        03-02      10        10      null
THIRD       D            H           B1        03-02      10        10      null
"""
WITHDRAWN = "\n".join(line for line in BOUGHT.splitlines() if "FIRST" not in line)
RED = BOUGHT + "RED         MAKER        H           B1        03-05      -100      -100    FIRST\n"


@pytest.mark.parametrize("given", [WITHDRAWN, RED])
def test_a_purchase_that_goes_is_told_to_other_sellers_and_batches(given, tmp_path):
    indicator = all_indicators()["two_invoice"]
    verdicts = []
    for base, fresh in nights_beside(indicator, (BOUGHT, given), tmp_path):
        assert sums_of(indicator, base.store) == sums_of(indicator, fresh.store)
        lines = read_answer(indicator, fresh.store)["two_invoice_line"]
        verdicts.append(dict(lines.select("invoice_no", "verdict").iter_rows()))
    assert verdicts[0] == {"SECOND": "batch_mismatch", "THIRD": "two_invoice"}
    assert verdicts[1] == {"SECOND": "missing_upstream", "THIRD": "missing_upstream"}


CASH = """
deliveries
delivery_id  distributor_code  accepted_on  invoice_no  received_quantity
OLD          S                 03-01        I1          100
NEW          S                 03-02        I2          100

payments
payment_id  payee_code  paid_on  amount  invoice_no
NAMELESS    S           03-10    100     null
"""
PAID = CASH + "NAMED       S           03-11    100     I1\n"


def test_money_that_an_invoice_frees_is_told_to_other_invoices(tmp_path):
    indicator = all_indicators()["payment"]
    paid = []
    for base, fresh in nights_beside(indicator, (CASH, PAID), tmp_path):
        assert sums_of(indicator, base.store) == sums_of(indicator, fresh.store)
        kept = sums.Sums.standing(base.store, indicator)
        names = ("settled", "unpaid")
        paid.append([kept.unit(name).scan().collect()["delivery_id"].to_list() for name in names])
    assert paid == [[["OLD"], ["NEW"]], [["NEW"], []]]


OWED = """
deliveries
delivery_id  distributor_code  invoice_no  accepted_on
OLD          S                 I1          03-01
"""
OWED_MORE = OWED + "NEW          S                 I2          06-01\n"


def test_what_a_late_payable_leaves_as_it_was_is_not_told_again(tmp_path):
    indicator = all_indicators()["payment"]
    _, (base, fresh) = nights_beside(indicator, (OWED, OWED_MORE), tmp_path)
    assert sums_of(indicator, base.store) == sums_of(indicator, fresh.store)
    answer = read_answer(indicator, base.store)
    assert answer["payment_unpaid"]["delivery_id"].to_list() == ["NEW"]
    assert answer["payment_arrears"]["month"].to_list() == ["2020-06"]


PRICES = """
products
product_code  generic_code  manufacturer_code
X             G             ONE
Y             G             TWO
NEW           G             THREE
OTHER         F             ONE

deliveries received_quantity=1 accepted_on=06-30
delivery_id  product_code  ordered_on  unit_price
X1           X             02-01       10
X2           X             03-01       13
Y1           Y             02-01       10
Y2           Y             03-01       13
OTHER1       OTHER         02-01       10
OTHER2       OTHER         03-01       13
"""
OF_Y, OF_NEW = PRICES + "Y3  Y  04-01  14\n", PRICES + "NEW1  NEW  04-01  14\n"


@pytest.mark.parametrize(
    ("texts", "moved", "compared"),
    [
        ((PRICES, OF_Y), {"Y"}, {"Y"}),
        ((PRICES, OF_NEW), {"X", "Y"}, {"X", "Y", "NEW"}),
        ((OF_NEW, PRICES), {"X", "Y"}, {"X", "Y"}),
    ],
)
def test_a_late_line_moves_prices_of_its_product_and_of_others_where_makers_come_or_go(texts, moved, compared, tmp_path):
    indicator = all_indicators()["price_monitoring"]
    _, (base, fresh) = nights_beside(indicator, texts, tmp_path)
    assert sums_of(indicator, base.store) == sums_of(indicator, fresh.store)
    answer = read_answer(indicator, base.store)
    assert set(answer["price_movements"]["product_code"]) == moved
    assert set(answer["price_peers"]["product_code"]) == compared


RECEIVED = """
commitments
commitment_id  institution_code
OTHER          ELSEWHERE

deliveries
delivery_id  accepted_on
D1           03-02
"""
AGREED = RECEIVED.replace("ELSEWHERE\n", "ELSEWHERE\nC              H\n")


def test_a_commitment_that_comes_takes_receipts_that_were_there(tmp_path):
    indicator = all_indicators()["agreed_volume"]
    for base, fresh in nights_beside(indicator, (RECEIVED, AGREED), tmp_path):
        assert sums_of(indicator, base.store) == sums_of(indicator, fresh.store)


LEFT_OUT = list(links_left_out())


@pytest.mark.thorough
@pytest.mark.parametrize(("without", "changed"), [v[1:] for v in LEFT_OUT], ids=[v[0] for v in LEFT_OUT])
def test_no_link_can_be_left_out(without, changed, begun, tmp_path):
    others = drawn(changed)
    pairs = chain(islice(others, 1), meant(without), others)
    for number, pair in enumerate(pairs):
        (then, now), folder = (begun.night(without, *each) for each in pair), tmp_path / f"{number}"
        begun.carry_others(without, then, now, folder)
        if is_missed(without, then, now, folder):
            return
    pytest.fail("no night needs it")
