"""HTTP push: what a device, gateway or supervisor posts to ``/ingest/observations``."""

from services.live.parsed import Parsed, parse_json


def parse(payload: bytes) -> Parsed:
    """Vigie's own JSON of observations, one or many; BadRequest when it is none as a whole."""
    return parse_json(payload)
