"""The book of rules: classes of alarm with their versions, tried, switched on and off by those who keep them.

A version is never changed. It is written, tried against the past, and only then switched on; the one before
goes off in the same transaction. The engine hears of it at once.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from model.alarm_rules import Rule
from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.roles import RULE_KEEPERS
from model.rule_book import REASON_MOST, Backtest, RuleSheet, RuleVersion
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record
from services.alarms.rules.backtest import on_record
from services.alarms.rules.checking import checked_rule, named_by_us

DEADLINE_MS = 4_000
LATELY = timedelta(days=30)

_VERSIONS = """
    SELECT r.id, r.key, r.domain, r.asset_type, v.version, v.declaration, v.author, v.reason, v.made_at,
           v.backtest, v.backtested_at, v.on_at, coalesce(v.on_by, '') AS on_by, v.off_at,
           coalesce(v.off_by, '') AS off_by, coalesce(v.off_why, '') AS off_why
    FROM alarm_rule r JOIN alarm_rule_version v ON v.rule_id = r.id {which}
    ORDER BY r.domain, r.asset_type, r.key, v.version DESC
"""
_ALL = statement(_VERSIONS, which="")
_ONE = statement(_VERSIONS, which="WHERE r.key = :key")
_LOAD = text(
    """
    SELECT rule_id, count(*) FILTER (WHERE closed_at IS NULL),
           count(*) FILTER (WHERE annunciated_at > CAST(:since AS timestamptz))
    FROM alarm WHERE closed_at IS NULL OR annunciated_at > CAST(:since AS timestamptz) GROUP BY 1
    """
)
_CLASS = text(
    "INSERT INTO alarm_rule (key, domain, asset_type, made_by, made_at) "
    "VALUES (:key, :domain, :type, :by, :now) ON CONFLICT (key) DO NOTHING"
)
_LOCK = text("SELECT id, domain, asset_type FROM alarm_rule WHERE key = :key FOR UPDATE")
_DRAFT = text(
    """
    INSERT INTO alarm_rule_version (rule_id, version, declaration, author, reason, made_at)
    SELECT :rule, coalesce(max(version), 0) + 1, CAST(:declaration AS jsonb), :by, :reason, :now
    FROM alarm_rule_version WHERE rule_id = :rule RETURNING version
    """
)
_VERSION = text(
    "SELECT declaration, backtested_at, on_at, off_at FROM alarm_rule_version "
    "WHERE rule_id = :rule AND version = :version"
)
_TRIED = text(
    "UPDATE alarm_rule_version SET backtest = CAST(:backtest AS jsonb), backtested_at = :now "
    "WHERE rule_id = :rule AND version = :version"
)
_OFF = text(
    "UPDATE alarm_rule_version SET off_at = :now, off_by = :by, off_why = :why "
    "WHERE rule_id = :rule AND on_at IS NOT NULL AND off_at IS NULL RETURNING version"
)
_ANSWERED = text(
    "UPDATE alarm_review SET proposed_version = :version WHERE rule_id = :rule AND decided_at IS NULL"
)
_DECIDED = text(
    "UPDATE alarm_review SET decided_at = :now, decided_by = :by, decision = 'changed', "
    "proposed_version = :version WHERE rule_id = :rule AND decided_at IS NULL RETURNING id"
)
_ON = text(
    "UPDATE alarm_rule_version SET on_at = :now, on_by = :by, off_at = NULL, off_by = NULL, off_why = NULL "
    "WHERE rule_id = :rule AND version = :version"
)


class RuleBook:
    """The rules of one city. Every method blocks, four seconds at most, and raises Unavailable.

    What changes something takes the ``viewer`` and ``now`` (aware), raises Refused unless she keeps rules of
    the whole city, and writes the audit in its own transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, now: datetime) -> Sequence[RuleSheet]:
        """Every class by domain and kind, with its versions and its load."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows = connection.execute(_ALL).all()
            load = {row[0]: (row[1], row[2]) for row in connection.execute(_LOAD, {"since": now - LATELY})}
        return _sheets(rows, load)

    def sheet(self, key: str, now: datetime) -> RuleSheet:
        """One class; NotFound for none of that key."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows = connection.execute(_ONE, {"key": key}).all()
            load = {row[0]: (row[1], row[2]) for row in connection.execute(_LOAD, {"since": now - LATELY})}
        if not rows:
            raise NotFound(f"no class of alarm is called {key}")
        return _sheets(rows, load)[0]

    def draft(
        self, viewer: Viewer, rule: Rule, reason: str, now: datetime, *, new: bool = False
    ) -> int:  # fmt: skip
        """Write a version of ``rule``'s class, of a new one where the city has none; its number.

        It watches nothing before it is switched on. ``new``: the class is not there yet. Raises BadField.
        """
        keeper(viewer, "write rules of alarms")
        rule = checked_rule(rule, own_words=not named_by_us(rule.key))
        why = typed_text("reason", reason, REASON_MOST)
        with asking(self._engine, DEADLINE_MS) as connection:
            made = {
                "key": rule.key,
                "domain": rule.domain,
                "type": rule.asset_type,
                "by": viewer.name,
                "now": now,
            }
            if not connection.execute(_CLASS, made).rowcount and new:
                raise BadField("key", "exists", which=rule.key)
            known = connection.execute(_LOCK, {"key": rule.key}).one()
            if (known.domain, known.asset_type) != (rule.domain, rule.asset_type):
                raise BadField("key", "taken")
            declaration = msgspec.json.encode(rule).decode()
            values = {
                "rule": known.id,
                "declaration": declaration,
                "by": viewer.name,
                "reason": why,
                "now": now,
            }
            version = int(str(connection.scalar(_DRAFT, values)))
            # A version written while the rule is under review is what answers it.
            connection.execute(_ANSWERED, {"rule": known.id, "version": version})
            _record(connection, viewer, Action.RULE_DRAFTED, rule.key, {"version": version, "reason": why})
            connection.commit()
        return version

    def try_out(
        self, viewer: Viewer, key: str, version: int, trying: Callable[[Rule], Backtest], now: datetime
    ) -> Backtest:
        """Try a version against the past by ``trying`` and keep what came of it: it may then go on.

        The audit says over which time. Raises NotFound, and what ``trying`` raises; then nothing is kept.
        """
        keeper(viewer, "try rules of alarms")
        with asking(self._engine, DEADLINE_MS) as connection:
            rule_id, row = _version(connection, key, version)
        found = trying(msgspec.convert(row.declaration, Rule))
        with asking(self._engine, DEADLINE_MS) as connection:
            said = msgspec.json.encode(found).decode()
            connection.execute(_TRIED, {"rule": rule_id, "version": version, "backtest": said, "now": now})
            over = {"from": _instant(found.t0), "until": _instant(found.t1)}
            details = {"version": version, **over, "alarms": found.total}
            _record(connection, viewer, Action.RULE_TRIED, key, details)
            connection.commit()
        return found

    def switch_on(self, viewer: Viewer, key: str, version: int, now: datetime) -> None:
        """Put a version in force; the one before goes off in the same moment, and an open review of the
        class is answered.

        Raises Refused (``untried``) for one that could be tried against the past and was not, NotFound.
        """
        keeper(viewer, "switch rules of alarms on")
        with asking(self._engine, DEADLINE_MS) as connection:
            rule_id, row = _version(connection, key, version)
            if row.on_at is not None and row.off_at is None:
                return
            if row.backtested_at is None and on_record(msgspec.convert(row.declaration, Rule)):
                raise Refused("a version is tried against the past before it is switched on", "untried")
            told = {"rule": rule_id, "now": now, "by": viewer.name}
            before = connection.scalar(_OFF, told | {"why": f"version {version}"})
            connection.execute(_ON, told | {"version": version})
            details = {"version": version, "before": before}
            _record(connection, viewer, Action.RULE_SWITCHED_ON, key, details)
            review = connection.scalar(_DECIDED, told | {"version": version})
            if review is not None:
                decided = {"review": review, "decision": "changed", "version": version}
                _record(connection, viewer, Action.RULE_REVIEWED, key, decided)
            connection.commit()

    def switch_off(self, viewer: Viewer, key: str, why: str, now: datetime) -> None:
        """Take a class out of force: its open alarms end, with a word. Raises BadField, NotFound."""
        keeper(viewer, "switch rules of alarms off")
        reason = typed_text("reason", why, REASON_MOST)
        with asking(self._engine, DEADLINE_MS) as connection:
            rule = connection.execute(_LOCK, {"key": key}).one_or_none()
            told = {"rule": rule.id if rule else 0, "now": now, "by": viewer.name, "why": reason}
            version = connection.scalar(_OFF, told)
            if version is None:
                raise NotFound(f"{key}: no version is in force")
            _record(connection, viewer, Action.RULE_SWITCHED_OFF, key, {"version": version, "reason": reason})
            connection.commit()


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def keeper(viewer: Viewer, what: str) -> None:
    """Refused unless the viewer keeps rules, and of the whole city: what a rule watches she must see."""
    must_be(viewer, RULE_KEEPERS, what)
    if not viewer.scope.whole:
        raise Refused("rules are written by those who see the whole city", "whole_city")


