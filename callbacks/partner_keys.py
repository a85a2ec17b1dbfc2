"""Whose key a partner's program sends: asked of the database each time, so that an end is felt at once."""

import asyncio
from collections.abc import Iterable

from model.errors import NotAgreed
from model.viewer import Viewer
from services.access import Access

PREFIX = "/partner/"
"""Where partners' programs ask; nothing else opens with a key, and nothing here with a cookie."""
UNKNOWN = "unknown_key"
GUESSES_A_MINUTE = 30
"""Keys nobody knows that are written down for one address a minute: guessing must not fill the audit."""


def bearer_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The key of ``Authorization: Bearer …``; empty without one, or with more than one such header."""
    told = [value.decode("latin-1") for name, value in headers if name == b"authorization"]
    if len(told) != 1:
        return ""
    scheme, _, key = told[0].partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


class PartnerKeys:
    """Keys as the guard asks for them."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def viewer(self, key: str, address: str) -> Viewer:
        """The program that holds ``key``. Raises NotAgreed, written to the audit, and Unavailable."""
        try:
            return await asyncio.to_thread(self._access.partners.viewer_of, key, address)
        except NotAgreed as refusal:
            await self.refused(key, refusal.reason, "", address)
            raise

    async def refused(self, key: str, reason: str, dataset: str, address: str) -> None:
        """Write that a key was refused; of keys nobody knows so many a minute and address."""
        known = reason != UNKNOWN
        if known or await self._access.rates.allow("partner.unknown_key", address, GUESSES_A_MINUTE):
            await asyncio.to_thread(self._access.partners.refused, key, reason, dataset, address)


async def no_key(_key: str, _address: str) -> Viewer:
    """Nobody's: for a guard in front of a room without partners."""
    raise NotAgreed(UNKNOWN)


def status_of(refusal: NotAgreed) -> int:
    """401 for a key nobody knows, 403 with the reason for everything that was not agreed."""
    return 401 if refusal.reason == UNKNOWN else 403
