"""What our row checks of deliveries cost over one bare Polars pass that parses and checks the same columns.

The bare pass reads plain spellings alone and says of a row only whether it is bad. Ours also reads Excel's
dates and dressed amounts, finds repeats and conflicting keys, and gives every bad row its reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure import clock
from benchmarks.place import Place
from pipelines.store.dossier import read_dossier

if TYPE_CHECKING:
    import polars as pl

_CODES = ("institution_code", "delivery_id", "order_line_id", "distributor_code", "product_code", "invoice_code", "invoice_no")
_NUMBERS = ("ordered_quantity", "shipped_quantity", "received_quantity", "unit_price", "charge_price")
_DAYS = ("ordered_on", "shipped_on", "accepted_on")
_FLAGS = ("is_gift", "is_emergency", "is_withdrawn")
_REQUIRED = (
    "institution_code",
    "delivery_id",
    "order_line_id",
    "distributor_code",
    "product_code",
    "ordered_quantity",
    "unit_price",
    "ordered_on",
)


def compare_passes(place: Place) -> dict[str, float]:
    """Check all deliveries of the run in both ways; note and return rows, seconds and good rows of each.

    In: the text of the files as the run took them in. Each way goes twice and the second time counts: the
    first one pays for threads and memory that are then there. Keys: `rows`, `check_rows`, `check_rows_cpu`,
    `check_rows_good`, `bare`, `bare_cpu`, `bare_good`.
    """
    from pipelines.validate.rows import check_rows
    from schemas.records import RECORDS

    text = _read_text(place)
    good: dict[str, int] = {}
    for _ in range(2):
        bare = clock(lambda: good.update(bare=bare_pass(text).height))
        ours = clock(lambda: good.update(ours=check_rows(text, RECORDS["deliveries"])[0].height))
    found = {
        "rows": text.height,
        "check_rows": ours[0],
        "check_rows_cpu": ours[1],
        "check_rows_good": good["ours"],
        "bare": bare[0],
        "bare_cpu": bare[1],
        "bare_good": good["bare"],
    }
    place.note("validation", found)
    return found


def bare_pass(text: pl.DataFrame) -> pl.DataFrame:
    """Good rows, typed, as one streaming pass written by hand finds them.

    Every cell is stripped and parsed in the plainest way: codes as they stand unless Excel turned them into
    1E+19, numbers of at most four decimals, days as 2020-04-05, flags and channels by their two commonest
    spellings. A row is bad where a cell has text and no value, where a required cell is empty, or where one
    of the expressions declared in the model says so. Not done: other spellings, repeats and conflicts of
    keys, and any word on which rule a row breaks.
    """
    import polars as pl

    from schemas.records import RECORDS

    rules = [rule.expression for rule in RECORDS["deliveries"].rules]
    named = [c.name for c in RECORDS["deliveries"].columns]
    unreadable = pl.any_horizontal(pl.col(c).is_null() & pl.col(f"text:{c}").is_not_null() for c in named)
    missing = pl.any_horizontal(pl.col(c).is_null() for c in _REQUIRED)
    broken = pl.any_horizontal((~rule).fill_null(False) for rule in rules)
    return (
        text.lazy()
        .with_columns(_strip(c).alias(f"text:{c}") for c in named)
        .with_columns(_parse_columns())
        .filter(~(unreadable | missing | broken))
        .with_columns(
            pl.col("invoice_code").fill_null(""), pl.col("channel").fill_null("platform"), pl.col(_FLAGS).fill_null(False)
        )
        .select(named)
        .collect()
    )


def _strip(column: str) -> pl.Expr:
    import polars as pl

    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def _parse_columns() -> list[pl.Expr]:
    import polars as pl

    plain = r"^-?\d{1,12}(\.\d{1,4})?$"
    flags = {"1": True, "是": True, "0": False, "否": False}
    channels = {"platform": "platform", "平台": "platform", "offline": "offline", "线下": "offline"}
    cell = {c: pl.col(f"text:{c}") for c in (*_CODES, *_NUMBERS, *_DAYS, *_FLAGS, "batch_no", "channel", "trace_codes_count")}
    return [
        *(pl.when(~cell[c].str.contains(r"^\d+(\.\d+)?[eE]\+\d+$")).then(cell[c]).alias(c) for c in _CODES),
        *(pl.when(cell[c].str.contains(plain)).then(cell[c]).cast(pl.Decimal(16, 4), strict=False).alias(c) for c in _NUMBERS),
        *(cell[c].str.to_date("%Y-%m-%d", strict=False).alias(c) for c in _DAYS),
        *(cell[c].replace_strict(flags, default=None, return_dtype=pl.Boolean).alias(c) for c in _FLAGS),
        cell["channel"].replace_strict(channels, default=None, return_dtype=pl.String).alias("channel"),
        cell["trace_codes_count"].cast(pl.Int64, strict=False).alias("trace_codes_count"),
        cell["batch_no"].alias("batch_no"),
    ]


def _read_text(place: Place) -> pl.DataFrame:
    """The rows of every deliveries file, one below the other, as if they had come in one large file."""
    import polars as pl

    from pipelines.store.local import Local

    files = read_dossier(Local(place.run_folder)).files
    parts = [
        place.run_folder / "text" / f"{number:06d}.parquet" for number, file in enumerate(files) if file.dataset == "deliveries"
    ]
    text = pl.concat(pl.read_parquet(part) for part in parts)
    return text.with_columns(_file=pl.lit(1, pl.Int64), _line=pl.int_range(2, pl.len() + 2).cast(text.schema["_line"]))
