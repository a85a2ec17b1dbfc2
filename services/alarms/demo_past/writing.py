"""Writing the demo's past alarms by COPY: alarms, their threads, what was hidden, ratings, spans of watch."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import Engine, text

from geodata.assets import Columns, read_columns
from geodata.database import copying
from geodata.demo_city import DemoStory
from geodata.profiles import CityProfile
from model.demo_people import DEMO_PEOPLE
from services.alarms.causes import read_topology
from services.alarms.demo_past.alarm import Alarm, Hidden, Person
from services.alarms.demo_past.living import Living
from services.alarms.demo_past.replaying import lived_through
from services.alarms.rules import RuleInForce, rules_in_force, seed_rules

_PEOPLE = text("SELECT id, login, name FROM person WHERE login = ANY(:logins)")
_AREAS = text("SELECT person_id, areas FROM access_grant WHERE areas IS NOT NULL AND revoked_at IS NULL")
_PLACES = text("SELECT id, commune_id, district_id FROM asset")


def write_demo_alarms(engine: Engine, profile: CityProfile, story: DemoStory) -> Counter[str]:
    """Live through the demo's last two weeks under the rules every domain begins with.

    Rows written by table. What stands at the end is open: the engine goes on with it. People and assets
    must be there.
    """
    with engine.connect() as connection:
        places = {row.id: (row.commune_id, row.district_id) for row in connection.execute(_PLACES)}
    life, rules, columns = _live(engine, profile, story)
    return _written(engine, _Book(life, columns, rules, places), story)


def lived_again(engine: Engine, story: DemoStory, profile: CityProfile) -> list[Alarm]:
    """The same two weeks once more, nothing written."""
    return _live(engine, profile, story)[0].alarms


def _live(
    engine: Engine, profile: CityProfile, story: DemoStory
) -> tuple[Living, Sequence[RuleInForce], Columns]:
    with copying(engine) as raw:
        seed_rules(raw)
        rules = rules_in_force(raw)
    people, communes = read_people(engine)
    columns = read_columns(engine, profile.area_kind)
    topology = read_topology(engine, columns)
    declared = [one.rule for one in rules]
    return lived_through(story, profile, declared, columns, topology, people, communes), rules, columns


def read_people(engine: Engine) -> tuple[dict[str, Person], dict[int, frozenset[int]]]:
    """The demo's people by key, and the areas of those who see only some, by person."""
    by_login = {one.login: one for one in DEMO_PEOPLE}
    with engine.connect() as connection:
        found = {
            by_login[row.login].key: Person(row.id, row.name, by_login[row.login].role.value)
            for row in connection.execute(_PEOPLE, {"logins": list(by_login)})
        }
        areas = {row.person_id: frozenset(row.areas) for row in connection.execute(_AREAS)}
    return found, areas


class _Book:
    """What was lived through, with what its rows need besides."""

    def __init__(
        self, life: Living, columns: Columns, rules: Sequence[RuleInForce],
        places: Mapping[int, tuple[int | None, int | None]],
    ) -> None:  # fmt: skip
        self.life, self.columns, self.rules, self.places = life, columns, rules, places

    def asset(self, index: int) -> int | None:
        """The registry's id of a live index; None of an area's."""
        return int(self.columns.ids[index]) if index >= 0 else None

    def alarm(self, one: Alarm) -> tuple[Any, ...]:
        """The row of an alarm, in the order of ``_ALARM``."""
        known = self.rules[one.rule]
        rule = known.rule
        asset = self.asset(one.index)
        commune, district = self.places.get(asset or 0, (one.area or None, None))
        who, confirmer, owner = one.acknowledged_by, one.confirmed_by, one.assigned_to
        return (
            one.id, known.rule_id, known.version, rule.key, asset, one.area or None, commune, district,
            rule.domain,
            rule.asset_type, rule.priority, rule.severity, one.state, one.value, _at(one.raised),
            _at(one.noticed), _at(one.annunciated), _at(one.last_raised), one.activations, _at(one.returned),
            _at(one.return_noticed), rule.latching, _at(one.reset), one.reset_by and one.reset_by.name,
            _at(one.acknowledged), who and who.name, who and who.id, _at(one.confirmed),
            confirmer and confirmer.name, one.action or None, owner and owner.name, owner and owner.id,
            _at(one.assigned), one.escalation, _at(one.escalated), one.re_alarms, one.cause or None,
            _at(one.cause_since), _at(one.closed),
        )  # fmt: skip

    def hiding(self, one: Hidden) -> tuple[Any, ...]:
        """The row of something hidden, in the order of ``_HIDING``."""
        rule = self.rules[one.rule].rule_id if one.rule >= 0 else None
        return (
            one.kind, rule, self.asset(one.index), one.children, one.alarm or None, one.reason,
            one.reference, _at(one.begins), _at(one.until), _at(one.begins), one.by.name, one.by.id,
            _at(one.begins), _at(one.ended), "" if one.ended else None, "expired" if one.ended else None,
        )  # fmt: skip

    def lines(self) -> list[tuple[Any, ...]]:
        """Every line of every thread, in the order in which they were written."""
        every = [
            (line.at, one.id, place, line)
            for one in self.life.alarms
            for place, line in enumerate(one.thread)
        ]
        every.sort(key=lambda pair: pair[:3])
        return [
            (number, _at(at), line.kind.value, line.by and line.by.id, line.by.name if line.by else "",
             line.by.role if line.by else "", line.text, json.dumps(dict(line.details)))
            for at, number, _, line in every
        ]  # fmt: skip


