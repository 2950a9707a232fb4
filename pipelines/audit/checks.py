"""The checks of a run that need no database: files refused, rules that rows broke, what was accepted with a warning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import polars as pl

from pipelines.audit.checked_values import count_values, value_checks
from pipelines.audit.unmatched_invoices import unmatched_invoices
from pipelines.lake.batches import Batch, committed
from pipelines.lake.scan_records import scan_records
from pipelines.lake.tables import PLACE, scan
from pipelines.rejects.ranges import most_common
from pipelines.rejects.register import natural_key, read_register
from pipelines.store.dossier import SourceStands
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset

_EXAMPLES = 20
_REFUSED = 1_000
"""So many refused files are named with their reason: nobody else says it of them; all are in source_files."""


def check_results(
    files: pl.DataFrame,
    refused: Iterable[str],
    remarks: Iterable[str],
    home: Store,
    last: Batch,
    since: int,
    records: Store,
    notes: dict[str, dict[str, str]],
    base: Store | None = None,
    sources: Iterable[SourceStands] = (),
) -> pl.DataFrame:
    """The checks made before publishing, in the columns of the table check_results without run_id.

    Files refused, files that wait, sources that were not fetched and sheets passed over; every row rule of the
    datasets that had files, with its passes; formats, companies and invoices named that are accepted with a warning;
    accepted rows whose newer version was rejected; what each indicator left out. Where the night carries on those
    of the `base` run, what is counted over all records is counted of those that changed.
    """
    rows = [_files(files, list(refused)), *_waiting(files), *_remarks(list(remarks)), *_rules(files, home, last, since)]
    rows += [*_values(records, base), *_unmatched(records, base, home), *_standing(home, last)]
    rows += [_source(source) for source in sources]
    for indicator, found in notes.items():
        rows += [_row(f"note:{indicator}:{name}", indicator, 1, 1, "warning", name, [text]) for name, text in found.items()]
    return pl.DataFrame(rows, schema=_CHECKS, orient="row")


_CHECKS = {
    "check_id": pl.String(),
    "scope": pl.String(),
    "applied": pl.Int64(),
    "passed": pl.Int64(),
    "failed": pl.Int64(),
    "not_applicable": pl.Int64(),
    "status": pl.String(),
    "details": pl.String(),
}


def _row(
    check: str,
    scope: str,
    applied: int,
    failed: int,
    bad: str,
    message: str,
    examples: list[str],
    named: int | None = None,
    shown: int = _EXAMPLES,
) -> dict[str, Any]:
    """`named`: how many different things there are to name, where `examples` are not all of them already."""
    told = {"message_zh": message, "examples": examples[:shown], "named": len(examples) if named is None else named}
    details = json.dumps(told, ensure_ascii=False)
    status = "not_applicable" if not applied else bad if failed else "passed"
    return {
        "check_id": check,
        "scope": scope,
        "applied": applied,
        "passed": applied - failed,
        "failed": failed,
        "not_applicable": int(not applied),
        "status": status,
        "details": details,
    }


def _files(files: pl.DataFrame, refused: list[str]) -> dict[str, Any]:
    new = files.filter(pl.col("status").is_in(["accepted", "failed"])).height
    return _row(
        "files_taken_in", "landing", new, len(refused), "warning", "整个文件被拒收，改正后重新放入即可", refused, shown=_REFUSED
    )


def _source(source: SourceStands) -> dict[str, Any]:
    """Whether a source of `sources.toml` was fetched: what it holds and we have not is in no figure."""
    faults = list(source.faults) or [source.problem]
    scope = source.source.partition("/")[0]
    failed = len(faults) if source.problem else 0
    return _row(f"source:{source.source}", scope, max(failed, 1), failed, "warning", source.problem, faults[:failed])


def _waiting(files: pl.DataFrame) -> list[dict[str, Any]]:
    """The files that were still being written: what is in them is in no figure yet."""
    paths = files.filter(status="waiting")["path"].sort().to_list()
    if not paths:
        return []
    message = "尚在传输或刚放入，本次没有读取，留待下次；传完仍在此列的请改名（去掉 .part），残留的 ~$ 文件请删除"
    return [_row("files_waiting", "landing", len(paths), len(paths), "warning", message, paths, shown=_REFUSED)]


def _remarks(remarks: list[str]) -> list[dict[str, Any]]:
    return [_row("sheets_read", "landing", len(remarks), len(remarks), "warning", "工作表提示", remarks)] if remarks else []


def _rules(files: pl.DataFrame, home: Store, last: Batch, since: int) -> list[dict[str, Any]]:
    """Per dataset read this run: each reason that rejected rows of the files read, and the share that none did. Rows of
    earlier files that were met again are no rows read.
    """
    own = [f["seq"] for b in committed(home) if b.number > since for f in b.files]
    met = (
        read_register(home, last.number)
        .filter((pl.col("changed_in") > since) & (pl.col("state") == "open") & pl.col("_file").is_in(own))
        .explode("reasons")
        .unnest("reasons")
        .sort("source_path", "line_no", "message_zh")
    )
    counts = met.group_by("dataset", "code", "column").agg(
        pl.len(), pl.col("message_zh").value_counts(), pl.col("source_path", "line_no").head(_EXAMPLES)
    )
    read = dict(files.group_by("dataset").agg(pl.col("rows_read").sum()).iter_rows())
    found = {
        (d, c, n): (k, most_common({e["message_zh"]: e["count"] for e in m}), [f"{p}:{i}" for p, i in zip(ps, ls, strict=True)])
        for d, c, n, k, m, ps, ls in counts.iter_rows()
    }
    rows = []
    for name, dataset in RECORDS.items():
        if not read.get(name):
            continue
        known = {(name, code, column) for code, column in _rule_names(dataset)} | {k for k in found if k[0] == name}
        for _, code, column in sorted(known):
            failed, message, examples = found.get((name, code, column), (0, "", []))
            applied = max(read[name], failed)
            rows.append(_row(f"rule:{name}:{code}:{column}", name, applied, failed, "warning", message, examples, failed))
    return rows


def _rule_names(dataset: Dataset) -> set[tuple[str, str]]:
    return {(rule.name, rule.column) for rule in dataset.rules if rule.name != "isin"}


def _values(records: Store, base: Store | None) -> list[dict[str, Any]]:
    """Formats, companies and agencies that are accepted with a warning: the records with a value, and where it is odd."""
    known = scan_records(records, "enterprises").select("enterprise_code").collect().to_series()
    places = scan_records(records, "institutions").select("institution_code", "uscc").collect()
    buyers = pl.concat([known, places["institution_code"], places["uscc"].drop_nulls()])
    agencies = scan_records(records, "agencies").select("agency_code").collect().to_series()
    counts = count_values(records, base)
    rows = []
    for check in value_checks():
        found = counts.filter(check=check.name)
        odd = found.drop_nulls("value")
        if check.kind == "format":
            message = f"{check.title}：格式不合编码规则，已接收并提示"
        elif check.kind == "unknown_agency":
            message = "经办机构编码不在经办机构名录中，已接收并提示，请补报经办机构信息"
            odd = odd.filter(~pl.col("value").is_in(agencies.implode()))
        else:
            message = "企业编码不在企业名录中，已接收并提示，请补报企业信息"
            known_here = buyers if check.column == "buyer_code" else known
            odd = odd.filter(~pl.col("value").is_in(known_here.implode()))
        applied, failed = (int(f["rows"].sum()) for f in (found.filter(pl.col("value").is_null()), odd))
        examples = odd["value"].sort().head(_EXAMPLES).to_list()
        rows.append(_row(check.name, check.dataset.name, applied, failed, "warning", message, examples, odd.height))
    return rows


def _unmatched(records: Store, base: Store | None, home: Store) -> list[dict[str, Any]]:
    """Receipts and payments that name an invoice which cannot be matched, the first of them with file and line."""
    found, counts = unmatched_invoices(records, base)
    has_invoices = not scan_records(records, "invoices").head(1).collect().is_empty()
    paths = {f["seq"]: f["path"] for b in committed(home) for f in b.files}
    rows = []
    for name, message in _UNMATCHED.items():
        of = found.filter(dataset=name).sort(*PLACE)
        applied = counts[name] if name == "payments" or has_invoices else 0
        places = of.head(_EXAMPLES).iter_rows(named=True)
        examples = [
            f"{paths[r['_file']]}{'[' + r['_sheet'] + ']' if r['_sheet'] else ''}:{r['_line']}"
            f"（发票 {'-'.join(filter(None, (r['invoice_code'], r['invoice_no'])))}）"
            for r in places
        ]
        failed = of.height if applied else 0
        rows.append(_row(f"invoice_matched:{name}", name, applied, failed, "warning", message, examples[:failed], failed))
    return rows


_UNMATCHED = {
    "deliveries": "收货所填的发票在已接收的发票明细中找不到，已接收并提示；请核对代码与号码，或补报该发票",
    "payments": "付款所填的发票在该单位的收货中找不到（或未填代码而该号码不止一张），只能按收款企业先进先出分配；"
    "请核对代码与号码，或补报收货的发票号码",
}


def _standing(home: Store, last: Batch) -> list[dict[str, Any]]:
    """Accepted rows that still stand although a newer version of them was rejected."""
    register = read_register(home, last.number).filter((pl.col("state") == "open") & pl.col("key_is_whole"))
    rows = []
    for (name,), waiting in register.group_by("dataset", maintain_order=True):
        dataset = RECORDS[str(name)]
        accepted = _read_versions(home, dataset, last, waiting["natural_key"])
        older = (
            waiting.join(accepted, on="natural_key")
            .filter(pl.col("_file_right") < pl.col("_file"))["natural_key"]
            .unique()
            .sort()
            .to_list()
        )
        if older:
            rows.append(
                _row(
                    f"older_version_stands:{name}",
                    dataset.name,
                    len(older),
                    len(older),
                    "warning",
                    "新版本被拒收，旧版本继续有效",
                    older,
                )
            )
    return rows


def _read_versions(home: Store, dataset: Dataset, last: Batch, keys: pl.Series) -> pl.DataFrame:
    """The places (`natural_key`, `_file`) of the accepted versions of some keys, found by one part of the
    key first: to write out the key of every row of the lake would take far longer.
    """
    part = next(k for k in reversed(dataset.key) if k != "line_no")
    versions = scan(home, dataset, last.versions.get(dataset.name), last.number)
    texts = keys.str.split("|").explode().unique()
    near = versions.filter(pl.col(part).cast(pl.String).is_in(texts.implode()))
    found = near.select(natural_key(dataset).alias("natural_key"), "_file").collect()
    return found.join(keys.unique().to_frame(), on="natural_key", how="semi")
