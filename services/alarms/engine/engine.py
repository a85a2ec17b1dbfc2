"""The engine: one look after the other at what settled, each written in one transaction.

What it holds in memory can be lost at any moment: conditions are adopted anew from the database up to where
it had seen (``alarm_engine``), and what settled since is looked at as if it came now. So an alarm that came
and went while nobody watched is found, and says that it was noticed later.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import numpy as np
import psycopg
from sqlalchemy import Engine

from geodata.assets import Columns, read_columns
from geodata.database import plain_url
from geodata.deadlines import Hope, patient
from geodata.profiles import CityProfile
from model.alarm_routes import Moment
from model.alarm_rules import Beyond, Changing, Rule, Stuck
from model.domains import ASSET_TYPES, TYPE_ORDER
from services.alarms.causes import Open, Topology, explain, read_topology
from services.alarms.engine import writing as write
from services.alarms.engine.hidings import tend_hidings
from services.alarms.engine.known import known_states
from services.alarms.engine.settled import (
    Batch,
    Settled,
    Streams,
    changes_of,
    read_streams,
    readings_between,
    readings_of,
)
from services.alarms.engine.standing import Standing, as_open, hidden_now, read_standing
from services.alarms.engine.timers import due_again, due_further, due_to_show
from services.alarms.engine.turning import orphans, turned
from services.alarms.outward import enqueue
from services.alarms.rules import RuleInForce, rules_in_force, seed_rules
from services.alarms.watching import Sky, Watcher
from services.alarms.watching.rows import Rows, Times

log = logging.getLogger(__name__)

PATIENCE_S = 20.0
LOCK = 0x76696769  # "vigi"
ROUNDS = 6
"""An inferred cause may be explained by another; so many times at most in one look."""
WARM_LEAST = timedelta(hours=1)
WARM_MOST = timedelta(days=7)
TENDED_S = 1.0
"""How often timers are looked at while nothing else happens."""

Connection = psycopg.Connection[Any]
T = TypeVar("T")
Heard = Callable[[Columns], Times | None]


class NotAlone(Exception):
    """Another process watches the alarms of this city."""


class AlarmEngine:
    """Watches the alarms of one city through one connection. Not for several threads.

    ``heard`` tells the newest time of each asset of a layout, None while nobody can; ``rules`` are what the
    city begins with, by default those of the domains. ``step`` raises psycopg.Error while it is away,
    and nothing is lost: the next goes on where the last committed.
    """

    def __init__(
        self,
        engine: Engine,
        profile: CityProfile,
        heard: Heard = lambda _: None,
        hope: Hope = lambda: True,
        rules: Iterable[Rule] | None = None,
    ) -> None:
        self._engine, self._profile, self._heard, self._hope = engine, profile, heard, hope
        self._first_rules = None if rules is None else tuple(rules)
        bounds = profile.bounds
        self._sky = Sky((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)
        self._connection: Connection | None = None
        self._watcher: Watcher | None = None
        self._rules: tuple[RuleInForce, ...] = ()
        self._columns: Columns | None = None
        self._topology: Topology | None = None
        self._streams = Streams(np.zeros(0, "i8"), np.zeros(0, "i8"), np.zeros(0, "u1"))
        self._settled = Settled(datetime.now(UTC))
        self._standing: list[Standing] | None = None
        self._adopted: Rows | None = None
        self._span = 0
        self._tended = float("-inf")
        self._waiting: frozenset[int] = frozenset()

    # looking -----------------------------------------------------------------------------------------

    def step(self, now: datetime, *, changed: bool = True) -> bool:
        """Look once at ``now`` (aware) and commit; whether there may be more to look at.

        ``changed``: somebody else may have changed alarms, hidings or rules since the last step. Raises
        NotAlone, psycopg.Error.
        """
        try:
            connection = self._open(now)
            with connection.transaction():
                return self._look(connection, now, changed)
        except BaseException:
            # The memory may be ahead of what was written: it is adopted anew.
            self.close()
            raise

    def _look(self, connection: Connection, now: datetime, changed: bool) -> bool:
        at = now.timestamp()
        self._follow(connection, now, changed)
        batches = self._settled.next(connection)
        idle = not batches and not changed and self._adopted is None and at - self._tended < TENDED_S
        if idle:
            return False
        self._tended = at
        if changed:
            self._standing = None
        wrote = self._judge(connection, batches, now)
        wrote |= self._explain(connection, now)
        wrote |= self._pass_time(connection, now)
        self._settled.taken(batches)
        self._note(connection, now)
        if wrote:
            self._standing = None
        return bool(batches)

    def _judge(self, connection: Connection, batches: list[Batch], now: datetime) -> bool:
        """What turned by what settled."""
        columns, watcher = _there(self._columns), _there(self._watcher)
        changes = changes_of(connection, batches, columns)
        readings = readings_of(connection, batches, self._streams)
        told = [] if self._adopted is None else [self._adopted]
        self._adopted = None
        told.append(watcher.take(changes, readings, now.timestamp(), self._heard(columns)))
        turns = np.concatenate(told)
        turns = turns[np.argsort(turns["time"], kind="stable")]
        standing = self._stand(connection, now)
        found = turned(turns, changes, self._rules, columns, standing)
        made = write.raise_alarms(connection, found.fresh, now)
        write.raise_again(connection, found.again, now)
        write.set_uncertain(connection, sorted(found.uncertain), now, uncertain=True)
        write.set_uncertain(connection, sorted(found.certain), now, uncertain=False)
        ended = found.ended | {made[key]: at for key, at in found.short.items() if key in made}
        write.end_alarms(connection, ended, now)
        off, gone = orphans(standing, now.timestamp())
        write.end_alarms(connection, off, now, "rule_off")
        write.end_alarms(connection, gone, now, "asset_gone")
        shown = [made[_key(one)] for one in found.fresh if one.annunciate and _key(one) in made]
        enqueue(connection, shown, Moment.RAISED)
        enqueue(connection, [*ended, *off, *gone], Moment.RETURNED)
        wrote = bool(found.fresh or found.again or ended or found.uncertain or found.certain or off or gone)
        if wrote:
            self._standing = None
        return wrote

    def _explain(self, connection: Connection, now: datetime) -> bool:
        """Set causes, raise what is concluded, end what is over; remember what still waits for its cause."""
        topology = _there(self._topology)
        rules = [one.rule for one in self._rules]
        wrote = False
        for _ in range(ROUNDS):
            rows = as_open(self._stand(connection, now))
            found = explain(topology, rules, rows, now.timestamp())
            self._waiting = found.wait
            if not (found.links or found.inferred or found.ended):
                break
            write.set_causes(connection, found.links, now)
            write.end_alarms(connection, dict.fromkeys(found.ended, now.timestamp()), now)
            for one in found.inferred:
                self._raise_inferred(connection, one, rows, now)
            enqueue(connection, list(found.ended), Moment.RETURNED)
            self._standing = None
            wrote = True
        return wrote

    def _raise_inferred(self, connection: Connection, one: Any, rows: Open, now: datetime) -> None:
        rule, asset = self._rules[one.rule], int(_there(self._columns).ids[one.anchor])
        again = rows["id"][(rows["rule"] == one.rule) & (rows["index"] == one.anchor) & ~rows["closed"]]
        if len(again):
            cause = int(again[0])
            write.raise_again(connection, {cause: (one.raised, 1)}, now)
        else:
            fresh = write.Fresh(
                rule.rule_id, rule.version, asset, None, one.raised, None, None, 1, one.raised
            )
            made = write.raise_alarms(connection, [fresh], now)
            if (rule.rule_id, asset, 0) not in made:
                return
            cause = made[rule.rule_id, asset, 0]
        write.set_causes(connection, dict.fromkeys(one.members, cause), now)

    def _pass_time(self, connection: Connection, now: datetime) -> bool:
        """Hidings that begin and end, alarms to be shown, to come back, to be taken further."""
        at, standing = now.timestamp(), self._stand(connection, now)
        wrote = bool(tend_hidings(connection, now))
        hidden = hidden_now(connection, now)
        shown = due_to_show(standing, self._rules, hidden, self._waiting, at)
        write.annunciate(connection, shown, now)
        enqueue(connection, shown, Moment.RAISED)
        back = write.re_alarm(connection, due_again(standing, self._rules, hidden, at), now)
        further = write.escalate(connection, due_further(standing, self._rules, hidden, at), now)
        enqueue(connection, further, Moment.ESCALATED)
        return wrote or bool(shown or back or further)

    def _stand(self, connection: Connection, now: datetime) -> list[Standing]:
        if self._standing is None:
            places = {one.rule_id: place for place, one in enumerate(self._rules)}
            self._standing = read_standing(connection, self._columns, places, now)
        return self._standing

    # beginning ---------------------------------------------------------------------------------------

    def _open(self, now: datetime) -> Connection:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        url = plain_url(self._engine.url.render_as_string(hide_password=False))
        options = f"-c timezone=UTC -c statement_timeout={int(PATIENCE_S * 900)} -c synchronous_commit=on"
        connection = patient(PATIENCE_S, self._hope).connect(
            url, autocommit=True, connect_timeout=2, options=options, application_name="vigie-alarm"
        )
        self._connection = connection
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if not (row and row[0]):
            raise NotAlone
        written = seed_rules(connection, self._first_rules)
        if written:
            log.info("%s rules of the domains are new and switched on", written)
        self._settled = Settled(self._cursor(connection, now))
        return connection

    def _cursor(self, connection: Connection, now: datetime) -> datetime:
        """Up to where the rules have seen; a city that was never watched begins now."""
        connection.execute(_FIRST, {"now": now})
        seen = "SELECT settled_at, looked_at FROM alarm_engine WHERE id = 1"
        row = _there(connection.execute(seen).fetchone())
        self._span = _there(connection.execute(_SPAN, (now, now)).fetchone())[0]
        log.info("alarms are watched from what settled at %s on; last looked at %s", row[0], row[1])
        since: datetime = row[0]
        return since

    def _follow(self, connection: Connection, now: datetime, changed: bool) -> None:
        """See that layout and rules are those in force; conditions are adopted anew when they are not."""
        version = _there(connection.execute("SELECT version FROM layout WHERE id = 1").fetchone())[0]
        laid_out = self._columns is None or self._columns.version != version
        if laid_out:
            self._columns = read_columns(self._engine, self._profile.area_kind)
            self._topology = read_topology(self._engine, self._columns)
        rules = rules_in_force(connection) if changed or self._watcher is None else self._rules
        if laid_out or rules != self._rules or self._watcher is None:
            self._rules = rules
            self._begin(connection, now)

    def _begin(self, connection: Connection, now: datetime) -> None:
        columns, rules = _there(self._columns), [one.rule for one in self._rules]
        self._watcher = Watcher(rules, columns, self._sky)
        self._streams = read_streams(connection, columns, _wanted(rules))
        self._standing = None
        standing = [
            one for one in self._stand(connection, now) if one.active and not one.closed and one.place >= 0
        ]
        seen = self._settled.cursor
        status, state, since = known_states(connection, columns, seen)
        warm = readings_between(connection, seen - _warm(rules), seen, self._streams)
        self._adopted = self._watcher.begin(
            seen.timestamp(), status, state, since,
            {(one.place, one.index): one.last_raised for one in standing if one.index >= 0},
            {(one.place, int(one.area_id)): one.last_raised for one in standing if one.area_id is not None},
            warm,
        )  # fmt: skip
        log.info("%s rules watch %s assets; %s alarms stand", len(rules), len(columns), len(standing))

    def _note(self, connection: Connection, now: datetime) -> None:
        """Up to where was seen, and that somebody watches."""
        version = self._columns.version if self._columns else 0
        values = {"settled": self._settled.cursor, "now": now, "layout": version, "span": self._span}
        connection.execute(_NOTE, values)
        connection.execute("UPDATE alarm_watch SET ended_at = %s WHERE id = %s", (now, self._span))

    def close(self) -> None:
        """Let go of the connection, and of the city to whoever watches next."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = self._watcher = self._standing = self._columns = None


