"""What a night learns of rejected rows: which are refused, which wait, which were decided on, and how all of them stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from pipelines.lake import batches
from pipelines.lake.tables import PLACE
from pipelines.rejects.corrected import find_replaced, read_corrected, write_corrected
from pipelines.rejects.corrections import taken_over
from pipelines.rejects.decisions import Decision, apply_decisions, decided, mark_applied
from pipelines.rejects.register import REGISTER, REJECTED, natural_key, new_records, read_register, update_register
from pipelines.rejects.sources import Judged, Source, judge_sources, read_text
from pipelines.rejects.waivers import read_waived, run_out, waivers_in_force, write_waived
from pipelines.store.store import Object, Store, scan_objects
from pipelines.validate.references import unknown_references
from schemas.records import RECORDS, Dataset

WAITING: dict[str, pl.DataType] = {**PLACE, "record_id": pl.String()}
"""What goes with the typed columns of a row on its way: its place, and the record that it is or corrects."""


def waiting_of(dataset: Dataset) -> str:
    """The key, in a batch, of the rows of a dataset that wait."""
    return f"waiting/{dataset.name}.parquet"


class Rejections:
    """The register of rejected rows while a batch is made: opened as the batch before left it, with the pending
    decisions applied and the waivers ended that ran out before `as_of`; closed when all is accepted or refused.
    """

    def __init__(self, home: Store, run_id: str, before: int, decisions: Sequence[Decision], as_of: date | None) -> None:
        self.home, self.run_id, self.before, self.decisions = home, run_id, before, decisions
        told, register = decided(decisions), read_register(home, before)
        self._waivers = waivers_in_force(register, told, as_of)
        self._register = apply_decisions(run_out(register, self._waivers, before + 1), told, before + 1)
        self.is_changed = bool(decisions) or bool((self._register["changed_in"] > before).any())
        to_see = told.filter(pl.col("kind") != "discard").select("record_id")
        self._asked = self._register.filter(state="open").join(to_see, on="record_id", how="semi")
        self._met: list[pl.DataFrame] = [pl.DataFrame(schema=_without_change())]
        self._waived_before = read_waived(home, before)
        self._waived: list[pl.DataFrame] = [self._waived_before.clear()]
        self._twins: list[pl.DataFrame] = [pl.DataFrame(schema=_TWINS)]
        self._done: list[pl.DataFrame] = [pl.DataFrame(schema=_ACCEPTED)]
        self._corrected = read_corrected(home, before)
        self.outdone: list[str] = []

    def asked(self, dataset: Dataset) -> pl.DataFrame:
        """The open records of a dataset that a decision names: their files are looked at again."""
        return self._asked.filter(dataset=dataset.name)

    def waiting(self, dataset: Dataset) -> pl.DataFrame:
        """The rows of a dataset that wait for their reference, typed, with the columns of WAITING."""
        left = batches.objects_of_batch(self.home, self.before).at(waiting_of(dataset))
        if not left.exists:
            return pl.DataFrame(schema={**dataset.schema(), **WAITING})
        still_open = self._register.filter(state="open", dataset=dataset.name).join(self._asked, on="record_id", how="anti")
        kept = left.scan().collect()
        came = (c.empty.alias(c.name) for c in dataset.columns if c.is_kept and c.name not in kept.columns)
        return kept.with_columns(came).join(still_open, on="record_id", how="semi")

    def places_over(self, dataset: Dataset) -> pl.DataFrame:
        """Where waived rows stand whose time is over, and where such rows stood that are asked for again:
        `_file`, `_sheet`, `_line`.
        """
        waived = self._register.filter(state="waived")
        over = self._waived_before.filter(dataset=dataset.name).join(waived, on="record_id", how="anti")
        again = self.asked(dataset).filter(pl.col("decided_until").is_not_null())
        return pl.concat([over.select(*PLACE), again.select("_file", _sheet="sheet", _line="line_no")])

    def judge(self, group: Sequence[Source], dataset: Dataset, versions: pl.LazyFrame) -> Judged:
        """What is to be said of the rows of some sources; `versions` are all accepted ones of the dataset."""
        return judge_sources(group, dataset, self._register, versions, self._waivers, self.run_id)

    def read_text(self, group: Sequence[Source], dataset: Dataset) -> pl.DataFrame:
        """The rows of some new files as text, as they were when they were judged."""
        return read_text(group, dataset, self._register)

    def replaced(self, dataset: Dataset, recorded: pl.DataFrame) -> pl.DataFrame:
        """The places of accepted rows that a later file corrects once more, under the number of the same record and
        with another key; `recorded`: the rows accepted in this batch that are or correct a record (see `find_replaced`).
        """
        latest, replaced = find_replaced(self._corrected.filter(dataset=dataset.name), recorded, dataset)
        others = self._corrected.filter(pl.col("dataset") != dataset.name)
        self._corrected = pl.concat([others, latest])
        return replaced

    def done_with(self, rows: pl.DataFrame, dataset: Dataset) -> None:
        """Rows that were accepted, or repeat one accepted from their own file: nothing is left to correct in their records."""
        key = natural_key(dataset).alias("natural_key")
        self._done.append(rows.select(pl.lit(dataset.name).alias("dataset"), key, "_file", "record_id"))

    def meet_again(self, rows: pl.DataFrame, dataset: Dataset) -> None:
        """Rows that still wait keep their record and get the reasons of today."""
        if not rows.is_empty():
            met = self._register.filter(dataset=dataset.name).join(
                rows.select("record_id", "_reasons").unique("record_id"), on="record_id"
            )
            met = met.with_columns(reasons="_reasons", last_seen_run=pl.lit(self.run_id))
            self._met.append(met.select(*_without_change()))

    def refuse(
        self, group: Sequence[Source], found: Judged, unknown: pl.DataFrame, dataset: Dataset, known: Mapping[str, pl.DataFrame]
    ) -> tuple[pl.DataFrame, dict[int, int]]:
        """Enter the rows of some sources that were refused; return those that wait for nothing but a reference,
        with their record, and how many were refused, by `_file`.

        A row that names something unknown is refused with all its reasons, whatever was waived of it.
        """
        place, at = list(PLACE), pl.lit(dataset.name).alias("dataset")
        waived = found.waived.join(unknown, on=place, how="anti")
        self._waived.append(waived.with_columns(at).select(self._waived_before.columns))
        self._twins.append(found.twins.with_columns(at).select(*_TWINS))
        self._met.append(found.records.join(waived, on="record_id", how="semi"))
        broken = _with_references(found.bad.join(waived, on=place, how="anti"), dataset, known)
        waits = unknown.join(found.waived, on=place, how="anti").rename({"record_id": "_number"})
        refused = taken_over(pl.concat([broken, waits], how="diagonal"), self._register)
        if refused.is_empty():
            return waits.drop("_number"), {}
        records = new_records(refused, found.text, dataset, {s.seq: s.origin for s in group}, self._register, self.run_id)
        self._met.append(records)
        ids = records.select("record_id", "_file", _sheet="sheet", _line="line_no")
        waits = waits.drop("_number").join(ids, on=place, how="left")
        return waits, dict(refused.group_by("_file").len().iter_rows())

    def close(self, accepted_parts: Mapping[str, list[Object]]) -> pl.DataFrame:
        """The register after this batch; `accepted_parts`: dataset → objects with the rows it accepted; those that
        are or correct a record it was told of (`done_with`).
        """
        new = pl.concat(self._met)
        live = self._register.filter(pl.col("state").is_in(["open", "waived"]))
        keys = pl.concat([live, new], how="diagonal").select("dataset", "natural_key").unique()
        accepted = [*self._done]
        twins = pl.concat(self._twins)
        for name, parts in accepted_parts.items():
            met, repeated = keys.filter(dataset=name), twins.filter(dataset=name).lazy().drop("dataset")
            if met.is_empty():
                continue
            rows = scan_objects(parts).select(
                pl.lit(name).alias("dataset"), natural_key(RECORDS[name]).alias("natural_key"), *PLACE
            )
            is_met = pl.col("natural_key").is_in(met["natural_key"].implode())
            found = rows.filter(is_met).with_columns(pl.lit(None, pl.String).alias("record_id"))
            accepted.append(found.select(*_ACCEPTED).collect())
            if not twins.is_empty():
                named = rows.join(repeated, on=list(PLACE)).rename({"_number": "record_id"})
                accepted.append(named.select(*_ACCEPTED).collect())
        waived = self._waivers.drop("natural_key").join(pl.concat(self._waived), on=_ID, how="semi")
        outdone = pl.col("record_id").is_in(self.outdone).alias("is_outdone")
        return update_register(
            self._register, new, pl.concat(accepted).with_columns(outdone), waived, self.before + 1, self.run_id
        )

    def refused(self, register: pl.DataFrame) -> pl.DataFrame:
        """Every row that was refused in this batch, as entries of the register, with the state that they have in `register`, the
        one that `close` returned; a record that several rows are comes as often.
        """
        waived = pl.concat(self._waived).rename({"_sheet": "sheet", "_line": "line_no"})
        met = pl.concat(self._met).join(waived, on=waived.columns, how="anti")
        return met.drop("state").join(register.select(*_ID, "state"), on=_ID, how="left", maintain_order="left")

    def write(self, batch: Store, accepted_parts: Mapping[str, list[Object]]) -> None:
        """Close the register and put it into the batch, with all that the next one must know."""
        register = self.close(accepted_parts)
        batch.write(REJECTED, register.sort("dataset", "record_id"))
        write_waived(batch, [self._waived_before, *self._waived], register)
        write_corrected(batch, self._corrected)
        mark_applied(batch, self.decisions)


def _with_references(bad: pl.DataFrame, dataset: Dataset, known: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """A row that is broken already gets its unknown references as further reasons."""
    if bad.is_empty():
        return bad
    bad = bad.with_columns(_more=unknown_references(bad, dataset, known))
    both = pl.when(pl.col("_more").is_null()).then("_reasons").otherwise(pl.col("_reasons").list.concat("_more"))
    return bad.with_columns(_reasons=both).drop("_more")


_ID = ["dataset", "record_id"]
_ACCEPTED = {"dataset": pl.String(), "natural_key": pl.String(), "_file": pl.Int64(), "record_id": pl.String()}
_TWINS = {"dataset": pl.String(), **PLACE, "_number": pl.String()}


def _without_change() -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in REGISTER.items() if name != "changed_in"}
