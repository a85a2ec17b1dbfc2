"""What a notice says, in the words of the city's first language: a line for its title, a few for its body."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model.alarm_routes import Moment
from model.texts import Words
from services.alarms.outward.cap import Warned

MOST_LISTED = 40
"""Alarms named in one digest; of more the number is said."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice to be sent, with what it tells of; of a test there is no alarm. Times are aware UTC."""

    id: int
    route: str
    channel: str
    moment: Moment
    turn: int
    made_at: datetime
    alarm_id: int | None
    alarm_class: str
    title: dict[str, str]
    action: dict[str, str]
    domain: str
    priority: int
    severity: int
    uncertain: bool
    raised_at: datetime | None
    returned_at: datetime | None
    name: str
    street: str
    area: str
    lon: float | None
    lat: float | None
    told_before: tuple[tuple[int, str, int, datetime], ...] = ()
    """Of the same alarm and route: id, moment, turn and time of what was told before."""


def title_of(say: Words, one: Waiting) -> str:
    """What the class of alarm is called: its own words, else the catalogue's."""
    own = one.title.get(say.language) or next(iter(one.title.values()), "")
    return own or say(f"alarm.rule.{one.alarm_class}")


def line(say: Words, one: Waiting) -> str:
    """One notice in one line: what, where, since when."""
    what = f"{one.name} · {title_of(say, one)}"
    where = ", ".join(part for part in (one.street, one.area) if part)
    since = say.instant(one.raised_at) if one.raised_at else ""
    return " · ".join(part for part in (say(f"outward.moment_{one.moment}"), what, where, since) if part)


def message(say: Words, city: str, some: Sequence[Waiting]) -> tuple[str, str]:
    """Title and body of what is told at once over one route: one notice whole, several as a digest."""
    if len(some) > 1:
        head = say("outward.digest", city=city, n=len(some))
        lines = [line(say, one) for one in some[:MOST_LISTED]]
        left = len(some) - len(lines)
        return head, "\n".join([*lines, *([say("outward.more", n=left)] if left else [])])
    one = some[0]
    if one.moment is Moment.TEST:
        return say("outward.test_title", city=city), say("outward.test_body", route=one.route)
    head = f"{city} · {say(f'outward.moment_{one.moment}')} · {one.name} · {title_of(say, one)}"
    return head, "\n".join(_body(say, one))


def _body(say: Words, one: Waiting) -> list[str]:
    where = ", ".join(part for part in (one.street, one.area) if part)
    action = one.action.get(say.language) or _known(say, f"alarm.action.{one.alarm_class}")
    lines = [
        f"{one.name} · {title_of(say, one)}",
        where,
        say("outward.priority", priority=say(f"outward.priority_{one.priority}")),
        say("outward.since", at=say.instant_seconds(one.raised_at)) if one.raised_at else "",
        say("outward.until", at=say.instant_seconds(one.returned_at)) if one.returned_at else "",
        action,
    ]
    return [text for text in lines if text]


def _known(say: Words, key: str) -> str:
    return say(key) if say.has(key) else ""


def warned(say: Words, one: Waiting, sender: str, city: str, now: datetime, *, invented: bool) -> Warned:
    """The notice as a CAP document says it, sent at ``now``; what was told before is referred to."""
    head, body = message(say, city, [one])
    action = one.action.get(say.language) or _known(say, f"alarm.action.{one.alarm_class}")
    return Warned(
        identifier=identifier(one.id),
        sender=sender,
        sent=now,
        moment=str(one.moment),
        invented=invented,
        language=say.language,
        domain=one.domain,
        event=title_of(say, one) if one.alarm_class else head,
        headline=head,
        description=body,
        instruction=action,
        priority=one.priority,
        severity=one.severity,
        uncertain=one.uncertain,
        onset=one.raised_at or now,
        place=", ".join(part for part in (one.name, one.street, one.area) if part) or city,
        lon=one.lon,
        lat=one.lat,
        references=tuple((identifier(id_), at) for id_, _, _, at in one.told_before),
    )


def identifier(notice_id: int) -> str:
    """The name of a document, the same however often it is sent: who gets it twice can tell."""
    return f"vigie-{notice_id}"


def waiting_of(row: Any) -> Waiting:
    """The row of ``sending``'s question as Waiting."""
    values = row._asdict()
    values["moment"] = Moment(values["moment"])
    values["title"] = values["title"] or {}
    values["action"] = values["action"] or {}
    values["told_before"] = tuple(
        (int(id_), str(moment), int(turn), datetime.fromisoformat(at))
        for id_, moment, turn, at in values["told_before"] or ()
    )
    return Waiting(**values)
