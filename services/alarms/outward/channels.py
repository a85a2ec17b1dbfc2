"""The ways out: ``VIGIE_CHANNELS`` as ``name=address``, space separated. Only the alarm process knows them.

An address is one of apprise (``mailtos://…``, ``jsons://…`` and some hundred services more), or ``cap+https://…``:
there each alarm is posted as a Common Alerting Protocol document.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

import apprise
import httpx

from model.errors import BadSettings
from services.settings import is_loopback

# What it says of a failure may quote the address, password and all; what is to be said of it, we say.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
DEADLINE_S = 10.0
OF_THIS_MACHINE = frozenset(
    {"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows", "file", "exec"}
)
"""Schemes of apprise that act on the machine itself: no way out of the room."""
KINDS = {"mailto": "mail", "mailtos": "mail", "json": "webhook", "jsons": "webhook", "xml": "webhook",
         "xmls": "webhook", "form": "webhook", "forms": "webhook"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One channel, ready: ``tell`` sends (title, body) or raises NotTold; of CAP the body is the document."""

    name: str
    kind: str
    place: str
    tell: Callable[[str, str], None] = field(repr=False)
    fault: str = ""


class NotTold(Exception):
    """A notice was not taken: a code, or ``code:detail``, which catalogues put into words; no secret."""


def read_channels(text: str) -> Mapping[str, Way]:
    """The channels of the setting by name. A channel that cannot be used stands there with its ``fault``.

    BadSettings where the text is no list of ``name=address``; an address is never quoted.
    """
    ways: dict[str, Way] = {}
    for place, one in enumerate(text.split(), start=1):
        name, sign, address = one.partition("=")
        if not sign or not NAME.fullmatch(name):
            raise BadSettings(
                f"VIGIE_CHANNELS: entry {place} is not name=address (names: lower-case letters, digits, -, _)"
            )
        if name in ways:
            raise BadSettings(f"VIGIE_CHANNELS: two channels are called {name}: rename one")
        ways[name] = _way(name, address)
    return ways


def _way(name: str, address: str) -> Way:
    parts = urlsplit(address)
    scheme, host = parts.scheme.lower(), parts.hostname or ""
    if scheme in ("cap+https", "cap+http"):
        return _cap(name, address.removeprefix("cap+"), host)
    kind = KINDS.get(scheme, "other")
    if scheme in OF_THIS_MACHINE:
        return Way(name, kind, "", _refuse, f"this_machine:{scheme}")
    # Redirects are not followed: whom the city tells is what its setting says.
    asset = apprise.AppriseAsset(app_id="Vigie", app_desc="Vigie", app_url="", http_redirects=False)
    found = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if found is None:
        return Way(name, kind, host, _refuse, "not_understood")
    if scheme == "json" and not is_loopback(host):
        return Way(name, kind, host, _refuse, "open_line:jsons")
    return Way(name, kind, host, partial(_notify, found))


def _refuse(_title: str, _body: str) -> None:
    raise NotTold("unusable")


def _notify(way: apprise.NotifyBase, title: str, body: str) -> None:
    try:
        taken = way.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:
        # Whatever a service's plugin raises, the notice was not told, and is tried again; nothing is hidden.
        raise NotTold(f"failed:{type(error).__name__}") from None
    if not taken:
        raise NotTold("not_taken")


def _cap(name: str, url: str, host: str) -> Way:
    if url.startswith("http://") and not is_loopback(host):
        return Way(name, "cap", host, _refuse, "open_line:cap+https")
    if not host:
        return Way(name, "cap", host, _refuse, "no_host")
    return Way(name, "cap", host, partial(_post_cap, url))


def _post_cap(url: str, _title: str, document: str) -> None:
    headers = {"content-type": "application/cap+xml; charset=utf-8", "user-agent": "Vigie"}
    try:
        answer = httpx.post(url, content=document.encode(), headers=headers, timeout=DEADLINE_S)
    except httpx.HTTPError as error:
        raise NotTold(f"failed:{type(error).__name__}") from None
    if not answer.is_success:
        raise NotTold(f"answered:{answer.status_code}")
