"""Which store an address means: a folder, or a prefix of an object store."""

from __future__ import annotations

from pathlib import Path

from pipelines.store.local import Local
from pipelines.store.store import Store

S3 = "s3://"


def open_store(address: str | Path | Store) -> Store:
    """The store of an address: a path, or `s3://bucket/prefix`. UsageError for one that cannot be used."""
    if isinstance(address, Store):
        return address
    if isinstance(address, str) and address.startswith(S3):
        from pipelines.store.remote import Remote  # its library takes a moment, and most homes are folders

        remote: Store = Remote.at_address(address)
        return remote
    return Local(Path(address).resolve())
