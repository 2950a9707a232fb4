"""Write the whole sample: the landing files and the two READMEs that point at their dirt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seeds.sample_maker.dirt import KINDS
from seeds.sample_maker.formats import LandingFile, write_file
from seeds.sample_maker.further.files import make_further_files
from seeds.sample_maker.further.world import make_further_world
from seeds.sample_maker.judged.files import make_judged_files
from seeds.sample_maker.market.files import make_market_files
from seeds.sample_maker.market.world import make_market_world
from seeds.sample_maker.readme import describe_chinese, describe_english
from seeds.sample_maker.register_files import make_register_files
from seeds.sample_maker.trade_files import make_trade_files
from seeds.sample_maker.world.world import make_world

SAMPLE = Path(__file__).parents[1] / "sample"


@dataclass(frozen=True)
class DirtyPlace:
    """Where something is wrong: `line` counts from 1 as the file is read, None for a whole sheet or file."""

    path: str
    sheet: str
    line: int | None
    kind: str

    @property
    def outcome(self) -> str:
        """What becomes of it: rejected, duplicate, accepted …, file refused, sheet listed."""
        return KINDS[self.kind][0]


@dataclass(frozen=True)
class Sample:
    """What was written."""

    files: list[LandingFile]
    dirt: list[DirtyPlace]


def make_sample(folder: Path) -> Sample:
    """Write the landing zone and its READMEs below `folder`, the same bytes every time.

    Files of other names that lie there stay untouched.
    """
    world = make_world()
    further = make_further_world(world)
    made = make_register_files(world) + make_trade_files(world)
    made += make_further_files(further) + make_market_files(make_market_world()) + make_judged_files()
    files = sorted(made, key=lambda file: file.path)
    for file in files:
        write_file(file, folder)
    dirt = [place for file in files for place in _find_dirt(file)]
    places = [(d.path, d.sheet, d.line, d.kind) for d in dirt]
    for name, describe in (("README.md", describe_english), ("README.zh-CN.md", describe_chinese)):
        (folder / name).write_text(describe(files, places), encoding="utf-8", newline="\n")
    return Sample(files, dirt)


def _find_dirt(file: LandingFile) -> list[DirtyPlace]:
    if file.file_dirt:
        return [DirtyPlace(file.path, "", None, file.file_dirt)]
    return [
        DirtyPlace(file.path, sheet.name, line if sheet.has_header else None, row["_dirt"])
        for sheet in file.sheets
        for row, line in zip(sheet.rows, sheet.lines, strict=True)
        if "_dirt" in row
    ]
