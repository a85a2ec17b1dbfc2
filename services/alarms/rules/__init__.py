"""The rules: those every domain begins with, those in force, the book of their versions, and their trial."""

from services.alarms.rules.backtest import backtest
from services.alarms.rules.book import RuleBook
from services.alarms.rules.checking import checked_rule
from services.alarms.rules.drafts import RuleDrafts, draft_of
from services.alarms.rules.in_force import RuleInForce, rules_in_force
from services.alarms.rules.seeding import own_rules, seed_rules
from services.alarms.rules.trial import last_month

__all__ = [
    "RuleBook",
    "RuleDrafts",
    "RuleInForce",
    "backtest",
    "checked_rule",
    "draft_of",
    "last_month",
    "own_rules",
    "rules_in_force",
    "seed_rules",
]
