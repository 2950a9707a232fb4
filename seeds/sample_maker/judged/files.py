"""The files of bases of surplus and evaluations as senders write them, with dirt."""

from __future__ import annotations

from typing import Any

from seeds.sample_maker.cells import Style
from seeds.sample_maker.dirt import spread
from seeds.sample_maker.formats import EXPORT, LandingFile, Sheet, csv_file
from seeds.sample_maker.headers import canonical, chinese
from seeds.sample_maker.judged import dirt
from seeds.sample_maker.judged.records import make_evaluations, make_surplus_bases
from seeds.sample_maker.world.parties import of_institutions

LIAOCHENG = ("L1", "L2", "L3", "L4")


def make_judged_files() -> list[LandingFile]:
    """Those of Cixi as workbooks and exports, those of Liaocheng under canonical names."""
    bases, evaluations = make_surplus_bases(), make_evaluations()
    here, there = _divide(bases)
    judged_here, judged_there = _divide(evaluations)
    return [
        LandingFile(
            "surplus_bases/cixi/结余测算_2020.xlsx",
            chinese("surplus_bases", 备注="x_note"),
            [Sheet(spread(here, dirt.BASES_CIXI, repeat=0), "测算表", ("慈溪市集采药品结余测算表（示例）",))],
            Style(dates="cell"),
        ),
        csv_file(
            "surplus_bases/liaocheng/bases.csv", canonical(*bases[0]), spread(there, dirt.BASES_LIAOCHENG), Style(dates="time")
        ),
        csv_file(
            "evaluations/bureaus/考核结果.csv",
            chinese("evaluations"),
            spread(judged_here, dirt.EVALUATIONS_BUREAUS, repeat=1),
            EXPORT,
            encoding="gb18030",
            newline="\r\n",
            titles=("医疗机构考核结果（示例）",),
        ),
        csv_file(
            "evaluations/liaocheng/evaluations.csv",
            canonical(*evaluations[0]),
            spread(judged_there, dirt.EVALUATIONS_LIAOCHENG),
            Style(chinese_words=True),
            encoding="utf-8-sig",
        ),
    ]


def _divide(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    there = of_institutions(rows, *LIAOCHENG)
    return [row for row in rows if row not in there], there
