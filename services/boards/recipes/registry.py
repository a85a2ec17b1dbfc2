"""Every recipe by the name declarations call it. A new one is one file and one line here."""

from geodata.profiles import CityProfile
from model.kpis import Kpi
from services.boards.recipes import (
    alarms,
    feeds,
    flowing,
    letters,
    measured,
    nights,
    publications,
    states,
    stock,
    units,
    weather,
)
from services.boards.recipes.asking import Question, Recipe

RECIPES: dict[str, Recipe] = {
    "mean": measured.MEAN,
    "by_length_of_day": measured.BY_LENGTH_OF_DAY,
    "shared_out": measured.SHARED_OUT,
    "received": measured.RECEIVED,
    "by_size": units.BY_SIZE,
    "heating": units.HEATING,
    "stock": stock.STOCK,
    "base_load": nights.BASE_LOAD,
    "degree_days": weather.DEGREE_DAYS,
    "travel_time": flowing.TRAVEL_TIME,
    "freely_flowing": flowing.FREELY_FLOWING,
    "repairs": states.REPAIRS,
    "repairs_in_time": states.IN_TIME,
    "events": states.EVENTS_HAPPENED,
    "alarms_shown": alarms.SHOWN,
    "alarms_acknowledged": alarms.ACKNOWLEDGED,
    "alarms_with_outcome": alarms.WITH_OUTCOME,
    "feed_lag": feeds.LAG,
    "feed_refused": feeds.REFUSED,
    "datasets_open": publications.OPEN,
    "approval": publications.APPROVAL,
    "letters": letters.CAME,
    "letters_answered": letters.ANSWERED,
    "letters_in_time": letters.ANSWERED_IN_TIME,
}


def question(kpi: Kpi, profile: CityProfile) -> Question:
    """What is asked of the database for ``kpi`` in the city of ``profile``."""
    recipe = RECIPES[kpi.recipe]
    places = {"zone": profile.zone.key, "kind": profile.area_kind}
    return Question(
        recipe.sql(kpi), recipe.since(kpi), {**places, **recipe.bound(kpi, profile)}, recipe.reach
    )
