"""Throttling and rates over a real Redis: shared by processes, useless against others, never an error."""

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from services.access.known_browsers import is_known, remember
from services.access.rates import Rates
from services.access.throttle import ANYWHERE, HERE, KNOWN, SENDER, Throttle
from services.launch.servers import Server, start_redis
from tests.faults import kill, signal_all
from tests.redis_cluster import RedisCluster
from tests.unit.test_throttle import Clock, wrong
from tests.waiting import until


@pytest.fixture
def own_redis(server_folder: Path) -> Iterator[Server]:
    server = start_redis(server_folder, durable=False)
    yield server
    if server.alive:
        signal_all(server, signal.SIGCONT)
    server.stop()


async def test_web_processes_share_what_was_guessed(redis_url: str) -> None:
    clock = Clock()
    one, two = Throttle(redis_url, clock), Throttle(redis_url, clock)
    for turn in range(HERE.free):
        assert await (one, two)[turn % 2].admit("a.martin", "203.0.113.7") == 0
    assert await one.admit("a.martin", "203.0.113.7") == 1
    assert await two.admit("A.Martin ", "::ffff:203.0.113.7") == 1, "the same login, the same sender"
    await one.close()
    await two.close()


async def test_waits_grow_and_end_with_success(redis_url: str) -> None:
    clock, waits = Clock(), []
    throttle = Throttle(redis_url, clock)
    for _ in range(HERE.free + 12):
        assert await throttle.admit("a.martin", "203.0.113.7") == 0
        waits.append(await throttle.failed("a.martin", "203.0.113.7"))
        clock.now += waits[-1]
    assert waits[HERE.free - 1 :] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert await throttle.admit("a.martin", "203.0.113.7") == 0
    await throttle.succeeded("a.martin", "203.0.113.7")
    assert await throttle.admit("a.martin", "203.0.113.7") == 0, "begins anew"
    await throttle.close()


async def test_guesses_sent_side_by_side_gain_nothing(redis_url: str) -> None:
    throttle = Throttle(redis_url, Clock())
    waits = await asyncio.gather(*(throttle.admit("a.martin", "203.0.113.7") for _ in range(100)))
    assert sum(wait == 0 for wait in waits) == HERE.free
    await throttle.close()


async def test_guesses_from_elsewhere_lock_nobody_out(redis_url: str) -> None:
    """Guesses from many senders: the owner signs in at once where she did before."""
    clock = Clock()
    throttle = Throttle(redis_url, clock)
    for number in range(ANYWHERE.free + 20):
        await wrong(throttle, "a.martin", f"198.51.100.{number % 250}")
        clock.now += 1
    assert await throttle.admit("a.martin", "203.0.113.7") > 0, "a new browser waits"
    assert await throttle.admit("a.martin", "203.0.113.7") <= ANYWHERE.longest_s
    assert await throttle.admit("a.martin", "203.0.113.7", known_browser=True) == 0
    await throttle.succeeded("a.martin", "203.0.113.7", known_browser=True)
    assert await throttle.admit("a.martin", "198.51.100.1") > 0, "her success helps no guesser"
    assert await throttle.admit("b.durand", "203.0.113.7") == 0, "nor does it cost another login"
    await throttle.close()


async def test_one_guesser_makes_no_other_sender_wait(redis_url: str) -> None:
    throttle = Throttle(redis_url, Clock())
    for _ in range(500):
        await wrong(throttle, "a.martin", "198.51.100.1")
    assert await throttle.admit("a.martin", "203.0.113.7") == 0, "not even in a browser never seen"
    await throttle.close()


async def test_one_password_on_many_logins_makes_its_sender_wait(redis_url: str) -> None:
    clock = Clock()
    throttle = Throttle(redis_url, clock)
    for number in range(SENDER.free):
        assert await throttle.admit(f"login{number}", "2001:db8:0:1::1") == 0
    assert await throttle.admit("another", "2001:db8:0:1:ffff::9") > 0, "the same /64"
    assert await throttle.admit("another", "2001:db8:0:2::1") == 0
    clock.now += 2
    assert await throttle.admit("own", "2001:db8:0:1::1") == 0
    await throttle.succeeded("own", "2001:db8:0:1::1")
    assert await throttle.admit("another", "2001:db8:0:1::1") > 0, "an own account buys no more guesses"
    await throttle.close()


async def test_a_stolen_cookie_still_has_to_guess_slowly(redis_url: str) -> None:
    throttle = Throttle(redis_url, Clock())
    waits = [await throttle.admit("a.martin", "198.51.100.1", known_browser=True) for _ in range(30)]
    assert sum(wait == 0 for wait in waits) == KNOWN.free
    await throttle.close()