_FIRST = """
INSERT INTO alarm_engine (id, settled_at, looked_at, layout, started_at)
VALUES (1, %(now)s, %(now)s, 0, %(now)s)
ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at
"""
_SPAN = "INSERT INTO alarm_watch (began_at, ended_at) VALUES (%s, %s) RETURNING id"
_NOTE = """
UPDATE alarm_engine SET settled_at = %(settled)s, looked_at = %(now)s, layout = %(layout)s WHERE id = 1
"""


def _there(thing: T | None) -> T:
    """``thing``, which a step has seen to."""
    if thing is None:
        raise RuntimeError("looked before anything was read")
    return thing


def _key(one: write.Fresh) -> tuple[int, int, int]:
    return one.rule_id, one.asset_id or 0, one.area_id or 0


def _wanted(rules: list[Rule]) -> set[tuple[int, str, int]]:
    """(code of the asset type, property, slot) of the readings that ``rules`` look at."""
    found = set()
    for rule in rules:
        if isinstance(rule.condition, Beyond | Changing | Stuck):
            name = rule.condition.observed_property
            names = [one.name for one in ASSET_TYPES[rule.asset_type].properties]
            found.add((TYPE_ORDER.index(rule.asset_type), name, names.index(name)))
    return found


def _warm(rules: list[Rule]) -> timedelta:
    """How far back readings matter for what holds now."""
    spans = [0.0]
    for rule in rules:
        if isinstance(rule.condition, Changing):
            spans.append(rule.condition.within_s)
        elif isinstance(rule.condition, Stuck):
            spans.append(rule.condition.for_s)
        spans.append(rule.on_delay_s)
    return min(WARM_LEAST + timedelta(seconds=max(spans)), WARM_MOST)
