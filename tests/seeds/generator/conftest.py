"""One small landing zone for all tests of the generator, and its rows as the pipeline accepts them."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from pipelines.ingest.sheet import name_columns
from pipelines.ingest.take_in import read_sheets
from pipelines.validate.references import unknown_references
from pipelines.validate.rows import check_rows
from schemas.records import RECORDS, Dataset
from seeds.generator import generate

SCALE, SEED = 0.002, 7


@dataclass
class Zone:
    """The folder, the rows `generate` counted, and per dataset what was accepted and how much rejected."""

    folder: Path
    rows: dict[str, int]
    accepted: dict[str, pl.DataFrame] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="session")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Zone:
    return _read_zone(tmp_path_factory.mktemp("landing"), SCALE, "trace", "usages")


@pytest.fixture(scope="session")
def agreed_zone(tmp_path_factory: pytest.TempPathFactory) -> Zone:
    """Ten times as large: what goes wrong with prepayments is rare."""
    return _read_zone(tmp_path_factory.mktemp("landing"), 10 * SCALE)


def _read_zone(folder: Path, scale: float, *beside: str) -> Zone:
    found = Zone(folder, generate(folder, scale, SEED, beside=beside))
    made = [dataset for dataset in RECORDS.values() if dataset.name in found.rows]
    for dataset in made:
        files = sorted((folder / dataset.name).iterdir())
        text = pl.concat([_read_text(path, dataset, number) for number, path in enumerate(files)])
        parsed = check_rows(text, dataset)[0]
        found.accepted[dataset.name] = parsed
    for dataset in made:
        targets = {target for target, _ in dataset.references.values()}
        known = {t: found.accepted[t].select(RECORDS[t].key) for t in targets}
        parsed = found.accepted[dataset.name]
        keeps = unknown_references(parsed, dataset, known).is_null()
        found.accepted[dataset.name] = parsed.filter(keeps)
        found.rejected[dataset.name] = found.rows[dataset.name] - int(keeps.sum())
    return found


def _read_text(path: Path, dataset: Dataset, number: int) -> pl.DataFrame:
    sheets, _, _ = read_sheets(path, dataset)
    return name_columns(sheets[0], dataset).with_columns(_file=pl.lit(number, pl.Int64))
