"""Price monitoring 价格监测 (中共中央、国务院 2020-02-25 意见 (十九), 聊政发〔2018〕44号 三(五)3; obligations §25)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.indicators.price_monitoring import movements, peers
from pipelines.indicators.price_monitoring.declaration import PARAMETERS, TABLES
from pipelines.indicators.price_monitoring.index import price_index
from pipelines.indicators.price_monitoring.lines import BESIDE, GRAINS, LINKS, UNIT, aged, evidence, sums, totals, wakes


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """The three tables (obligations §25)."""
    return {
        "price_movements": movements.price_movements(sums, inputs),
        "price_peers": peers.price_peers(sums, inputs),
        "price_index": price_index(sums, inputs),
    }


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """Signals of prices that change often, rise much, or lie above those of peers."""
    return pl.concat([*movements.findings(reports, sums, inputs), peers.findings(reports, sums, inputs)])


INDICATOR = Indicator(
    code="price_monitoring",
    title_zh="药品耗材价格监测",
    clause="中共中央、国务院 2020-02-25 深化医疗保障制度改革的意见 (十九)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=(*("deliveries", "returns", "institutions", "products"), *("lots", "selections", "substitutes", "catalogue_entries")),
    unit=UNIT,
    parameters=(*PARAMETERS, "findings_from"),
    today=("price_window_days", "findings_from"),  # prices are of the year of as_of
    ahead=("clause_price_peers",),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    anew=("lines",),
    totals=totals,
    grains=GRAINS,
    ages={"series": aged},
    beside=BESIDE,
    reports=reports,
    findings=findings,
    links=LINKS,
    wakes=wakes,
)
