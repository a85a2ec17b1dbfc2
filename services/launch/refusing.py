"""What a control room refuses to start with (faults.md G27): an open door is worse than a closed one."""

import os
import sys
from collections.abc import Mapping

from model.errors import BadSettings
from services.settings import Settings

SECRET_LEAST = 32
"""Bytes of VIGIE_SECRET."""
FEWEST_DIFFERENT = 10
"""Characters that differ in a random secret of 32 bytes or more; a chosen one has a pattern."""
WELL_KNOWN = ("changeme", "change-me", "change_me", "secret", "password", "default", "example", "vigie")
DASH_SWITCHES = ("DASH_DEBUG", "DASH_MCP_ENABLED", "DASH_HOT_RELOAD", "DASH_UI")
ON = ("1", "true", "yes", "on")


def refuse_unsafe(settings: Settings, generated: bool, environment: Mapping[str, str] = os.environ) -> None:
    """Raise BadSettings, all reasons in it, when the control room of ``settings`` must not start.

    ``generated`` says whether the city is an invented one: only there may one click sign in.
    """
    reasons = [
        *_secret(settings.secret.get_secret_value() if settings.secret else ""),
        *(f"{name} is on: it shows what runs inside" for name in DASH_SWITCHES if _on(environment, name)),
    ]
    if settings.demo_sign_in and not generated:
        reasons.append("VIGIE_DEMO_SIGN_IN is for an invented city alone")
    if not generated and "public.door" in sys.modules:
        reasons.append("the control room and the public door run in one process")
    if reasons:
        raise BadSettings("; ".join(reasons))


def _secret(secret: str) -> list[str]:
    how = "make one with `python -c 'import secrets; print(secrets.token_urlsafe(32))'`"
    if not secret:
        return [f"VIGIE_SECRET is not set: {how}"]
    if len(secret.encode()) < SECRET_LEAST:
        return [f"VIGIE_SECRET is shorter than {SECRET_LEAST} bytes: {how}"]
    if len(set(secret)) < FEWEST_DIFFERENT or any(known in secret.lower() for known in WELL_KNOWN):
        return [f"VIGIE_SECRET is not random: {how}"]
    return []


def _on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").strip().lower() in ON
