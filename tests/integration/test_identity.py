"""OpenID Connect against real providers over the loopback: the whole way, and answers not to be believed."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from model.errors import BadSettings, Refused, Unavailable
from services.access import provider
from services.access.id_token import WrongToken
from services.access.identity import BACK, Denied, IdentityProvider, Known
from services.access.provider import Client, Provider, is_safe
from services.access.sealing import Seal
from services.access.single_use import SingleUse
from services.settings import read_settings
from tests.providers import CLIENT_ID, CLIENT_SECRET, Liar, another_key, consent, liar, real_provider

ORIGIN = "http://127.0.0.1:8050"
SECRET = b"s" * 32


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    with real_provider(
        {"sub": "u-1", "name": "Ada Byron", "email": "ada@example.org", "groups": ["ops"]}
    ) as at:
        yield at


@pytest.fixture
def lying() -> Iterator[Liar]:
    with liar() as opened:
        yield opened


def opened(issuer: str, redis_url: str, secret: bytes = SECRET) -> IdentityProvider:
    client = Client(CLIENT_ID, CLIENT_SECRET)
    return IdentityProvider(Provider(issuer, client), Seal(secret, "oidc"), SingleUse(redis_url))


@pytest.fixture
async def ours(lying: Liar, redis_url: str) -> AsyncIterator[IdentityProvider]:
    provider = opened(lying.issuer, redis_url)
    yield provider
    await provider.close()


def answer_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def signed_in(ours: IdentityProvider, lying: Liar) -> Known:
    url, cookie = await ours.begin(ORIGIN, "/history")
    return await ours.finish(answer_of(lying.consent(url)), cookie)


async def reason(ours: IdentityProvider, lying: Liar) -> str:
    with pytest.raises(WrongToken) as refused:
        await signed_in(ours, lying)
    assert refused.value.__class__ is not Denied
    return refused.value.reason


async def test_the_whole_way_with_a_real_provider(real: str, redis_url: str) -> None:
    ours = opened(real, redis_url)
    url, cookie = await ours.begin(ORIGIN, "/history?from=1")
    asked = answer_of(url)
    assert url.startswith(real)
    assert asked["redirect_uri"] == ORIGIN + BACK
    assert asked["scope"] == "openid profile email"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43
    assert not [part for part in (asked["state"], asked["nonce"], "history") if part in cookie], "sealed"
    back = consent(url, "u-1")
    assert back.startswith(ORIGIN + BACK)
    known = await ours.finish(answer_of(back), cookie)
    assert (known.issuer, known.subject, known.next_path) == (real, "u-1", "/history?from=1")
    assert known.claims["email"] == "ada@example.org"
    assert known.claims["groups"] == ["ops"]
    out = await ours.sign_out_url(ORIGIN)
    assert out is not None and out.startswith(real)
    assert answer_of(out)["post_logout_redirect_uri"] == ORIGIN + "/signin"
    await ours.close()


async def test_a_no_at_the_real_provider_is_a_no(real: str, redis_url: str) -> None:
    ours = opened(real, redis_url)
    url, cookie = await ours.begin(ORIGIN)
    denied = httpx.post(url, data={"action": "deny"}, follow_redirects=False, trust_env=False)
    answer = answer_of(denied.headers["location"])
    assert answer["error"] == "access_denied"
    with pytest.raises(Denied):
        await ours.finish(answer, cookie)
    with pytest.raises(WrongToken, match="nothing begun here"):
        await ours.finish(answer, "")
    await ours.close()


async def test_the_honest_liar_is_believed(ours: IdentityProvider, lying: Liar) -> None:
    known = await signed_in(ours, lying)
    assert (known.subject, known.next_path) == ("s-1", "/history")
    lying.claims = {"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID}
    assert (await signed_in(ours, lying)).subject == "s-1"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "of-another-sign-in"}, "wrong_nonce"),
        ({"nonce": None}, "wrong_nonce"),
        ({"aud": "another-client"}, "wrong_audience"),
        ({"aud": [CLIENT_ID, "other"]}, "wrong_audience"),
        ({"aud": None}, "wrong_audience"),
        ({"aud": {CLIENT_ID: 1}}, "wrong_audience"),
        ({"azp": "another-client"}, "wrong_audience"),
        ({"iss": "https://evil.example"}, "wrong_iss"),
        ({"iss": None}, "wrong_iss"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no_time"),
        ({"exp": "tomorrow"}, "no_time"),
        ({"exp": True}, "no_time"),
        ({"iat": lambda now: now + 86_400}, "not_issued_now"),
        ({"iat": lambda now: now - 86_400}, "not_issued_now"),
        ({"iat": None}, "no_time"),
        ({"nbf": lambda now: now + 86_400}, "wrong_nbf"),
        ({"sub": None}, "wrong_subject"),
        ({"sub": ""}, "wrong_subject"),
        ({"sub": ["s-1"]}, "wrong_subject"),
        ({"sub": "x" * 300}, "wrong_subject"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "wrong_at_hash"),
        ({"at_hash": 7}, "wrong_at_hash"),
    ],
)
async def test_claims_that_are_not_for_this_sign_in_are_refused(
    ours: IdentityProvider, lying: Liar, claims: dict[str, object], why: str
) -> None:
    lying.claims = claims
    assert await reason(ours, lying) == why


def part(content: object) -> str:
    told = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode()


def by_secret(issuer: str, secret: bytes) -> str:
    """A token whose HS256 is right, if ``secret`` is taken for a shared one."""
    claims = {"iss": issuer, "aud": CLIENT_ID, "sub": "s-1", "exp": 9e9, "iat": int(time.time())}
    told = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    return f"{told}.{part(hmac.new(secret, told.encode(), hashlib.sha256).digest())}"


async def test_unsigned_tokens_are_refused(ours: IdentityProvider, lying: Liar) -> None:
    claims = {"iss": lying.issuer, "aud": CLIENT_ID, "sub": "s-1", "exp": 9e9, "iat": int(time.time())}
    for algorithm in ("none", "None", "NONE", ""):
        lying.token = f"{part({'alg': algorithm})}.{part(claims)}."
        assert await reason(ours, lying) in ("algorithm_not_allowed", "malformed_token")
    for garbage in ("", "a.b", "a.b.c.d.e", "é.é.é", "." * 40_000, "[" * 20_000):
        lying.token = garbage
        assert await reason(ours, lying) in ("malformed_token", "no_token", "algorithm_not_allowed")


async def test_a_public_key_is_no_shared_secret(ours: IdentityProvider, lying: Liar) -> None:
    """HS256 with what everybody can read as the key: the RSA key as PEM, DER and JSON, and our own secret."""
    public = lying.keys[0]
    for secret in (
        public.as_pem(private=False),
        public.as_der(private=False),
        json.dumps(public.as_dict(private=False)).encode(),
        CLIENT_SECRET.encode() * 3,
    ):
        lying.token = by_secret(lying.issuer, secret)
        assert await reason(ours, lying) == "algorithm_not_allowed"
    lying.token = None
    lying.sign_with, lying.header = another_key("one"), {"jku": f"{lying.issuer}/evil"}
    assert await reason(ours, lying) == "wrong_signature", "keys the token points at count for nothing"
    assert "/evil" not in lying.asked


async def test_keys_are_rotated_and_asked_for_again_but_not_at_will(lying: Liar, redis_url: str) -> None:
    ticks = [0.0]
    provider = Provider(lying.issuer, Client(CLIENT_ID, CLIENT_SECRET), lambda: ticks[0])
    ours = IdentityProvider(provider, Seal(SECRET, "oidc"), SingleUse(redis_url))
    await signed_in(ours, lying)
    ticks[0] += 60
    lying.keys = [another_key("two")]
    assert (await signed_in(ours, lying)).subject == "s-1"
    asked = lying.asked.count("/jwks")
    lying.sign_with = another_key("three")
    for _ in range(5):
        assert await reason(ours, lying) == "unknown_key"
    assert lying.asked.count("/jwks") == asked, "read a moment ago"
    ticks[0] += 60
    for _ in range(5):
        assert await reason(ours, lying) == "unknown_key"
    assert lying.asked.count("/jwks") == asked + 1, "no guesser makes us ask without end"
    lying.sign_with = None
    ticks[0] += 60
    lying.keys = [another_key("two")]
    assert (await signed_in(ours, lying)).subject == "s-1", "another key under the same name"
    await ours.close()


async def test_an_answer_is_heard_once_and_by_the_browser_that_asked(lying: Liar, redis_url: str) -> None:
    ours, other = opened(lying.issuer, redis_url), opened(lying.issuer, redis_url)
    url, cookie = await ours.begin(ORIGIN)
    answer = answer_of(lying.consent(url))
    _, foreign = await ours.begin(ORIGIN)
    for wrong in ("", "x", foreign, cookie[:-4] + "AAAA", "A" + cookie, "é" * 50, "x" * 9_000):
        with pytest.raises(WrongToken) as refused:
            await ours.finish(answer, wrong)
        assert refused.value.reason in ("foreign_state", "nothing_begun_here")
    for state in ("", "x", answer_of(url)["nonce"], "é"):
        with pytest.raises(WrongToken, match="foreign state"):
            await ours.finish({**answer, "state": state}, cookie)
    with pytest.raises(WrongToken, match="foreign state"):
        await ours.finish({"code": answer["code"]}, cookie)
    with pytest.raises(WrongToken, match="wrong issuer"):
        await ours.finish({**answer, "iss": "https://evil.example"}, cookie)
    assert (await ours.finish(answer, cookie)).subject == "s-1"
    for again in (ours, other):
        with pytest.raises(WrongToken, match="used before"):
            await again.finish(answer, cookie)
    another = opened(lying.issuer, redis_url, b"t" * 32)
    with pytest.raises(WrongToken, match="nothing begun here"):
        await another.finish(answer, cookie)
    for part in (ours, other, another):
        await part.close()


async def test_a_stolen_code_is_worth_nothing_without_the_verifier(
    ours: IdentityProvider, lying: Liar
) -> None:
    """An attacker puts the victim's code into a sign-in of his own: PKCE binds it to hers."""
    url, _ = await ours.begin(ORIGIN)
    victim = answer_of(lying.consent(url))
    mine, cookie = await ours.begin(ORIGIN)
    with pytest.raises(WrongToken, match="provider answers 400"):
        await ours.finish({"code": victim["code"], "state": answer_of(mine)["state"]}, cookie)


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"issuer": "https://evil.example"}, "wrong_issuer"),
        ({"issuer": None}, "wrong_issuer"),
        ({"token_endpoint": "http://provider.example/token"}, "open_line"),
        ({"jwks_uri": "http://10.0.0.1/jwks"}, "open_line"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "open_line"),
        ({"userinfo_endpoint": "https://user:pass@provider.example/"}, "open_line"),
        ({"end_session_endpoint": ["https://provider.example"]}, "open_line"),
        ({"code_challenge_methods_supported": ["plain"]}, "no_pkce"),
    ],
)
async def test_a_discovery_that_is_not_the_pinned_issuers_is_refused(
    ours: IdentityProvider, lying: Liar, metadata: dict[str, object], why: str
) -> None:
    lying.metadata = metadata
    with pytest.raises(WrongToken) as refused:
        await ours.begin(ORIGIN)
    assert refused.value.reason == why


