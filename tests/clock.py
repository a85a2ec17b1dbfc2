"""When the running test began.

Whatever a test sends is dated from here and never from when its file was read: a whole run takes longer than
a bus may stay silent, and what was fresh when the tests were collected is stale when the last of them runs.
"""

from datetime import UTC, datetime

_began = datetime.now(UTC).replace(microsecond=0)


def began() -> datetime:
    """The instant the running test began, to the second, in UTC; the same for the whole test."""
    return _began


def restart() -> None:
    """A test begins now."""
    global _began
    _began = datetime.now(UTC).replace(microsecond=0)
