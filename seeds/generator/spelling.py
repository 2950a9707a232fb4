"""Numbers as files spell them: days, amounts and running numbers turned into text, a column at a time.

Day 0 is 2020-01-01; `NO_DAY` stands for an empty date. Amounts are integer fen, prices integer 10⁻⁴ yuan.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY_ZERO = date(2020, 1, 1)
LAST_DAY = 365  # 2020-12-31
NO_DAY = -10_000
_FIRST, _DAYS = -1_000, 2_500


def spell_days(days: Ints) -> pl.Series:
    """Days since 2020-01-01 → ISO dates; `NO_DAY` → null."""
    first = DAY_ZERO + timedelta(days=_FIRST)
    table = pl.Series([None, *((first + timedelta(days=i)).isoformat() for i in range(_DAYS))], dtype=pl.String)
    return table.gather(np.where(days == NO_DAY, 0, days - _FIRST + 1))


def spell_fen(fen: Ints) -> pl.Series:
    """Integer fen → yuan with two decimals, the minus sign in front."""
    cents = pl.col("fen").abs()
    text = pl.concat_str(
        pl.when(pl.col("fen") < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (cents // 100).cast(pl.String),
        pl.lit("."),
        (cents % 100).cast(pl.String).str.zfill(2),
    )
    return pl.DataFrame({"fen": fen}).select(text).to_series()


def spell_prices(prices: Ints) -> pl.Series:
    """Integer 10⁻⁴ yuan → yuan with two decimals, or four where they are needed."""
    return pl.Series([_spell_price(int(price)) for price in prices], dtype=pl.String)


def spell_numbers(values: Ints) -> pl.Series:
    """Integers → their digits."""
    return pl.Series(values).cast(pl.String)


def spell_ids(prefix: str, serials: Ints, digits: int) -> pl.Series:
    """Running numbers → `prefix` and `digits` digits, zeros in front."""
    padded = pl.col("serial").cast(pl.String).str.zfill(digits)
    return pl.DataFrame({"serial": serials}).select(pl.lit(prefix) + padded).to_series()


def spell_flags(flags: Bools) -> pl.Series:
    """Booleans → 1 and 0."""
    return pl.Series(["0", "1"]).gather(flags.astype(np.int64))


def choose_text(words: list[str | None], picks: Ints) -> pl.Series:
    """The word of each pick."""
    return pl.Series(words, dtype=pl.String).gather(picks)


def leave_out(texts: pl.Series, lacking: Bools) -> pl.Series:
    """The texts, null where they are lacking."""
    return pl.DataFrame({"text": texts, "lacking": lacking}).select(pl.when(~pl.col("lacking")).then("text")).to_series()


def tabulate(rows: Sequence[tuple[str | None, ...]], columns: str) -> pl.DataFrame:
    """Rows of texts under the names in `columns`, which blanks separate."""
    return pl.DataFrame(rows, schema=dict.fromkeys(columns.split(), pl.String()), orient="row")


def _spell_price(price: int) -> str:
    yuan, rest = divmod(price, 10_000)
    text = f"{yuan}.{rest:04d}"
    return text.removesuffix("00")
