"""Keys made of ``VIGIE_SECRET``, one a use, and sealing what a browser carries for us."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MOST = 3_800


class BadSeal(Exception):
    """Not sealed by us, for this use, or too long ago."""


def derived(secret: bytes, use: str) -> bytes:
    """A key of 32 bytes for one ``use`` (HKDF, RFC 5869): one use's key tells nothing of another's."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"vigie.{use}".encode()).derive(secret)


class Seal:
    """Encrypts and authenticates for one ``use`` (Fernet)."""

    def __init__(self, secret: bytes, use: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derived(secret, use)))

    def closed(self, content: bytes) -> str:
        """``content`` sealed, fit for a cookie."""
        return self._fernet.encrypt(content).decode()

    def opened(self, sealed: str, lasting_s: int) -> bytes:
        """The content, sealed at most ``lasting_s`` seconds ago; BadSeal otherwise."""
        if len(sealed) > _MOST:
            raise BadSeal
        try:
            return self._fernet.decrypt(sealed.encode(), ttl=lasting_s)
        except (InvalidToken, UnicodeEncodeError):
            raise BadSeal from None
