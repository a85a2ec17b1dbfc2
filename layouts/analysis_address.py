"""The address of the analysis pages: ``?domain=lighting&area=12&p=30d`` shows what it names. Pure.

``p`` is a preset, or ``t0`` and ``t1`` name local days (both included); ``compare=1`` sets the period before
beside it; ``pick`` names one asset looked at closely. Only whole local days that are over are analysed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from model.analysis import DOMAINS_SHOWN, Question
from model.errors import BadRequest

PRESETS = {"7d": 7, "30d": 30, "13m": 395}
CUSTOM = "custom"
FIRST_PRESET = "30d"


@dataclass(frozen=True)
class Shown:
    """What the page shows: a domain, an area (0: the whole city), a period, and beside what."""

    domain: str = DOMAINS_SHOWN[0]
    area: int = 0
    preset: str = FIRST_PRESET
    days: tuple[str, str] | None = None
    compare: bool = False
    pick: str | None = None


def read_shown(address: Mapping[str, str]) -> Shown:
    """What ``address`` asks for; anything it gets wrong is as if it were not there."""
    domain, area, preset = (address.get(name, "") for name in ("domain", "area", "p"))
    days = _days(address.get("t0", "")[:10], address.get("t1", "")[:10])
    return Shown(
        domain if domain in DOMAINS_SHOWN else DOMAINS_SHOWN[0],
        int(area) if area.isdecimal() and len(area) < 10 else 0,
        CUSTOM if days else preset if preset in PRESETS else FIRST_PRESET,
        days,
        address.get("compare") == "1",
        address.get("pick", "")[:80] or None,
    )


def shown_in(shown: Shown, domains: Sequence[str]) -> Shown:
    """``shown``, or the first of ``domains`` where it asks for another; as it is where there is none."""
    return shown if shown.domain in domains or not domains else replace(shown, domain=domains[0], pick=None)


def _days(first: str, last: str) -> tuple[str, str] | None:
    try:
        return (first, last) if date.fromisoformat(first) <= date.fromisoformat(last) else None
    except ValueError:
        return None


def write_shown(shown: Shown) -> str:
    """The query of the address that shows ``shown``."""
    when = f"t0={shown.days[0]}&t1={shown.days[1]}" if shown.days else f"p={shown.preset}"
    area = f"&area={shown.area}" if shown.area else ""
    pick = f"&pick={quote(shown.pick)}" if shown.pick else ""
    return f"?domain={shown.domain}{area}&{when}{'&compare=1' if shown.compare else ''}{pick}"


def address_of(shown: Shown, **change: object) -> str:
    """The address of the page that shows ``shown`` with ``change``."""
    return f"/analysis{write_shown(replace(shown, **change))}"  # type: ignore[arg-type]


def question_of(shown: Shown, now: datetime, zone: ZoneInfo) -> Question:
    """What is asked at ``now`` (aware): whole local days that are over.

    Raises BadRequest when the period has no day that is over.
    """
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    if shown.days:
        first, last = (date.fromisoformat(day) for day in shown.days)
        last = min(last, yesterday)
    else:
        first, last = yesterday - timedelta(days=PRESETS.get(shown.preset, 30) - 1), yesterday
    if first > last:
        raise BadRequest("only days that are over are analysed")
    return _question(shown, first, last, zone)


def before(asked: Question, zone: ZoneInfo) -> Question:
    """The same question about as many days just before, moved to begin on the same weekday."""
    length = (asked.last - asked.first).days + 1
    back = timedelta(days=-(-length // 7) * 7)
    shown = Shown(asked.domain, asked.area_id or 0, pick=asked.pick)
    return _question(shown, asked.first - back, asked.last - back, zone)


def _question(shown: Shown, first: date, last: date, zone: ZoneInfo) -> Question:
    t0, t1 = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last + timedelta(days=1))
    )
    return Question(shown.domain, shown.area or None, first, last, t0, t1, shown.pick)
