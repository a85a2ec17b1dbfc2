"""Asking a supplier over HTTP without trusting it: one address that was looked at, one deadline, one size.

The name is resolved once and every address it has must be public (faults.md section 6): unwrapped of NAT64,
6to4 and the like, since those lead inside too. The connection then goes to that very address, while TLS
still checks the name. Other hosts are not followed, neither by redirect nor by index.
"""

import asyncio
import fnmatch
import re
import socket
import zlib
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from html import unescape
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from model.errors import Refused, Unavailable
from services.live.sources import Source

DEADLINE_S = 10.0
REDIRECTS_MOST = 3
REDIRECTS = (301, 302, 303, 307, 308)
NAT64 = IPv6Network("64:ff9b::/96")
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
GIVEN_UP = (401, 403, 404, 410, 451)
"""Answers that asking again does not mend."""
_LINK = re.compile(r"""href\s*=\s*["']([^"'#?]+)["']""", re.IGNORECASE)

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Seen:
    """How a supplier marked what it gave last, so that it may answer "the same"."""

    etag: str = ""
    modified: str = ""
    file: str = ""


@dataclass(frozen=True)
class Answer:
    """What a supplier answered; ``payload`` None: the same as last time."""

    payload: bytes | None
    seen: Seen


class NotListening(Unavailable):
    """Nobody answers at that address and port."""


class Busy(Unavailable):
    """The supplier asks to be left alone for ``after_s`` seconds."""

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


def unwrapped(address: Address) -> list[Address]:
    """``address`` and every address it carries inside: mapped, 6to4, Teredo, NAT64."""
    found: list[Address] = [address]
    if isinstance(address, IPv6Address):
        inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64 or address in NAT64_LOCAL:
            inside.append(IPv4Address(int(address) & 0xFFFFFFFF))
        found += [one for one in inside if one is not None]
    return found


def allowed(address: Address, *, loopback: bool) -> bool:
    """Whether a supplier may be there: a public address, or this machine's own where that is declared."""
    if loopback:
        return address.is_loopback
    return all(one.is_global and not one.is_multicast for one in unwrapped(address))


async def ask(client: httpx.AsyncClient, source: Source, seen: Seen, resolver: Executor) -> Answer:
    """The payload of ``source`` now, all told within 10 s; names are looked up in ``resolver``.

    Raises Unavailable (away, slow, busy, nobody there: ask again later) or Refused (an address, an answer
    or a size that will not do).
    """
    try:
        async with asyncio.timeout(DEADLINE_S):
            if not source.index:
                return await _fetch(client, source, source.url, seen, resolver)
            return await _newest(client, source, seen, resolver)
    except TimeoutError:
        raise Unavailable(f"no whole answer within {DEADLINE_S:.0f} s") from None
    except httpx.ConnectError as error:
        raise NotListening(f"{type(error).__name__}: {error}") from None
    except httpx.HTTPError as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from None


async def _newest(client: httpx.AsyncClient, source: Source, seen: Seen, resolver: Executor) -> Answer:
    """The newest file of a directory, by its name; the same one is not asked for twice (T9)."""
    page = await _fetch(client, source, source.url, Seen(), resolver)
    names = [unescape(link) for link in _LINK.findall((page.payload or b"").decode("utf-8", "replace"))]
    fitting = sorted(name for name in names if fnmatch.fnmatch(name.rpartition("/")[2], source.index))
    if not fitting:
        raise Refused(f"the directory lists no {source.index}")
    if fitting[-1] == seen.file:
        return Answer(None, seen)
    answer = await _fetch(client, source, urljoin(source.url, fitting[-1]), Seen(), resolver)
    return Answer(answer.payload, Seen(file=fitting[-1]))


