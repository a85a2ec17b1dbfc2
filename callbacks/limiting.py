"""How often somebody may ask: a session its callbacks and exports, a sender the pages of sign-in.

Callbacks are counted by this process alone: a journey to Redis for each would cost more than most of them.
"""

from callbacks.refusing import Answer
from callbacks.rules import CALLBACK
from model.viewer import Viewer
from services.access import Rates, network_of

CALLBACKS_A_MINUTE = 1_200
"""Of one session. A busy person with several screens open asks a tenth of that."""
EXPORTS_A_MINUTE = 20
"""Of one session: files take seconds of a core each."""
SIGN_INS_A_MINUTE = 120
"""Of one sender: the shift of a whole control room signs in behind one address."""
EXPORTS = frozenset({"/history/export", "/history/replay", "/report.pdf"})
TOO_OFTEN = (429, "too_often")


class Pace:
    """What of a session or a sender comes faster than from any person."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    async def refusal(self, method: str, path: str, viewer: Viewer | None, address: str) -> Answer | None:
        """Why a request is refused for now: ``viewer`` is whose it is, ``address`` whence it comes."""
        if viewer is not None and path == CALLBACK:
            return self._callback(str(viewer.session_id))
        if viewer is not None and path in EXPORTS:
            fine = await self._rates.allow("export", str(viewer.session_id), EXPORTS_A_MINUTE)
            return None if fine else TOO_OFTEN
        if path.startswith("/signin") and (method == "POST" or path.startswith("/signin/oidc")):
            return await self._sign_in(network_of(address))
        return None

    def _callback(self, session: str) -> Answer | None:
        return None if self._rates.allow_here("callback", session, CALLBACKS_A_MINUTE) else TOO_OFTEN

    async def _sign_in(self, sender: str) -> Answer | None:
        # Senders that cannot be told apart are not counted together: one would keep out all others.
        if not sender or await self._rates.allow("signin", sender, SIGN_INS_A_MINUTE):
            return None
        return TOO_OFTEN
