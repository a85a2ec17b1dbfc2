"""What a city begins with: a publication of every dataset that may be open. Open by default, but by somebody.

In the invented city its own people have approved them; in a real one they wait for the city's.
"""

from sqlalchemy import Engine

from geodata.demo_city import needs_demo
from geodata.profiles import CityProfile
from model.datasets import DATASETS
from model.demo_people import DEMO_PEOPLE
from model.publications import Draft, draft_of_all, personal_behind
from model.roles import Role
from model.texts import words
from model.viewer import Viewer
from services.access import Demo
from services.publishing.licences import licence
from services.publishing.linting import LICENCES
from services.publishing.register.publications import Publications

SYSTEM = Viewer(0, "vigie", "Vigie", Role.ADMINISTRATOR)
_FIRST = {"etalab-1.0": "etalab-2.0"}
"""A licence of the sources that may be passed on under the next version of it."""


def seed(engine: Engine, profile: CityProfile) -> int:
    """Give every dataset that may be open and has no publication its first one; how many. Safe to repeat.

    The invented city is left alone until it is built, for its people come with it.
    """
    if not profile.generated:
        return len(seed_proposed(engine, profile))
    return 0 if needs_demo(engine) else seed_demo(engine, profile)


def seed_proposed(engine: Engine, profile: CityProfile) -> list[Draft]:
    """Propose a publication of each dataset that may be open and has none; those proposed now."""
    register = Publications(engine)
    known = {one.dataset for one in register.list()}
    drafts = [
        draft_of_all(dataset, licence_of(profile), words(profile.languages[0])("publications.seed_why"))
        for dataset in DATASETS
        if dataset.publishable and dataset.name not in known
    ]
    for draft in drafts:
        register.propose(SYSTEM, draft)
    return drafts


def seed_demo(engine: Engine, profile: CityProfile) -> int:
    """Propose and approve them in the name of the invented city's people; how many."""
    drafts = seed_proposed(engine, profile)
    register = Publications(engine)
    steward, officer = (_viewer(engine, profile, role) for role in (Role.STEWARD, Role.DPO))
    behind = {one.name: personal_behind(one) for one in DATASETS}
    for draft in drafts:
        if behind[draft.dataset]:
            register.approve(officer, draft.name, 1)
        register.approve(steward, draft.name, 1)
    return len(drafts)


def licence_of(profile: CityProfile) -> str:
    """The licence a city publishes under: that of its sources where it may, else Licence Ouverte 2.0."""
    key = licence(_FIRST.get(profile.licence, profile.licence)).key
    return key if key in LICENCES else LICENCES[0]


def _viewer(engine: Engine, profile: CityProfile, role: Role) -> Viewer:
    person = next(one for one in DEMO_PEOPLE if one.role is role)
    who, grant = Demo(engine, profile.area_kind).come(person.key)
    return Viewer(who, person.login, person.name, role, grant_id=grant)
