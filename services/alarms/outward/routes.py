"""The routes: which alarms are told over which channel; each change is audited."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from geodata.asking import asking
from model.alarm_routes import MOMENTS, Channel, Moment, Route, RouteDraft
from model.alarms import Priority
from model.audit import Action
from model.domains import DOMAINS
from model.errors import BadField, NotFound, Refused
from model.roles import ROUTE_KEEPERS
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record

DEADLINE_MS = 3_000
NAME_MOST = 60
TESTS_APART = timedelta(seconds=10)
"""A test button that is pressed twice sends one message."""

_ROUTES = text(
    """
    SELECT r.id, r.name, r.channel, r.moments, r.priorities, r.domains, r.classes, r.areas, r.enabled,
           r.made_by, r.made_at, n.sent, n.waiting, n.given_up, n.last_sent_at, n.last_error,
           t.made_at AS tested_at, t.sent_at AS test_sent_at, t.error AS test_error
    FROM alarm_route r
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE sent_at IS NOT NULL) AS sent,
               count(*) FILTER (WHERE sent_at IS NULL AND given_up_at IS NULL) AS waiting,
               count(*) FILTER (WHERE given_up_at IS NOT NULL) AS given_up, max(sent_at) AS last_sent_at,
               (array_agg(error ORDER BY id DESC) FILTER (WHERE error IS NOT NULL))[1] AS last_error
        FROM alarm_notice WHERE route_id = r.id AND moment <> 'test'
    ) n
    LEFT JOIN LATERAL (
        SELECT made_at, sent_at, error FROM alarm_notice WHERE route_id = r.id AND moment = 'test'
        ORDER BY id DESC LIMIT 1
    ) t ON true
    WHERE r.removed_at IS NULL ORDER BY lower(r.name)
    """
)
_CHANNELS = text("SELECT name, kind, place, fault FROM alarm_channel ORDER BY name")
_CLASSES = text("SELECT key FROM alarm_rule ORDER BY key")
_AREAS = text("SELECT id FROM area")
_MAKE = text(
    """
    INSERT INTO alarm_route (name, channel, moments, priorities, domains, classes, areas, enabled, made_by)
    VALUES (:name, :channel, :moments, :priorities, :domains, :classes, :areas, :enabled, :by) RETURNING id
    """
)
_CHANGE = text(
    """
    UPDATE alarm_route SET name = :name, channel = :channel, moments = :moments, priorities = :priorities,
        domains = :domains, classes = :classes, areas = :areas, enabled = :enabled, changed_at = :now,
        changed_by = :by
    WHERE id = :id AND removed_at IS NULL RETURNING id
    """
)
_REMOVE = text(
    "UPDATE alarm_route SET removed_at = :now, removed_by = :by, enabled = false "
    "WHERE id = :id AND removed_at IS NULL RETURNING name"
)
_WITHDRAW = text(
    "UPDATE alarm_notice SET given_up_at = :now, error = 'removed' "
    "WHERE route_id = :id AND sent_at IS NULL AND given_up_at IS NULL"
)
_LOCK = text("SELECT name FROM alarm_route WHERE id = :id AND removed_at IS NULL FOR UPDATE")
_TESTED = text(
    "SELECT true FROM alarm_notice WHERE route_id = :id AND moment = 'test' AND made_at > :since LIMIT 1"
)
_TEST = text(
    "INSERT INTO alarm_notice (route_id, moment, made_at, next_try_at, asked_by) "
    "VALUES (:id, :moment, :now, :now, :by)"
)


class Routes:
    """The routes of one city. Every method blocks, three seconds at most, and raises Unavailable.

    What changes something takes the ``viewer`` and ``now`` (aware), raises Refused unless she keeps routes,
    and writes the audit in its own transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self) -> Sequence[Route]:
        """Every route by name, with how it does."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [_route(row) for row in connection.execute(_ROUTES)]

    def channels(self) -> Sequence[Channel]:
        """The channels the alarm process was started with; none when it was never started with any."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [Channel(*row) for row in connection.execute(_CHANNELS)]

    def classes(self) -> Sequence[str]:
        """The alarm classes a route may name."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return list(connection.scalars(_CLASSES))

    def make(self, viewer: Viewer, draft: RouteDraft, now: datetime) -> int:
        """Make a route; its id. Raises BadField naming what cannot be taken."""
        _keeper(viewer, "make routes of alarms")
        with asking(self._engine, DEADLINE_MS) as connection:
            values = _checked(connection, draft)
            made = int(str(self._written(connection, _MAKE, values | {"by": viewer.name})))
            _record(connection, viewer, Action.ROUTE_MADE, values["name"], values)
            connection.commit()
        return made

    def change(self, viewer: Viewer, route_id: int, draft: RouteDraft, now: datetime) -> None:
        """Change route ``route_id`` to ``draft``. Raises BadField, NotFound."""
        _keeper(viewer, "change routes of alarms")
        with asking(self._engine, DEADLINE_MS) as connection:
            values = _checked(connection, draft)
            told = values | {"id": route_id, "now": now, "by": viewer.name}
            if self._written(connection, _CHANGE, told) is None:
                raise NotFound(f"no route {route_id}")
            _record(connection, viewer, Action.ROUTE_CHANGED, values["name"], values)
            connection.commit()

    def remove(self, viewer: Viewer, route_id: int, now: datetime) -> None:
        """Take a route out: what waits is told no more, what was told stays on record. Raises NotFound."""
        _keeper(viewer, "remove routes of alarms")
        with asking(self._engine, DEADLINE_MS) as connection:
            name = connection.scalar(_REMOVE, {"id": route_id, "now": now, "by": viewer.name})
            if name is None:
                raise NotFound(f"no route {route_id}")
            connection.execute(_WITHDRAW, {"id": route_id, "now": now})
            _record(connection, viewer, Action.ROUTE_REMOVED, name, {})
            connection.commit()

    def test(self, viewer: Viewer, route_id: int, now: datetime) -> bool:
        """Ask for a test message; False when one was asked for a moment ago. Raises NotFound."""
        _keeper(viewer, "test routes of alarms")
        with asking(self._engine, DEADLINE_MS) as connection:
            name = connection.scalar(_LOCK, {"id": route_id})
            if name is None:
                raise NotFound(f"no route {route_id}")
            if connection.scalar(_TESTED, {"id": route_id, "since": now - TESTS_APART}):
                return False
            asked = {"id": route_id, "moment": str(Moment.TEST), "now": now, "by": viewer.name}
            connection.execute(_TEST, asked)
            _record(connection, viewer, Action.ROUTE_TESTED, name, {})
            connection.commit()
        return True

    def _written(self, connection: Connection, what: Any, values: dict[str, Any]) -> Any:
        try:
            return connection.scalar(what, values)
        except IntegrityError as error:
            raise BadField("name", "taken") from error


def _keeper(viewer: Viewer, what: str) -> None:
    """A route tells of alarms of the whole city, so who makes one must be allowed to see them."""
    must_be(viewer, ROUTE_KEEPERS, what)
    if not viewer.scope.whole:
        raise Refused("routes are made by those who see the whole city", "whole_city")


def _route(row: Any) -> Route:
    draft = RouteDraft(
        row.name, row.channel, frozenset(row.moments), frozenset(row.priorities), _some(row.domains),
        _some(row.classes), _some(row.areas), row.enabled,
    )  # fmt: skip
    return Route(
        row.id, draft, row.made_by, row.made_at, row.sent, row.waiting, row.given_up, row.last_sent_at,
        row.last_error or "", row.tested_at, row.test_sent_at, row.test_error or "",
    )  # fmt: skip


def _some(values: Sequence[Any] | None) -> frozenset[Any] | None:
    return None if values is None else frozenset(values)


def _checked(connection: Connection, draft: RouteDraft) -> dict[str, Any]:
    """The values of ``draft``; BadField names the field that cannot be taken."""
    known = {one.name: one for one in (Channel(*row) for row in connection.execute(_CHANNELS))}
    if draft.channel not in known:
        raise BadField("channel", "unknown_channel")
    _within("moments", draft.moments, {str(one) for one in MOMENTS})
    _within("priorities", draft.priorities, {int(one) for one in Priority})
    _within("domains", draft.domains, {domain.name for domain in DOMAINS})
    _within("classes", draft.classes, set(connection.scalars(_CLASSES)))
    _within("areas", draft.areas, set(connection.scalars(_AREAS)))
    return {
        "name": typed_text("name", draft.name, NAME_MOST),
        "channel": draft.channel,
        "moments": sorted(draft.moments),
        "priorities": sorted(draft.priorities),
        "domains": _listed(draft.domains),
        "classes": _listed(draft.classes),
        "areas": _listed(draft.areas),
        "enabled": draft.enabled,
    }


def _within(field: str, asked: frozenset[Any] | None, known: set[Any]) -> None:
    if asked is None:
        return
    if not asked:
        raise BadField(field, "empty")
    if not asked <= known:
        raise BadField(field, "unknown", which=", ".join(sorted(map(str, asked - known))))


def _listed(values: frozenset[Any] | None) -> list[Any] | None:
    return None if values is None else sorted(values)


def _record(
    connection: Connection, viewer: Viewer, action: Action, name: str, details: dict[str, Any]
) -> None:
    record(connection, viewer, action, kind="alarm_route", object=name, details=details)
