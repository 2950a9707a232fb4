"""A house whose every night is foretold: the landing zone is checked first, and what the check says must come true."""

from collections import Counter

import polars as pl

from pipelines.ingest.discover import discover
from pipelines.lake import batches
from pipelines.lake.batches import Batch
from pipelines.senders.check import Checked, check_files
from tests.rejects.desk import UNTIL, Desk

COUNTS = ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")


class Foretold(Desk):
    """`night` checks, does the night, and compares; `checked` is what the last check said."""

    checked: Checked

    def check(self) -> Checked:
        """Check what lies in the landing zone; nothing in the home may change."""
        (self.home.folder / "batches").mkdir(parents=True, exist_ok=True)
        before = self._look()
        checked = check_files([self.landing], home=self.home, as_of=UNTIL)
        assert self._look() == before
        return checked

    def night(self) -> Batch:
        """A night that goes as the check says."""
        self.checked = self.check()
        files = {f.file.removeprefix(f"{self.landing}/"): f for f in self.checked.files}
        found = {f.path: f.status for f in discover(self.landing, batches.committed_contents(self.home))}
        before = batches.last_batch(self.home)
        batch = super().night()
        came = {f["path"]: f for f in batch.files} if batch.number > before.number else {}
        for path, file in files.items():
            assert file.status == (found[path] if path in came or found[path] != "new" else "failed").replace("new", "accepted")
            assert [came.get(path, {}).get(c, 0) for c in COUNTS] == [getattr(file, c) for c in COUNTS], path
        told = Counter(f.removeprefix(f"{self.landing}/") for f in self.checked.rejected["file"])
        assert told == Counter({path: f.rows_rejected for path, f in files.items() if f.rows_rejected})
        assert self._list_checked() == self._list_register(came)
        return batch

    def _look(self) -> list[tuple[str, int, int]]:
        return sorted((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in self.home.folder.rglob("*"))

    def _list_checked(self) -> list[object]:
        rows = self.checked.rejected.with_columns(pl.col("file").str.strip_prefix(f"{self.landing}/"))
        return sorted(set(map(str, rows.select("file", "dataset", "sheet", "line_no", "natural_key", "reasons").rows())))

    def _list_register(self, came: dict[str, dict[str, object]]) -> list[object]:
        if not came:
            return []
        rows = self.register().filter(pl.col("_file").is_in([f["seq"] for f in came.values()]) & (pl.col("state") != "waived"))
        return sorted(map(str, rows.select("source_path", "dataset", "sheet", "line_no", "natural_key", "reasons").rows()))
