"""`python -m seeds.sample_maker [FOLDER]`: write the sample, by default over `seeds/sample`."""

from __future__ import annotations

import sys
from pathlib import Path

from seeds.sample_maker.sample import SAMPLE, make_sample

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    made = make_sample(folder)
    print(f"{len(made.files)} files, {len(made.dirt)} dirty rows, sheets and files in {folder}")
