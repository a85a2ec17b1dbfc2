"""The documents of the simulated providers, as they lie on the shelf to be fetched."""

import hashlib
import threading
from dataclasses import dataclass
from email.utils import formatdate


@dataclass(frozen=True)
class Document:
    """One document: its bytes, media type, entity tag (quoted) and when it was made (s)."""

    content: bytes
    media_type: str
    tag: str
    made: float

    @property
    def last_modified(self) -> str:
        """The instant it was made, as HTTP writes it."""
        return formatdate(self.made, usegmt=True)


class Shelf:
    """The newest document of each path. Written by the senders, read by the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._documents: dict[str, Document] = {}
        self._away: str | None = None

    def put(self, path: str, content: bytes, media_type: str, made: float) -> None:
        """Lay the newest document of ``path`` down; one of the same bytes stays as it was."""
        tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
        with self._lock:
            before = self._documents.get(path)
            if before is None or before.tag != tag:
                self._documents[path] = Document(content, media_type, tag, made)

    def send_away(self, path: str | None) -> None:
        """The provider at ``path`` answers nothing but 503 until somebody else is away, or nobody."""
        with self._lock:
            self._away = path

    def find(self, path: str) -> Document | None:
        """The document at ``path``; None where there is none."""
        with self._lock:
            return self._documents.get(path)

    def is_away(self, path: str) -> bool:
        """Whether that provider is away now."""
        with self._lock:
            return self._away == path
