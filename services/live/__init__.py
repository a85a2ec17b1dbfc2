"""Live: feeds, ingest, quality, state in Redis, frames, recorder. Wings meet only at this front."""

from services.live.bunching import Gap
from services.live.feeds import FEEDS, Feed, find_feed
from services.live.frames import Event
from services.live.geometry import Geometry, geometry_name, geometry_path
from services.live.hub import Hub
from services.live.ingest import Ingest
from services.live.keeping import keep_history
from services.live.keyframes import Loaded, load_state, write_keyframe
from services.live.movements import moves_at
from services.live.newest_times import NewestTimes
from services.live.parsed import PLAIN, Parsed, Reading
from services.live.part import Part
from services.live.picture import Snapshot
from services.live.quality import REASONS, Reject
from services.live.receipts import Receipt
from services.live.receiving import Receiving
from services.live.sources import Source, read_sources
from services.live.trying import in_words, listed, named_source, try_payload

__all__ = [
    "FEEDS",
    "PLAIN",
    "REASONS",
    "Event",
    "Feed",
    "Gap",
    "Geometry",
    "Hub",
    "Ingest",
    "Loaded",
    "NewestTimes",
    "Parsed",
    "Part",
    "Reading",
    "Receipt",
    "Receiving",
    "Reject",
    "Snapshot",
    "Source",
    "find_feed",
    "geometry_name",
    "geometry_path",
    "in_words",
    "keep_history",
    "listed",
    "load_state",
    "moves_at",
    "named_source",
    "read_sources",
    "try_payload",
    "write_keyframe",
]
