"""Waiting for what becomes true, without sleeping for a time that is guessed."""

import asyncio
import inspect
from collections.abc import Callable

from services.live import Ingest

PATIENCE_S = 30.0
_LOOK_S = 0.02


async def until(true: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until ``true()``, which may be awaited; TimeoutError when it never is."""
    async with asyncio.timeout(patience_s):
        while not await _answer(true):
            await asyncio.sleep(_LOOK_S)


async def _answer(true: Callable[[], object]) -> object:
    answer = true()
    return await answer if inspect.isawaitable(answer) else answer


async def begin(ingest: Ingest, patience_s: float = PATIENCE_S) -> None:
    """Start ``ingest`` and wait until it would accept a batch.

    A sender comes again when it is told that the intake is starting; a test that sends once waits first.
    """
    await ingest.start()
    await until(lambda: ingest.ready, patience_s)
