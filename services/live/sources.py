"""What a city declares of its sources: ``geodata/cities/<city>/feeds/<source>.toml``, one file each.

Every city has HTTP push and MQTT without declaring them; a file of the same name says otherwise. A file that
cannot be right is refused by name, key and mend, before anything starts.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from geodata.profiles import CityProfile
from model.errors import BadProfile, NotFound
from services.live.feeds import Feed, find_feed
from services.live.parsed import Reading
from services.live.transports.topics import Topics
from services.settings import is_loopback

TRANSPORTS = ("push", "mqtt", "poll")
MEGABYTE = 1_048_576
LARGEST = 20 * MEGABYTE
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PATH = re.compile(r"[a-z][a-z0-9_-]{0,39}")
MQTT_SCHEMES = ("mqtt", "mqtts", "mqtt5", "mqtts5")
TOPICS = ("vigie/{city}/#", "vigie/{city}/{asset_type}/{asset}/{property}")
ONLY_FOR = {
    "path": "push", "topics": "mqtt", "share": "mqtt", "index": "poll", "loopback": "poll",
    "plain_http": "poll",
}  # fmt: skip
"""Keys that mean something to one transport alone."""


@dataclass(frozen=True)
class Source:
    """One declared source: where its payloads come from, and how they are read.

    ``every_s`` is how often it is polled, or something is expected of it; ``max_bytes`` the largest payload,
    unpacked. ``loopback`` lets an address of this machine be asked, ``plain_http`` one without TLS.
    ``index`` is a pattern: the address answers a directory, whose newest such file is the payload.
    """

    name: str
    feed: Feed
    transport: str
    url: str = ""
    path: str = ""
    topics: tuple[str, ...] = ()
    share: str = ""
    every_s: float = 60.0
    zone: ZoneInfo | None = None
    max_bytes: int = MEGABYTE
    loopback: bool = False
    plain_http: bool = False
    index: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)

    def read(self, fields: Mapping[str, str]) -> Reading:
        """How a payload with these ``fields`` is to be read."""
        return Reading(self.reading, fields, self.zone)

    @property
    def wants_receipt_time(self) -> bool:
        """Whether the instant of receipt may stand for a time that is not given."""
        return self.reading.get("time") == "received"


class _Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a file."""

    adapter: str
    transport: str
    enabled: bool = True
    url: str = ""
    path: str = ""
    topics: list[str] = msgspec.field(default_factory=list)
    share: str = ""
    every_s: float = 60.0
    zone: str = ""
    max_bytes: int = 0
    loopback: bool = False
    plain_http: bool = False
    index: str = ""
    reading: dict[str, Any] = msgspec.field(default_factory=dict)


DEFAULTS = {
    "http_push": _Declaration("http_push", "push", path="observations"),
    "mqtt": _Declaration("mqtt", "mqtt", topics=list(TOPICS)),
}


def read_sources(profile: CityProfile, simulator_port: int = 8080) -> tuple[Source, ...]:
    """The sources of the city, by name; ``{simulator}`` in an address is ``simulator_port``.

    BadProfile names the file, the key and the mend.
    """
    declared = dict(DEFAULTS)
    files = {file.stem: file for file in sorted((profile.folder / "feeds").glob("*.toml"))}
    for name, file in files.items():
        declared[name] = _declaration(file)
    sources = []
    for name, one in sorted(declared.items()):
        file = files.get(name, Path(f"{name} (built in)"))
        try:
            sources += [_source(name, one, profile, simulator_port)] if one.enabled else []
        except (ValueError, NotFound) as error:
            raise BadProfile(f"{file}: {error}") from None
    _apart(sources, profile)
    return tuple(sources)


def _declaration(file: Path) -> _Declaration:
    if not NAME.fullmatch(file.stem):
        raise BadProfile(f"{file}: call it by lower-case letters, digits and _: it is the name of the source")
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _Declaration)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProfile(f"{file}: not TOML: {error}") from None
    except msgspec.ValidationError as error:
        keys = ", ".join(_Declaration.__struct_fields__)
        raise BadProfile(f"{file}: {error}; the keys are {keys}") from None


