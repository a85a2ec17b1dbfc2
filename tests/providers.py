"""Identity providers on the loopback: a real one in a process of its own, and one that can be told to lie."""

import base64
import contextlib
import functools
import hashlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from services.launch.servers import free_port

CLIENT_ID, CLIENT_SECRET = "vigie", "a-secret-of-vigie"


@contextlib.contextmanager
def real_provider(*users: dict[str, Any]) -> Iterator[str]:
    """oidc-provider-mock as a process; its issuer. ``users`` are claims with ``sub``."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", "127.0.0.1"]
    for user in users:
        command += ["--user-claims", json.dumps(user)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"}
    )
    issuer = f"http://127.0.0.1:{port}"
    try:
        _await(issuer, process)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def _await(issuer: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the provider ended"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(issuer + "/.well-known/openid-configuration", trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the provider did not start")


def consent(url: str, subject: str) -> str:
    """What somebody does at the real provider's page ``url``: the address it sends her back to."""
    answer = httpx.post(url, data={"sub": subject}, follow_redirects=False, trust_env=False)
    assert answer.status_code == 302, answer.text[:300]
    return answer.headers["location"]


@dataclass
class Liar:
    """A provider that keeps to the standard, PKCE too, but for what a test changes in it."""

    issuer: str = ""
    keys: list[RSAKey] = field(default_factory=lambda: [first_key()])
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over the claims of the next ID tokens; None takes one away."""
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "email": "ada@example.org"})
    userinfo: dict[str, Any] | None = None
    sign_with: Any = None
    token: str | None = None
    slow_s: float = 0.0
    status: int = 200
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def consent(self, url: str) -> str:
        """The address the browser is sent back to after a yes at ``url``."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def id_token(self, query: dict[str, str], access_token: str) -> str:
        """The ID token for a sign-in begun with ``query``, with this provider's lies."""
        if self.token is not None:
            return self.token
        now = int(time.time())
        half = base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16])
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "exp": now + 300, "iat": now, "nonce": query["nonce"],
            "at_hash": half.rstrip(b"=").decode(), **self.user, **self.claims,
        }  # fmt: skip
        claims = {name: value(now) if callable(value) else value for name, value in claims.items()}
        key = self.sign_with or self.keys[-1]
        header = {"alg": "RS256", "kid": key.kid, **self.header}
        return jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, key)

    def answer(self, method: str, path: str, form: dict[str, str], basic: str) -> tuple[int, Any]:
        """What is answered to one request."""
        self.asked.append(path)
        if self.slow_s:
            time.sleep(self.slow_s)
        if self.status != 200:
            return self.status, {"error": "server_error"}
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/jwks":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}
        if path == "/userinfo":
            return 200, self.user if self.userinfo is None else self.userinfo
        return self._tokens(form, basic)

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        own = {name: f"{self.issuer}/{path}" for name, path in ends.items()}
        return {
            "issuer": self.issuer, **own, "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/out", "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }  # fmt: skip

    def _tokens(self, form: dict[str, str], basic: str) -> tuple[int, Any]:
        query = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if (
            query is None
            or query["redirect_uri"] != form.get("redirect_uri")
            or query["code_challenge"] != base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
            or query["code_challenge_method"] != "S256"
            or basic != f"Basic {known}"
        ):
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(16)
        return 200, {
            "access_token": access_token, "token_type": "Bearer", "expires_in": 300,
            "id_token": self.id_token(query, access_token),
        }  # fmt: skip


def another_key(kid: str) -> RSAKey:
    """A key nobody has published yet."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@functools.cache
def first_key() -> RSAKey:
    """The key a provider begins with; made once, for that takes its time."""
    return another_key("one")


@contextlib.contextmanager
def liar() -> Iterator[Liar]:
    """A ``Liar`` that listens."""
    lying = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.told("GET", {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self.told("POST", {name: values[0] for name, values in parse_qs(body).items()})

        def told(self, method: str, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            status, content = lying.answer(method, path, form, self.headers.get("authorization", ""))
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    lying.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield lying
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
