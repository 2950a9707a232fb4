"""Objects below a prefix of a bucket of S3, or of a server that speaks as it does.

Address and credentials of the server come from the variables that all its programs know (`AWS_ENDPOINT_URL`, `AWS_REGION`,
`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` …), so that obstore, Polars and deltalake, which all read and write here, are told
the same. What a process needs for itself lies on its own disk (`TMPDIR`), and is gone when it ends.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pipelines.errors import DamagedError, UsageError, VbpError
from pipelines.store.local import Local
from pipelines.store.store import Store

if TYPE_CHECKING:
    import polars as pl
    from obstore.store import S3Store

_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]+)/(?P<prefix>[A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*)/?")
"""More characters a table of the lake cannot have in its address."""
KNOWN = (
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ALLOW_HTTP",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
)
"""Where the server is and who asks; a role of the machine the libraries find by themselves."""
_PATIENCE = timedelta(minutes=3)
"""So long a server that answers 503, or not at all, is asked again."""
_AT_ONCE, _BLOCK = 16, 8 << 20


class StoreError(VbpError):
    """The object store did not do what was asked of it."""


@dataclass(frozen=True)
class Remote(Store):
    """Objects below a prefix of a bucket."""

    bucket: str
    prefix: str

    @classmethod
    def at_address(cls, address: str) -> Remote:
        """The objects below `s3://bucket/prefix`. UsageError for another address."""
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise UsageError(
                f"{address} 不能用作数据目录：应为 s3://桶/前缀，前缀不可为空，只能有字母、数字和 . _ = - /；"
                "请改正 --home 或 VBP_HOME"
            )
        return cls(found["bucket"], found["prefix"])

    def address(self, key: str = "") -> str:
        """`s3://bucket/prefix/key`."""
        return f"s3://{self.bucket}/{self._below(key)}"

    @property
    def options(self) -> dict[str, str]:
        """The variables that are set, by the names that they have."""
        return {name: value for name in KNOWN if (value := os.environ.get(name))}

    @property
    def name(self) -> str:
        """The last segment of the prefix that it is below."""
        return self.prefix.rpartition("/")[2]

    def below(self, prefix: str) -> Remote:
        """The objects below a prefix of whole segments, by what follows it in their keys."""
        return Remote(self.bucket, self._whole(prefix))

    def has(self, key: str) -> bool:
        """Whether an object stands under the key."""
        return self._head(key) is not None

    def identity(self, key: str) -> Hashable:
        """The tag that the server gives to its content, and its size: a copy has the same."""
        found = self._head(key)
        return None if found is None else (found["e_tag"], found["size"])

    def sizes(self, prefix: str = "") -> dict[str, tuple[int, str]]:
        """Key → bytes and tag."""
        with self._told():
            chunks = self._client.list(self._below(prefix), chunk_size=1000)
            found = {str(meta["path"]): meta for chunk in chunks for meta in chunk}
        if prefix and not found and (meta := self._head(prefix)):
            found = {self._whole(prefix): meta}
        cut = len(self.prefix) + 1
        return {path[cut:]: (found[path]["size"], str(found[path]["e_tag"])) for path in sorted(found)}

    def sizes_of(self, found: Sequence[str]) -> list[int | None]:
        """Bytes of objects: see `Store.sizes_of`. Many are listed, few are asked for one by one."""
        if len(found) <= _AT_ONCE:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                heads = list(pool.map(self._head, found))
            return [head["size"] if head else None for head in heads]
        common = os.path.commonpath([Path(key).parent for key in found])
        there = self.sizes(str(common) if str(common) != "." else "")
        return [there[key][0] if key in there else None for key in found]

    def folders(self, prefix: str = "") -> list[str]:
        """The next segments of longer keys."""
        with self._told():
            listed = self._client.list_with_delimiter(self._below(prefix))
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in listed["common_prefixes"])

    def scan(self, *keys: str, numbered: str | None = None, schema: Mapping[str, Any] | None = None) -> pl.LazyFrame:
        """The rows of objects: see `Store.scan`. Columns that nobody asks for are not fetched."""
        import polars as pl

        for key, size in zip(keys, self.sizes_of(keys), strict=True):
            if size is None:
                raise DamagedError(self.address(key), "文件不存在")
        more: dict[str, Any] = {"schema": schema, "missing_columns": "insert"} if schema else {}
        return pl.scan_parquet(
            [self.address(key) for key in keys],
            row_index_name=numbered,
            hive_partitioning=False,
            glob=False,
            storage_options={name.lower(): value for name, value in self.options.items()},
            credential_provider=None,
            **more,
        )

    def open(self, key: str) -> BinaryIO:
        """The bytes of an object: see `Store.open`. They are fetched into a file without a name first."""
        first = next(blocks := self._blocks(key), b"")  # where there is no object, no file is opened
        file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  # whoever asked closes it
        file.write(first)
        file.writelines(blocks)
        file.seek(0)
        return file

    def digest(self, key: str) -> str:
        """SHA-256 of the bytes of an object, which are fetched and forgotten."""
        digest = hashlib.sha256()
        for block in self._blocks(key):
            digest.update(block)
        return digest.hexdigest()

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """A copy on the disk of this machine."""
        with self.scratch() as scratch:
            path = scratch.folder / key.rpartition("/")[2]
            with path.open("wb") as file:
                file.writelines(self._blocks(key))
            yield path

    @contextmanager
    def begin(self, key: str) -> Iterator[Path]:
        """A file on the disk of this machine, sent when the block ends well."""
        with self.scratch() as scratch:
            yield (path := scratch.folder / key.rpartition("/")[2])
            self._send(path, key)

    @contextmanager
    def filling(self, prefix: str = "") -> Iterator[Path]:
        """A folder on the disk of this machine, sent when the block ends well: what lies deeper first, so that an index comes
        when what it leads to is there.
        """
        with self.scratch() as scratch:
            yield scratch.folder
            below = f"{prefix}/" if prefix else ""
            keys = list(scratch.list())
            deeper = [key for key in keys if "/" in key]
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                for sent in [pool.submit(self._send, scratch.folder / key, f"{below}{key}") for key in deeper]:
                    sent.result()
            for key in keys:
                if "/" not in key:
                    self._send(scratch.folder / key, f"{below}{key}")

    def put(self, key: str, content: bytes, *, if_absent: bool = False) -> bool:
        """Write bytes as an object: see `Store.put`. A server may have done what it did not answer for, and then finds our own
        object there when it is asked again: who finds what he wanted to write has written it.
        """
        from obstore.exceptions import AlreadyExistsError

        with self._told():
            if not if_absent:
                self._client.put(self._whole(key), content)
                return True
            try:
                self._client.put(self._whole(key), content, mode="create")
            except AlreadyExistsError:
                return self.has(key) and self.read(key) == content
            return True

    def copy(self, key: str, other: str, into: Store | None = None) -> None:
        """Within the bucket by the server itself; else by way of this machine."""
        target = into or self
        if isinstance(target, Remote) and target.bucket == self.bucket:
            with self._told():
                self._client.copy(self._whole(key), target._whole(other))
            return
        with target.begin(other) as partial, partial.open("wb") as file:
            file.writelines(self._blocks(key))

    def drop(self, prefix: str = "") -> None:
        """Remove objects, as many in one request as it takes."""
        if found := [self._whole(key) for key in self.sizes(prefix)]:
            with self._told():
                self._client.delete(found)

    @contextmanager
    def scratch(self) -> Iterator[Local]:
        """A folder on the disk of this machine."""
        with tempfile.TemporaryDirectory(prefix="vbp_", ignore_cleanup_errors=True) as folder:
            yield Local(Path(folder))

    def settle(self, *_: str) -> None:
        """What the server took outlives a power cut."""

    @contextmanager
    def hold(self, name: str = "lock", *, shared: bool = False, wait: bool = False) -> Iterator[None]:
        """Hold a file of this machine that is named for the address."""
        digest = hashlib.sha256(self.address().encode()).hexdigest()[:16]
        with Local(Path(tempfile.gettempdir()) / f"vbp-{os.geteuid()}-{digest}").hold(name, shared=shared, wait=wait):
            yield

    @property
    def _client(self) -> S3Store:
        return _open(self.bucket, tuple(self.options.items()))

    def _below(self, prefix: str) -> str:
        return self._whole(prefix) if prefix else self.prefix

    def _whole(self, key: str) -> str:
        parts = key.split("/")
        if any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"no key of an object: {key!r}")
        return "/".join([self.prefix, *parts])

    def _head(self, key: str) -> Any:
        from obstore.exceptions import NotFoundError

        with self._told():
            try:
                return self._client.head(self._whole(key))
            except (NotFoundError, FileNotFoundError):
                return None

    def _blocks(self, key: str) -> Iterator[bytes]:
        from obstore.exceptions import NotFoundError

        with self._told():
            try:
                found = self._client.get(self._whole(key))
            except (NotFoundError, FileNotFoundError) as error:
                raise DamagedError(self.address(key), "文件不存在") from error
            for block in found.stream(min_chunk_size=_BLOCK):
                yield bytes(block)

    def _send(self, path: Path, key: str) -> None:
        with self._told():
            self._client.put(self._whole(key), path)

    @contextmanager
    def _told(self) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except BaseError as error:
            said = next(iter(str(error).splitlines()), "")[:200]
            raise StoreError(
                f"对象存储 s3://{self.bucket} 没有完成请求（{said}）；请核对 AWS_ENDPOINT_URL、密钥与网络，"
                "恢复后重新运行，上次的数字不变"
            ) from error


@lru_cache(maxsize=8)
def _open(bucket: str, options: tuple[tuple[str, str], ...]) -> S3Store:
    from obstore.store import S3Store

    given: Any = {name.lower(): value for name, value in options}
    allow_http = given.pop("aws_allow_http", "").lower() == "true"
    return S3Store(
        bucket,
        config=given,
        client_options={"allow_http": allow_http, "timeout": timedelta(minutes=5), "connect_timeout": timedelta(seconds=10)},
        retry_config={"max_retries": 60, "retry_timeout": _PATIENCE, "backoff": {"max_backoff": timedelta(seconds=5)}},
    )
