"""What the public door says beside its answers: who may frame them, how long they keep, how packed."""

import re
from collections.abc import Mapping, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model.errors import BadSettings

FRESH = "public, max-age=30, s-maxage=30, stale-while-revalidate=50, stale-if-error=86400"
"""For 30 s, and once more within 50 s while a cache asks anew. With the 5 s the publisher may take to look,
and the 5 s a follower of a bucket, what was taken back is gone after 90 s at most."""
FOR_EVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=30"
NEVER = "no-store"

_ORIGIN = re.compile(
    r"https://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?"
    r"|http://(?:localhost|127\.0\.0\.1)(?::\d{1,5})?"
)

SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"
"""What a panel may do at most: run its one script, open its licence in a whole tab, give its CSV."""


def framing_origins(text: str) -> tuple[str, ...]:
    """The origins of setting ``embed_origins``. BadSettings names the first that is none.

    https only, one leading wildcard label allowed, a bare ``*`` never; http for this machine alone.
    """
    origins = tuple(text.split())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise BadSettings(
                f"VIGIE_EMBED_ORIGINS: {origin!r} is no origin, such as https://www.example.org"
            )
    return origins


def panel_policy(origins: Sequence[str], scripts: Sequence[str], styles: Sequence[str]) -> str:
    """The content security policy of a panel: its own inline script and style by hash, nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            _sources("script-src", scripts),
            _sources("style-src", styles),
            "img-src data:",
            "font-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"sandbox {SANDBOX}",
            " ".join(("frame-ancestors 'self'", *origins)),
        )
    )


def site_policy(scripts: Sequence[str], styles: Sequence[str], sends_to: str = "") -> str:
    """The policy of a page of the site: it frames our own panels, asks only us, is framed by nobody.

    ``sends_to`` is the origin a form of the page goes to, where that is not ours.
    """
    return "; ".join(
        (
            "default-src 'none'",
            _sources("script-src", scripts),
            _sources("style-src", styles),
            "img-src 'self' data:",
            "font-src 'self'",
            "frame-src 'self'",
            "base-uri 'none'",
            " ".join(filter(None, ("form-action 'self'", sends_to))),
            "frame-ancestors 'none'",
        )
    )


DATA_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""For files that are not pages; an SVG opened by itself is drawn and runs nothing."""


def _sources(directive: str, hashes: Sequence[str]) -> str:
    return " ".join((directive, *(f"'{one}'" for one in hashes))) if hashes else f"{directive} 'none'"


def chosen_encoding(accepted: str, offered: Mapping[str, int] | Sequence[str]) -> str:
    """The best of ``offered`` (``br``, ``gzip``) that an Accept-Encoding header allows; "" for none."""
    wishes = {name: quality for name, quality in map(_wish, accepted.lower().split(",")) if name}
    allowed = [name for name in ("br", "gzip") if name in offered and wishes.get(name, 0.0) > 0]
    return max(allowed, key=lambda name: wishes[name], default="")


def _wish(part: str) -> tuple[str, float]:
    name, _, parameter = part.partition(";")
    key, _, value = parameter.strip().partition("=")
    if key.strip() != "q":
        return name.strip(), 1.0
    return name.strip(), float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value.strip()) else 0.0


def unchanged(if_none_match: str, etag: str) -> bool:
    """Whether the caller already has ``etag`` (RFC 9110 13.1.2: weak comparison)."""
    known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in known or etag in known


ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"cross-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}


class PlainHeaders:
    """ASGI: gives every answer, errors too, the headers of ``ALWAYS`` it does not bring itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; only http has headers to add."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                brought = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in ALWAYS.items() if name not in brought]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
