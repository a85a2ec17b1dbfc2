"""Guessing passwords: ever longer waits, which nobody can use to keep somebody else out.

Every attempt is counted in several counts at once, each with some attempts free and then a wait that doubles:

- a login from one sender (``HERE``), and from anywhere (``ANYWHERE``: many senders guessing one login);
- a sender, whatever logins it tries (``SENDER``: one password tried on many logins);
- a login from browsers it signed in with before (``KNOWN``), counted apart from all the others. So guesses
  from elsewhere, however many, cost the owner of the login no wait in her own browser (device cookies, as
  OWASP describes them). In a new browser she may have to wait ``ANYWHERE`` out, a minute at most, while
  somebody guesses; a one-time code makes that browser known at once.

An attempt counts when it is let in, before its answer is known: guesses sent side by side gain nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from services.access.counting import SharedCounts, network_of, unnamed, wall_clock
from services.redis_clients import Script

FORGOTTEN_S = 3_600
"""Without a further attempt a count is forgotten after an hour."""
_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Rule:
    """``free`` attempts, then a wait of 1, 2, 4 ... seconds before the next, up to ``longest_s``."""

    name: str
    free: int
    longest_s: int

    def wait_s(self, attempts: int) -> int:
        """Seconds from the last of ``attempts`` to the next."""
        over = attempts - self.free
        return 0 if over < 0 else min(2 ** min(over, 20), self.longest_s)


HERE = Rule("here", 5, 900)
ANYWHERE = Rule("anywhere", 50, 60)
SENDER = Rule("sender", 30, 900)
KNOWN = Rule("known", 10, 900)
LONGEST_S = 900
"""The longest wait any of the rules has."""

Counted = tuple[str, Rule]

_WAITING = """
    local function due(key, free, longest)
        local found = redis.call('HMGET', key, 'attempts', 'at')
        local over = tonumber(found[1] or 0) - free
        if over < 0 then return 0 end
        return tonumber(found[2]) + math.min(2 ^ math.min(over, 20), longest)
    end
    local now, wait = tonumber(ARGV[1]), 0
    for i, key in ipairs(KEYS) do
        local free, longest = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
        -- A clock that was set back makes nobody wait longer than the rule says.
        wait = math.max(wait, math.min(due(key, free, longest) - now, longest))
    end
"""
_ADMIT = Script(
    _WAITING
    + """
    if wait > 0 then return tostring(wait) end
    for _, key in ipairs(KEYS) do
        redis.call('HINCRBY', key, 'attempts', 1)
        redis.call('HSET', key, 'at', now)
        redis.call('EXPIRE', key, ARGV[2])
    end
    return '0'
    """
)
_WAIT = Script(_WAITING + " return tostring(wait)")
_TAKE_BACK = Script(
    """
    -- Of the sender's count only this attempt: an own account buys no further guesses at others.
    for i, key in ipairs(KEYS) do
        if ARGV[i] == 'sender' then
            if tonumber(redis.call('HGET', key, 'attempts') or 0) > 0 then
                redis.call('HINCRBY', key, 'attempts', -1)
            end
        else
            redis.call('DEL', key)
        end
    end
    return 1
    """
)


class OwnCounts:
    """The same counts in this process, the least used forgotten first."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, counted: Sequence[Counted], now: float) -> float:
        """Seconds until an attempt is let in."""
        return max((self._one(key, rule, now) for key, rule in counted), default=0.0)

    def count(self, counted: Sequence[Counted], now: float) -> None:
        """An attempt was let in."""
        for key, _ in counted:
            self._set(key, self._attempts(key, now)[0] + 1, now)

    def take_back(self, counted: Sequence[Counted], now: float) -> None:
        """An attempt succeeded."""
        for key, rule in counted:
            attempts, at = self._attempts(key, now)
            if rule is SENDER and attempts:
                self._set(key, attempts - 1, at)
            else:
                self._counts.pop(key, None)

    def _one(self, key: str, rule: Rule, now: float) -> float:
        attempts, at = self._attempts(key, now)
        longest = rule.wait_s(attempts)
        return max(0.0, min(at + longest - now, longest))

    def _attempts(self, key: str, now: float) -> tuple[int, float]:
        attempts, at = self._counts.get(key, (0, now))
        return (attempts, at) if now - at < FORGOTTEN_S else (0, now)

    def _set(self, key: str, attempts: int, at: float) -> None:
        self._counts[key] = (attempts, at)
        self._counts.move_to_end(key)
        while len(self._counts) > _KEPT:
            self._counts.popitem(last=False)


class Throttle:
    """Waits between attempts to sign in. Raises nothing: without Redis each process counts for itself.

    ``address`` is the sender's; ``known_browser`` whether its cookie says that this login signed in with it
    before (``known_browsers.is_known``). The three calls of one attempt are given the same values.
    """

    def __init__(self, redis_url: str, clock: Callable[[], float] = wall_clock) -> None:
        self._shared = SharedCounts(redis_url)
        self._own = OwnCounts()
        self._clock = clock
        self._doubted_until = -inf

    async def admit(self, login: str, address: str, known_browser: bool = False) -> float:
        """Seconds to wait before trying; 0: go on, and the attempt has counted."""
        counted, now = _counted(login, address, known_browser), self._clock()
        shared = await self._shared.run(_ADMIT, _keys(counted), now, FORGOTTEN_S, *_limits(counted))
        # Only now: an attempt that Redis left unanswered finds here all that were let in meanwhile.
        wait = self._agreed(shared, counted, now)
        if wait <= 0:
            self._own.count(counted, now)
        return wait

    async def failed(self, login: str, address: str, known_browser: bool = False) -> float:
        """The attempt was wrong and stays counted: the seconds to wait before the next."""
        counted, now = _counted(login, address, known_browser), self._clock()
        shared = await self._shared.run(_WAIT, _keys(counted), now, FORGOTTEN_S, *_limits(counted))
        return self._agreed(shared, counted, now)

    def _agreed(self, shared: str | None, counted: Sequence[Counted], now: float) -> float:
        """The wait by Redis; by this process too while Redis may not know of all that was let in."""
        if shared is None:
            self._doubted_until = now + LONGEST_S
        told = 0.0 if shared is None else float(shared)
        return max(told, self._own.wait(counted, now)) if now < self._doubted_until else told

    async def succeeded(self, login: str, address: str, known_browser: bool = False) -> None:
        """The attempt was right: its counts start anew, the sender's but for this attempt."""
        counted = _counted(login, address, known_browser)
        self._own.take_back(counted, self._clock())
        await self._shared.run(_TAKE_BACK, _keys(counted), *(rule.name for _, rule in counted))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._shared.close()


def _counted(login: str, address: str, known_browser: bool) -> list[Counted]:
    """The counts an attempt is in. Of a known browser only its own: the others are open to anybody."""
    login, sender = login.strip().lower(), network_of(address)
    if known_browser:
        return [(unnamed("known", login), KNOWN)]
    counted = [(unnamed("here", login, sender), HERE), (unnamed("anywhere", login), ANYWHERE)]
    return [*counted, (unnamed("sender", sender), SENDER)] if sender else counted


def _keys(counted: Sequence[Counted]) -> list[str]:
    # One hash tag: a cluster runs a script on keys of one slot.
    return [f"{{vigie.throttle}}:{key}" for key, _ in counted]


def _limits(counted: Sequence[Counted]) -> list[int]:
    return [number for _, rule in counted for number in (rule.free, rule.longest_s)]
