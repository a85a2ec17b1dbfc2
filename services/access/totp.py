"""Second factors: codes of six figures from a telephone (TOTP, RFC 6238), each taken once.

The secret must be read again at every sign-in, so it is not hashed but sealed with a key made of
``VIGIE_SECRET``; what is copied out of the database is of no use without that.
"""

import hmac
import time

import pyotp

from services.access.sealing import BadSeal, Seal

STEP_S = 30
EITHER_SIDE = 1
"""Steps a telephone's clock may be off."""
_FOREVER_S = 100 * 366 * 86_400


def new_secret() -> str:
    """A secret for a telephone, base 32, 160 random bits."""
    return pyotp.random_base32()


def address_of(secret: str, login: str, issuer: str) -> str:
    """What a telephone reads from the picture: ``otpauth://totp/…``."""
    address: str = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
    return address


def step_of(secret: str, code: str, now: float | None = None) -> int | None:
    """The time step ``code`` is of; None when it is none of those around ``now`` (epoch seconds)."""
    typed = code.replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    if len(typed) != 6 or not typed.isascii() or not typed.isdigit():
        return None
    totp, step = pyotp.TOTP(secret), int((time.time() if now is None else now) // STEP_S)
    found = None
    for one in range(step - EITHER_SIDE, step + EITHER_SIDE + 1):
        if hmac.compare_digest(totp.generate_otp(one), typed):
            found = one
    return found


class Vault:
    """Seals the secrets of second factors with a key made of ``secret``."""

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, "totp")

    def closed(self, secret: str, person_id: int) -> bytes:
        """``secret`` as the database keeps it, bound to its person."""
        return self._seal.closed(f"{person_id}:{secret}".encode()).encode()

    def opened(self, kept: bytes, person_id: int) -> str | None:
        """The secret of ``person_id``; None when it was sealed with another key, or for somebody else."""
        try:
            owner, _, secret = self._seal.opened(bytes(kept).decode(), _FOREVER_S).decode().partition(":")
        except BadSeal:
            return None
        return secret if owner == str(person_id) else None