async def test_no_login_and_no_address_stands_in_redis(redis_url: str) -> None:
    throttle, rates = Throttle(redis_url), Rates(redis_url)
    await throttle.admit("my-password-typed-as-login", "203.0.113.7")
    await rates.allow("signin", "203.0.113.7", 5)
    with Redis.from_url(redis_url, decode_responses=True) as client:
        keys = client.keys("*")
        assert len(keys) == 4
        assert not [key for key in keys if "password" in key or "203" in key]
        assert all(client.ttl(key) > 0 for key in keys)
    await throttle.close()
    await rates.close()


async def test_rates_are_shared_and_slide(redis_url: str) -> None:
    clock = Clock()
    clock.now -= clock.now % 60
    one, two = Rates(redis_url, clock), Rates(redis_url, clock)
    answers = [await (one, two)[turn % 2].allow("export", "s1", 6) for turn in range(10)]
    assert answers == [True] * 6 + [False] * 4
    assert await one.allow("export", "s2", 6)
    assert await one.allow("callback", "s1", 6)
    clock.now += 60
    assert not await one.allow("export", "s1", 6)
    clock.now += 30
    assert [await two.allow("export", "s1", 6) for _ in range(4)] == [True] * 3 + [False]
    await one.close()
    await two.close()


@pytest.mark.parametrize("how", ["killed", "hung"])
async def test_without_redis_limits_go_on(own_redis: Server, how: str) -> None:
    """Redis dies in the middle: no error, no long wait, and who was limited stays limited."""
    clock = Clock()
    throttle, rates = Throttle(own_redis.url, clock), Rates(own_redis.url, clock)
    for _ in range(HERE.free):
        assert await throttle.admit("a.martin", "203.0.113.7") == 0
    assert all([await rates.allow("export", "s1", 5) for _ in range(5)])
    kill(own_redis) if how == "killed" else signal_all(own_redis, signal.SIGSTOP)
    taken = []
    for _ in range(40):
        began = time.monotonic()
        assert not await rates.allow("export", "s1", 5)
        assert await throttle.admit("a.martin", "203.0.113.7") == 1
        taken.append(time.monotonic() - began)
    # 250 ms each for the three that open the breaker; nobody after them.
    assert sum(taken) < 4
    assert sorted(taken)[30] < 0.1
    assert [await rates.allow("export", "s2", 3) for _ in range(5)] == [True] * 3 + [False] * 2
    clock.now += 1
    assert await throttle.admit("a.martin", "203.0.113.7") == 0
    await throttle.succeeded("a.martin", "203.0.113.7")
    await throttle.close()
    await rates.close()


async def test_redis_comes_back_and_counts_again(own_redis: Server) -> None:
    clock = Clock()
    one, two = Throttle(own_redis.url, clock), Throttle(own_redis.url, clock)
    kill(own_redis)
    for _ in range(3):
        await one.admit("a.martin", "203.0.113.7")
    own_redis.start()

    async def shared() -> bool:
        await one.admit("b.durand", "203.0.113.9")
        return await two.failed("b.durand", "203.0.113.9") > 0

    await until(shared)
    await one.close()
    await two.close()


async def test_a_cluster_counts_as_one_server(server_folder: Path) -> None:
    cluster = RedisCluster(server_folder)
    try:
        throttle, rates = Throttle(cluster.url, Clock()), Rates(cluster.url, Clock())
        other = Throttle(cluster.url, Clock())

        # The first asking of a cluster finds its nodes and may outlast the deadline; that is counted anyway.
        async def told() -> bool:
            await throttle.admit("a.martin", "203.0.113.7")
            return await other.failed("a.martin", "203.0.113.7") > 0

        await until(told)
        assert [await rates.allow("export", "s1", 3) for _ in range(5)] == [True] * 3 + [False] * 2
        for part in (throttle, other, rates):
            await part.close()
    finally:
        cluster.stop()


def person(engine: Engine, login: str) -> int:
    with engine.begin() as connection:
        made = text("INSERT INTO person (login, name, made_by) VALUES (:login, :login, 'test') RETURNING id")
        return int(connection.execute(made, {"login": login}).scalar_one())


def test_a_browser_is_known_to_those_who_signed_in_there(engine: Engine) -> None:
    ada, bob = person(engine, "ada"), person(engine, "bob")
    with engine.begin() as connection:
        token = remember(connection, ada)
        assert is_known(connection, token, "Ada")
        assert not is_known(connection, token, "bob")
        assert not is_known(connection, "", "ada")
        assert not is_known(connection, "x" * 43, "ada")
        assert remember(connection, bob, token) == token, "one console, two people"
        assert is_known(connection, token, "ada")
        assert is_known(connection, token, "bob")
        assert remember(connection, bob, "y" * 43) != "y" * 43, "nobody chooses the token"
        connection.execute(text("UPDATE known_browser SET valid_until = now() - interval '1 second'"))
        assert not is_known(connection, token, "ada")
