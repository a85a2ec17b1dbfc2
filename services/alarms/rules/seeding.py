"""What every domain begins with: its own rules as first versions, switched on where the city has none yet."""

from collections.abc import Iterable
from typing import Any

import msgspec
import psycopg

from model.alarm_rules import Rule
from model.domains import DOMAINS

AUTHOR = "Vigie"
REASON = "Règle d’origine du domaine"

_SEED = """
WITH fresh AS (
    INSERT INTO alarm_rule (key, domain, asset_type, made_by)
    VALUES (%(key)s, %(domain)s, %(asset_type)s, %(by)s)
    ON CONFLICT (key) DO NOTHING RETURNING id
)
INSERT INTO alarm_rule_version (rule_id, version, declaration, author, reason, on_at, on_by)
SELECT id, 1, %(declaration)s::jsonb, %(by)s, %(reason)s, now(), %(by)s FROM fresh
"""


def own_rules() -> tuple[Rule, ...]:
    """The rules of every domain."""
    return tuple(rule for domain in DOMAINS for rule in domain.alarms)


def seed_rules(connection: psycopg.Connection[Any], rules: Iterable[Rule] | None = None) -> int:
    """Write the rules the city has no class for yet; how many. A class once there is the city's to change."""
    written = 0
    for rule in own_rules() if rules is None else rules:
        values = {
            "key": rule.key, "domain": rule.domain, "asset_type": rule.asset_type, "by": AUTHOR,
            "reason": REASON, "declaration": msgspec.json.encode(rule).decode(),
        }  # fmt: skip
        written += max(connection.execute(_SEED, values).rowcount, 0)
    return written
