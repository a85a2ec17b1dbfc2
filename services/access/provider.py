"""An OpenID provider as it is asked: discovery, keys, tokens and user information, each with a deadline.

Everything is asked of the pinned issuer and of the addresses its own discovery document names; https, but for
a provider on this machine. No redirect is followed, and no answer read past its limit.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from authlib.oauth2.auth import ClientAuth
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc.jwk import Key

from model.errors import Unavailable
from services.access.id_token import UnknownKey, WrongToken, public_keys, signed_claims
from services.settings import is_loopback

DEADLINE_S = 5.0
ANSWER_MOST = 256_000
KNOWN_S = 3_600.0
KEYS_AGAIN_S = 15.0
"""A token signed with an unknown key has the keys read again, at most this often."""

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Client:
    """What we are at the provider: our id there, and our secret (empty: a public client, by PKCE alone)."""

    id: str
    secret: str = ""


class Provider:
    """The provider of ``issuer``, for coroutines of one loop. Opens nothing before it is asked."""

    def __init__(self, issuer: str, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self.client = client
        self._clock = clock
        self._http: httpx.AsyncClient | None = None
        self._metadata: Mapping[str, Any] | None = None
        self._metadata_at = 0.0
        self._keys: list[Key] = []
        self._keys_at = float("-inf")
        self._reading = asyncio.Lock()

    async def metadata(self) -> Mapping[str, Any]:
        """What the provider says of itself, read again hourly; the last known while it cannot be.

        Raises Unavailable when it does not answer, WrongToken when it says it is another issuer.
        """
        async with self._reading:
            if self._metadata is None or self._clock() - self._metadata_at > KNOWN_S:
                try:
                    found = await self._read(get_well_known_url(self.issuer, True))
                    self._metadata, self._metadata_at = _trusted(found, self.issuer), self._clock()
                except Unavailable:
                    if self._metadata is None:
                        raise
            return self._metadata

    async def exchange(self, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        """The tokens for ``code``. Raises Unavailable, or WrongToken when the provider refuses the code."""
        about = await self.metadata()
        url = about["token_endpoint"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        body = urlencode({**form, "code_verifier": verifier})
        headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        auth = ClientAuth(self.client.id, self.client.secret, self._method(about))
        url, headers, body = auth.prepare("POST", url, headers, body)
        request = self._client().build_request("POST", url, content=body, headers=headers)
        return await self._sent(request)

    async def claims(self, token: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of ``token``, signed by one of the provider's keys; see ``signed_claims``.

        Keys are read again when none fits: a provider changes them when it likes.
        """
        known_at = self._keys_at
        try:
            return signed_claims(token, await self._known_keys())
        except UnknownKey:
            if not await self._read_keys_again(known_at):
                raise
            return signed_claims(token, self._keys)

    async def user_information(self, access_token: str, subject: str) -> dict[str, Any]:
        """What the provider tells of ``subject`` beside the ID token; empty where it has no such endpoint."""
        url = (await self.metadata()).get("userinfo_endpoint")
        if not url or not access_token:
            return {}
        headers = {"authorization": f"Bearer {access_token}", "accept": "application/json"}
        told = await self._sent(self._client().build_request("GET", url, headers=headers))
        if told.get("sub") != subject:
            raise WrongToken("wrong_subject")
        return told

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def _method(self, about: Mapping[str, Any]) -> str:
        if not self.client.secret:
            return "none"
        # Left out, the list stands for client_secret_basic (OpenID Connect Discovery 1.0, 3).
        known = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"

    async def _known_keys(self) -> list[Key]:
        if not self._keys or self._clock() - self._keys_at > KNOWN_S:
            await self._read_keys_again(self._keys_at)
        return self._keys

    async def _read_keys_again(self, known_at: float) -> bool:
        """Whether the keys are newer than at ``known_at`` now."""
        about = await self.metadata()
        async with self._reading:
            if self._keys_at > known_at:
                return True
            if self._clock() - self._keys_at < KEYS_AGAIN_S:
                return False
            self._keys = public_keys(await self._read(about["jwks_uri"]))
            self._keys_at = self._clock()
            return True

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            # A proxy of the environment leads out: never to a provider on this machine.
            here = is_loopback(urlsplit(self.issuer).hostname or "")
            self._http = httpx.AsyncClient(timeout=DEADLINE_S, follow_redirects=False, trust_env=not here)
        return self._http

    async def _read(self, url: str) -> dict[str, Any]:
        return await self._sent(
            self._client().build_request("GET", url, headers={"accept": "application/json"})
        )

    async def _sent(self, request: httpx.Request) -> dict[str, Any]:
        """The JSON object of the answer; Unavailable (away, slow, busy) or WrongToken (no, or no object)."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                response = await self._client().send(request, stream=True)
                try:
                    body = await _body(response)
                finally:
                    await response.aclose()
        # The text may hold the address with what was asked: it stays out.
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unavailable(f"the identity provider does not answer: {type(error).__name__}") from None
        if response.status_code >= 500 or response.status_code == 429:
            raise Unavailable(f"the identity provider answers {response.status_code}")
        if response.status_code != 200:
            raise WrongToken(f"provider_answers_{response.status_code}")
        return _object(body)


async def _body(response: httpx.Response) -> bytes:
    parts, size = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > ANSWER_MOST:
            raise WrongToken("answer_too_large")
    return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise WrongToken("answer_is_no_json") from None
    if not isinstance(found, dict):
        raise WrongToken("answer_is_no_json")
    return found


def _trusted(found: dict[str, Any], issuer: str) -> Mapping[str, Any]:
    """The discovery document, if it is the pinned issuer's and sends nobody over an open line."""
    if found.get("issuer") != issuer:
        raise WrongToken("wrong_issuer")
    about: Mapping[str, Any] = OpenIDProviderMetadata(found)
    offered = [name for name in (*_ENDPOINTS, "userinfo_endpoint", "end_session_endpoint") if name in about]
    if not set(_ENDPOINTS) <= set(offered):
        raise WrongToken("incomplete_discovery")
    for name in offered:
        if not is_safe(about[name]):
            raise WrongToken("open_line")
    methods = about.get("code_challenge_methods_supported")
    if methods is not None and "S256" not in methods:
        raise WrongToken("no_pkce")
    return about


def is_safe(url: Any) -> bool:
    """Whether ``url`` is https, or http on this machine, and names no user."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    if parts.username is not None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
