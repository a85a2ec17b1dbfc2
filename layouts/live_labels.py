"""The words the live components draw, taken from the catalogues and handed over as their ``labels``.

Templates keep their ``{placeholders}``: the browser fills in times and ages, which only it knows.
"""

from typing import Any

from model.domains import ASSET_TYPES, DOMAINS
from model.texts import Words, catalogue

CLASSES = (
    "fault",
    "consequence",
    "degraded",
    "comms_lost",
    "maintenance",
    "out_of_service",
    "unknown",
    "stale",
    "handled",
    "active",
    "normal",
)
"""What an asset is drawn as, worst first: its status, or ``consequence`` or ``stale`` instead."""


def live_labels(say: Words, *subjects: str) -> dict[str, Any]:
    """The ``labels`` of a live component: states, domains and types, and the tables ``subjects`` it needs.

    ``subjects`` are tables of ``map.toml``: ``map``, ``legend``, ``switches``, ``clock``, ``banner``,
    ``ticker``, ``loupe``. Ages are always there.
    """
    return {
        "status": {name: say(f"legend.{name}") for name in CLASSES},
        "types": {name: say(f"type.{name}") for name in ASSET_TYPES},
        "domains": [{"name": d.name, "label": say(f"domain.{d.name}"), "glyph": d.glyph} for d in DOMAINS],
        "age": table(say, "age"),
        **{subject: table(say, subject) for subject in subjects},
    }


def map_labels(say: Words) -> dict[str, Any]:
    """For ``CityMap``."""
    return live_labels(say, "map")


def legend_labels(say: Words) -> dict[str, Any]:
    """For ``Legend``."""
    return live_labels(say, "legend")


def switch_labels(say: Words) -> dict[str, Any]:
    """For ``DomainSwitches``."""
    return live_labels(say, "switches")


def clock_labels(say: Words) -> dict[str, Any]:
    """For ``Clock``."""
    return live_labels(say, "clock")


def banner_labels(say: Words) -> dict[str, Any]:
    """For ``StaleBanner``."""
    return live_labels(say, "banner")


def ticker_labels(say: Words) -> dict[str, Any]:
    """For ``Ticker``; each asset type's states are there by name, as its notices carry them."""
    states = {
        name: {state.name: say(f"state.{name}.{state.name}") for state in kind.states}
        for name, kind in ASSET_TYPES.items()
    }
    return live_labels(say, "ticker") | {"states": states}


def loupe_labels(say: Words) -> dict[str, Any]:
    """For ``Loupe``."""
    return live_labels(say, "loupe")


def keys_labels(say: Words) -> dict[str, Any]:
    """For ``Keys``."""
    return {"keys": table(say, "keys") | table(say, "keys_past")}


def age_labels(say: Words) -> dict[str, Any]:
    """For ``Age``, which stands in long lists and so carries nothing else."""
    return {"age": table(say, "age")}


def table(say: Words, subject: str) -> dict[str, str]:
    """Every text of the catalogue's table ``subject``, by its name in it."""
    prefix = f"{subject}."
    texts = catalogue(say.language)
    return {key.removeprefix(prefix): text for key, text in texts.items() if key.startswith(prefix)}
