"""What a night would do with some files, or with a decision, without a word of it written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from pipelines.ingest.take_in import TakenIn
from pipelines.rejects.decisions import Decision, pending_decisions
from pipelines.settle.lake_foreseen import LakeForeseen
from pipelines.settle.settle import Night
from pipelines.store.dossier import LandingFile
from pipelines.store.store import Object, Store


def foresee(home: Store, run_id: str, decision: Decision) -> pl.DataFrame:
    """The register of rejected rows as it would be if this decision were applied now, with those that wait.

    It is the night itself, with a lake that writes nothing.
    """
    with home.scratch() as scratch:
        night = Night(home, run_id, [*pending_decisions(home), decision], None, lambda _: None, scratch, LakeForeseen)
        night.settle([], lambda file: scratch.at(file.path))
        return night.rejections.close(night.accepted)


@dataclass(frozen=True)
class Rehearsed:
    """What would become of some files: the ledger entry of each, in their order; the rows refused, as the register would have
    them; of what is accepted the objects by dataset, and the lake with it.
    """

    entries: list[dict[str, Any]]
    refused: pl.DataFrame
    accepted: dict[str, list[Object]]
    lake: LakeForeseen


def rehearse(
    home: Store,
    files: list[tuple[LandingFile, TakenIn]],
    text_of: Callable[[LandingFile], Object],
    scratch: Store,
    *,
    as_of: date,
    is_trusting: bool = False,
) -> Rehearsed:
    """What `settle` would do with these files tonight: the night itself, with a lake that writes nothing and its working files
    in `scratch`. Nothing below `home` changes, and a night may run there meanwhile; where there is no home, an empty
    folder stands for it. `is_trusting`: see `LakeForeseen`.
    """
    night = Night(home, "rehearsal", (), as_of, lambda _: None, scratch, partial(LakeForeseen, is_trusting=is_trusting))
    entries = night.settle(files, text_of)
    assert isinstance(night.lake, LakeForeseen)
    register = night.rejections.close(night.accepted)
    refused = night.rejections.refused(register).filter(pl.col("_file") >= night.first)
    return Rehearsed(sorted(entries, key=lambda e: int(e["seq"])), refused, night.accepted, night.lake)
