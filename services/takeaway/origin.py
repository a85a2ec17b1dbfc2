"""Whose data a city's are: said on every file, picture and report people take away."""

from geodata.profiles import CityProfile
from model.takeaway import Origin
from model.texts import Words
from services.publishing import licence


def origin_in(profile: CityProfile, say: Words) -> Origin:
    """Whose data this city's are, in the language of ``say``."""
    terms = licence(profile.licence)
    source = say("shell.invented") if profile.generated else profile.attribution
    return Origin(profile.title, profile.name, profile.time_zone, source, terms.name, terms.url)
