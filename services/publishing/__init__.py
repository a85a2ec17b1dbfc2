"""Publishing: artefacts made on purpose, from the history, for the public door. Wings meet at this front.

The public process imports the store alone, so the publisher, which needs the database, is loaded on
first use.
"""

from typing import TYPE_CHECKING, Any

from services.publishing.artefacts import (
    ABOUT_FILE,
    OPEN_KEYS,
    OPEN_KEYS_FILE,
    PREVIEW_FILE,
    PREVIEW_VALUES_FILE,
    REGISTERS,
    REGISTERS_FILE,
    TABLE_FILE,
    USE,
    USE_FILE,
    VOICES,
    VOICES_FILE,
    Artefact,
    Manifest,
    Store,
    Version,
)
from services.publishing.inline import csp_hash
from services.publishing.licences import Licence, licence
from services.publishing.opening import artefact_store, followed_store

if TYPE_CHECKING:
    from services.publishing.publisher import publish_loop, publish_once
    from services.publishing.reports import Report

__all__ = [
    "ABOUT_FILE",
    "OPEN_KEYS",
    "OPEN_KEYS_FILE",
    "PREVIEW_FILE",
    "PREVIEW_VALUES_FILE",
    "REGISTERS",
    "REGISTERS_FILE",
    "TABLE_FILE",
    "USE",
    "USE_FILE",
    "VOICES",
    "VOICES_FILE",
    "Artefact",
    "Licence",
    "Manifest",
    "Report",
    "Store",
    "Version",
    "artefact_store",
    "csp_hash",
    "followed_store",
    "licence",
    "publish_loop",
    "publish_once",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from services.publishing import publisher, reports

    return getattr(reports if name == "Report" else publisher, name)
