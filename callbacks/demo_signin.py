"""Each role of the invented city in one click: on this machine alone, and nowhere else."""

import asyncio

from fastapi import Request
from starlette.responses import Response

from callbacks.cookies import own_path
from callbacks.forms import read_form, see
from callbacks.signin_steps import opened
from layouts.people_words import scope_text
from layouts.signin import DemoRole
from model.errors import NotFound, Refused, Unavailable
from model.texts import Words
from model.viewer import Scope
from services.access import DEMO_PEOPLE, Demo, Signing
from services.city import City


def is_offered(city: City) -> bool:
    """Whether this city is invented, this machine alone reaches it, and the setting says so."""
    settings = city.settings
    return settings.demo_sign_in and city.profile.generated and settings.url_host is None


async def offered(city: City, say: Words) -> list[DemoRole]:
    """The roles to try; none where that is not offered."""
    if not is_offered(city):
        return []
    demo = Demo(city.engine, city.profile.area_kind)
    try:
        areas = await asyncio.to_thread(demo.areas)
    except Unavailable:
        return []
    return [
        DemoRole(
            one.key, one.name, one.role, scope_text(say, Scope(demo.areas_of(one, areas), one.domains), areas)
        )
        for one in DEMO_PEOPLE
    ]


async def enter(city: City, request: Request) -> Response:
    """Begin a session of the demo person whose button was pressed."""
    form = await read_form(request)
    if not is_offered(city):
        raise NotFound("nothing of that name here")
    try:
        person, grant = await asyncio.to_thread(
            Demo(city.engine, city.profile.area_kind).come, form.get("as", "")
        )
        return await opened(city, request, Signing(person, "demo", own_path(form.get("next"))), grant)
    except Refused:
        return see("/signin?told=late")
