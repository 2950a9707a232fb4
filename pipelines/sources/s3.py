"""Objects below a prefix of an S3 bucket."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pipelines.errors import VbpError
from pipelines.sources.described import S3Source
from pipelines.sources.offer import ChangingError, Offer, TransientError, Write, as_mark, is_taken, told

_BLOCK = 1 << 20


@dataclass
class S3:
    """A bucket; requests are signed where the source names a user."""

    source: S3Source
    secret: str
    user: str

    def offers(self) -> Generator[Offer]:
        """Every object below the prefix that a pattern takes, by its key. A tag and a time of change come with each."""
        store = self._open()
        try:
            found = [o for chunk in store.list(chunk_size=1000) for o in chunk]
        except Exception as error:
            raise _tell(error) from error
        for meta in sorted(found, key=lambda o: str(o["path"])):
            key = str(meta["path"])
            if is_taken(key, self.source.pattern):
                yield self._offer(store, key, meta)

    def _offer(self, store: Any, key: str, meta: Any) -> Offer:
        mark = as_mark(meta["size"], meta["last_modified"], meta["e_tag"])
        settles_at = meta["last_modified"] if meta["e_tag"] else None  # an object is replaced whole, and gets another tag
        return Offer(told(key), key, lambda write: self._read(store, key, meta, write), mark, meta["size"], settles_at)

    def _read(self, store: Any, key: str, meta: Any, write: Write) -> None:
        from obstore.exceptions import NotFoundError, PreconditionError

        got = 0
        try:
            found = store.get(key, options={"if_match": meta["e_tag"]} if meta["e_tag"] else {})
            for block in found.stream(min_chunk_size=_BLOCK):
                write(bytes(block))
                got += len(block)
        except (PreconditionError, NotFoundError) as error:
            raise ChangingError("读取期间被改动或移走；留待下次") from error
        except VbpError:
            raise
        except Exception as error:
            raise _tell(error) from error
        if got != meta["size"]:
            raise TransientError(f"只收到 {got} 字节，应为 {meta['size']}")

    def _open(self) -> Any:
        from obstore.store import S3Store

        own = self.source
        signed = {"access_key_id": self.user, "secret_access_key": self.secret} if self.user else {"skip_signature": True}
        if self.user and not self.secret:
            raise VbpError("写了 user，却没有口令；请用 environment 或 connection 指明访问密钥")
        return S3Store(
            own.bucket,
            prefix=own.prefix.strip("/") or None,
            endpoint=own.endpoint,
            region=own.region,
            virtual_hosted_style_request=own.virtual_hosted,
            client_options={
                "allow_http": own.unencrypted,
                "timeout": timedelta(seconds=own.timeout_seconds),
                "connect_timeout": timedelta(seconds=min(own.timeout_seconds, 10)),
            },
            retry_config={
                "max_retries": own.attempts - 1,
                "retry_timeout": timedelta(seconds=own.timeout_seconds),
                "backoff": {"init_backoff": timedelta(seconds=own.retry_seconds or 0.01)},
            },
            **signed,
        )


def _tell(error: Exception) -> VbpError:
    """A fault of the bucket in words; what may pass is a TransientError."""
    from obstore import exceptions as o

    said = next(iter(str(error).splitlines()), "")
    match error:
        case o.UnauthenticatedError() | o.PermissionDeniedError():
            return VbpError(f"存储拒绝了访问密钥；请核对 user、口令与该密钥读取、列出此桶的权限（{said[:200]}）")
        case o.NotFoundError():
            return VbpError(f"找不到桶或对象；请核对 endpoint、bucket、prefix（{said[:200]}）")
        case o.InvalidPathError():
            return VbpError(f"桶里有名称不合规的对象（含 // 或 ..），无法列出；请对方改名或换 prefix（{said[:200]}）")
        case o.GenericError() if "non-2xx status code: 4" in said:
            return VbpError(f"存储拒绝了请求；请核对 endpoint、bucket 与 region（{said[:300]}）")
    return TransientError(f"存储没有答复（{said[:200]}）")
