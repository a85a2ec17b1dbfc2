"""The domains of the city, in the order the screens show them. A new domain is one line here."""

from model.domains import access, energy, lighting, surveillance, traffic, transport
from model.domains.declaration import STATE, AssetType, Domain, Property, State

DOMAINS: tuple[Domain, ...] = (
    lighting.DOMAIN,
    traffic.DOMAIN,
    surveillance.DOMAIN,
    energy.DOMAIN,
    access.DOMAIN,
    transport.DOMAIN,
)

ASSET_TYPES: dict[str, AssetType] = {t.name: t for d in DOMAINS for t in d.asset_types}

DOMAIN_OF: dict[str, Domain] = {t.name: d for d in DOMAINS for t in d.asset_types}

TYPE_ORDER: tuple[str, ...] = tuple(ASSET_TYPES)
"""Asset types in declaration order: a type's place here is its code in the map's columns."""

MOVING: frozenset[int] = frozenset(code for code, name in enumerate(TYPE_ORDER) if ASSET_TYPES[name].moving)
"""Codes of the types that move."""

GUARDED: frozenset[int] = frozenset(code for code, name in enumerate(TYPE_ORDER) if ASSET_TYPES[name].guarded)
"""Codes of the types whose record the law protects."""

__all__ = [
    "ASSET_TYPES",
    "DOMAINS",
    "DOMAIN_OF",
    "GUARDED",
    "MOVING",
    "STATE",
    "TYPE_ORDER",
    "AssetType",
    "Domain",
    "Property",
    "State",
]
