"""Looks at records the law protects: what is needed, for which purposes, and for how long one is good.

Which records those are is declared with the asset type (``AssetType.guarded``). Video: persons named and
cleared, each look with a purpose (CSI R253-3, L252-2). Personal data: a purpose (GDPR article 5.1.b).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

VALID = timedelta(minutes=15)
"""How long a stated purpose is good, for the one asset it was stated of."""
REFERENCE_MOST = 120
"""The longest reference taken, in characters."""

VIDEO, PERSONAL = "video", "personal"


class Need(StrEnum):
    """What stands between a viewer and a record."""

    NONE = "none"
    PURPOSE = "purpose"
    VIDEO_RIGHT = "video_right"
    PERSON = "person"
    """A shared screen is nobody: it is shown no such record at all."""


class Purpose(StrEnum):
    """Why somebody looks."""

    INCIDENT = "incident"
    SAFETY = "safety"
    TRAFFIC = "traffic"
    MAINTENANCE = "maintenance"
    REQUISITION = "requisition"
    RIGHTS_REQUEST = "rights_request"


PURPOSES: dict[str, tuple[Purpose, ...]] = {
    VIDEO: tuple(Purpose),
    PERSONAL: tuple(purpose for purpose in Purpose if purpose is not Purpose.TRAFFIC),
}
"""The purposes there are for each kind of record; the texts are ``looks.purpose.<value>``."""

REFERENCED = frozenset({Purpose.REQUISITION, Purpose.RIGHTS_REQUEST})
"""Purposes that are nothing without the number of the request."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a viewer stands to the record of one asset.

    ``guarded`` is ``video``, ``personal`` or empty; ``need`` what is missing. With a purpose in force,
    ``purpose``, ``reference`` and ``until`` (aware UTC) tell it; ``until`` ends no later than the right does.
    ``purpose_id`` is 0 without one.
    """

    asset_id: int
    external_id: str
    name: str
    asset_type: str
    guarded: str
    need: Need
    purpose_id: int = 0
    purpose: str = ""
    reference: str = ""
    until: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether the record may be shown."""
        return self.need is Need.NONE
