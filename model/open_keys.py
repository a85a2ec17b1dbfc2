"""Keys to ask open data more often. Open data needs none: a key raises a rate, and opens nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

HOLDER_MOST, CONTACT_MOST = 120, 160
"""The longest texts taken, in characters."""
WITHOUT_A_KEY = 3_000
"""What one visitor may ask a minute without a key, evened out: the proxy's 50 a second (deploy/nginx)."""
RATE_LEAST, RATE_MOST, RATE_USUAL = WITHOUT_A_KEY, 60_000, 6_000
"""Questions a minute with a key."""
LONGEST_KEY = timedelta(days=2 * 366)
WINDOW_S = 60
"""The seconds a rate is counted over."""


@dataclass(frozen=True, slots=True)
class OpenKeyDraft:
    """A key as somebody asked for it; ``valid_until`` aware."""

    holder: str
    contact: str
    rate_per_minute: int
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class OpenKey:
    """One key on record: its first characters, never the key. Instants are aware UTC."""

    id: int
    holder: str
    contact: str
    prefix: str
    rate_per_minute: int
    valid_until: datetime
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at ``now``."""
        return self.revoked_at is None and now < self.valid_until
