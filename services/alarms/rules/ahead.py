"""Reading ahead: what comes next is fetched while what is there is judged."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

Found = TypeVar("Found")

Span = tuple[datetime, datetime]
AT_ONCE = 2
"""Connections a trial may hold: as many as a small server has cores."""


def ahead(
    fetch: Callable[[datetime, datetime], Found], spans: Iterable[Span]
) -> Iterator[tuple[Span, Found]]:
    """``fetch(t0, t1)`` of each of ``spans``, in order; ``AT_ONCE`` of them in threads at a time.

    What ``fetch`` raises is raised where its span would come, and nothing more is begun.
    """
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="trial")
    waiting: deque[tuple[Span, Future[Found]]] = deque()
    try:
        for span in spans:
            waiting.append((span, pool.submit(fetch, *span)))
            if len(waiting) > AT_ONCE:
                first, found = waiting.popleft()
                yield first, found.result()
        while waiting:
            first, found = waiting.popleft()
            yield first, found.result()
    finally:
        pool.shutdown(cancel_futures=True)