_ALARM: LiteralString = (
    "alarm (id, rule_id, rule_version, alarm_class, asset_id, area_id, commune_id, district_id, domain, "
    "asset_type, priority, severity, state, value, raised_at, noticed_at, annunciated_at, last_raised_at, "
    "activations, returned_at, return_noticed_at, latching, reset_at, reset_by, acknowledged_at, "
    "acknowledged_by, acknowledged_by_id, confirmed_at, confirmed_by, confirmed_action, assigned_to, "
    "assigned_to_id, assigned_at, escalation, escalated_at, re_alarms, cause_id, cause_since, closed_at)"
)
_EVENT: LiteralString = "alarm_event (alarm_id, at, kind, actor_id, actor, role, text, details)"
_HIDING: LiteralString = (
    "alarm_hiding (kind, rule_id, asset_id, with_children, alarm_id, reason, reference, from_at, until, "
    "made_at, made_by, made_by_id, began_at, ended_at, ended_by, ended_why)"
)


def _written(engine: Engine, book: _Book, story: DemoStory) -> Counter[str]:
    life, first, now = book.life, float(story.span.recent), float(story.span.now)
    edges = [first, *(edge for gap in life.gaps for edge in gap), now]
    watch = [(_at(begin), _at(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    ratings = [(r.alarm, r.by.id, r.useless, r.text, _at(r.at)) for r in life.answers.ratings]
    alarms = [book.alarm(one) for one in life.alarms]
    with copying(engine) as connection:
        connection.execute("SET LOCAL statement_timeout = 0")
        # What explains an alarm may stand after it in the book.
        connection.execute("ALTER TABLE alarm DISABLE TRIGGER ALL")
        _copy(connection, _ALARM, alarms)
        connection.execute("ALTER TABLE alarm ENABLE TRIGGER ALL")
        _copy(connection, _EVENT, lines := book.lines())
        _copy(connection, _HIDING, hidden := [book.hiding(one) for one in life.hidden])
        _copy(connection, "alarm_rating (alarm_id, person_id, useless, text, at)", ratings)
        _copy(connection, "alarm_watch (began_at, ended_at)", watch)
        connection.execute(
            "INSERT INTO alarm_engine (id, settled_at, looked_at, layout, started_at) "
            "VALUES (1, %(now)s, %(now)s, (SELECT version FROM layout WHERE id = 1), %(first)s) "
            "ON CONFLICT (id) DO NOTHING",
            {"now": _at(now), "first": _at(first)},
        )
        connection.execute(
            "SELECT setval(pg_get_serial_sequence('alarm', 'id'), greatest(max(id), 1)) FROM alarm"
        )
    _analyze(engine)
    return Counter(
        alarm=len(alarms), alarm_event=len(lines), alarm_hiding=len(hidden), alarm_rating=len(ratings),
        alarm_watch=len(watch),
    )  # fmt: skip


def _analyze(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE alarm, alarm_event, alarm_hiding"))


def _at(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _copy(
    connection: psycopg.Connection[Any], target: LiteralString, rows: Iterable[tuple[Any, ...]]
) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.SQL(target))) as copy,
    ):
        for row in rows:
            copy.write_row(row)
