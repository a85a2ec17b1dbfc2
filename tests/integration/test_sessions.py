"""Sessions: as long as they last and no longer, in every process at once, and with the database away."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine, plain_url
from model.errors import NotFound, Refused, Unavailable
from model.roles import Role
from model.viewer import Scope
from services.access import Sessions
from services.listening import ACCESS, Listener
from tests.signing_in import person_of, sign_in
from tests.waiting import until

AT_ONCE_S = 5.0


@contextmanager
def process(url: str) -> Iterator[tuple[Sessions, Listener]]:
    """Sessions as one web process keeps them, with its listener."""
    engine = open_engine(url)
    listener = Listener(plain_url(url))
    listener.start()
    try:
        yield Sessions(engine, listener.heard), listener
    finally:
        listener.stop()
        engine.dispose()


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[Sessions, Sessions]]:
    """Two web processes that hear."""
    with ExitStack() as stack:
        both = [stack.enter_context(process(database_url)) for _ in range(2)]
        for _, listener in both:
            await until(lambda listener=listener: hears(listener), AT_ONCE_S)  # type: ignore[misc]
        yield both[0][0], both[1][0]


async def hears(listener: Listener) -> bool:
    return listener.heard() is not None


def change(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def count_questions(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often ``sessions`` asked the database since."""
    asked: list[bytes] = []
    read = sessions._read
    monkeypatch.setattr(sessions, "_read", lambda key: (asked.append(key), read(key))[1])
    return lambda: len(asked)


async def test_a_session_is_its_person_in_one_role_and_scope(engine: Engine) -> None:
    mine = sign_in(engine, Role.FIELD_AGENT, areas=[1, 2], domains=["lighting"])
    viewer = await Sessions(engine).viewer(mine.token)
    assert viewer == mine.viewer
    assert viewer is not None
    assert (viewer.role, viewer.scope) == (
        Role.FIELD_AGENT, Scope(frozenset({1, 2}), frozenset({"lighting"})),
    )  # fmt: skip


async def test_the_database_holds_no_token(engine: Engine) -> None:
    mine = sign_in(engine)
    assert len(mine.token) == 43
    with engine.connect() as connection:
        kept = connection.scalar(text("SELECT token_hash FROM session"))
    assert kept == hashlib.sha256(mine.token.encode()).digest()


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "é" * 43, "a" * 10_000])
async def test_another_token_is_nobody(engine: Engine, token: str) -> None:
    sign_in(engine)
    assert await Sessions(engine).viewer(token) is None


ENDS = {
    "ended": "UPDATE session SET ended_at = now()",
    "grant revoked": "UPDATE access_grant SET revoked_at = now()",
    "grant over": "UPDATE access_grant SET valid_from = now() - interval '2 h', "
    "valid_until = now() - interval '1 s'",
    "person disabled": "UPDATE person SET disabled_at = now()",
}


