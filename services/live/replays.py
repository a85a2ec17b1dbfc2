"""Replays: dead letters sent through again, and what became of each."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from model.errors import Unavailable, VigieError
from services.live.letters import OBSERVATION, POSITION_FORM, Asked
from services.live.parsed import Parsed
from services.live.receipts import Receipt

log = logging.getLogger(__name__)

Parse = Callable[[bytes], Parsed]
Submit = Callable[[Parsed], Awaitable[Receipt]]


class Replays:
    """Reads letters again: ``parsers`` is what reads the payloads of each feed."""

    def __init__(self) -> None:
        self.parsers: dict[str, Parse] = {}

    async def through(self, letters: Sequence[Asked], submit: Submit) -> list[tuple[str, int]]:
        """Send ``letters`` through ``submit``; (outcome, letter id) of those that could be tried now."""
        outcomes = await asyncio.gather(*(self._one(letter, submit) for letter in letters))
        return [(outcome, letter.id) for outcome, letter in zip(outcomes, letters, strict=True) if outcome]

    async def _one(self, letter: Asked, submit: Submit) -> str:
        """The outcome of one letter; empty when it could not be tried now."""
        try:
            receipt = await submit(self._read(letter))
        except Unavailable:
            return ""
        except (VigieError, msgspec.MsgspecError) as error:
            return str(error)[:200]
        except Exception as error:  # an adapter's own fault costs its letter alone
            log.exception("letter %s of %s could not be read again", letter.id, letter.feed)
            return f"failed: {type(error).__name__}"
        if receipt.rejects:
            return receipt.rejects[0].reason
        return "stored" if receipt.stored else "duplicate"

    def _read(self, letter: Asked) -> Parsed:
        if letter.form == OBSERVATION:
            return Parsed([letter.observation()], [])
        if letter.form == POSITION_FORM:
            return Parsed([], [], [letter.position()])
        if letter.feed not in self.parsers:
            raise VigieError("its feed is not taken in here any more")
        return self.parsers[letter.feed](letter.item)
