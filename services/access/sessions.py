"""Sessions, kept on the server: whose a browser's cookie is, as long as nobody ended it.

The cookie is 256 random bits of which the database holds the SHA-256 alone. What a session may is read once
and kept in memory; any change of people, grants or sessions anywhere empties that memory at once
(``services.listening``). With the database away the last known viewer goes on while her session lasts.
"""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from geodata.asking import asking
from model.audit import Action
from model.errors import NotFound, Refused, Unavailable
from model.people import OpenSession
from model.roles import PEOPLE_KEEPERS
from model.viewer import Viewer
from services.access.audit import record
from services.access.session_rows import (
    END,
    LISTED,
    LIVES,
    OPEN,
    READ,
    RIGHTS,
    SEEN,
    SHIFT,
    listed,
    viewer_of,
)

TOKEN_LENGTH = 43
ASK_MS = 2_000
AGAIN_S = 50.0
"""How long an answer holds without asking again: each asking notes that the session is in use."""
KNOWN_MOST = 4_096


@dataclass(frozen=True)
class _Known:
    viewer: Viewer
    generation: int
    asked: float


def token_hash(token: str) -> bytes:
    """What the database keeps of ``token``."""
    return hashlib.sha256(token.encode()).digest()


class Sessions:
    """The sessions of the city behind ``engine``.

    ``heard`` says the number of changes heard of so far, or None while nothing would be heard: then every
    request asks the database.
    """

    def __init__(self, engine: Engine, heard: Callable[[], int | None] = lambda: None) -> None:
        self._engine = engine
        self._heard = heard
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Viewer | None]] = {}

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    # --- whose a token is ----------------------------------------------------------------------------

    async def viewer(self, token: str) -> Viewer | None:
        """Whose ``token`` is; None when it is nobody's, ended, expired or unused too long.

        Raises Unavailable for a token not known from before while the database is away.
        """
        if len(token) != TOKEN_LENGTH or not token.isascii():
            return None
        key = token_hash(token)
        known = self._known.get(key)
        if known and self._holds(known):
            return known.viewer
        try:
            return await asyncio.shield(self._asked(key))
        except Unavailable:
            if known is None or _over(known.viewer):
                raise
            return known.viewer

    def _holds(self, known: _Known) -> bool:
        heard = self._heard()
        fresh = heard is not None and known.generation == heard
        return fresh and time.monotonic() - known.asked < AGAIN_S and not _over(known.viewer)

    def _asked(self, key: bytes) -> "asyncio.Task[Viewer | None]":
        """The one question in flight for ``key``, however many requests wait for it."""
        if key not in self._asking:
            task = asyncio.create_task(self._ask(key))
            self._asking[key] = task
            task.add_done_callback(lambda _done: self._asking.pop(key, None))
        return self._asking[key]

    async def _ask(self, key: bytes) -> Viewer | None:
        # Taken before the question: what is heard while it is answered makes the answer old.
        generation = self._heard()
        viewer = await asyncio.to_thread(self._read, key)
        if viewer is None:
            self._known.pop(key, None)
            return None
        self._known[key] = _Known(viewer, -1 if generation is None else generation, time.monotonic())
        self._known.move_to_end(key)
        while len(self._known) > KNOWN_MOST:
            self._known.popitem(last=False)
        return viewer

    def _read(self, key: bytes) -> Viewer | None:
        with asking(self._engine, ASK_MS) as connection:
            row = connection.execute(READ, {"hash": key}).mappings().one_or_none()
            if row is None:
                return None
            rights = connection.execute(RIGHTS, {"person": row["person_id"]}).mappings().all()
            connection.execute(SEEN, {"id": row["id"]})
            connection.commit()
        return viewer_of(row, rights)

    # --- opening and ending --------------------------------------------------------------------------

    def open(
        self, person_id: int, grant_id: int, method: str, address: str, agent: str
    ) -> tuple[str, Viewer]:
        """Begin a session of a person in one of her grants: its token, told once, and its viewer.

        ``method`` is ``local``, ``oidc``, ``demo`` or ``device`` and says how long it lasts. Refused when the
        person is disabled or the grant not hers and in force. Written to the audit.
        """
        token, life = secrets.token_urlsafe(32), LIVES.get(method, SHIFT)
        key = token_hash(token)
        values = {
            "hash": key, "csrf": secrets.token_urlsafe(24), "method": method,
            "address": address[:100], "agent": agent[:200], "whole": life.whole,
            "idle": int(life.idle.total_seconds()), "person": person_id, "grant": grant_id,
        }  # fmt: skip
        with asking(self._engine, ASK_MS) as connection:
            if connection.execute(OPEN, values).scalar_one_or_none() is None:
                raise Refused("no such grant is in force")
            connection.commit()
            viewer = self._read(key)
            if viewer is None:
                raise Refused("no such grant is in force")
            record(connection, viewer, Action.SIGNED_IN, kind="session", object=str(viewer.session_id),
                   details={"method": method, "agent": agent[:200]})  # fmt: skip
            connection.commit()
        return token, viewer

    def end(self, viewer: Viewer, session_id: int, why: str = "revoked") -> None:
        """End a session at once, everywhere: one's own, or as a keeper of people anybody's.

        ``why`` is ``signed_out``, ``revoked`` or ``replaced``. NotFound when it is over already; Refused when
        it is somebody else's and the viewer keeps no people.
        """
        with asking(self._engine, ASK_MS) as connection:
            ended = self._end(connection, viewer, session_id, why)
            if ended["person_id"] != viewer.person_id and viewer.role not in PEOPLE_KEEPERS:
                connection.rollback()
                raise Refused("a session of somebody else")
            action = Action.SIGNED_OUT if why == "signed_out" else Action.SESSION_ENDED
            details = {"why": why, "login": ended["login"]}
            record(connection, viewer, action, kind="session", object=str(session_id), details=details)
            connection.commit()
        self._forget(session_id)

    def _forget(self, session_id: int) -> None:
        """Here it is over with the very next request; other processes hear of it a moment later."""
        for key, known in list(self._known.items()):
            if known.viewer.session_id == session_id:
                self._known.pop(key, None)

    def _end(self, connection: Connection, viewer: Viewer, session_id: int, why: str) -> Any:
        values = {"id": session_id, "by": viewer.name, "why": why}
        ended = connection.execute(END, values).mappings().one_or_none()
        if ended is None:
            raise NotFound("that session is over")
        return ended

    # --- lists for pages -----------------------------------------------------------------------------

    def of(self, person_id: int) -> list[OpenSession]:
        """The sessions of a person that are open, the one used last first."""
        return self._listed(person_id)

    def all_open(self) -> list[OpenSession]:
        """Every open session, the one used last first."""
        return self._listed(None)

    def _listed(self, person_id: int | None) -> list[OpenSession]:
        with asking(self._engine) as connection:
            rows = connection.execute(LISTED, {"person": person_id}).mappings().all()
        return [listed(row) for row in rows]


def _over(viewer: Viewer) -> bool:
    return viewer.expires_at is not None and viewer.expires_at <= datetime.now(UTC)
