"""In the middle of a sign-in: who proved what so far, sealed in her browser for a quarter of an hour."""

import msgspec

from services.access.sealing import BadSeal, Seal

LASTING_S = 900


class Signing(msgspec.Struct, frozen=True):
    """A sign-in that goes on: whose, by what ``method``, where to afterwards.

    ``must_change``: she must choose a password first. ``second_owed``: it began with a one-time code, so that
    a second factor in force has not been asked for yet.
    """

    person_id: int
    method: str
    next_path: str = "/"
    must_change: bool = False
    second_owed: bool = False


class Signings:
    """Seals and opens what a browser carries between the steps, with a key made of ``secret``."""

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, "signing")

    def closed(self, signing: Signing) -> str:
        """``signing`` as a cookie."""
        return self._seal.closed(msgspec.json.encode(signing))

    def opened(self, cookie: str) -> Signing | None:
        """What ``cookie`` carries; None when it is not ours, or too old."""
        try:
            return msgspec.json.decode(self._seal.opened(cookie, LASTING_S), type=Signing)
        except (BadSeal, msgspec.DecodeError):
            return None
