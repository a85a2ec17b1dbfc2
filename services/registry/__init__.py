"""The asset registry: finding an asset, reading its card. Wings meet only at this front."""

from services.registry.cards import AssetCard, Relative, asset_id_of, card
from services.registry.finding import AreaName, Found, areas, search
from services.registry.values import Fact, LatestValue, latest_values, recent_changes

__all__ = [
    "AreaName",
    "AssetCard",
    "Fact",
    "Found",
    "LatestValue",
    "Relative",
    "areas",
    "asset_id_of",
    "card",
    "latest_values",
    "recent_changes",
    "search",
]
