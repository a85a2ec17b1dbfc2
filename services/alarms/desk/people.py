"""Whom an alarm may be given to: persons with a role that answers it, and a grant over where it lies."""

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.alarms import Assignable
from model.errors import BadField, NotFound
from model.roles import ALARM_HANDLERS, Role

DEADLINE_MS = 2_000
MOST = 200
_ANSWER = sorted(role.value for role in ALARM_HANDLERS | {Role.FIELD_AGENT})

_PEOPLE = text(
    """
    SELECT DISTINCT ON (p.name, p.id) p.id, p.name, g.role
    FROM person p JOIN access_grant g ON g.person_id = p.id
    WHERE p.disabled_at IS NULL AND g.revoked_at IS NULL AND g.valid_from <= now()
      AND (g.valid_until IS NULL OR g.valid_until > now()) AND g.role = ANY(:roles)
      AND (g.areas IS NULL OR :commune = ANY(g.areas) OR :district = ANY(g.areas))
      AND (g.domains IS NULL OR :domain = ANY(g.domains))
      AND (CAST(:person AS bigint) IS NULL OR p.id = :person)
    ORDER BY p.name, p.id, g.role LIMIT :most
    """
)
_ALARM = text("SELECT id, commune_id, district_id, domain FROM alarm WHERE id = :id")


def read_assignable(
    engine: Engine, whole: Engine, alarm_id: int, person_id: int | None = None
) -> tuple[Assignable, ...]:
    """Who an alarm that ``engine`` sees may be given to, by name; of ``person_id`` only whether she is one.

    NotFound, Unavailable. Who may do what is asked on the ``whole`` city's engine.
    """
    with asking(engine, DEADLINE_MS) as connection:
        alarm = connection.execute(_ALARM, {"id": alarm_id}).one_or_none()
    if alarm is None:
        raise NotFound(f"no alarm {alarm_id}")
    values = {
        "roles": _ANSWER, "commune": alarm.commune_id, "district": alarm.district_id,
        "domain": alarm.domain, "person": person_id, "most": MOST,
    }  # fmt: skip
    with asking(whole, DEADLINE_MS) as connection:
        return tuple(Assignable(row.id, row.name, row.role) for row in connection.execute(_PEOPLE, values))


def checked_assignee(engine: Engine, whole: Engine, alarm_id: int, person_id: int) -> Assignable:
    """The person ``person_id`` when the alarm may be given to her; BadField otherwise."""
    found = read_assignable(engine, whole, alarm_id, person_id)
    if not found:
        raise BadField("person", "not_assignable")
    return found[0]
