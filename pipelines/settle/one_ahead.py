"""Work that goes on while what it brought last is dealt with."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def one_ahead(work: Callable[[_T], _R], items: Sequence[_T]) -> Iterator[_R]:
    """What the work makes of each item, in order; of the next one it is made, in a thread, while the caller deals with the one
    before. An error is raised where its result would have come. At most two results are held, the caller's among them.
    """
    with ThreadPoolExecutor(1, "one-ahead") as thread:
        coming: deque[Future[_R]] = deque()
        for item in items:
            coming.append(thread.submit(work, item))
            if len(coming) > 1:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
