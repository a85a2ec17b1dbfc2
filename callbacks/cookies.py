"""The cookies of a signed-in browser: the session's token, and the token that proves a page of ours asks.

Over https the session's cookie carries the prefix ``__Host-``, which no other host and no other path can set.
"""

from collections.abc import Iterable
from http.cookies import SimpleCookie

from model.viewer import Viewer

CSRF = "csrf"
CSRF_HEADER = "x-csrf-token"
NEXT_MOST = 1_000


def session_name(secure: bool) -> str:
    """The name of the session's cookie."""
    return "__Host-sid" if secure else "sid"


def read_cookie(headers: Iterable[tuple[bytes, bytes]], name: str) -> str:
    """The value of cookie ``name`` in an ASGI request's headers; empty without one."""
    for key, value in headers:
        if key == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found, _, told = part.strip().partition("=")
                if found == name:
                    return told.strip('"')
    return ""


def set_cookie(
    name: str, value: str, *, secure: bool, readable: bool = False, seconds: int | None = None
) -> str:
    """A ``Set-Cookie`` line for the whole site; ``seconds`` 0 takes it away, None keeps it for the visit."""
    jar: SimpleCookie = SimpleCookie()
    jar[name] = value
    jar[name].update({"path": "/", "samesite": "Lax"})
    if secure:
        jar[name]["secure"] = True
    if not readable:
        jar[name]["httponly"] = True
    if seconds is not None:
        jar[name]["max-age"] = str(seconds)
    return jar[name].OutputString()


def sign_in_cookies(token: str, viewer: Viewer, *, secure: bool) -> list[str]:
    """What a browser is given when a session begins. A device's cookie outlives the browser's own restart."""
    life = 180 * 86_400 if viewer.method == "device" else None
    return [
        set_cookie(session_name(secure), token, secure=secure, seconds=life),
        set_cookie(CSRF, viewer.csrf, secure=secure, readable=True, seconds=life),
    ]


def sign_out_cookies(*, secure: bool) -> list[str]:
    """What takes both away."""
    return [
        set_cookie(session_name(secure), "", secure=secure, seconds=0),
        set_cookie(CSRF, "", secure=secure, readable=True, seconds=0),
    ]


def own_path(asked: str | None) -> str:
    """``asked`` when it is a path of this site, else the root: nobody is sent elsewhere after a sign-in."""
    path = (asked or "")[:NEXT_MOST]
    plain = path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
