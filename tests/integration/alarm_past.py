"""A fortnight of alarms made up by chance, each with a log of what came to be known when, as the engine and
the desk write it; and how it stood at an instant, replayed one line after another without the code tested.

The fortnight holds the night with 25 hours. Some alarms are noticed hours late, some return before anybody
knows of them, causes come and go, people acknowledge, shelve, put out of service and disable.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection, Engine, text

from tests.alarms_made_up import add_hiding, add_rule
from tests.integration.small_city import add_areas, add_assets

FIRST = datetime(2025, 10, 18, tzinfo=UTC)
DAYS = 14
CABINETS, LAMPS = 3, 30
RULES = ("control_cabinet.tripped", "streetlight.dark", "streetlight.flicker")
PEOPLE = ("Ada Test", "Bo Test")
AT_ONCE = timedelta(seconds=2)


@dataclass
class Made:
    """One alarm: its fixed facts and its log of (known at, kind, actor, details)."""

    id: int
    key: str
    asset: int
    priority: int
    raised: datetime
    noticed: datetime
    annunciated: datetime | None = None
    log: list[tuple[datetime, str, str, dict[str, Any]]] = field(default_factory=list)
    closed: datetime | None = None


@dataclass
class Stood:
    """How an alarm stood at an instant."""

    active: bool = True
    acknowledged: datetime | None = None
    by: str = ""
    cause: int | None = None
    activations: int = 0


def stood_at(alarm: Made, at: datetime) -> Stood | None:
    """The alarm at ``at``; None: it was not known yet, or no longer on the books."""
    if alarm.noticed > at or (alarm.closed is not None and alarm.closed <= at):
        return None
    found = Stood()
    for when, kind, actor, details in alarm.log:
        if when <= at:
            _happen(found, when, kind, actor, details)
    return found


def _happen(stood: Stood, when: datetime, kind: str, actor: str, details: dict[str, Any]) -> None:
    if kind in ("raised", "raised_again"):
        stood.active, stood.activations = True, stood.activations + 1
        stood.acknowledged, stood.by = None, ""
    elif kind == "returned":
        stood.active = False
    elif kind == "acknowledged":
        stood.acknowledged, stood.by = when, actor
    elif kind in ("suppressed", "unsuppressed"):
        stood.cause = details.get("cause")


class Fortnight:
    """The alarms and what hid them, as made up by ``seed``."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.alarms: list[Made] = []
        self.hidings: list[dict[str, Any]] = []
        self.free_from: dict[tuple[str, int], datetime] = {}
        for _ in range(400):
            self._one()
        self.alarms.sort(key=lambda one: one.noticed)
        with engine.begin() as connection:
            self._ground(connection)
            self._write(connection)
            for _ in range(25):
                self._hide(connection)

    def _some(self, hours: float) -> timedelta:
        return timedelta(seconds=int(self.random.exponential(hours * 3600)) + 1)

    def _one(self) -> None:
        """One alarm with all that happens to it until it is closed, or is open at the end."""
        number = len(self.alarms) + 1
        key = RULES[int(self.random.choice(3, p=[0.15, 0.55, 0.3]))]
        asset = int(
            self.random.integers(1, CABINETS + 1)
            if key == RULES[0]
            else self.random.integers(CABINETS + 1, CABINETS + LAMPS + 1)
        )
        raised = FIRST + timedelta(seconds=int(self.random.integers(0, DAYS * 86_400)))
        late = timedelta(hours=float(self.random.choice([0, 0, 0, 0, 3, 20])))
        noticed = raised + late + AT_ONCE
        if noticed < self.free_from.get((key, asset), FIRST):
            return
        priority = int(self.random.integers(1, 5))
        alarm = Made(number, key, asset, priority, raised, noticed)
        alarm.log.append((noticed, "raised", "", {}))
        under = self._cause_of(alarm) if key != RULES[0] else None
        if under is None or self.random.random() < 0.2:
            alarm.annunciated = noticed + timedelta(seconds=int(self.random.choice([0, 20])))
            alarm.log.append((alarm.annunciated, "annunciated", "", {}))
        if under is not None:
            self._explain(alarm, under)
        self._live(alarm, hidden=under is not None)
        self.free_from[key, asset] = alarm.closed or FIRST + timedelta(days=400)
        self.alarms.append(alarm)

    def _cause_of(self, alarm: Made) -> Made | None:
        parent = (alarm.asset - CABINETS - 1) % CABINETS + 1
        standing = [
            one for one in self.alarms
            if one.key == RULES[0] and one.asset == parent and stood_at(one, alarm.noticed) is not None
        ]  # fmt: skip
        return standing[0] if standing else None

    def _explain(self, alarm: Made, cause: Made) -> None:
        since = alarm.noticed + timedelta(seconds=int(self.random.choice([0, 30])))
        alarm.log.append((since, "suppressed", "", {"cause": cause.id}))
        until = since + self._some(2)
        if cause.closed is not None and (until > cause.closed or self.random.random() < 0.5):
            until = cause.closed + timedelta(seconds=5)
        alarm.log.append((until, "unsuppressed", "", {}))
        if alarm.annunciated is None:
            alarm.annunciated = until
            alarm.log.append((until, "annunciated", "", {}))

    def _live(self, alarm: Made, *, hidden: bool) -> None:
        at = max(alarm.noticed, alarm.annunciated or alarm.noticed)
        for turn in range(int(self.random.integers(1, 4))):
            if turn:
                at += self._some(1)
                alarm.log.append((at, "raised_again", "", {}))
            if self.random.random() < 0.7:
                at += self._some(0.3)
                alarm.log.append((at, "acknowledged", PEOPLE[int(self.random.integers(2))], {}))
            if self.random.random() < 0.1:
                break
            at += self._some(4)
            alarm.log.append((at, "returned", "", {}))
        alarm.log.sort(key=lambda line: line[0])
        last = stood_at(alarm, FIRST + timedelta(days=900))
        if last and not last.active and last.acknowledged is not None and last.cause is None:
            alarm.closed = max(when for when, *_ in alarm.log)

    # --- into the database -------------------------------------------------------------------------------

    def _ground(self, connection: Connection) -> None:
        add_areas(connection, "Ouest", "Est")
        cabinets: list[tuple[str, int | None]] = [("control_cabinet", 1)] * CABINETS
        add_assets(connection, *cabinets, *[("streetlight", 1 + n % 2) for n in range(LAMPS)])
        connection.execute(
            text("UPDATE asset SET parent_id = (id - :n - 1) % :n + 1 WHERE id > :n"), {"n": CABINETS}
        )
        for key in RULES:
            add_rule(connection, key, FIRST - timedelta(days=1), latching=True)

    def _write(self, connection: Connection) -> None:
        connection.execute(_ALARM, [self._row(one) for one in self.alarms])
        connection.execute(text("SELECT setval('alarm_id_seq', 100000)"))
        every = [(line, one.id) for one in self.alarms for line in one.log]
        every.sort(key=lambda pair: pair[0][0])
        connection.execute(
            _EVENT,
            [
                {"at": when, "alarm": alarm, "kind": kind, "actor": actor,
                 "details": msgspec.json.encode(details).decode()}
                for (when, kind, actor, details), alarm in every
            ],
        )  # fmt: skip

    def _row(self, alarm: Made) -> dict[str, Any]:
        """The row as it is now, as engine and desk leave it."""
        last = Stood()
        returned = since = again = None
        for when, kind, _, details in alarm.log:
            if kind == "raised_again":
                again, returned = when, None
            elif kind == "returned":
                returned = when
            elif kind == "suppressed":
                last.cause, since = details["cause"], when
            elif kind == "unsuppressed":
                last.cause, since = None, None
        end = stood_at(alarm, (alarm.closed or FIRST + timedelta(days=900)) - timedelta(microseconds=1))
        closing = [line for line in alarm.log if line[0] == alarm.closed]
        acknowledged, by = (end.acknowledged, end.by) if end else (None, "")
        for when, kind, actor, _ in closing:
            if kind == "acknowledged":
                acknowledged, by = when, actor
        return {
            "id": alarm.id, "key": alarm.key, "asset": alarm.asset, "priority": alarm.priority,
            "raised": alarm.raised, "noticed": alarm.noticed, "annunciated": alarm.annunciated,
            "again": again or alarm.raised, "returned": returned, "acknowledged": acknowledged,
            "by": by or None, "cause": last.cause, "since": since, "closed": alarm.closed,
            "activations": sum(kind in ("raised", "raised_again") for _, kind, *_ in alarm.log),
        }  # fmt: skip

    def _hide(self, connection: Connection) -> None:
        kind = str(self.random.choice(["shelved", "out_of_service", "disabled"]))
        start = FIRST + timedelta(seconds=int(self.random.integers(0, DAYS * 86_400)))
        asset = int(self.random.integers(1, CABINETS + LAMPS + 1))
        hours = float(self.random.choice([4, 24, 72]))
        with_children = asset <= CABINETS
        second = start + timedelta(hours=1) if kind == "disabled" and self.random.random() < 0.7 else None
        number = add_hiding(
            connection, kind, start, hours * 3600, asset=asset, with_children=with_children,
            seconded_by="Bo Test" if second else None,
        )  # fmt: skip
        ended = (
            start + timedelta(hours=hours * float(self.random.random()))
            if self.random.random() < 0.5
            else None
        )
        ends = start + timedelta(hours=hours)
        connection.execute(
            text("UPDATE alarm_hiding SET ended_at = :ended, seconded_at = :second WHERE id = :id"),
            {"ended": ended or ends, "second": second, "id": number},
        )
        self.hidings.append(
            {"kind": kind, "asset": asset, "children": with_children, "from": start,
             "until": min(ends, ended or ends), "second": second}
        )  # fmt: skip

    # --- what was true -----------------------------------------------------------------------------------

    def hidden(self, alarm: Made, at: datetime) -> bool:
        """Whether people kept it from the list at ``at``."""
        parent = (alarm.asset - CABINETS - 1) % CABINETS + 1 if alarm.asset > CABINETS else None
        for one in self.hidings:
            mine = one["asset"] == alarm.asset or (one["children"] and one["asset"] == parent)
            begun = one["kind"] != "disabled" or (one["second"] is not None and one["second"] <= at)
            if mine and begun and one["from"] <= at < one["until"]:
                return True
        return False

    def listed(self, at: datetime) -> list[tuple[Any, ...]]:
        """(id, active, acknowledged by, consequences, activations) of each row at ``at``, ranked."""
        standing = {one.id: found for one in self.alarms if (found := stood_at(one, at))}
        by_id = {one.id: one for one in self.alarms}
        under = {number: s.cause for number, s in standing.items() if s.cause in standing}
        rows = []
        for number, stood in standing.items():
            one = by_id[number]
            just_now = (
                stood.cause is not None and number not in under and self._closed_lately(by_id, stood, at)
            )
            shown = (one.annunciated is not None and one.annunciated <= at) or stood.cause is not None
            if number in under or just_now or not shown or self.hidden(one, at):
                continue
            group = [n for n in under if _root(under, n) == number]
            urgency = min([one.priority, *(by_id[n].priority for n in group if standing[n].active)])
            rank = (urgency != 1, stood.acknowledged is not None, urgency, -one.raised.timestamp(), -number)
            rows.append((rank, (number, stood.active, stood.by, len(group), stood.activations)))
        return [row for _, row in sorted(rows, key=lambda pair: pair[0])]

    def learnt(self, at: datetime) -> set[int]:
        """Alarms that had begun by ``at`` and came to be known later."""
        return {one.id for one in self.alarms if one.raised <= at < one.noticed and one.annunciated}


