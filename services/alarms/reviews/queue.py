"""The queue of reviews: rules that were called useless, most often first, and what is decided of them.

A trigger opens a review with the first who calls an alarm of its rule useless (migration 0014). It ends when
a version is put in force (``RuleBook.switch_on``) or when it is closed here, with a reason; who calls the
rule useless after that opens the next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.alarm_quality import RuleFigures
from model.alarm_review import Proposal, Review, Said
from model.alarm_rules import Rule
from model.audit import Action
from model.errors import NotFound
from model.rule_book import REASON_MOST
from model.typed import typed_text
from model.viewer import Viewer
from services.access import record
from services.alarms.quality import rules_quality
from services.alarms.reviews.facts import Facts, facts_of
from services.alarms.reviews.proposing import changes_for
from services.alarms.reviews.trying import Trying
from services.alarms.rules.backtest import on_record
from services.alarms.rules.book import keeper

DEADLINE_MS = 8_000
LOOKED_AT = timedelta(days=30)

_OPEN = text(
    """
    SELECT w.id, w.rule_id, r.key, r.asset_type, v.version,
           v.on_at IS NOT NULL AND v.off_at IS NULL AS watches, v.declaration, w.opened_at, w.proposal,
           w.proposed_at, w.proposed_version,
           coalesce(d.author, '') AS author
    FROM alarm_review w JOIN alarm_rule r ON r.id = w.rule_id
    JOIN LATERAL (SELECT * FROM alarm_rule_version o WHERE o.rule_id = r.id
                  ORDER BY (o.on_at IS NOT NULL AND o.off_at IS NULL) DESC, o.version DESC LIMIT 1) v ON true
    LEFT JOIN alarm_rule_version d ON d.rule_id = w.rule_id AND d.version = w.proposed_version
    WHERE w.decided_at IS NULL AND r.key = coalesce(:key, r.key)
    """
)
# Who said it stands in the thread: the names of accounts are not everybody's to read.
_SAID = text(
    """
    SELECT w.id, a.id, coalesce(e.actor, '') AS name, coalesce(e.role, '') AS role, g.at,
           coalesce(s.external_id, p.code, '') AS asset, coalesce(s.name, p.name, '') AS place, g.text
    FROM alarm_review w JOIN alarm a ON a.rule_id = w.rule_id
    JOIN alarm_rating g ON g.alarm_id = a.id AND g.useless AND g.at >= w.opened_at
    LEFT JOIN LATERAL (SELECT actor, role FROM alarm_event t WHERE t.alarm_id = a.id AND t.kind = 'rated'
                       AND t.actor_id = g.person_id ORDER BY t.id DESC LIMIT 1) e ON true
    LEFT JOIN asset s ON s.id = a.asset_id LEFT JOIN area p ON p.id = a.area_id
    WHERE w.id = ANY (:ids) ORDER BY g.at DESC, a.id DESC
    """
)
_KEEP = text(
    "UPDATE alarm_review SET proposal = CAST(:proposal AS jsonb), proposed_at = :now "
    "WHERE id = :id AND decided_at IS NULL"
)
_CLOSE = text(
    "UPDATE alarm_review w SET decided_at = :now, decided_by = :by, decision = 'kept', decision_why = :why "
    "FROM alarm_rule r WHERE r.id = w.rule_id AND r.key = :key AND w.decided_at IS NULL RETURNING w.id"
)


class Reviews:
    """The reviews of one city, within the scope of ``engine``. Every method blocks, and raises Unavailable.

    What changes something takes the ``viewer`` and ``now`` (aware) and raises Refused unless she keeps the
    rules of the whole city.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, now: datetime) -> Sequence[Review]:
        """Every open review, by how often its rule was called useless and by how many alarms it raised.

        One whose last opinion was taken back waits unseen until somebody says it again.
        """
        return self._read(None, now)

    def of(self, key: str, now: datetime) -> Review:
        """The open review of the rule called ``key``; NotFound where there is none."""
        found = self._read(key, now)
        if not found:
            raise NotFound(f"{key}: no review is open")
        return found[0]

    def work_out(self, viewer: Viewer, key: str, trying: Trying, now: datetime) -> Proposal:
        """Try what the figures propose by ``trying``, and keep what came of it with the review.

        NotFound where no review is open, no version in force, or nothing is proposed.
        """
        keeper(viewer, "have reviews of rules worked out")
        review = self.of(key, now)
        rule = review.proposed
        if rule is None:
            raise NotFound(f"{key}: nothing to try")
        trial = trying(review.rule, rule) if on_record(rule) else None
        found = Proposal(review.version, rule, review.changes, trial)
        with asking(self._engine, DEADLINE_MS) as connection:
            said = msgspec.json.encode(found).decode()
            connection.execute(_KEEP, {"id": review.id, "proposal": said, "now": now})
            connection.commit()
        return found

    def close(self, viewer: Viewer, key: str, why: str, now: datetime) -> None:
        """End the review of ``key``: its rule stays as it is, for this reason. Raises BadField, NotFound."""
        keeper(viewer, "close reviews of rules")
        reason = typed_text("reason", why, REASON_MOST)
        with asking(self._engine, DEADLINE_MS) as connection:
            told = {"key": key, "now": now, "by": viewer.name, "why": reason}
            review = connection.scalar(_CLOSE, told)
            if review is None:
                raise NotFound(f"{key}: no review is open")
            details = {"review": review, "decision": "kept", "reason": reason}
            record(connection, viewer, Action.RULE_REVIEWED, kind="alarm_rule", object=key, details=details)
            connection.commit()

    def _read(self, key: str | None, now: datetime) -> list[Review]:
        t0 = now - LOOKED_AT
        with asking(self._engine, DEADLINE_MS) as connection:
            rows = connection.execute(_OPEN, {"key": key}).all()
            said = _said(connection, [row.id for row in rows])
            facts = facts_of(connection, {row.rule_id for row in rows}, t0, now)
        figures = {one.rule_id: one for one in rules_quality(self._engine, t0, now)} if rows else {}
        found = [
            _told(row, tuple(said[row.id]), figures.get(row.rule_id), facts.get(row.rule_id, Facts()))
            for row in rows
            if row.id in said
        ]
        return sorted(found, key=lambda one: (-len(one.said), -one.figures.alarms, one.key))


def _said(connection: Connection, ids: list[int]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = {}
    for row in connection.execute(_SAID, {"ids": ids}):
        found.setdefault(row[0], []).append(Said(*row[1:]))
    return found


def _told(row: Any, said: tuple[Said, ...], figures: RuleFigures | None, facts: Facts) -> Review:
    rule = msgspec.convert(row.declaration, Rule)
    figures = figures or RuleFigures(row.rule_id, row.key, rule.title, 0, 0.0, 0.0, 0, 0, 0, 0, 0)
    version = int(row.version) if row.watches else 0
    proposal = None if row.proposal is None else msgspec.convert(row.proposal, Proposal)
    # What was tried of another version, or on other facts, says nothing of this one.
    changes = changes_for(rule, figures, facts) if version else ()
    if proposal is not None and proposal.version != version:
        proposal = None
    return Review(
        row.id, row.rule_id, row.key, row.asset_type, version, rule, row.opened_at, figures, said, changes,
        proposal, row.proposed_at, row.proposed_version, row.author,
    )  # fmt: skip
