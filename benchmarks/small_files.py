"""What a small file costs on its way into the lake: `python -m benchmarks.small_files --work DIR [--files 2000]`.

The deliveries of a generated landing zone are cut into files of ten rows, as hospitals send them that report for themselves.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from benchmarks.measure import measure
from benchmarks.place import Place

_ROWS = 10
_DELIVERIES = 500_000
"""At least so many does the generator write as text at scale 1."""


def main() -> None:
    """Fill the place, do its night as far as the lake, and print what each step costs a file."""
    parser = argparse.ArgumentParser(prog="benchmarks.small_files", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="a folder that is emptied first")
    parser.add_argument("--files", type=int, default=2000)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    place = Place(options.work)
    arguments = ["--work", str(options.work), "--scale", str(options.files * _ROWS / _DELIVERIES)]
    measure("generate", arguments, 2)
    files = cut(place.landing / "deliveries", _ROWS, options.files)
    for step in ("begin", "ingest", "validate"):
        cost = measure(step, arguments, 2)
        wall, cpu = (1000 * seconds / files for seconds in (cost.wall, cost.cpu))
        print(f"{step:9} {files} files  {wall:6.2f} ms wall  {cpu:6.2f} ms CPU a file  peak {cost.peak >> 20} MiB")


def cut(folder: Path, rows: int, most: int) -> int:
    """Cut the text files of a folder into so many files of so many rows, each with the header, and leave out what is over;
    return how many they are.
    """
    parts = 0
    for file in sorted(folder.glob("*.csv")):
        header, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.unlink()
        for first in range(0, min(len(lines), rows * (most - parts)), rows):
            part = folder / f"house-{parts:05d}.csv"
            part.write_text("".join([header, *lines[first : first + rows]]), encoding="utf-8")
            parts += 1
    return parts


if __name__ == "__main__":
    main()
