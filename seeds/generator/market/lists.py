"""The catalogues (目录): which products and generics are on which list, where and from when; a few change within the year."""

import numpy as np
import polars as pl

from seeds.generator.market.catalogue import CONSUMABLES, PRODUCTS, Catalogue
from seeds.generator.spelling import Bools, tabulate

_COLUMNS = "list code jurisdiction_code valid_from valid_to document_no"
_ESSENTIAL, _INSURED = "国卫药政发〔2018〕31号", "医保发〔2019〕46号"
_NEGOTIATED, _SHORT = "医保发〔2019〕65号", "国卫办药政发〔2020〕25号"
_GOVERNED, _LOCAL = "国卫办医函〔2020〕9号", "慈政办发〔2020〕68号"
_Entry = tuple[str | None, ...]


def make_lists(rng: np.random.Generator, catalogue: Catalogue) -> pl.DataFrame:
    """The dataset `catalogue_entries` as text, about 700 entries."""
    codes, generics = catalogue.codes.to_list(), catalogue.frame["generic_code"].to_list()
    n, luck = np.arange(PRODUCTS), rng.random(PRODUCTS)
    consumable: Bools = np.array(catalogue.is_consumable)
    first = {generic: i for i, generic in reversed(list(enumerate(generics)))}
    is_first = np.array([first[generic] == i for i, generic in enumerate(generics)])
    named = ~consumable & is_first
    picked: list[_Entry] = []

    def pick(name: str, of: Bools, document: str, *, by_generic: bool = True, place: str = "", **days: str) -> None:
        source = generics if by_generic else codes
        first_day, last_day = days.get("since", "2020-01-01"), days.get("until")
        picked.extend((name, source[i], place or None, first_day, last_day, document) for i in np.flatnonzero(of))

    pick("insurance_a", named & (luck < 0.2), _INSURED)
    pick("insurance_b", named & (luck >= 0.2) & (luck < 0.7), _INSURED)
    pick("negotiated", named & (luck >= 0.7) & (luck < 0.75), _NEGOTIATED, until="2021-12-31")
    pick("negotiated", named & (luck >= 0.75) & (luck < 0.77), "医保发〔2017〕54号", since="2017-09-01", until="2019-12-31")
    pick("essential", named & (n % 11 == 5), _ESSENTIAL, since="2018-11-01")
    pick("essential", ~consumable & (n % 97 == 3), _ESSENTIAL, by_generic=False, since="2018-11-01", until="2020-06-30")
    pick("key_monitored", named & (n % 41 == 7), _LOCAL, place="3302", since="2020-08-18")
    pick("shortage", named & (luck > 0.99), _SHORT, since="2020-12-30")
    pick("shortage_prone", named & (luck > 0.97), "浙卫发〔2020〕7号", place="33", since="2020-03-01")
    pick("governed_consumable", consumable & (n % 3 == 0), _GOVERNED, by_generic=False, since="2020-01-08")
    pick("platform_consumable", consumable & (n < CONSUMABLES[0].stop), _LOCAL, by_generic=False, place="3302")
    pick("trace_exempt", ~consumable & (n % 71 == 9), _LOCAL, by_generic=False, place="330282", since="2020-08-18")
    return tabulate(picked, _COLUMNS).unique(_COLUMNS.split()[:4], keep="first", maintain_order=True)
