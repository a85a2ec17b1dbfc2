"""A version of a rule tried against the last month of its city."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from geodata.assets import Columns
from geodata.profiles import CityProfile
from model.alarm_rules import Rule
from model.rule_book import Backtest
from services.alarms.rules.backtest import backtest
from services.alarms.watching import Sky
from services.history import History

TRIED_OVER = timedelta(days=30)


def last_month(
    engine: Engine, history: History, columns: Columns, profile: CityProfile, now: datetime
) -> Callable[[Rule], Backtest]:
    """What tries a rule over the 30 days before ``now`` (aware), under the sun of the city's middle."""
    sky = sky_over(profile)
    return lambda rule: backtest(
        engine, history, columns, sky, profile.zone, rule, now - TRIED_OVER, now
    )  # fmt: skip


def sky_over(profile: CityProfile) -> Sky:
    """The sun of the city's middle."""
    bounds = profile.bounds
    return Sky((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)