async def _fetch(
    client: httpx.AsyncClient, source: Source, url: str, seen: Seen, resolver: Executor
) -> Answer:
    for _ in range(REDIRECTS_MOST + 1):
        parts = _same_host(source, url)
        address = await _resolved(parts, resolver, loopback=source.loopback)
        async with client.stream(
            "GET",
            str(httpx.URL(url).copy_with(host=_literal(address))),
            headers=_headers(parts, seen),
            extensions={"sni_hostname": parts.hostname},
            follow_redirects=False,
        ) as response:
            if response.status_code not in REDIRECTS:
                return await _answered(response, source, seen)
            url = urljoin(url, response.headers.get("location", ""))
    raise Refused(f"more than {REDIRECTS_MOST} redirects")


def _literal(address: Address) -> str:
    return f"[{address}]" if isinstance(address, IPv6Address) else str(address)


def _same_host(source: Source, url: str) -> SplitResult:
    """``url`` in parts; Refused where it is not the declared host, port and, at least, its safety."""
    declared = urlsplit(source.url)
    try:
        parts = urlsplit(url)
        same = (parts.hostname, parts.port) == (declared.hostname, declared.port)
    except ValueError as error:
        raise Refused(f"it leads to no address: {error}") from None
    if not same or parts.scheme not in ("http", "https"):
        raise Refused(f"it leads to {parts.netloc[:80]!r}, which is not the declared host")
    if parts.scheme != "https" and parts.scheme != declared.scheme:
        raise Refused(f"it leads from {declared.scheme} to {parts.scheme}")
    return parts


async def _resolved(parts: SplitResult, resolver: Executor, *, loopback: bool) -> Address:
    """The address to connect to; Refused where any address of the name leads inside."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(
            resolver, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"the name {host!r} cannot be resolved: {error}") from None
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    inside = [one for one in addresses if not allowed(one, loopback=loopback)]
    if inside or not addresses:
        raise Refused(f"{host} is {', '.join(map(str, inside)) or 'nowhere'}, which is no public address")
    return addresses[0]


def _headers(parts: SplitResult, seen: Seen) -> Mapping[str, str]:
    headers = {"host": parts.netloc.rpartition("@")[2], "accept-encoding": "gzip", "user-agent": "vigie"}
    if seen.etag:
        headers["if-none-match"] = seen.etag
    if seen.modified:
        headers["if-modified-since"] = seen.modified
    return headers


async def _answered(response: httpx.Response, source: Source, seen: Seen) -> Answer:
    status = response.status_code
    if status == 304:
        return Answer(None, seen)
    if status in (429, 503):
        raise Busy(f"it answers {status}", _retry_after(response))
    if status in GIVEN_UP:
        raise Refused(f"it answers {status}")
    if status != 200:
        raise Unavailable(f"it answers {status}")
    payload = await _body(response, source.max_bytes)
    marks = Seen(response.headers.get("etag", ""), response.headers.get("last-modified", ""))
    return Answer(payload, marks)


def _retry_after(response: httpx.Response) -> float:
    given = response.headers.get("retry-after", "")
    return float(given[:6]) if given.isdigit() else 0.0


async def _body(response: httpx.Response, most: int) -> bytes:
    """The body, unpacked; Refused past ``most`` bytes, counted as they arrive and unpacked."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", ""):
        raise Refused(f"it answers in {coding[:20]}, which was not asked for")
    raw = response.aiter_raw()
    return b"".join(
        [part async for part in (_unpacked(raw, most) if coding == "gzip" else _counted(raw, most))]
    )


async def _counted(parts: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    size = 0
    async for part in parts:
        size += len(part)
        if size > most:
            raise Refused(f"more than {most} bytes")
        yield part


async def _unpacked(parts: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    inflating = zlib.decompressobj(31)
    size = 0
    async for part in _counted(parts, most):
        try:
            out = inflating.decompress(part, most - size + 1)
        except zlib.error as error:
            raise Refused(f"not gzip: {error}") from None
        size += len(out)
        if size > most:
            raise Refused(f"more than {most} bytes, unpacked")
        yield out
    if not inflating.eof:
        raise Unavailable("the gzip body ended before it was whole")
