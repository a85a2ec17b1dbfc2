"""HTTP push: what a device, gateway or supervisor posts to ``/ingest/observations``."""

from services.live.parsed import PLAIN, Parsed, Reading, parse_json


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """Vigie's own JSON of observations, one or many; BadRequest when it is none as a whole."""
    return parse_json(payload)