def _version(connection: Connection, key: str, version: int) -> tuple[int, Any]:
    rule = connection.execute(_LOCK, {"key": key}).one_or_none()
    row = rule and connection.execute(_VERSION, {"rule": rule.id, "version": version}).one_or_none()
    if rule is None or row is None:
        raise NotFound(f"{key}: no version {version}")
    return int(rule.id), row


def _sheets(rows: Sequence[Any], load: dict[int, tuple[int, int]]) -> list[RuleSheet]:
    of: dict[int, list[Any]] = {}
    for row in rows:
        of.setdefault(row.id, []).append(row)
    return [
        RuleSheet(
            rule_id, some[0].key, some[0].domain, some[0].asset_type,
            tuple(_told(row) for row in some), *load.get(rule_id, (0, 0)),
        )
        for rule_id, some in of.items()
    ]  # fmt: skip


def _told(row: Any) -> RuleVersion:
    return RuleVersion(
        row.version, msgspec.convert(row.declaration, Rule), row.author, row.reason, row.made_at,
        None if row.backtest is None else msgspec.convert(row.backtest, Backtest), row.backtested_at,
        row.on_at, row.on_by, row.off_at, row.off_by, row.off_why,
    )  # fmt: skip


def _record(
    connection: Connection, viewer: Viewer, action: Action, key: str, details: dict[str, Any]
) -> None:
    record(connection, viewer, action, kind="alarm_rule", object=key, details=details)
