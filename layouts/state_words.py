"""Where something stands and what its state means, in a few words. Pure."""

from model.domains import ASSET_TYPES
from model.texts import Words


def place(street: str, area: str) -> str:
    """Where something stands, in one short line: ``Rue des Écluses · Centre``."""
    return " · ".join(part for part in (street, area) if part)


def state_label(say: Words, asset_type: str, state: str | int) -> str:
    """What ``state`` (name or code) of ``asset_type`` means, in words."""
    if not isinstance(state, str):
        declared = ASSET_TYPES[asset_type].by_code.get(int(state))
        state = declared.name if declared else ASSET_TYPES[asset_type].states[0].name
    return say(f"state.{asset_type}.{state}")
