"""The asset registry: finding an asset, reading its card. Wings meet only at this front."""

from services.registry.cards import asset_id_of, card
from services.registry.finding import areas, search
from services.registry.registry import Registry
from services.registry.values import latest_values, recent_changes

__all__ = ["Registry", "areas", "asset_id_of", "card", "latest_values", "recent_changes", "search"]
