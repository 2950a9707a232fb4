"""What dosage forms are: injected, taken by mouth, or neither (obligations §21)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.products import folded

_LISTS = ("injection_forms", "oral_forms", "non_oral_forms")


def products_with_forms(inputs: Inputs) -> pl.DataFrame:
    """Dosage form and strength of every product as they are compared, null where empty: `product_code`, `form`, `strength`."""
    compared = {"form": folded(pl.col("dosage_form")), "strength": folded(pl.col("strength"))}
    known = {name: pl.when(text != "").then(text) for name, text in compared.items()}
    return inputs.scan("products").select("product_code", **known).collect()


def places_with_words(inputs: Inputs) -> pl.DataFrame:
    """Every institution with its division and the words by which policy tells forms there on as_of: the lists of `_LISTS`, and
    `words`, a number for each that differ.
    """
    today = pl.lit(inputs.as_of)
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", "ownership", today=today).collect()
    for name in _LISTS:
        places = inputs.with_policy(places, name, "today")
    words = pl.concat_str((pl.col(name).list.join("|") for name in _LISTS), separator="\n")
    return places.with_columns(words=words.rank("dense").cast(pl.Int32))


def ways_of_forms(forms: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Whether each `form` is injected, or else taken by mouth, in each of the `words` of places."""
    found = [forms.clear().with_columns(words=pl.lit(0, pl.Int32), is_injected=pl.lit(False), is_oral=pl.lit(False))]
    for words, *lists in places.unique("words").select("words", *_LISTS).iter_rows():
        injected, oral, other = map(_contains, lists)
        found.append(forms.with_columns(words=pl.lit(words, pl.Int32), is_injected=injected, is_oral=oral & ~injected & ~other))
    return pl.concat(found)


def _contains(texts: list[str]) -> pl.Expr:
    """Whether a form contains one of these, compared as forms are; an empty one is in none."""
    compared = pl.DataFrame({"text": texts}, {"text": pl.String}).select(folded(pl.col("text"))).to_series()
    return pl.any_horizontal(pl.lit(False), *(pl.col("form").str.contains(text, literal=True) for text in compared if text))
