"""What a person may not see is absent from every answer, and what she sees is what the whole city shows."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from geodata.database import open_engine
from geodata.demo_city import build_demo_city
from geodata.profiles import read_profile
from model.viewer import Scope
from services.boards import keep_kpis_once
from tests.conftest import Servers
from tests.room import Room, open_room
from tests.scoped_city import Equipment, Truth, Walk, as_seen, leaked, read_truth

pytestmark = pytest.mark.servers
SCALE = 0.05
CENTRE, VILLAGE = 2, 9
"""Areas of the demo city: its largest commune, and one of a hundred assets."""
SCOPES = {
    "commune": Scope(areas=frozenset({VILLAGE})),
    "domain": Scope(domains=frozenset({"traffic"})),
    "commune x domain": Scope(areas=frozenset({CENTRE}), domains=frozenset({"surveillance", "access"})),
    "empty": Scope(areas=frozenset(), domains=frozenset()),
}


@pytest.fixture(scope="module")
def demo_url(servers: Servers) -> Iterator[str]:
    url = servers.fresh_database()
    engine = open_engine(url, statement_ms=60_000)
    now = datetime.now(UTC).replace(microsecond=0)
    build_demo_city(engine, read_profile("demo"), now=now, scale=SCALE, progress=lambda *_: None)
    keep_kpis_once(engine, read_profile("demo"), now)
    engine.dispose()
    yield url
    servers.drop_database(url)


@pytest.fixture(scope="module")
def demo(demo_url: str) -> Iterator[Engine]:
    engine = open_engine(demo_url, statement_ms=60_000)
    yield engine
    engine.dispose()


@pytest.fixture
async def room(demo_url: str, redis_url: str) -> AsyncIterator[Room]:
    async with open_room(demo_url, redis_url) as opened:
        yield opened


TYPES = ("streetlight", "control_cabinet", "camera", "junction", "detector", "meter", "access_point", "bus")


def examples(truth: Truth) -> tuple[Equipment, ...]:
    """One asset of each of ``TYPES`` outside the scope, and of three types inside."""
    of = {(truth.within(one), one.asset_type): one for one in reversed(truth.assets)}
    inside = [of[key] for key in sorted(of) if key[0]][:3]
    return (*inside, *(of[False, kind] for kind in TYPES if (False, kind) in of))


async def test_no_answer_tells_of_what_lies_outside(room: Room, demo: Engine) -> None:
    """The whole city asks first, so that whatever is kept for it is there to be told by mistake."""
    for name, scope in SCOPES.items():
        truth = read_truth(demo, scope)
        walk = Walk(datetime.now(UTC), examples(truth), (CENTRE, VILLAGE))
        if name == "commune":
            told = "\n".join((await walk.answers(room)).values())
            assert sum(word in told for word in truth.secrets) > 500, "what would be found is told to others"
        async with as_seen(room, demo, scope) as eyes:
            assert leaked(truth, await walk.answers(eyes)) == {}, name
