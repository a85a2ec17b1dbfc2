"""Answers kept for one revision: fifty consoles that ask the same of one scope cost one question."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
KEPT_S = 1.0
"""No answer is older, whatever was heard: bins of load turn and shelves end by the clock."""
MOST = 64


@dataclass(frozen=True, slots=True)
class _Answer:
    revision: int
    made_at: float
    future: "Future[Any]"


class Kept:
    """Answers by question, each of one revision. Safe between threads; all who ask meanwhile wait for one."""

    def __init__(self, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._answers: dict[Hashable, _Answer] = {}
        self._lock = threading.Lock()

    def get(self, question: Hashable, revision: int, make: Callable[[], T]) -> T:
        """The answer to ``question`` as of ``revision`` or later, made by ``make`` where none is kept.

        ``revision`` must have been read before this is called. Raises what ``make`` raises, kept for nobody.
        """
        now = time.monotonic()
        with self._lock:
            found = self._answers.get(question)
            fresh = found and found.revision >= revision and now - found.made_at < self._kept_s
            if not (found and fresh):
                mine: Future[T] = Future()
                self._forget(now)
                self._answers[question] = _Answer(revision, now, mine)
        if found and fresh:
            kept: T = found.future.result()
            return kept
        return self._make(question, mine, make)

    def _make(self, question: Hashable, mine: "Future[T]", make: Callable[[], T]) -> T:
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                self._answers.pop(question, None)
            mine.set_exception(error)
            raise
        mine.set_result(made)
        return made

    def _forget(self, now: float) -> None:
        old = [key for key, one in self._answers.items() if now - one.made_at >= self._kept_s]
        for key in old if len(self._answers) >= MOST else ():
            del self._answers[key]
