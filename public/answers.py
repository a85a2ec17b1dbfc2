"""Answers of the public door: an artefact, or one of three refusals that say nothing about the inside."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import Headers, QueryParams
from starlette.responses import FileResponse, JSONResponse, Response

from model.errors import BadRequest
from model.texts import LANGUAGES, words
from model.tokens import colours
from public.headers import FRESH, NEVER, SHORT, chosen_encoding, panel_policy, unchanged
from public.shelf import Shelf
from services.publishing import Artefact, csp_hash
from services.voices import TEMPLATES as FORM_TEMPLATES

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("light", "dark")
_AREA = re.compile(r"[0-9A-Za-z-]{1,20}")
IN_MEMORY = 256 * 1024
"""Bytes up to which an artefact is answered from memory."""


@dataclass(frozen=True)
class Look:
    """What a visitor may choose: language, theme, and one area by its code (empty: the whole city)."""

    language: str
    theme: str
    area: str = ""

    @property
    def ending(self) -> str:
        """What the files of the area have in their names before the extension."""
        return f".{self.area}" if self.area else ""


def look(query: QueryParams, language: str) -> Look:
    """The choice in ``query``; what is absent is ``language``, light, the city. BadRequest otherwise."""
    area = query.get("area") or ""
    chosen = Look(query.get("lang") or language, query.get("theme") or THEMES[0], area)
    repeated = any(len(query.getlist(key)) > 1 for key in ("lang", "theme", "area"))
    if repeated or chosen.language not in LANGUAGES or chosen.theme not in THEMES:
        raise BadRequest("lang is fr or en, theme is light or dark, each given once")
    if area and not _AREA.fullmatch(area):
        raise BadRequest("area is the code of a commune, such as 21231")
    return chosen


def artefact_answer(
    shelf: Shelf, artefact: Artefact, asked: Headers, headers: Mapping[str, str], cache_control: str = FRESH
) -> Response:
    """``artefact`` as stored in the best encoding the caller takes, or 304 when the caller has it.

    A large one is streamed from its file, and in parts to who asks for parts: of the bytes as they are, for a
    part of packed ones is of no use. Raises Unavailable when it is lost.
    """
    parts = "range" in asked and artefact.size > IN_MEMORY
    encoding = "" if parts else chosen_encoding(asked.get("accept-encoding", ""), artefact.encoded)
    etag = f'"{artefact.sha256[:32]}{"-" + encoding if encoding else ""}"'
    told = {"etag": etag, "cache-control": cache_control, "vary": "Accept-Encoding", **headers}
    if unchanged(asked.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=told)
    if encoding:
        told["content-encoding"] = encoding
    told["content-type"] = artefact.media_type
    if artefact.size > IN_MEMORY:
        return _streamed(shelf.found(artefact, encoding), told)
    return Response(shelf.read(artefact, encoding), headers=told)


def _streamed(file: tuple[Path, os.stat_result], told: dict[str, str]) -> Response:
    path, found = file
    return FileResponse(path, headers=told, media_type=told["content-type"], stat_result=found)


def gone(origins: tuple[str, ...]) -> Response:
    """404: the same bytes for unknown, revoked and impossible, in both languages."""
    body, style = note_page("gallery.gone_title", "gallery.gone")
    headers = {"cache-control": SHORT, "content-security-policy": panel_policy(origins, (), (style,))}
    return Response(body, 404, headers, "text/html")


def away(origins: tuple[str, ...]) -> Response:
    """503: an artefact cannot be read; caches keep showing the last one (stale-if-error)."""
    body, style = note_page("gallery.gone_title", "gallery.away")
    policy = panel_policy(origins, (), (style,))
    headers = {"cache-control": NEVER, "retry-after": "30", "content-security-policy": policy}
    return Response(body, 503, headers, "text/html")


def wrong(message: str) -> Response:
    """400: the question cannot be answered as asked."""
    error = {"error": {"code": "bad_request", "message": message}}
    return JSONResponse(error, 400, {"cache-control": NEVER})


@cache
def note_page(title: str, text: str) -> tuple[str, str]:
    """A small page saying ``text`` in every language, and the hash of its style."""
    style = environment().get_template("note.css").render(light=colours("light"), dark=colours("dark"))
    says = [words(language) for language in LANGUAGES]
    body = environment().get_template("note.html").render(
        says=says, title=title, text=text, style=Markup(style)  # noqa: S704 - our own file
    )  # fmt: skip
    return body, csp_hash(style)


@cache
def environment() -> Environment:
    """The templates of the public door."""
    return Environment(
        loader=FileSystemLoader([TEMPLATES, FORM_TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
