"""Invoice keys: a 10-digit code and an 8-digit number, or a 20-digit electronic number without a code."""

import polars as pl

from seeds.generator.spelling import Bools, Ints

HOSPITAL, COMPANY, RED, VOID, SPOILT, ODD = range(6)


def spell_invoice_keys(kind: int, block: int, serials: Ints, is_electronic: Bools) -> tuple[pl.Series, pl.Series]:
    """Codes (null on electronic ones) and numbers, unique over kinds and blocks for serials below 10⁸.

    An electronic number never ends in 0: zeros at the end are what a spreadsheet leaves of a ruined one.
    """
    digits = pl.col("serial").cast(pl.String)
    electronic = pl.lit(f"2033{block:05d}{kind}") + digits.str.zfill(9) + (pl.col("serial") % 9 + 1).cast(pl.String)
    frame = pl.DataFrame({"serial": serials, "electronic": is_electronic}).select(
        code=pl.when(pl.col("electronic")).then(None).otherwise(pl.lit(f"33{block:07d}{kind}")),
        number=pl.when(pl.col("electronic")).then(electronic).otherwise(digits.str.zfill(8)),
    )
    return frame["code"], frame["number"]
