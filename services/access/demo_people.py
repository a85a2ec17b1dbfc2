"""Signing in as the people of the invented city (``model/demo_people.py``).

They are made with it, or when somebody first signs in as them. They have no password: one click, on this
machine alone.
"""

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.demo_people import DEMO_PEOPLE, MADE_BY, DemoPerson
from model.errors import NotFound
from model.roles import Role

_AREAS = text("SELECT name, id FROM area WHERE kind = :kind ORDER BY name")
_PERSON = text("""
INSERT INTO person (login, name, kind, made_by) VALUES (:login, :name, :kind, :by)
ON CONFLICT (login) DO UPDATE SET name = person.name RETURNING id
""")
_GRANT = text("""
SELECT id FROM access_grant WHERE person_id = :person AND role = :role AND made_by = :by
AND revoked_at IS NULL AND (valid_until IS NULL OR valid_until > now()) ORDER BY id LIMIT 1
""")
_GIVE = text("""
INSERT INTO access_grant (person_id, role, areas, domains, reason, made_by)
VALUES (:person, :role, :areas, :domains, :reason, :by) RETURNING id
""")


class Demo:
    """Those of the invented city behind ``engine``; ``area_kind`` is what its communes are called."""

    def __init__(self, engine: Engine, area_kind: str) -> None:
        self._engine = engine
        self._kind = area_kind

    def areas(self) -> dict[int, str]:
        """The names of the city's communes by id."""
        with asking(self._engine) as connection:
            return {row.id: row.name for row in connection.execute(_AREAS, {"kind": self._kind})}

    def areas_of(self, person: DemoPerson, areas: dict[int, str]) -> frozenset[int] | None:
        """Which of ``areas`` are hers: the first by name; None: all."""
        return None if person.communes is None else frozenset(list(areas)[: person.communes])

    def come(self, key: str) -> tuple[int, int]:
        """The ids of person ``key`` and her grant, made where missing. NotFound for another key."""
        person = next((one for one in DEMO_PEOPLE if one.key == key), None)
        if person is None:
            raise NotFound("nobody of that name in the demonstration")
        areas = self.areas()
        with asking(self._engine) as connection:
            kind = "device" if person.role is Role.WALL else "person"
            values = {"login": person.login, "name": person.name, "kind": kind, "by": MADE_BY}
            person_id = int(connection.execute(_PERSON, values).scalar_one())
            own = self.areas_of(person, areas)
            grant = self._granted(connection, person_id, person.role, own, person.domains)
            for role in person.also:
                self._granted(connection, person_id, role, own, person.domains)
            connection.commit()
        return person_id, grant

    def _granted(
        self,
        connection: Connection,
        person_id: int,
        role: Role,
        areas: frozenset[int] | None,
        domains: frozenset[str] | None,
    ) -> int:
        asked = {"person": person_id, "role": role.value, "by": MADE_BY}
        if (found := connection.execute(_GRANT, asked).scalar_one_or_none()) is not None:
            return int(found)
        given = {
            **asked, "areas": None if areas is None else sorted(areas),
            "domains": None if domains is None else sorted(domains), "reason": MADE_BY,
        }  # fmt: skip
        return int(connection.execute(_GIVE, given).scalar_one())
