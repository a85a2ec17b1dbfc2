"""Whose data this city's are: said on every file, picture and report people take away."""

from layouts.scope import scope_in_words
from layouts.takeaway import Picture, series_picture
from model.series import Series
from model.takeaway import Origin
from model.texts import Words
from services.city import City
from services.takeaway import origin_in


def origin_of(city: City, say: Words) -> Origin:
    """Whose data this city's are, in the reader's language."""
    return origin_in(city.profile, say)


def scope_words(city: City, say: Words) -> str:
    """The scope this city is seen in, in words; empty for the whole. Blocks."""
    return scope_in_words(say, city.registry.places(), city.scope.domains)


def panel_picture(city: City, say: Words, series: Series) -> Picture | None:
    """The picture of the asset panel's chart; None while the assets are not read, or of an asset gone."""
    columns, asset_id = city.live.columns, series.asked.asset_id
    index = columns.index_of(asset_id) if columns is not None and asset_id is not None else -1
    if columns is None or index < 0:
        return None
    name = say(f"property.{series.asked.observed_property}")
    return series_picture(say, origin_of(city, say), name, str(columns.names[index]), series)
