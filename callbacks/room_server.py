"""The web process of the control room: FastAPI, our routes, Dash on top, the guard in front."""

import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import ModuleType

from dash import Dash, set_props
from dash.fingerprint import check_fingerprint
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks import (
    account,
    alarm_acts,
    alarm_list,
    alarm_outside,
    alarm_panel,
    alarm_quality,
    alarm_reads,
    alarm_review_drafts,
    alarm_reviews,
    alarm_rule_drafts,
    alarm_rules,
    analysis,
    asset_panel,
    audit,
    board,
    board_communes,
    board_truth,
    bookmarks,
    composed,
    composed_sharing,
    confirming,
    control_room,
    corrections,
    dependencies,
    feeds,
    history,
    kpi_map,
    looking,
    map_data,
    notes,
    open_keys,
    partner_api,
    partners,
    past_alarms,
    past_panel,
    past_room,
    people,
    people_forms,
    people_import,
    probes,
    programmes,
    promises,
    publications,
    replay,
    report,
    reports,
    search,
    sessions,
    shell,
    signin,
    signin_oidc,
    stream,
    takeaway,
    time_machine,
    voices,
)
from callbacks.compression import Compression
from callbacks.cookies import CSRF, CSRF_HEADER
from callbacks.guard import Guard, Place
from callbacks.headers import Headers, content_policy
from callbacks.limiting import Pace
from callbacks.partner_keys import PartnerKeys
from callbacks.rules import SUITES, Rules
from callbacks.shape import Shape
from callbacks.wiring import Door, doors
from layouts import shell as shell_layout
from layouts.ids import Shell
from layouts.pages import PAGES, page_at
from layouts.theme import register_templates
from model.errors import Unavailable, VigieError, http_status
from model.texts import words
from services.city import City
from services.last_resort import LastResort

log = logging.getLogger(__name__)

ROUTES: tuple[ModuleType, ...] = (
    audit,
    stream,
    alarm_list,
    alarm_panel,
    alarm_reads,
    alarm_acts,
    map_data,
    search,
    time_machine,
    takeaway,
    replay,
    report,
    reports,
    probes,
    partner_api,
    signin,
    signin_oidc,
    account,
    dependencies,
)
"""Modules with ``routes(server, city)``."""

SCREENS: tuple[ModuleType, ...] = (
    account,
    analysis,
    shell,
    control_room,
    alarm_list,
    alarm_quality,
    alarm_rule_drafts,
    alarm_review_drafts,
    alarm_reviews,
    alarm_rules,
    alarm_panel,
    asset_panel,
    audit,
    looking,
    history,
    notes,
    corrections,
    past_room,
    past_alarms,
    past_panel,
    bookmarks,
    report,
    reports,
    board,
    kpi_map,
    composed,
    composed_sharing,
    board_communes,
    board_truth,
    feeds,
    people,
    people_forms,
    people_import,
    confirming,
    sessions,
    partners,
    open_keys,
    programmes,
    promises,
    publications,
    voices,
    alarm_outside,
)
"""Modules with ``register(app, city)``."""


def build(city: City, *, assets: Path) -> FastAPI:
    """The control room of ``city`` as an ASGI application; ``assets`` is the folder the browser loads from.

    Opens nothing: its lifespan starts ``city`` and closes it. Several may live in one process.
    """
    server = FastAPI(lifespan=_lifespan(city), docs_url=None, redoc_url=None, openapi_url=None)
    server.add_exception_handler(VigieError, _say_error)
    for module in ROUTES:
        module.routes(server, city)
    app = _dash(server, city, assets)
    for module in SCREENS:
        module.register(app, city)
    doors(server).extend(Door("page", page.path, page.may) for page in PAGES)
    # Done now and not at the first HTTP request: an open page may come back by other ways (faults.md 1.1).
    app._setup_server()
    server.state.dash = app
    _surround(server, app, city)
    return server


def _lifespan(city: City) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_server: FastAPI) -> AsyncIterator[None]:
        await city.start()
        try:
            yield
        finally:
            await city.close()

    return lifespan


def _dash(server: FastAPI, city: City, assets: Path) -> Dash:
    register_templates()
    say = words(city.settings.language, city.profile.time_zone)
    app = Dash(
        __name__,
        server=server,
        backend="fastapi",
        use_pages=False,
        pages_folder="",
        assets_folder=str(assets),
        assets_path_ignore=["vendor"],
        assets_ignore=r"^preferences\.js$",
        index_string=shell_layout.index_string(say),
        title=f"Vigie · {city.profile.title}",
        update_title="",
        suppress_callback_exceptions=True,
        on_error=_reporter(city),
        enable_mcp=False,
        csrf_token_name=CSRF,
        csrf_header_name=CSRF_HEADER,
        add_log_handler=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = shell_layout.shell()
    # Not used; otherwise the browser is told of a socket, tries it for ever, and is refused each time.
    app.backend.websocket_capability = False
    return app


def _surround(server: FastAPI, app: Dash, city: City) -> None:
    """Put the layers around Dash; the last one added is met first."""
    rules = Rules(doors(server), lambda path: component_file(app, path))
    settings = city.settings
    server.state.rules = rules
    server.add_middleware(Pages)
    server.add_middleware(Compression)
    server.add_middleware(
        Guard,
        rules=rules,
        find=city.access.sessions.viewer,
        place=Place(settings.url_host, settings.secure),
        find_key=PartnerKeys(city.access).viewer,
        refused=city.access.refusals.note,
        pace=Pace(city.access.rates),
    )
    server.add_middleware(Shape)
    server.add_middleware(LastResort)
    policy = content_policy(app.csp_hashes(), settings.tiles_url)
    server.add_middleware(Headers, policy=policy, secure=settings.secure)


def component_file(app: Dash, path: str) -> bool:
    """Whether ``path`` names a file a component library registered; Dash answers 500 to any other."""
    package, _, file = path.removeprefix(SUITES).partition("/")
    name, _ = check_fingerprint(file)
    return name in app.registered_paths.get(package, ())


class Pages:
    """Pure ASGI: every page is the same document at the root; the address stays as the browser wrote it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the document for the path of a page."""
        if scope["type"] == "http" and scope["method"] == "GET" and page_at(scope["path"]):
            scope = {**scope, "path": "/", "raw_path": b"/"}
        await self.app(scope, receive, send)


async def _say_error(_request: Request, error: Exception) -> Response:
    """One shape for every error of ours over HTTP."""
    status = http_status(error) if isinstance(error, VigieError) else 500
    body = {"error": {"code": type(error).__name__.lower(), "message": str(error)}}
    return JSONResponse(body, status_code=status, headers={"retry-after": "2"} if status == 503 else None)


def _reporter(city: City) -> Callable[[Exception], None]:
    """What Dash calls when a callback fails: log it, and tell the person, with a number to quote.

    The person's language is not known here, so the notice is in the city's first.
    """
    say = words(city.settings.language, city.profile.time_zone)

    def report(error: Exception) -> None:
        reference = secrets.token_hex(3).upper()
        log.error("callback failed, reference %s", reference, exc_info=error)
        key = "shell.away_body" if isinstance(error, Unavailable) else "shell.broken_body"
        body = say(key, reference=reference, what=f"{error}.")
        set_props(
            Shell.TOASTS, {"children": [shell_layout.toast(say("shell.broken"), body, say("shell.dismiss"))]}
        )

    return report
