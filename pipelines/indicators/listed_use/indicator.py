"""Use of listed products 目录药品配备使用 (慈政办发〔2020〕68号 (八)25–26; 国办发〔2021〕20号 (二), (十九); obligations §17)."""

from __future__ import annotations

from datetime import date

from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.indicators.listed_use.declaration import PARAMETERS, TABLES
from pipelines.indicators.listed_use.found import findings
from pipelines.indicators.listed_use.groups import family_linkage, negotiated_use
from pipelines.indicators.listed_use.institutions import aged, essential_and_monitored, use_surges
from pipelines.indicators.listed_use.lines import GRAINS, LINKS, UNIT, evidence, sums, totals, wakes
from pipelines.indicators.listed_use.places import MEMBERS


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """The four tables (obligations §17)."""
    return {
        "essential_and_monitored": essential_and_monitored(sums, inputs),
        "use_surges": use_surges(sums, inputs),
        "negotiated_use": negotiated_use(sums, inputs),
        "family_linkage": family_linkage(sums, inputs),
    }


INDICATOR = Indicator(
    code="listed_use",
    title_zh="目录药品配备使用",
    clause="慈政办发〔2020〕68号 (八)25",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=(*("deliveries", "returns", "institutions", "products"), *("catalogue_entries", "lots", "selections", "substitutes")),
    unit=UNIT,
    parameters=tuple(PARAMETERS),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    anew=("lines", "past"),
    totals=totals,
    grains=GRAINS,
    ages={"bought": aged, "divisions": aged},
    reports=reports,
    findings=findings,
    earlier=(MEMBERS,),
    links=LINKS,
    wakes=wakes,
)
