"""Live: feeds, ingest, quality, state in Redis, frames, recorder. Wings meet only at this front."""

from services.live.attention import Attention, AttentionRow, attention
from services.live.frames import Event
from services.live.geometry import Geometry
from services.live.hub import Hub
from services.live.ingest import Ingest, Receipt
from services.live.keyframes import Loaded, load_state, write_keyframe
from services.live.picture import Snapshot
from services.live.quality import REASONS, Reject

__all__ = [
    "REASONS",
    "Attention",
    "AttentionRow",
    "Event",
    "Geometry",
    "Hub",
    "Ingest",
    "Loaded",
    "Receipt",
    "Reject",
    "Snapshot",
    "attention",
    "load_state",
    "write_keyframe",
]
