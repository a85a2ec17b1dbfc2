"""Whose data this city's are: said on every file, picture and report people take away."""

from model.takeaway import Origin
from model.texts import Words
from services.city import City
from services.publishing import licence


def origin_of(city: City, say: Words) -> Origin:
    """Whose data this city's are, in the reader's language."""
    profile, terms = city.profile, licence(city.profile.licence)
    source = say("shell.invented") if profile.generated else profile.attribution
    return Origin(profile.title, profile.name, profile.time_zone, source, terms.name, terms.url)