@pytest.mark.parametrize("how", ENDS)
async def test_what_ends_a_session_ends_it_in_every_process_at_once(
    engine: Engine, two: tuple[Sessions, Sessions], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = sign_in(engine), sign_in(engine, Role.OPERATOR)
    for sessions in two:
        assert await sessions.viewer(mine.token) is not None
    asked = count_questions(two[1], monkeypatch)
    for _ in range(20):
        assert await two[1].viewer(mine.token) is not None
    assert asked() == 0, "known, and believed"
    change(engine, ENDS[how])

    async def gone(sessions: Sessions) -> bool:
        return await sessions.viewer(mine.token) is None and await sessions.viewer(other.token) is None

    for sessions in two:
        await until(lambda sessions=sessions: gone(sessions), AT_ONCE_S)  # type: ignore[misc]


async def test_a_changed_role_is_the_next_requests(engine: Engine, two: tuple[Sessions, Sessions]) -> None:
    mine = sign_in(engine, Role.SUPERVISOR)
    assert await two[0].viewer(mine.token)
    change(engine, "UPDATE access_grant SET role = 'operator', areas = '{7}'")

    async def narrowed() -> bool:
        viewer = await two[0].viewer(mine.token)
        return viewer is not None and (viewer.role, viewer.scope.areas) == (Role.OPERATOR, frozenset({7}))

    await until(narrowed, AT_ONCE_S)


async def test_expired_and_unused_sessions_are_over_without_anybody_ending_them(engine: Engine) -> None:
    for statement in (
        "UPDATE session SET expires_at = now() - interval '1 s'",
        "UPDATE session SET seen_at = now() - (idle_s + 1) * interval '1 s'",
    ):
        mine = sign_in(engine)
        assert await Sessions(engine).viewer(mine.token)
        change(engine, statement)
        assert await Sessions(engine).viewer(mine.token) is None


async def test_use_is_noted_at_most_once_a_minute(engine: Engine) -> None:
    mine, sessions = sign_in(engine), Sessions(engine)
    change(engine, "UPDATE session SET seen_at = now() - interval '30 s'")
    seen = text("SELECT now() - seen_at < interval '20 s' FROM session")
    await sessions.viewer(mine.token)
    with engine.connect() as connection:
        assert connection.scalar(seen) is False
    change(engine, "UPDATE session SET seen_at = now() - interval '61 s'")
    await sessions.viewer(mine.token)
    with engine.connect() as connection:
        assert connection.scalar(seen) is True


async def test_who_cannot_hear_asks_every_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, deaf = sign_in(engine), Sessions(engine, lambda: None)
    asked = count_questions(deaf, monkeypatch)
    for _ in range(3):
        assert await deaf.viewer(mine.token)
    assert asked() == 3
    change(engine, ENDS["ended"])
    assert await deaf.viewer(mine.token) is None


async def test_a_hundred_requests_at_once_are_one_question(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, sessions = sign_in(engine), Sessions(engine)
    asked = count_questions(sessions, monkeypatch)
    found = await asyncio.gather(*(sessions.viewer(mine.token) for _ in range(100)))
    assert {viewer.session_id for viewer in found if viewer} == {mine.viewer.session_id}
    assert asked() == 1


async def test_an_answer_that_a_change_overtook_is_not_believed(engine: Engine) -> None:
    """It is read, then the grant is revoked and that is heard of, and only then the answer arrives."""
    count = 1
    mine, sessions = sign_in(engine), Sessions(engine, lambda: count)
    read = sessions._read

    def slow(key: bytes) -> object:
        nonlocal count
        found = read(key)
        change(engine, ENDS["grant revoked"])
        count = 2
        return found

    sessions._read = slow  # type: ignore[assignment,method-assign]
    assert await sessions.viewer(mine.token) is not None
    sessions._read = read  # type: ignore[method-assign]
    assert await sessions.viewer(mine.token) is None


async def test_with_the_database_away_the_known_go_on_and_nobody_new_comes(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other, sessions = sign_in(engine), sign_in(engine), Sessions(engine)
    assert await sessions.viewer(mine.token)

    def away(_key: bytes) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(sessions, "_read", away)
    assert await sessions.viewer(mine.token) == mine.viewer
    with pytest.raises(Unavailable):
        await sessions.viewer(other.token)


async def test_the_last_known_goes_on_no_longer_than_her_session(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, sessions = sign_in(engine), Sessions(engine)
    change(engine, "UPDATE session SET expires_at = now() + interval '300 ms'")
    assert await sessions.viewer(mine.token)

    def away(_key: bytes) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(sessions, "_read", away)

    async def over() -> bool:
        try:
            return await sessions.viewer(mine.token) is None
        except Unavailable:
            return True

    await until(over, AT_ONCE_S)


async def test_a_listener_that_was_cut_off_believes_nothing_and_comes_back(
    engine: Engine, database_url: str
) -> None:
    with process(database_url) as (sessions, listener):
        await until(lambda: hears(listener), AT_ONCE_S)
        mine = sign_in(engine)
        assert await sessions.viewer(mine.token)
        before = listener.heard()
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vigie-listener'"
        )
        change(engine, cut + " AND datname = current_database()")

        async def back() -> bool:
            heard = listener.heard()
            return heard is not None and heard != before

        await until(back, AT_ONCE_S)


async def test_a_listener_that_hears_nothing_is_not_believed(engine: Engine, database_url: str) -> None:
    """A pooler that hands statements to any connection drops notifications, and nothing fails."""
    with process(database_url) as (_, listener):
        await until(lambda: hears(listener), AT_ONCE_S)
        listener._own = "somebody_elses_channel"

        async def deaf() -> bool:
            return listener.heard() is None

        await until(deaf, AT_ONCE_S)
    assert ACCESS == "vigie_access"


async def test_one_ends_ones_own_and_a_keeper_of_people_anybodys(engine: Engine) -> None:
    sessions = Sessions(engine)
    chief, mine, other = sign_in(engine), sign_in(engine, Role.OPERATOR), sign_in(engine, Role.OPERATOR)
    with pytest.raises(Refused):
        sessions.end(mine.viewer, other.viewer.session_id)
    assert await sessions.viewer(other.token)
    sessions.end(chief.viewer, other.viewer.session_id)
    sessions.end(mine.viewer, mine.viewer.session_id, "signed_out")
    assert await sessions.viewer(other.token) is None
    assert await sessions.viewer(mine.token) is None
    with pytest.raises(NotFound):
        sessions.end(chief.viewer, other.viewer.session_id)
    with engine.connect() as connection:
        written = connection.execute(
            text("SELECT action, actor, object, details->>'why' FROM audit_entry "
                 "WHERE action <> 'signed_in' ORDER BY number")
        ).all()  # fmt: skip
    assert [tuple(row) for row in written] == [
        ("session_ended", "Ada Test", str(other.viewer.session_id), "revoked"),
        ("signed_out", "Ada Test", str(mine.viewer.session_id), "signed_out"),
    ]


def test_a_session_needs_a_grant_of_that_person_in_force(engine: Engine) -> None:
    (ada, hers), (_, theirs) = person_of(engine, Role.OPERATOR), person_of(engine, Role.ADMINISTRATOR)
    sessions = Sessions(engine)
    with pytest.raises(Refused):
        sessions.open(ada, theirs, "local", "", "")
    change(engine, "UPDATE access_grant SET revoked_at = now() WHERE id = :id", id=hers)
    with pytest.raises(Refused):
        sessions.open(ada, hers, "local", "", "")


def test_open_sessions_are_listed_with_whose_they_are(engine: Engine) -> None:
    sessions = Sessions(engine)
    mine, other = sign_in(engine, Role.OPERATOR, areas=[3]), sign_in(engine, Role.DPO)
    assert {one.id for one in sessions.all_open()} == {mine.viewer.session_id, other.viewer.session_id}
    (one,) = sessions.of(mine.viewer.person_id)
    assert (one.login, one.role, one.scope, one.agent) == (
        mine.viewer.login, Role.OPERATOR, Scope(frozenset({3})), "tests",
    )  # fmt: skip
    sessions.end(mine.viewer, one.id, "signed_out")
    assert sessions.of(mine.viewer.person_id) == []
