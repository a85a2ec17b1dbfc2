"""How the demo's people answer alarms: how soon, what they write, what they put aside. Invented, from dice.

Times to respond follow the priority and grow with the number that waits; some alarms are left until the next
shift, chattering ones are shelved with a reason, a few are called useless.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from model.alarm_rules import Rule
from model.alarms import Happening
from services.alarms.demo_past.alarm import Alarm, Hidden, Person, Rating
from services.alarms.demo_past.sayings import COMMENTS, CONFIRMED, SHELVED, USELESS, spoken

if TYPE_CHECKING:
    from services.alarms.demo_past.living import Living

HOUR_S = 3600.0
SOON_S = {1: 45.0, 2: 110.0, 3: 420.0, 4: 1_500.0}
"""Median time to acknowledge by priority, with nothing else waiting."""
SPREAD = 0.7
CROWD = 12.0
"""With so many waiting an answer takes twice as long."""
LEFT = {1: 0.0, 2: 0.02, 3: 0.05, 4: 0.12}
"""Share left to whoever comes in the morning."""
MORNING_H = 6.6
CHATTERS, WITHIN_S = 4, 4 * HOUR_S
"""Raised so often within this time, it is shelved."""
SHELF_S = 8 * HOUR_S


@dataclass(frozen=True, slots=True)
class Answer:
    """Something somebody does later about the alarm of this id, unless it was called anew by then."""

    at: float
    alarm: int
    call: int
    what: str
    by: Person | None = None


@dataclass
class Answers:
    """The people and their dice. ``visible`` says whether a person sees the asset of a live index."""

    rules: Sequence[Rule]
    people: dict[str, Person]
    zone: ZoneInfo
    seed: int
    now: float
    visible: Callable[[Person, int], bool]
    ratings: list[Rating] = field(default_factory=list)
    _raised: dict[tuple[int, int], list[float]] = field(default_factory=dict)

    def _dice(self, alarm: Alarm, what: int) -> np.random.Generator:
        return np.random.default_rng(
            [self.seed, alarm.rule, alarm.index + 1, int(alarm.raised), alarm.calls, what]
        )

    def on_duty(self, at: float, index: int) -> Person:
        """Who sits in the room at ``at`` (epoch s): by thirds of the local day; nights by turns."""
        local = datetime.fromtimestamp(at, UTC).astimezone(self.zone)
        commune = self.people["commune_operator"]
        if 6 <= local.hour < 14:
            early = self.visible(commune, index) and local.day % 2 == 0
            return commune if early else self.people["supervisor"]
        turn = local.toordinal() % 2 if local.hour >= 14 else (local.toordinal() - 1) % 2
        return self.people["supervisor" if turn and not 14 <= local.hour < 22 else "operator"]

    def _morning(self, at: float) -> float:
        """The next time somebody comes in and clears up what was left."""
        local = datetime.fromtimestamp(at, UTC).astimezone(self.zone)
        morning = local.replace(hour=int(MORNING_H), minute=int(MORNING_H % 1 * 60), second=0, microsecond=0)
        seconds = morning.timestamp()
        return seconds if seconds > at else seconds + 24 * HOUR_S

    # --- called ------------------------------------------------------------------------------------------

    def called(self, life: "Living", alarm: Alarm, now: float, unanswered: int) -> None:
        """It was put before whoever is on duty, with ``unanswered`` others waiting."""
        rule, dice = self.rules[alarm.rule], self._dice(alarm, 0)
        took = SOON_S[rule.priority] * float(np.exp(dice.normal(0, SPREAD))) * (1 + unanswered / CROWD)
        at = now + took
        if dice.random() < LEFT[rule.priority]:
            at = self._morning(now) + 900 * dice.random()
        life.later(
            round(at), Answer(round(at), alarm.id, alarm.calls, "acknowledge", self.on_duty(at, alarm.index))
        )
        for step, after in enumerate(rule.escalate_s[:3]):
            if after < at - now:
                life.later(now + after, Answer(now + after, alarm.id, alarm.calls, f"escalate {step + 1}"))

    def given(self, life: "Living", alarm: Alarm, answer: Answer) -> None:
        """Do what ``answer`` says, now that its time has come."""
        what, _, more = answer.what.partition(" ")
        if what == "acknowledge":
            self._acknowledge(life, alarm, answer)
        elif what == "escalate" and alarm.acknowledged is None and not alarm.cause:
            alarm.escalation, alarm.escalated = int(more), answer.at
            alarm.tell(answer.at, Happening.ESCALATED, step=int(more))
        elif what == "re_alarm" and alarm.active and alarm.acknowledged is not None:
            self._re_alarm(life, alarm, answer.at)
        elif what == "comment" and answer.by:
            alarm.tell(answer.at, Happening.COMMENTED, answer.by, more)
        elif what == "confirm" and answer.by:
            self._confirm(life, alarm, answer, more)

    def _acknowledge(self, life: "Living", alarm: Alarm, answer: Answer) -> None:
        if alarm.acknowledged is not None or alarm.cause or answer.by is None:
            return
        alarm.acknowledged, alarm.acknowledged_by = answer.at, answer.by
        alarm.tell(answer.at, Happening.ACKNOWLEDGED, answer.by)
        self._after(life, alarm, answer)
        self._chatters(life, alarm, answer)
        life.close_if_done(alarm, answer.at)

    def _after(self, life: "Living", alarm: Alarm, answer: Answer) -> None:
        """What follows an acknowledgement: a word, somebody sent, a rule's own reminder."""
        rule, dice = self.rules[alarm.rule], self._dice(alarm, 1)
        if rule.re_alarm_s and alarm.active:
            at = answer.at + rule.re_alarm_s
            life.later(at, Answer(at, alarm.id, alarm.calls, "re_alarm"))
        share = {1: 0.8, 2: 0.4, 3: 0.12, 4: 0.02}[rule.priority]
        if alarm.active and dice.random() < share:
            at = round(answer.at + 40 + 200 * dice.random())
            said = spoken(dice, COMMENTS, rule, at, self.zone)
            life.later(at, Answer(at, alarm.id, alarm.calls, f"comment {said}", answer.by))
        if alarm.active and rule.domain == "lighting" and rule.priority <= 2 and dice.random() < 0.7:
            alarm.assigned, alarm.assigned_to = answer.at, self.people["lighting_contractor"]
            to = alarm.assigned_to
            alarm.tell(answer.at, Happening.ASSIGNED, answer.by, to=to.name, to_id=to.id)

    def _re_alarm(self, life: "Living", alarm: Alarm, at: float) -> None:
        alarm.acknowledged = alarm.acknowledged_by = None
        alarm.re_alarms += 1
        alarm.tell(at, Happening.RE_ALARMED)
        alarm.calls += 1
        self.called(life, alarm, at, 0)

    # --- over --------------------------------------------------------------------------------------------

    def ended(self, life: "Living", alarm: Alarm, now: float) -> None:
        """Its condition ended: what is urgent is confirmed with what was done, what latches is reset."""
        rule, dice = self.rules[alarm.rule], self._dice(alarm, 2)
        latches = rule.latching and alarm.reset is None
        if alarm.annunciated is None or not (latches or (rule.priority <= 2 and dice.random() < 0.6)):
            return
        at = round(now + 60 + 600 * dice.random())
        said = spoken(dice, CONFIRMED, rule, at, self.zone)
        life.later(at, Answer(at, alarm.id, alarm.calls, f"confirm {said}", self.on_duty(at, alarm.index)))

    def _confirm(self, life: "Living", alarm: Alarm, answer: Answer, said: str) -> None:
        if alarm.active or answer.by is None:
            return
        alarm.confirmed, alarm.confirmed_by, alarm.action = answer.at, answer.by, said
        alarm.tell(answer.at, Happening.CONFIRMED, answer.by, said)
        if alarm.acknowledged is None:
            alarm.acknowledged, alarm.acknowledged_by = answer.at, answer.by
            alarm.tell(answer.at, Happening.ACKNOWLEDGED, answer.by)
        if self.rules[alarm.rule].latching:
            alarm.reset, alarm.reset_by = answer.at, answer.by
            alarm.tell(answer.at, Happening.RESET, answer.by)
        life.close_if_done(alarm, answer.at)

    # --- too much of it ----------------------------------------------------------------------------------

    def _chatters(self, life: "Living", alarm: Alarm, answer: Answer) -> None:
        """What came again and again is put aside for a shift, with its reason, and called what it is."""
        rule, key, dice = self.rules[alarm.rule], (alarm.rule, alarm.index), self._dice(alarm, 3)
        times = [t for t in self._raised.get(key, []) if t > answer.at - WITHIN_S]
        self._raised[key] = [*times, answer.at]
        useless = dice.random() < (0.5 if len(times) > 1 else 0.015 if rule.priority == 4 else 0.004)
        if useless and answer.by and not any(r.alarm == alarm.id and r.by == answer.by for r in self.ratings):
            said = spoken(dice, USELESS, rule, answer.at, self.zone)
            self.ratings.append(Rating(alarm.id, answer.by, answer.at, True, said))
            alarm.tell(answer.at, Happening.RATED, answer.by, said, useless=True)
        if len(times) + 1 < CHATTERS or rule.highly_managed or answer.by is None:
            return
        self._raised[key] = []
        until = answer.at + min(SHELF_S, rule.max_shelve_s)
        reason = spoken(dice, SHELVED, rule, answer.at, self.zone)
        ended = until if until <= self.now else None
        life.hidden.append(
            Hidden(
                "shelved",
                alarm.rule,
                alarm.index,
                answer.at,
                until,
                answer.by,
                reason,
                alarm=alarm.id,
                ended=ended,
            )
        )
        alarm.tell(
            answer.at,
            Happening.SHELVED,
            answer.by,
            reason,
            until=datetime.fromtimestamp(until, UTC).isoformat(),
        )
