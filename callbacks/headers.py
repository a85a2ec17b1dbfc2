"""The headers every answer carries: what a page may load, and that nobody may frame it (faults.md 1.3)."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def content_policy(script_hashes: Iterable[str], tiles: str | None = None) -> str:
    """The Content-Security-Policy: our own origin, Dash's inline script by hash, an own tile host."""
    scripts = " ".join(("'self'", *script_hashes))
    tile_host = "/".join(tiles.split("/")[:3]) if tiles and "://" in tiles else ""
    own = " ".join(filter(None, ("'self'", tile_host)))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            f"img-src {own} data: blob:",
            "font-src 'self' data:",
            f"connect-src {own}",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Headers:
    """Pure ASGI: adds the policy and its companions to every HTTP answer."""

    def __init__(self, app: ASGIApp, policy: str, secure: bool = False) -> None:
        self.app = app
        self.fixed = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "x-frame-options": "DENY",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }
        if secure:
            self.fixed["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers on."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.fixed.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, marked)
