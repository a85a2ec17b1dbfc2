"""Where the picture comes from, told from what was last heard."""

import time

import pytest

from services.live import life_signs
from services.live.follower import Pulse
from services.live.life_signs import GRACE_S, SILENT_S, LifeSigns


class Clock:
    """A monotonic clock in the test's hand."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    time = staticmethod(time.time)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(life_signs, "time", one)
    return one


def pulse(ago_s: float = 0.0) -> Pulse:
    return Pulse(1, 1, int((time.time() - ago_s) * 1000))


def test_nothing_heard_is_no_source(clock: Clock) -> None:
    signs = LifeSigns()
    assert signs.source() == "none"
    signs.database_answers = True
    assert signs.source() == "database"


def test_live_needs_the_stream_and_a_writer(clock: Clock) -> None:
    signs = LifeSigns()
    signs.followed()
    assert signs.source() == "none"
    signs.heard(pulse())
    assert signs.source() == "live"
    clock.now += GRACE_S - 0.1
    assert signs.source() == "live", "one late answer is no outage"
    clock.now += 0.2
    assert signs.source() == "none"


def test_a_silent_writer_is_not_live_though_redis_answers(clock: Clock) -> None:
    signs, same = LifeSigns(), pulse()
    for _ in range(int(SILENT_S * 10) + 1):
        signs.followed()
        signs.heard(same)
        clock.now += 0.1
    assert signs.source() == "none"
    assert signs.unfed_s() == pytest.approx(SILENT_S + 0.1), "and that is said, not that Redis is away"
    signs.moved()
    assert signs.unfed_s() is None
    assert signs.source() == "live", "who writes lives"


def test_the_first_pulse_counts_only_if_it_is_of_now(clock: Clock) -> None:
    signs, old = LifeSigns(), pulse(60)
    signs.followed()
    signs.heard(old)
    assert signs.source() == "none", "left behind by a writer long gone"
    signs.heard(Pulse(1, 1, old.heartbeat + 1))
    assert signs.source() == "live", "it moves, so its clock is merely wrong"
