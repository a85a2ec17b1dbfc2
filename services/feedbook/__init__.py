"""The feedbook: how each feed does, what it could not deliver, and asking for another try.

It only reads the accounts the ingest keeps; a replay is asked for here and done there. Wings meet only at
this front.
"""

from services.feedbook.feedbook import Feedbook

__all__ = ["Feedbook"]
