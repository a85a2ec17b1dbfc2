"""Which senders count as one, how waits grow, and what a process counts by itself."""

import pytest

from services.access.counting import network_of
from services.access.rates import KEYS_KEPT, OwnRates
from services.access.throttle import HERE, Rule, Throttle

NOBODY = "unix:///nowhere/redis.sock"


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_a_sender_is_an_address_or_a_64(address: str, network: str) -> None:
    assert network_of(address) == network


def test_waits_double_up_to_the_longest() -> None:
    rule = Rule("r", 3, 60)
    assert [rule.wait_s(n) for n in range(11)] == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert rule.wait_s(10**9) == 60


async def wrong(throttle: Throttle, login: str, address: str, known: bool = False) -> float:
    wait = await throttle.admit(login, address, known)
    return wait or await throttle.failed(login, address, known)


async def test_without_redis_a_process_counts_by_itself() -> None:
    clock = Clock()
    throttle = Throttle(NOBODY, clock)
    waits = [await wrong(throttle, "a.martin", "203.0.113.7") for _ in range(HERE.free + 2)]
    assert waits == [0.0] * (HERE.free - 1) + [1.0, 1.0, 1.0]
    clock.now += 1
    assert await throttle.admit("a.martin", "203.0.113.7") == 0
    assert await throttle.admit("a.martin", "203.0.113.7") == 2
    assert await throttle.admit("a.martin", "203.0.113.8") == 0, "another sender"
    clock.now += 3_601
    assert await throttle.admit("a.martin", "203.0.113.7") == 0, "forgotten after an hour"


def test_the_minute_slides() -> None:
    rates = OwnRates()
    assert [rates.hit("k", 4, 10, 1.0) for _ in range(5)] == [True] * 4 + [False]
    assert not rates.hit("k", 4, 11, 1.0), "all of the minute before still counts"
    assert rates.hit("k", 4, 11, 0.5), "half of it has gone"
    assert rates.hit("k", 4, 13, 1.0), "a minute without any"


def test_too_many_senders_share_counts_and_stay_limited() -> None:
    rates = OwnRates()
    for number in range(KEYS_KEPT + 20_000):
        rates.hit(f"{number:024x}", 3, 10, 0.0)
    assert len(rates._now) <= KEYS_KEPT + 4_096
    assert not all(rates.hit("f" * 24, 3, 10, 0.0) for _ in range(4))
    assert not all(rates.hit(f"{5:024x}", 3, 10, 0.0) for _ in range(4)), "who was there first keeps its own"