def _source(name: str, one: _Declaration, profile: CityProfile, simulator_port: int) -> Source:
    if one.transport not in TRANSPORTS:
        raise ValueError(f"transport = {one.transport!r}: it is one of {', '.join(TRANSPORTS)}")
    for key, transport in ONLY_FOR.items():
        if getattr(one, key) and one.transport != transport:
            raise ValueError(f"{key} belongs to transport = {transport!r}: take it out")
    if one.every_s < 1:
        raise ValueError("every_s is in seconds, 1 or more")
    largest = one.max_bytes or (LARGEST if one.transport == "poll" else MEGABYTE)
    if not 0 < largest <= LARGEST:
        raise ValueError(f"max_bytes is at most {LARGEST}")
    feed = find_feed(one.adapter)
    _check_reading(feed, one.reading)
    return Source(
        name=name,
        feed=feed,
        transport=one.transport,
        url=_address(one, profile, simulator_port),
        path=_path(name, one),
        topics=_topics(one, profile),
        share=one.share,
        every_s=one.every_s,
        zone=_zone(one.zone),
        max_bytes=largest,
        loopback=one.loopback,
        plain_http=one.plain_http,
        index=one.index,
        reading=one.reading,
    )


def _check_reading(feed: Feed, table: Mapping[str, Any]) -> None:
    if feed.profile is None:
        return
    try:
        msgspec.convert(dict(table), feed.profile)
    except msgspec.ValidationError as error:
        keys = ", ".join(field.encode_name for field in msgspec.structs.fields(feed.profile)) or "none"
        raise ValueError(f"[reading]: {error}; the keys of {feed.name} are: {keys}") from None


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"zone = {name!r}: write it as Europe/Paris") from None


def _path(name: str, one: _Declaration) -> str:
    if one.transport != "push":
        return ""
    path = one.path or name
    if not PATH.fullmatch(path):
        raise ValueError(f"path = {path!r}: lower-case letters, digits, - and _")
    return path


def _topics(one: _Declaration, profile: CityProfile) -> tuple[str, ...]:
    if one.transport != "mqtt":
        return ()
    if not one.topics:
        raise ValueError('topics are needed: topics = ["vigie/{city}/#"]')
    Topics(one.topics, profile.name)
    return tuple(one.topics)


def _address(one: _Declaration, profile: CityProfile, simulator_port: int) -> str:
    if one.transport == "push":
        if one.url:
            raise ValueError("url: a source that pushes knows our address, we need none of its: take it out")
        return ""
    url = one.url.replace("{simulator}", str(simulator_port))
    parts = urlsplit(url)
    if parts.password and one.transport == "poll":
        raise ValueError("url: no password in a declaration")
    if one.transport == "mqtt":
        if url and parts.scheme not in MQTT_SCHEMES:
            raise ValueError(f"url: {', '.join(f'{scheme}://' for scheme in MQTT_SCHEMES)}")
        return url
    _check_polled(one, url, profile)
    return url


def _check_polled(one: _Declaration, url: str, profile: CityProfile) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("url is needed, as https://…")
    if one.loopback and not profile.generated:
        raise ValueError("loopback = true is for an invented city alone: take it out")
    if one.loopback and not is_loopback(host):
        raise ValueError(f"loopback = true, and {host} is not this machine")
    if "{simulator}" in one.url and not one.loopback:
        raise ValueError("{simulator} is on this machine: say loopback = true")
    if parts.scheme == "http" and not (one.loopback or one.plain_http):
        raise ValueError("url is not https: where the supplier has nothing better, say plain_http = true")


def _apart(sources: list[Source], profile: CityProfile) -> None:
    paths = [source.path for source in sources if source.path]
    twice = {path for path in paths if paths.count(path) > 1}
    if twice:
        folder = profile.folder / "feeds"
        raise BadProfile(f"{folder}: two sources have the path {', '.join(sorted(twice))}: change one")
