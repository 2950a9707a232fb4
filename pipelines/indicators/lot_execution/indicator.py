"""Execution by lot 带量采购分批次执行 (慈政办发〔2020〕68号 二(一)1, (八)25; obligations §32)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import with_quotients, with_rates
from pipelines.engine.finding import no_findings
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.indicators.agreed_volume.indicator import INDICATOR as AGREED_VOLUME
from pipelines.indicators.lot_execution.asked import COMMITMENTS
from pipelines.indicators.lot_execution.bought import BOUGHT
from pipelines.indicators.lot_execution.declaration import EXECUTION
from pipelines.indicators.lot_execution.execution import evidence, sums


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`lot_execution` (obligations §32)."""
    rows = with_quotients(sums["lots"].lazy(), {"time_progress": ("days_gone", "days_whole")})
    return {"lot_execution": with_rates(rows, EXECUTION)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """None: those of agreed volume and of the usage mix stand."""
    return no_findings()


INDICATOR = Indicator(
    code="lot_execution",
    title_zh="带量采购分批次执行",
    clause="慈政办发〔2020〕68号 二(一)1",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=("deliveries", "returns", "institutions", "products", "lots", "selections", "substitutes"),
    unit=("institution_code", "lot_code", "period_start"),
    parameters=(),
    tables=("lot_execution",),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
    earlier=(BOUGHT,),
    rests_on=(AGREED_VOLUME,),
    links={"bought": Link(), COMMITMENTS: Link(span=("period_start", "period_end"))},
    share=1.0,
)
