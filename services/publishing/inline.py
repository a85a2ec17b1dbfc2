"""Naming what is inline in a page, so that its content security policy allows exactly that."""

import base64
import hashlib


def csp_hash(text: str) -> str:
    """``text`` of an inline script or style as a content-security source, ``sha256-…``."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
