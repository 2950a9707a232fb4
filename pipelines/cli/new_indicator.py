"""The four files of a new indicator: code that runs, card, spec and slow reference (`vbp new-indicator NAME`)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from pipelines.errors import UsageError

_NAME = re.compile(r"[a-z](_?[a-z0-9]){2,39}")
_PLACES = {
    "pipelines/indicators/{}.py": "code",
    "pipelines/indicators/{}.md": "card",
    "tests/spec/test_{}.py": "spec",
    "tests/reference/{}.py": "oracle",
}

_CODE = '''\
"""One line: what NAME measures, and the clause it comes from."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.compute import DTYPES
from pipelines.engine.finding import COLUMNS
from pipelines.engine.indicator import Frames, Indicator, Inputs
from schemas.reports import REPORTS

_NOTHING_FOUND = {c.name: DTYPES[c.type] for c in REPORTS["findings"].columns if c.name in COLUMNS}


def evidence(inputs: Inputs) -> Frames:
    """`receipts`: one row per receipt accepted up to as_of that is no gift, with its jurisdiction; file and line as well."""
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    receipts = (
        inputs.scan("deliveries")
        .filter((pl.col("accepted_on") <= inputs.as_of) & ~pl.col("is_gift"))
        .join(places, on="institution_code")
        .select(
            "institution_code",
            "delivery_id",
            "jurisdiction_code",
            "accepted_on",
            "_file",
            "_sheet",
            "_line",
        )
    )
    return {"receipts": receipts}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`institutions`: the receipts of each institution. Measures are Int64 or Int128, one of them `rows`."""
    by = ["institution_code", "jurisdiction_code"]
    counted = evidence["receipts"].lazy().group_by(by).agg(rows=pl.len().cast(pl.Int64))
    return {"institutions": counted.sort(by).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """No table yet: make the rows of sums, the rates with `with_quotients`, and name the table in INDICATOR."""
    return {}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """Nothing is found yet: turn rows that fall short into findings with `make_findings`."""
    return pl.DataFrame(schema=_NOTHING_FOUND)


INDICATOR = Indicator(
    code="NAME",
    title_zh="待命名",
    clause="待补文号和条款",
    version=1,
    reviewed_on=date(YEAR, MONTH, DAY),
    axis="institution",
    reads=("deliveries", "institutions"),
    unit=("institution_code",),
    parameters=(),
    tables=(),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
)
'''

_SPEC = '''\
"""NAME: what counts, and what does not."""

from tests.spec.check import check


def test_what_is_accepted_up_to_as_of_counts_and_a_gift_does_not():
    given = """
    deliveries
    delivery_id   accepted_on  is_gift
    COUNTS        12-31        no
    GIFT          03-02        yes
    LATER         2021-01-01   no
    NOT_ACCEPTED  null         no
    """
    expect = """
    receipts
    delivery_id  institution_code  jurisdiction_code
    COUNTS       H                 330282
    """
    check("NAME", "12-31", given, expect)
'''

_ORACLE = '''\
"""NAME, read literally from its card (the slow reference): loops, nothing from `pipelines`.

In: accepted records by dataset and `as_of`. Out: rows by report table or evidence, without as_of and run_id.
"""

from datetime import date

from .agreed_volume import Record, Records


def NAME(records: Records, as_of: date) -> dict[str, list[Record]]:
    """Receipts accepted up to as_of that are no gifts."""
    places = {i["institution_code"]: i["jurisdiction_code"] for i in records["institutions"]}
    receipts = []
    for d in records["deliveries"]:
        if d["accepted_on"] is not None and d["accepted_on"] <= as_of and not d["is_gift"]:
            receipts.append({**d, "jurisdiction_code": places[d["institution_code"]]})
    return {"receipts": receipts}
'''

_CARD = """\
# 待命名 · NAME

Code `NAME` · version 1 · reviewed ISO_DAY · clause 待补文号和条款

## Question

What should the reader be able to decide from this figure?

## Rests on

| What | Source |
|---|---|
| the obligation in one sentence | 文号, clause |

## Formula

Numerator, denominator, what happens when the denominator is 0.

## Inputs

`deliveries`, `institutions`.

## Evidence and tables

Divided by institution.

| Evidence | A row is |
|---|---|
| `receipts` | a receipt accepted up to `as_of` that is no gift, with file, sheet and line |

| Sums | A row is |
|---|---|
| `institutions` | an institution with the number of its receipts |

No report table yet.

## Parameters

None yet: every deadline, percentage and list becomes a policy row with its 文号.

## Left out

Gifts; receipts not yet accepted or accepted after `as_of`.

## Worked example

```given
deliveries
delivery_id   accepted_on  is_gift
COUNTS        2020-12-31   no
GIFT          2020-03-02   yes
LATER         2021-01-01   no
NOT_ACCEPTED  null         no
```

```expect 2020-12-31
receipts
delivery_id  institution_code  jurisdiction_code
COUNTS       H                 330282
```

## Check by hand

A query on the report table that finds nothing while the figures add up, in a block marked sql.

## Versions

| Version | From | Change |
|---|---|---|
| 1 | ISO_DAY | first version |
"""

_TEXTS = {"code": _CODE, "card": _CARD, "spec": _SPEC, "oracle": _ORACLE}


def new_indicator(name: str, root: Path) -> list[Path]:
    """Write code, card, spec and slow reference of the indicator `name` below the source folder `root`; return their paths.

    They run, are discovered and pass the tests as they stand. UsageError, and nothing written: a name that is not 3 to 40
    small letters, digits and single underscores; a `root` that is not the source folder; a file that is there already.
    """
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise UsageError(
            f"指标名 {name!r} 不合格：请用 3–40 个小写字母、数字和单个下划线，以字母开头，例如 prepayment_balance"
        )
    paths = {root / place.format(name): text for place, text in _PLACES.items()}
    for path in paths:
        if not path.parent.is_dir():
            raise UsageError(f"找不到目录 {path.parent}；请在源代码目录中执行")
        if path.exists():
            raise UsageError(f"{path} 已经存在；请换一个指标名")
    today = date.today()
    for path, text in paths.items():
        path.write_text(_fill_in(_TEXTS[text], name, today), encoding="utf-8")
    return list(paths)


def _fill_in(text: str, name: str, today: date) -> str:
    facts = {
        "NAME": name,
        "ISO_DAY": today.isoformat(),
        "YEAR": str(today.year),
        "MONTH": str(today.month),
        "DAY": str(today.day),
    }
    return re.sub("|".join(facts), lambda found: facts[found.group()], text)
