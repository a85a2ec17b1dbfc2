"""Alarms made up by tests: rules, alarms in any state, consequences, hidings, without the engine.

Every function takes a connection of the owner in a transaction and an instant; nothing reads the clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from model.alarm_rules import Rule, StateIs

_RULE = text(
    """
    INSERT INTO alarm_rule (key, domain, asset_type, made_by, made_at)
    VALUES (:key, :domain, :asset_type, 'tests', :at)
    ON CONFLICT (key) DO UPDATE SET made_by = excluded.made_by RETURNING id
    """
)
_VERSION = text(
    """
    INSERT INTO alarm_rule_version (rule_id, version, declaration, author, reason, made_at, on_at, on_by)
    VALUES (:rule, 1, CAST(:declaration AS jsonb), 'tests', 'tests', :at, :at, 'tests')
    ON CONFLICT DO NOTHING
    """
)


def add_rule(connection: Connection, key: str, at: datetime, **said: Any) -> int:
    """A rule ``<asset type>.<state>`` in force since ``at``; ``said`` are fields of ``Rule``. Its id."""
    asset_type, _, state = key.partition(".")
    said = {"domain": "lighting", "condition": StateIs((state,))} | said
    rule = Rule(key=key, asset_type=said.pop("asset_type", asset_type), **said)
    number = connection.execute(
        _RULE, {"key": key, "domain": rule.domain, "asset_type": rule.asset_type, "at": at}
    ).scalar_one()
    values = {"rule": number, "declaration": msgspec.json.encode(rule).decode(), "at": at}
    connection.execute(_VERSION, values)
    return int(number)


_ALARM = text(
    """
    INSERT INTO alarm (rule_id, rule_version, alarm_class, asset_id, area_id, commune_id, district_id, domain,
        asset_type, priority, severity, state, value, raised_at, noticed_at, annunciated_at, last_raised_at,
        activations, returned_at, return_noticed_at, latching, acknowledged_at, acknowledged_by,
        acknowledged_by_id, cause_id, cause_since, assigned_to, assigned_to_id, escalation, uncertain)
    SELECT r.id, 1, r.key, s.id, CAST(:area AS int),
        coalesce(s.commune_id, CASE p.kind WHEN 'commune' THEN p.id END),
        coalesce(s.district_id, CASE p.kind WHEN 'district' THEN p.id END), coalesce(s.domain, r.domain),
        coalesce(s.asset_type, r.asset_type), coalesce(:priority, (v.declaration ->> 'priority')::int, 3),
        coalesce((v.declaration ->> 'severity')::int, 3), :state, :value, :at, :noticed, :annunciated, :at,
        :activations, :returned, :returned, coalesce((v.declaration ->> 'latching')::boolean, false),
        :acknowledged, :by, :by_id, CAST(:cause AS bigint),
        CASE WHEN CAST(:cause AS bigint) IS NOT NULL THEN CAST(:at AS timestamptz) END,
        :assigned, :assigned_id, :escalation, :uncertain
    FROM alarm_rule r JOIN alarm_rule_version v ON v.rule_id = r.id AND v.version = 1
    LEFT JOIN asset s ON s.id = :asset LEFT JOIN area p ON p.id = :area
    WHERE r.key = :key
    RETURNING id
    """
)
_EVENT = text("INSERT INTO alarm_event (alarm_id, at, kind) VALUES (:id, :at, :kind)")
_TOUCH = text("UPDATE alarm SET escalation = escalation WHERE id = :id")


def add_alarm(
    connection: Connection, key: str, at: datetime, *, asset: int | None = None, area: int | None = None,
    priority: int | None = None, state: int | None = None, value: float | None = None,
    annunciated: datetime | bool = True, returned: datetime | None = None,
    acknowledged: datetime | None = None, by: str | None = None, by_id: int | None = None,
    cause: int | None = None, activations: int = 1, assigned: str | None = None,
    assigned_id: int | None = None, escalation: int = 0, uncertain: bool = False,
) -> int:  # fmt: skip
    """An alarm of rule ``key`` raised at ``at`` on ``asset`` or ``area`` (ids), as the engine leaves it.

    ``annunciated`` True: at once (of a consequence: never), False: never, it was explained or hidden in time.
    An alarm that is over and dealt with is closed by the trigger, as in life. Returns its id.
    """
    put = annunciated if isinstance(annunciated, datetime) else at if annunciated and not cause else None
    values = {
        "key": key, "asset": asset, "area": area, "priority": priority, "state": state, "value": value,
        "at": at, "noticed": at, "annunciated": put, "returned": returned, "activations": activations,
        "acknowledged": acknowledged, "by": by or ("Ada Test" if acknowledged else None), "by_id": by_id,
        "cause": cause, "assigned": assigned, "assigned_id": assigned_id, "escalation": escalation,
        "uncertain": uncertain,
    }  # fmt: skip
    number = int(connection.execute(_ALARM, values).scalar_one())
    kinds = ["raised"] + (["annunciated"] if put else []) + (["suppressed"] if cause else [])
    kinds += ["returned"] if returned else []
    connection.execute(_EVENT, [{"id": number, "at": at, "kind": kind} for kind in kinds])
    connection.execute(_TOUCH, {"id": number})
    return number


def add_group(
    connection: Connection, cause_key: str, cause_asset: int, key: str, assets: Sequence[int], at: datetime
) -> tuple[int, list[int]]:
    """A cause and the alarms it explains: (its id, theirs)."""
    cause = add_alarm(connection, cause_key, at, asset=cause_asset)
    return cause, [add_alarm(connection, key, at, asset=one, cause=cause) for one in assets]


def end_condition(connection: Connection, alarm: int, at: datetime) -> None:
    """The condition of ``alarm`` ends, as the engine sees it."""
    connection.execute(
        text("UPDATE alarm SET returned_at = :at, return_noticed_at = :at WHERE id = :id"),
        {"at": at, "id": alarm},
    )
    connection.execute(_EVENT, {"id": alarm, "at": at, "kind": "returned"})


def raise_again(connection: Connection, alarm: int, at: datetime) -> None:
    """The condition of ``alarm`` begins once more before it left the list, as the engine sees it."""
    connection.execute(
        text(
            "UPDATE alarm SET returned_at = NULL, return_noticed_at = NULL, last_raised_at = :at, "
            "activations = activations + 1 WHERE id = :id"
        ),
        {"at": at, "id": alarm},
    )
    connection.execute(_EVENT, {"id": alarm, "at": at, "kind": "raised_again"})


_HIDING = text(
    """
    INSERT INTO alarm_hiding (kind, rule_id, asset_id, with_children, area_id, domain, reason, reference,
        ends_when, from_at, until, made_at, made_by, made_by_id, seconded_at, seconded_by, seconded_by_id)
    VALUES (:kind, (SELECT id FROM alarm_rule WHERE key = :key), :asset, :with_children, :area, :domain,
        :reason, :reference, :ends_when, :from_at, :until, :from_at, :by, :by_id, :seconded_at, :seconded_by,
        :seconded_by_id)
    RETURNING id
    """
)


def add_hiding(
    connection: Connection, kind: str, from_at: datetime, for_s: float = 3600.0, *, key: str | None = None,
    asset: int | None = None, area: int | None = None, domain: str | None = None, with_children: bool = False,
    reason: str = "tests", reference: str = "", ends_when: str = "", by: str = "Ada Test",
    by_id: int | None = None, seconded_by: str | None = None, seconded_by_id: int | None = None,
) -> int:  # fmt: skip
    """Something that hides alarms from ``from_at`` for ``for_s`` seconds; its id."""
    values = {
        "kind": kind, "key": key, "asset": asset, "with_children": with_children, "area": area,
        "domain": domain, "reason": reason, "reference": reference, "ends_when": ends_when,
        "from_at": from_at, "until": from_at + timedelta(seconds=for_s), "by": by, "by_id": by_id,
        "seconded_at": from_at if seconded_by else None, "seconded_by": seconded_by,
        "seconded_by_id": seconded_by_id,
    }  # fmt: skip
    return int(connection.execute(_HIDING, values).scalar_one())


def engine_looked(connection: Connection, at: datetime) -> None:
    """The engine has seen everything up to ``at``."""
    connection.execute(
        text(
            "INSERT INTO alarm_engine (id, settled_at, looked_at, layout, started_at) "
            "VALUES (1, :at, :at, 1, :at) ON CONFLICT (id) DO UPDATE SET settled_at = :at, looked_at = :at"
        ),
        {"at": at},
    )
