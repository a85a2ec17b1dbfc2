"""A place in an object store that speaks S3, by fsspec: whole objects read, written, replaced if unchanged.

Loaded only where artefacts are kept in one; a folder needs none of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec
from botocore.exceptions import BotoCoreError, ClientError

from model.errors import Unavailable
from services.publishing.durable import moved_into
from services.settings import Settings

CONNECT_S, READ_S = 3, 20
"""How long the store may take to be reached, and to go on answering."""
ATTEMPTS = 2
_OUTRUN = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}


class Bucket:
    """Objects under ``place``, a bucket and prefix.

    What is not there is FileNotFoundError, an outage Unavailable.
    """

    def __init__(self, place: str, options: dict[str, Any]) -> None:
        self.place = place
        # An instance of its own, with no listing remembered: what is published changes under other hands.
        self._files = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False, **options)
        self._files.retries = ATTEMPTS

    def read(self, key: str) -> bytes:
        """The bytes of ``key``."""
        with _told(key):
            body: bytes = self._files.cat_file(self._at(key))
            return body

    def fetch(self, key: str, path: Path) -> None:
        """Put ``key`` at ``path``, whole or not at all."""
        with _told(key), moved_into(path) as made:
            self._files.get_file(self._at(key), str(made))

    def has(self, key: str) -> bool:
        """Whether ``key`` is there."""
        return self.tag(key) is not None

    def tag(self, key: str) -> str | None:
        """What tells this state of ``key`` from every other; None where it is not there."""
        try:
            with _told(key):
                return str(self._files.info(self._at(key), refresh=True)["ETag"])
        except FileNotFoundError:
            return None

    def write(self, key: str, body: bytes) -> None:
        """Make ``body`` what ``key`` is."""
        with _told(key):
            self._files.pipe_file(self._at(key), body)

    def send(self, path: Path, key: str) -> None:
        """Make the file ``path`` what ``key`` is."""
        with _told(key):
            self._files.put_file(str(path), self._at(key))

    def replace(self, key: str, body: bytes, tag: str | None) -> bool:
        """As ``write``, at once and only while ``key`` is as ``tag`` says (None: not there); else False."""
        unchanged = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        try:
            with _told(key):
                self._files.pipe_file(self._at(key), body, **unchanged)
        except _Outrun:
            return False
        return True

    def under(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Every key under ``folder``, and when it was written (UTC)."""
        with _told(folder):
            found = self._files.find(self._at(folder), detail=True)
        for path, known in found.items():
            yield path.removeprefix(f"{self.place}/"), known["LastModified"]

    def delete(self, keys: list[str]) -> None:
        """Take ``keys`` away."""
        if keys:
            with _told(keys[0]):
                self._files.rm([self._at(key) for key in keys])

    def _at(self, key: str) -> str:
        return f"{self.place}/{key}"


class _Outrun(Exception):
    """Somebody else was quicker."""


@contextmanager
def _told(key: str) -> Iterator[None]:
    """Say in our words what went wrong with ``key``; no address and no key of the store is in them."""
    try:
        yield
    except (FileNotFoundError, Unavailable):
        raise
    except (OSError, BotoCoreError, ClientError, TimeoutError) as error:
        cause = error if isinstance(error, ClientError) else error.__cause__
        code = str(cause.response.get("Error", {}).get("Code", "")) if isinstance(cause, ClientError) else ""
        if code in _OUTRUN:
            raise _Outrun from None
        raise Unavailable(
            f"the artefact store does not give or take {key}: {code or type(error).__name__}"
        ) from None


def bucket_of(settings: Settings) -> Bucket:
    """The place of artefacts of ``settings``, which name one. Nothing is asked yet."""
    secret = settings.s3_secret.get_secret_value() if settings.s3_secret else None
    options = {
        "key": settings.s3_key,
        "secret": secret,
        "endpoint_url": settings.s3_endpoint,
        "client_kwargs": {"region_name": settings.s3_region},
        "config_kwargs": {
            "connect_timeout": CONNECT_S,
            "read_timeout": READ_S,
            "retries": {"max_attempts": ATTEMPTS},
        },
    }
    return Bucket(str(settings.artefacts_bucket), options)
