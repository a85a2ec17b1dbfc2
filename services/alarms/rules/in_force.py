"""The rules in force: of each class the one version that is switched on, as it was declared."""

import logging
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg

from model.alarm_rules import Rule

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule, and where its version stands in the book."""

    rule_id: int
    version: int
    rule: Rule


_IN_FORCE = """
SELECT r.id, v.version, v.declaration FROM alarm_rule r JOIN alarm_rule_version v ON v.rule_id = r.id
WHERE v.on_at IS NOT NULL AND v.off_at IS NULL ORDER BY r.id
"""


def rules_in_force(connection: psycopg.Connection[Any]) -> tuple[RuleInForce, ...]:
    """Every rule in force, by id. One that cannot be read is left out and said: the others go on."""
    found = []
    for rule_id, version, declaration in connection.execute(_IN_FORCE):
        try:
            found.append(RuleInForce(rule_id, version, msgspec.convert(declaration, Rule)))
        except msgspec.ValidationError as error:
            log.error("rule %s version %s cannot be read and is not watched: %s", rule_id, version, error)
    return tuple(found)
