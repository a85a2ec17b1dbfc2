"""HTTP push: what a device, gateway or supervisor posts to ``/ingest/observations``, JSON or NDJSON."""

from services.live.parsed import PLAIN, Parsed, Reading, parse_json, parse_lines


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """Vigie's own JSON of observations, one or many; BadRequest when it is none as a whole.

    Where the field ``format`` is ``ndjson``: one observation a line, and one bad line stops no other.
    """
    return parse_lines(payload) if reading.fields.get("format") == "ndjson" else parse_json(payload)
