"""Signing in with the city's account: OpenID Connect, authorization code with PKCE (RFC 7636, S256).

What a sign-in began with (state, nonce, verifier, where to go on) travels in the browser's own cookie,
encrypted and for ten minutes: an answer of the provider is heard only by the browser that asked, once.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from model.errors import Unavailable
from services.access.id_token import WrongToken, checked
from services.access.provider import Client, Provider
from services.access.sealing import BadSeal, Seal
from services.access.single_use import SingleUse
from services.settings import Settings

BACK = "/signin/oidc/back"
LASTING_S = 600
_CODE_MOST = 4_000


@dataclass(frozen=True, slots=True)
class Known:
    """Who somebody is at the provider: the ``claims`` are signed, or told of the same subject over TLS."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]
    next_path: str


class _Begun(msgspec.Struct, frozen=True):
    """What a sign-in began with."""

    state: str
    nonce: str
    verifier: str
    origin: str
    next_path: str
    language: str = ""


class Denied(WrongToken):
    """The provider, or the person there, said no."""


class IdentityProvider:
    """The city's own identity provider. ``scopes`` are asked for beside ``openid``."""

    def __init__(
        self, provider: Provider, seal: Seal, once: SingleUse, scopes: str = "profile email"
    ) -> None:
        self.provider = provider
        self._seal = seal
        self._once = once
        self._scopes = scopes

    async def begin(self, origin: str, next_path: str = "/", language: str = "") -> tuple[str, str]:
        """Where to send the browser, and the cookie it is to bring back within ``LASTING_S``.

        ``origin`` is how the browser reaches us (``https://vigie.example.fr``), ``next_path`` a path of ours
        to go on to, ``language`` what she reads. Raises as ``Provider.metadata`` does.
        """
        about = await self.provider.metadata()
        made = [secrets.token_urlsafe(32) for _ in range(3)]
        begun = _Begun(made[0], made[1], made[2], origin, next_path, language)
        url: str = prepare_grant_uri(
            about["authorization_endpoint"],
            self.provider.client.id,
            "code",
            redirect_uri=origin + BACK,
            scope=f"openid {self._scopes}".strip(),
            state=begun.state,
            nonce=begun.nonce,
            ui_locales=language or None,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return url, self._seal.closed(msgspec.json.encode(begun))

    async def finish(self, answer: Mapping[str, str], cookie: str) -> Known:
        """Who signed in, from the query the provider sent the browser back with and the browser's cookie.

        Raises Denied when the answer is a no, WrongToken for an answer that nobody here asked for, that was
        used before or that does not hold, Unavailable when the provider cannot be asked.
        """
        begun = self._begun(cookie)
        # A no lets nobody in, and some providers say it without the state.
        if "error" in answer and "state" not in answer:
            raise Denied("denied")
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise WrongToken("foreign_state")
        about = await self.provider.metadata()
        _from(self.provider.issuer, answer, bool(about.get("authorization_response_iss_parameter_supported")))
        if not await self._once.take("oidc", begun.state, LASTING_S):
            raise WrongToken("state_used_before")
        if "error" in answer:
            raise Denied("denied")
        code = answer.get("code", "")
        if not 0 < len(code) <= _CODE_MOST:
            raise WrongToken("no_code")
        tokens = await self.provider.exchange(code, begun.origin + BACK, begun.verifier)
        return await self._known(begun, tokens)

    def language_of(self, cookie: str) -> str:
        """What the person reads who began a sign-in with ``cookie``; empty when it is not ours."""
        try:
            return self._begun(cookie).language
        except WrongToken:
            return ""

    async def sign_out_url(self, origin: str) -> str | None:
        """Where to sign out at the provider too (RP-initiated logout); None where it offers none or is away.

        Without an ID token as a hint, which nobody keeps here, the provider may ask the person first.
        """
        try:
            url = (await self.provider.metadata()).get("end_session_endpoint")
        except (Unavailable, WrongToken):
            return None
        if not url:
            return None
        asked = {"client_id": self.provider.client.id, "post_logout_redirect_uri": f"{origin}/signin"}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"

    async def close(self) -> None:
        """Let go of the connections."""
        await self.provider.close()
        await self._once.close()

    def _begun(self, cookie: str) -> _Begun:
        try:
            return msgspec.json.decode(self._seal.opened(cookie, LASTING_S), type=_Begun)
        except (BadSeal, msgspec.DecodeError):
            raise WrongToken("nothing_begun_here") from None

    async def _known(self, begun: _Begun, tokens: Mapping[str, Any]) -> Known:
        header, claims = await self.provider.claims(tokens.get("id_token"))
        access_token = tokens.get("access_token")
        access_token = access_token if isinstance(access_token, str) else ""
        subject = checked(
            claims,
            header,
            issuer=self.provider.issuer,
            client_id=self.provider.client.id,
            nonce=begun.nonce,
            access_token=access_token,
        )
        # Many providers keep e-mail and groups out of the ID token; what is signed counts first.
        told = {} if "email" in claims else await self.provider.user_information(access_token, subject)
        return Known(self.provider.issuer, subject, {**told, **claims}, begun.next_path)


def _from(issuer: str, answer: Mapping[str, str], must: bool) -> None:
    """Refuse an answer of another provider (RFC 9207)."""
    if answer.get("iss", "" if must else issuer) != issuer:
        raise WrongToken("wrong_issuer")


def open_identity(settings: Settings, secret: bytes) -> IdentityProvider | None:
    """The provider of ``settings``; None where none is set. Connects to nothing yet."""
    if not settings.oidc_issuer:
        return None
    shown = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    provider = Provider(settings.oidc_issuer, Client(settings.oidc_client_id, shown))
    once = SingleUse(str(settings.redis_url))
    return IdentityProvider(provider, Seal(secret, "oidc"), once, settings.oidc_scopes)