async def test_an_issuer_in_the_answer_is_asked_for_where_promised(
    ours: IdentityProvider, lying: Liar
) -> None:
    lying.metadata = {"authorization_response_iss_parameter_supported": True}
    assert await reason(ours, lying) == "wrong_issuer"


async def test_user_information_is_of_the_same_subject_and_never_wins(
    ours: IdentityProvider, lying: Liar
) -> None:
    lying.user = {"sub": "s-1", "name": "Signed"}
    lying.userinfo = {"sub": "s-1", "name": "Told", "email": "ada@example.org", "email_verified": True}
    known = await signed_in(ours, lying)
    assert (known.claims["name"], known.claims["email"]) == ("Signed", "ada@example.org")
    lying.userinfo = {"sub": "s-2", "email": "boss@example.org"}
    assert await reason(ours, lying) == "wrong_subject"


async def test_a_provider_away_slow_or_broken_is_told_in_time(lying: Liar, redis_url: str) -> None:
    ours = opened(lying.issuer, redis_url)
    lying.status = 500
    with pytest.raises(Unavailable):
        await ours.begin(ORIGIN)
    lying.status = 200
    url, cookie = await ours.begin(ORIGIN)
    answer = answer_of(lying.consent(url))
    lying.status = 503
    with pytest.raises(Unavailable) as away:
        await ours.finish(answer, cookie)
    assert answer["code"] not in str(away.value) and CLIENT_SECRET not in str(away.value)
    lying.status = 200
    await ours.close()
    nobody = opened("http://127.0.0.1:9", redis_url)
    with pytest.raises(Unavailable):
        await nobody.begin(ORIGIN)
    assert await nobody.sign_out_url(ORIGIN) is None
    await nobody.close()


