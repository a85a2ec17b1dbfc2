"""The people of the invented city: one for each role, each with the part of the city such a person has.

All are invented. The demo's past is theirs (``geodata/demo_city/looks.py``), and on the demo's own machine
anybody may sign in as them.
"""

from dataclasses import dataclass

from model.roles import Role

MADE_BY = "demo"


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the demo: ``communes`` how many of them, the first by name, ``domains`` by name, None for
    all; ``also``: what else she holds; ``video``: whether she is cleared for the records of cameras."""

    key: str
    name: str
    role: Role
    communes: int | None = None
    domains: frozenset[str] | None = None
    also: tuple[Role, ...] = ()
    video: bool = False

    @property
    def login(self) -> str:
        """What the audit knows her by."""
        return f"demo.{self.key.replace('_', '-')}"


DEMO_PEOPLE = (
    DemoPerson("operator", "Chloé Vidal", Role.OPERATOR),
    DemoPerson("supervisor", "Marc Aubry", Role.SUPERVISOR, also=(Role.OPERATOR,), video=True),
    DemoPerson("official", "Hélène Roux", Role.OFFICIAL),
    DemoPerson("commune_official", "Paul Girard", Role.OFFICIAL, communes=1),
    DemoPerson("commune_operator", "Inès Moreau", Role.OPERATOR, communes=2, video=True),
    DemoPerson("lighting_contractor", "Karim Benali", Role.FIELD_AGENT, domains=frozenset({"lighting"})),
    DemoPerson("steward", "Sophie Lacroix", Role.STEWARD),
    DemoPerson("dpo", "Anne Keller", Role.DPO),
    DemoPerson("administrator", "Julien Faure", Role.ADMINISTRATOR),
    DemoPerson("wall", "Mur de la salle 1", Role.WALL),
)
"""In the order of the sign-in page."""
