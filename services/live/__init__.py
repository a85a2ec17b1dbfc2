"""Live: feeds, ingest, quality, state in Redis, frames, recorder. Wings meet only at this front."""

from services.live.hub import Hub

__all__ = ["Hub"]