def _waits(by_id: dict[int, Made], stood: Stood, at: datetime) -> bool:
    """Whether its cause left the list within the minute before."""
    closed = by_id[stood.cause].closed if stood.cause else None
    return closed is not None and at - timedelta(seconds=60) < closed <= at


def _root(under: dict[int, int | None], number: int) -> int:
    while (above := under.get(number)) is not None:
        number = above
    return number


_ALARM = text(
    """
    INSERT INTO alarm (id, rule_id, rule_version, alarm_class, asset_id, commune_id, domain, asset_type,
        priority, severity, raised_at, noticed_at, annunciated_at, last_raised_at, activations, returned_at,
        return_noticed_at, acknowledged_at, acknowledged_by, cause_id, cause_since, closed_at, latching)
    SELECT :id, r.id, 1, r.key, s.id, s.commune_id, 'lighting', r.asset_type, :priority, 3, :raised, :noticed,
        :annunciated, :again, :activations, :returned, :returned, :acknowledged, :by, :cause, :since, :closed,
        true
    FROM alarm_rule r, asset s WHERE r.key = :key AND s.id = :asset
    """
)
_EVENT = text(
    "INSERT INTO alarm_event (alarm_id, at, kind, actor, details) "
    "VALUES (:alarm, :at, :kind, :actor, CAST(:details AS jsonb))"
)
