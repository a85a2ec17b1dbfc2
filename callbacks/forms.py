"""Forms that work without a script: what was typed, in whose language, and pages as answers."""

from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from callbacks.bodies import FIELDS_MOST, FORM
from callbacks.cookies import own_path
from layouts.signin import THEMES, Sheet
from model.errors import BadRequest
from model.texts import LANGUAGES, Words, words
from services.city import City

FORM_MOST = 8_192

Form = dict[str, str]


async def read_form(request: Request) -> Form:
    """What was typed, of a repeated name the first. BadRequest for what is no small form."""
    body = await request.body()
    if len(body) > FORM_MOST or not request.headers.get("content-type", "").startswith(FORM):
        raise BadRequest("a small form is wanted")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError:
        raise BadRequest("that is no form") from None
    if any("\0" in part for pair in pairs for part in pair):
        raise BadRequest("that is no text")
    form: Form = {}
    for name, value in pairs:
        form.setdefault(name, value)
    return form


def asked_of(request: Request, form: Form | None = None) -> Form:
    """What the address and the form say together, the form first."""
    return {**request.query_params, **(form or {})}


def say_to(city: City, request: Request, form: Form | None = None) -> Words:
    """The words of whoever asks: as chosen, else as her browser prefers, else the city's first language."""
    chosen = asked_of(request, form).get("lang")
    if chosen not in LANGUAGES:
        preferred = request.headers.get("accept-language", "")[:2].lower()
        chosen = preferred if preferred in LANGUAGES else city.settings.language
    return words(chosen, city.profile.time_zone)


def sheet_of(
    city: City,
    request: Request,
    form: Form | None = None,
    told: str = "",
    wrong: bool = True,
    **values: object,
) -> Sheet:
    """The page to answer with: its place, and what happened."""
    asked = asked_of(request, form)
    theme = asked.get("theme", "")
    return Sheet(
        city=city.profile.title, generated=city.profile.generated, path=request.url.path,
        next_path=own_path(asked.get("next")), theme=theme if theme in THEMES else "", told=told,
        values=values, wrong=wrong, login=(form or {}).get("login", "")[:120],
    )  # fmt: skip


def page(text: str, status: int = 200, retry_s: int = 0) -> Response:
    """An HTML answer that no cache keeps."""
    headers = {"cache-control": "no-store"} | ({"retry-after": str(retry_s)} if retry_s else {})
    return HTMLResponse(text, status, headers)


def see(path: str) -> Response:
    """Look there instead, by GET."""
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def with_cookies(response: Response, *lines: str) -> Response:
    """``response`` with ``Set-Cookie`` lines."""
    for line in lines:
        response.raw_headers.append((b"set-cookie", line.encode("latin-1")))
    return response