async def test_a_hung_provider_holds_nobody_past_the_deadline(
    lying: Liar, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "DEADLINE_S", 0.3)
    lying.slow_s = 20
    ours = opened(lying.issuer, redis_url)
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await ours.begin(ORIGIN)
    assert time.monotonic() - began < 5
    lying.slow_s = 0
    await ours.close()


async def test_a_flood_of_an_answer_is_not_read_to_its_end(ours: IdentityProvider, lying: Liar) -> None:
    lying.metadata = {"padding": "x" * 1_000_000}
    with pytest.raises(WrongToken, match="too large"):
        await ours.begin(ORIGIN)
    lying.metadata = {}
    lying.discovery = list  # type: ignore[method-assign,assignment,return-value]
    with pytest.raises(WrongToken, match="no json"):
        await ours.begin(ORIGIN)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://provider.example", "http://127.0.0.1.evil.example", "ftp://provider.example",
        "provider.example",
        "https://provider.example?x=1", "https://provider.example#x", "http://10.0.0.1",
    ],
)  # fmt: skip
def test_an_issuer_over_an_open_line_is_no_setting(issuer: str) -> None:
    with pytest.raises(BadSettings, match="VIGIE_OIDC_ISSUER"):
        read_settings(oidc_issuer=issuer)


def test_safe_addresses() -> None:
    assert (
        is_safe("https://provider.example/x")
        and is_safe("http://localhost:9/x")
        and is_safe("http://[::1]/x")
    )
    assert not any(map(is_safe, ("http://a.example", "https://u@a.example", "//a.example", "", None, 7)))
    assert issubclass(WrongToken, Refused)
