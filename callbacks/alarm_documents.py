"""Alarms as the browser gets them: plain JSON, instants in seconds since 1970, words in one language.

What a rule is called and says to do stands in the rule, or in the catalogues for those a domain begins with.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from model.alarms import AlarmEvent, AlarmList, AlarmRow, AlarmSheet, Dossier, HiddenRow, Nearby
from model.domains import ASSET_TYPES
from model.texts import Words


def stamp(at: datetime | None) -> float | None:
    """Seconds since 1970, to the millisecond; None stays None."""
    return None if at is None else round(at.timestamp(), 3)


def own_words(say: Words, told: Mapping[str, str], key: str, otherwise: str = "") -> str:
    """``told`` in the language of ``say``, else what its catalogue has under ``key``, else ``otherwise``."""
    if told:
        return told.get(say.language) or next(iter(told.values()))
    return say(key) if say.has(key) else otherwise


def title_of(say: Words, alarm_class: str, title: Mapping[str, str]) -> str:
    """What an alarm of ``alarm_class`` is called; the class itself where nobody named it."""
    return own_words(say, title, f"alarm.rule.{alarm_class}", alarm_class)


def row_document(say: Words, row: AlarmRow) -> dict[str, Any]:
    """One line of the list."""
    kind = ASSET_TYPES.get(row.asset_type)
    state = kind.by_code.get(row.state) if kind and row.state is not None else None
    return {
        "id": row.id, "class": row.alarm_class, "title": title_of(say, row.alarm_class, row.title),
        "priority": row.priority, "severity": row.severity, "worst": row.worst, "domain": row.domain,
        "type": row.asset_type, "glyph": kind.glyph if kind else "", "asset": row.asset,
        "asset_id": row.asset_id, "index": row.index,
        "name": row.name, "street": row.street, "area": row.area,
        "state": state.name if state else None, "value": row.value,
        "raised": stamp(row.raised_at), "noticed": stamp(row.noticed_at), "returned": stamp(row.returned_at),
        "acknowledged": stamp(row.acknowledged_at), "acknowledged_by": row.acknowledged_by,
        "confirmed": stamp(row.confirmed_at), "assigned_to": row.assigned_to,
        "code": row.code.value, "hiding": row.hiding.value if row.hiding else None, "cause": row.cause_id,
        "cause_outside": row.cause_outside, "consequences": row.consequences,
        "activations": row.activations, "escalation": row.escalation, "uncertain": row.uncertain,
        "latched": row.latched, "lon": row.lon, "lat": row.lat,
    }  # fmt: skip


def list_document(say: Words, found: AlarmList, layout: int) -> dict[str, Any]:
    """The list; live indices hold for the ``layout`` version."""
    flood = found.flood
    return {
        "n": found.revision, "layout": layout, "at": stamp(found.at),
        "rows": [row_document(say, row) for row in found.rows],
        "total": found.total, "by_priority": found.by_priority, "unacknowledged": found.unacknowledged,
        "consequences": found.consequences, "hidden": found.hidden,
        "watched": stamp(found.watched_until),
        "flood": {
            "on": flood.on, "count": flood.count, "threshold": flood.threshold,
            "since": stamp(flood.since), "causes": flood.causes, "consequences": flood.consequences,
        },
    }  # fmt: skip


def hidden_document(say: Words, row: HiddenRow) -> dict[str, Any]:
    """One line of what is hidden now."""
    return {
        "id": row.id, "kind": row.kind.value, "class": row.alarm_class,
        "title": title_of(say, row.alarm_class, row.title) if row.alarm_class else "",
        "asset": row.asset, "name": row.name, "area": row.area, "domain": row.domain,
        "reason": row.reason, "reference": row.reference, "from": stamp(row.from_at),
        "until": stamp(row.until), "made_by": row.made_by, "made_by_id": row.made_by_id,
        "seconded_by": row.seconded_by, "waiting": row.waiting, "alarms": row.alarms,
        "with_children": row.with_children,
    }  # fmt: skip


def event_document(event: AlarmEvent) -> dict[str, Any]:
    """One line of a thread; what its kind is called is ``alarm.happening.<kind>`` in the catalogues."""
    return {
        "id": event.id, "at": stamp(event.at), "kind": event.kind.value, "actor": event.actor,
        "role": event.role, "text": event.text, "details": event.details,
    }  # fmt: skip


def sheet_document(say: Words, sheet: AlarmSheet, layout: int) -> dict[str, Any]:
    """One alarm whole."""
    row = sheet.row
    return {
        "row": row_document(say, row), "layout": layout,
        "thread": [event_document(event) for event in sheet.thread],
        "cause": row_document(say, sheet.cause) if sheet.cause else None,
        "consequences": [row_document(say, one) for one in sheet.consequences],
        "action": own_words(say, sheet.action, f"alarm.action.{row.alarm_class}"),
        "responder": sheet.responder, "rule_version": sheet.rule_version,
        "confirmed_action": sheet.confirmed_action, "max_shelve_s": sheet.max_shelve_s,
        "never_shelved": sheet.never_shelved,
        "escalates": stamp(sheet.escalates_at),
        "hidings": [hidden_document(say, one) for one in sheet.hidings],
    }  # fmt: skip


def dossier_document(say: Words, dossier: Dossier, layout: int) -> dict[str, Any]:
    """What was near an alarm, most telling first."""
    return {
        "alarm": row_document(say, dossier.alarm), "layout": layout, "radius_m": dossier.radius_m,
        "span_s": dossier.span_s, "left_out": dossier.left_out,
        "found": [nearby_document(say, one) for one in dossier.found],
    }  # fmt: skip


def nearby_document(say: Words, one: Nearby) -> dict[str, Any]:
    """One line of a dossier."""
    kind = ASSET_TYPES.get(one.asset_type)
    state = kind.by_code.get(one.state) if kind and one.state is not None else None
    return {
        "kind": one.kind, "at": stamp(one.at), "after_s": round(one.after_s, 1),
        "distance_m": round(one.distance_m, 1), "domain": one.domain, "type": one.asset_type,
        "glyph": kind.glyph if kind else "", "asset": one.asset, "index": one.index, "name": one.name,
        "lon": round(one.lon, 6), "lat": round(one.lat, 6),
        "state": state.name if state else None, "status": one.status,
        "alarm": row_document(say, one.alarm) if one.alarm else None, "text": one.text,
        "score": round(one.score, 4),
    }  # fmt: skip
