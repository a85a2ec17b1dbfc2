"""The circuit breaker: open after three failures, one try every two seconds."""

from services.breaker import Breaker


def test_it_opens_after_three_failures_and_tries_every_two_seconds() -> None:
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    for _ in range(2):
        breaker.note(ok=False)
    assert breaker.allows()
    breaker.note(ok=False)
    assert not breaker.allows()
    now[0] = 1.9
    assert not breaker.allows()
    now[0] = 2.0
    assert breaker.allows()
    assert not breaker.allows(), "one try, not several"
    breaker.note(ok=False)
    now[0] = 3.9
    assert not breaker.allows()
    now[0] = 4.0
    assert breaker.allows()
    breaker.note(ok=True)
    assert breaker.allows()
    assert breaker.closed
