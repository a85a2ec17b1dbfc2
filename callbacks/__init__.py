"""Every way in from a control-room browser: Dash callbacks, the live stream, the routes around them."""

from callbacks.room_server import build

__all__ = ["build"]
