"""The ID token of OpenID Connect: whether the pinned issuer signed it, for us, for this sign-in, now.

OpenID Connect Core 1.0, 3.1.3.7. Signatures are checked by joserfc, claims by authlib and, where its checks
leave something open, here.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from model.errors import Refused

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""By public key alone. Never ``none``; never HS*, whose key an attacker would take from what is public."""
# Headers nobody registered are a provider's own business; ``crit`` is heeded all the same.
_REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
RSA_BITS_LEAST = 2_048
LEEWAY_S = 60
OLDEST_S = 600
TOKEN_MOST = 32_000
SUBJECT_MOST = 255


class WrongToken(Refused):
    """The provider's answer is not to be believed; ``reason`` is a short code for the log and the audit."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the identity provider's answer was refused: {reason.replace('_', ' ')}")
        self.reason = reason


class UnknownKey(WrongToken):
    """Signed with a key not known (yet): the provider may have changed its keys."""


def public_keys(found: Any) -> list[Key]:
    """The keys of a JWKS that may sign ID tokens; what cannot be read is passed over, as RFC 7517 asks."""
    keys = found.get("keys") if isinstance(found, dict) else None
    read = [_key(entry) for entry in keys or () if isinstance(entry, dict)]
    return [key for key in read if isinstance(key, (RSAKey, ECKey, OKPKey))]


def _key(entry: dict[str, Any]) -> Key | None:
    if entry.get("use", "sig") != "sig" or entry.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    try:
        key = JWKRegistry.import_key(entry)
        short = isinstance(key, RSAKey) and key.raw_value.key_size < RSA_BITS_LEAST
        return None if short else key
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def signed_claims(token: Any, keys: Sequence[Key]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of ``token``, signed by one of ``keys``.

    Raises UnknownKey when none of them is the one it names, WrongToken for anything else.
    """
    if not isinstance(token, str) or not token.isascii() or len(token) > TOKEN_MOST:
        raise WrongToken("no_token")
    header = _header(token)
    kid = header.get("kid")
    fitting = [key for key in keys if kid is None or key.kid == kid]
    if not fitting:
        raise UnknownKey("unknown_key")
    for key in fitting:
        claims = _verified(token, key, header["alg"])
        if claims is not None:
            return header, claims
    # A key may have been changed under its old name.
    raise UnknownKey("wrong_signature")


def _header(token: str) -> dict[str, Any]:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise WrongToken("malformed_token") from error
    if header.get("alg") not in ALGORITHMS:
        raise WrongToken("algorithm_not_allowed")
    return dict(header)


def _verified(token: str, key: Key, algorithm: str) -> dict[str, Any] | None:
    try:
        found = jws.deserialize_compact(token, key, algorithms=[algorithm], registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):
        return None
    return _claims(found.payload)


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError) as error:
        raise WrongToken("malformed_token") from error
    if not isinstance(claims, dict):
        raise WrongToken("malformed_token")
    return claims


def checked(
    claims: Mapping[str, Any],
    header: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str = "",
    now: float | None = None,
) -> str:
    """The subject of ``claims``, which are for this client and this sign-in; WrongToken names what is not.

    ``now`` is seconds since 1970. An hour's clock error of a server is not forgiven, a minute's is.
    """
    at = time.time() if now is None else now
    _only_for(claims, client_id)
    _recent(claims, at)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MOST:
        raise WrongToken("wrong_subject")
    options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    params = {"nonce": nonce, "client_id": client_id, "access_token": access_token}
    try:
        CodeIDToken(dict(claims), dict(header), options, params).validate(now=int(at), leeway=LEEWAY_S)
    # The claims are whatever was sent: authlib compares and hashes them as they are.
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise WrongToken(_reason(error)) from error
    return subject


def _only_for(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    names = [audience] if isinstance(audience, str) else audience
    if not isinstance(names, list) or client_id not in names:
        raise WrongToken("wrong_audience")
    if claims.get("azp", client_id) != client_id or (len(names) > 1 and "azp" not in claims):
        raise WrongToken("wrong_audience")


def _recent(claims: Mapping[str, Any], now: float) -> None:
    expires, issued = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    if expires + LEEWAY_S <= now:
        raise WrongToken("expired")
    if not now - OLDEST_S <= issued <= now + LEEWAY_S:
        raise WrongToken("not_issued_now")


def _seconds(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise WrongToken("no_time")
    return float(value)


def _reason(error: Exception) -> str:
    claim = getattr(error, "claim_name", "") or getattr(error, "claim", "")
    return f"wrong_{claim}" if claim else "wrong_claims"
