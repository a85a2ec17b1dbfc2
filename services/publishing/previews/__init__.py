"""A published dataset at a glance: one chart and one map where they make sense, drawn from its table alone.

    files = previews(release, profile, table, outlines)

Each drawing comes in both languages and themes, and in two widths, with the values it shows beside it.
"""

from typing import Any

import pyarrow as pa

from geodata.profiles import CityProfile
from model.publications import Release
from model.texts import LANGUAGES, words
from services.publishing.artefacts import PREVIEW_FILE, PREVIEW_VALUES_FILE
from services.publishing.describing import as_bytes
from services.publishing.panels import Outlines
from services.publishing.previews.by_area import bars_of_areas, map_of_areas
from services.publishing.previews.by_state import bars_of_states
from services.publishing.previews.of_places import map_of_places
from services.publishing.previews.over_time import line_of
from services.publishing.previews.pictures import WIDTHS, drawn
from services.publishing.previews.showing import Asked, Picture
from services.publishing.rendering import THEMES, Rendered

CHARTS = (line_of, bars_of_states, bars_of_areas)
MAPS = (map_of_places, map_of_areas)
"""Of each kind the first that makes sense of a table."""


def previews(
    release: Release, profile: CityProfile, table: pa.Table, outlines: Outlines
) -> dict[str, Rendered]:
    """Every file of the previews of ``table``, which leaves by ``release``, by its name in the manifest.

    ``table`` is what is published, small cells hidden; ``outlines`` are of the city's areas by their code.
    """
    files: dict[str, Rendered] = {}
    for language in LANGUAGES:
        asked = Asked(release, profile, table, outlines, words(language, profile.zone.key))
        shown = pictures(asked)
        values: dict[str, Any] = {kind: picture.values for kind, picture in shown.items()}
        files[PREVIEW_VALUES_FILE.format(language)] = Rendered(as_bytes(values), "application/json")
        for kind, picture in shown.items():
            for theme in THEMES:
                for width, pixels in WIDTHS.items():
                    name = PREVIEW_FILE.format(kind, language, theme, width)
                    files[name] = Rendered(drawn(picture, asked, theme, pixels), "image/svg+xml")
    return files


def pictures(asked: Asked) -> dict[str, Picture]:
    """The chart and the map of a table, where each makes sense."""
    kinds = {"chart": CHARTS, "map": MAPS}
    found = {kind: next(filter(None, (draw(asked) for draw in ways)), None) for kind, ways in kinds.items()}
    return {kind: picture for kind, picture in found.items() if picture is not None}


__all__ = ["previews"]
