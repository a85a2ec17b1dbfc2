"""The rules in force, and those every domain begins with."""

from services.alarms.rules.in_force import RuleInForce, rules_in_force
from services.alarms.rules.seeding import seed_rules

__all__ = ["RuleInForce", "rules_in_force", "seed_rules"]
