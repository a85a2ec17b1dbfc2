"""The API as pages to be read: the same documents as facts, links and tables, in the look of the gallery."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from model.texts import LANGUAGES, Words, words
from model.tokens import colours
from public.answers import THEMES, environment
from public.features.about import Told
from public.features.answering import SHEET
from public.features.asked import CSV, Asked
from public.features.documents import Document, text_of
from public.headers import site_policy
from services.publishing import csp_hash


@dataclass(frozen=True)
class Table:
    """Rows under headers; ``caption`` says of what. A cell is a text, or an address and its text."""

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Page:
    """One page: its title, where it stands, what it says; ``sheet``: the same comes as CSV."""

    title: str
    crumbs: Sequence[tuple[str, str]] = ()
    lead: str = ""
    facts: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    then: str = ""
    sheet: bool = False


def html(page: Page, asked: Asked, base: str, typeface: str) -> tuple[bytes, str]:
    """``page`` as HTML, and its content security policy."""
    say = words(asked.look.language)
    theme = asked.look.theme
    style = environment().get_template("features.css").render(
        colours=colours(theme), dark=theme == "dark", font=_relative(asked, typeface)
    )  # fmt: skip
    body = environment().get_template("features.html").render(
        page=page, say=say, look=asked.look, languages=LANGUAGES, themes=THEMES,
        sheet=_sheet_of(page, asked, base),
        other=lambda **changes: asked.address(base, cursor=None, **changes),
        data=asked.address(base, f="json"), style=Markup(style),  # noqa: S704 - our own file
    )  # fmt: skip
    return body.encode(), site_policy((), (csp_hash(style),))


def _sheet_of(page: Page, asked: Asked, base: str) -> str:
    """Where the rows of ``page`` are as CSV, all of them; empty where it has none."""
    return asked.address(base, f=CSV, cursor=None, limit=None, lang=None, theme=None) if page.sheet else ""


def _relative(asked: Asked, typeface: str) -> str:
    """The typeface from where this page is: a door behind a folder of a site need not know it."""
    return "../" * (asked.path.count("/") - 1) + typeface if typeface else ""


def _crumbs(asked: Asked, base: str, say: Words, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (same_look(f"{base}/api{path}", asked), text)
        for path, text in (("", say("api.title")), ("/collections", say("api.collections")), *more)
    )


def same_look(href: str, asked: Asked) -> str:
    """``href`` as a page in the look of this one."""
    mark = "&" if "?" in href else "?"
    return f"{href}{mark}f=html&lang={asked.look.language}&theme={asked.look.theme}"


def landing_page(document: Document, asked: Asked, base: str) -> Page:
    """The front."""
    say = words(asked.look.language)
    api = f"{base}/api"
    links = (
        (same_look(f"{api}/collections", asked), say("api.collections")),
        (same_look(f"{api}/openapi.json", asked), say("api.openapi")),
        (same_look(f"{api}/conformance", asked), say("api.conformance")),
        (same_look(f"{base}/", asked).replace("f=html&", ""), say("gallery.title")),
    )
    return Page(document["title"], lead=document["description"], links=links)


def conformance_page(document: Document, asked: Asked, base: str) -> Page:
    """The classes."""
    say = words(asked.look.language)
    table = Table(say("api.conformance"), (say("api.class"),), [(one,) for one in document["conformsTo"]])
    return Page(say("api.conformance"), _crumbs(asked, base, say)[:1], tables=(table,))


def collections_page(document: Document, asked: Asked, base: str) -> Page:
    """All collections."""
    say = words(asked.look.language)
    rows = [
        ((same_look(f"{base}/api/collections/{one['id']}", asked), one["title"]), one["description"])
        for one in document["collections"]
    ]
    table = Table(say("api.collections"), (say("api.collection"), say("api.description")), rows)
    lead = "" if rows else say("gallery.nothing")
    return Page(
        say("api.collections"), _crumbs(asked, base, say)[:1], lead=lead, tables=(table,) if rows else ()
    )


def collection_page(document: Document, asked: Asked, base: str, fields: Sequence[Told]) -> Page:
    """One collection: what it is, and its columns."""
    say = words(asked.look.language)
    shown = [one for one in document["links"] if one["rel"] not in ("self", "alternate", "license")]
    links = [(_as_page(one, asked), one["title"]) for one in shown if one["type"] != "application/geo+json"]
    return Page(
        document["title"],
        _crumbs(asked, base, say),
        document["description"],
        _facts(document, say),
        links,
        (columns_table(fields, asked, say("api.queryables")),),
    )


def _as_page(link: dict[str, str], asked: Asked) -> str:
    """Where a link leads from a page: to a page of the same look, or to the sheet it names."""
    return link["href"] if link["type"] == SHEET else same_look(link["href"].partition("?")[0], asked)


def _facts(document: Document, say: Words) -> list[tuple[str, str]]:
    spatial = document["extent"].get("spatial", {}).get("bbox", [])
    temporal = document["extent"].get("temporal", {}).get("interval", [])
    facts = [
        (say("api.producer"), document["attribution"]),
        (say("api.licence"), document["license"]),
        (say("api.box"), ", ".join(f"{side:.4f}" for side in spatial[0]) if spatial else ""),
        (say("api.time"), " / ".join(side or ".." for side in temporal[0]) if temporal else ""),
        (say("api.systems"), ", ".join(document["crs"])),
    ]
    return [(label, text) for label, text in facts if text]


def columns_table(fields: Sequence[Told], asked: Asked, caption: str) -> Table:
    """What each column means."""
    say = words(asked.look.language)
    headers = (say("api.name"), say("api.meaning"), say("api.shape"), say("api.unit"))
    rows = [
        (told.name, text_of(told.meaning, asked.look.language), say(f"api.shape_{told.shape}"), told.unit)
        for told in fields
    ]
    return Table(caption, headers, rows)


def queryables_page(asked: Asked, base: str, name: str, title: str, fields: Sequence[Told]) -> Page:
    """What can be asked for."""
    say = words(asked.look.language)
    crumbs = _crumbs(asked, base, say, (f"/collections/{name}", title))
    return Page(say("api.queryables"), crumbs, say("api.filter_help"),
                tables=(columns_table(fields, asked, say("api.queryables")),))  # fmt: skip


def items_page(
    asked: Asked, base: str, name: str, title: str, fields: Sequence[Told], found: list[dict[str, Any]],
    matched: int, then: str,
) -> Page:  # fmt: skip
    """A page of features, as a table."""
    say = words(asked.look.language)
    headers = (say("api.feature"), *(_header(told, asked) for told in fields))
    rows = [
        (
            (same_look(f"{base}/api/collections/{name}/items/{_quoted(one['id'])}", asked), one["id"]),
            *(_cell(one["properties"][told.name]) for told in fields),
        )
        for one in found
    ]
    lead = say("api.counted", shown=say.number(len(found)), matched=say.number(matched))
    crumbs = _crumbs(asked, base, say, (f"/collections/{name}", title))
    return Page(say("api.items"), crumbs, lead, tables=(Table(title, headers, rows),) if rows else (),
                then=then, sheet=True)  # fmt: skip


def feature_page(
    asked: Asked, base: str, name: str, title: str, fields: Sequence[Told], found: dict[str, Any]
) -> Page:
    """One feature."""
    say = words(asked.look.language)
    facts = [(_header(told, asked), _cell(found["properties"][told.name])) for told in fields]
    place = found["geometry"]
    if place:
        facts.append((say("api.place"), str(place["coordinates"])[:400]))
    crumbs = _crumbs(
        asked, base, say, (f"/collections/{name}", title), (f"/collections/{name}/items", say("api.items"))
    )
    return Page(str(found["id"]), crumbs, facts=facts)


def series_page(asked: Asked, base: str, title: str, document: Document) -> Page:
    """Series, as one table."""
    say = words(asked.look.language)
    by = document["by"]
    unit = f" ({document['unit']})" if document["unit"] else ""
    headers = (*((by,) if by else ()), say("api.time"), f"{document['value']}{unit}", say("api.rows"))
    rows = [
        (*((one["group"] or "",) if by else ()), time, _cell(value), count)
        for one in document["series"]
        for time, value, count in zip(one["times"], one["values"], one["counts"], strict=True)
    ]
    crumbs = _crumbs(asked, base, say, (f"/collections/{document['collection']}", title))
    tables = (Table(title, headers, rows),) if rows else ()
    return Page(say("api.series"), crumbs, tables=tables, sheet=True)


def openapi_page(document: Document, asked: Asked, base: str) -> Page:
    """Every path, with its parameters."""
    say = words(asked.look.language)
    server = document["servers"][0]["url"]
    shared = document["components"]["parameters"]
    tables = []
    for path, told in document["paths"].items():
        parameters = [
            shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            for one in told["get"]["parameters"]
        ]
        rows = [(one["name"], one.get("description", "")) for one in parameters]
        caption = f"GET {server}{path}"
        tables.append(Table(caption, (say("api.parameter"), say("api.meaning")), rows))
    return Page(
        say("api.openapi"), _crumbs(asked, base, say)[:1], document["info"]["description"], tables=tables
    )


def _header(told: Told, asked: Asked) -> str:
    meaning = text_of(told.meaning, asked.look.language)
    name = meaning if meaning and len(meaning) <= 40 else told.name
    return f"{name} ({told.unit})" if told.unit else name


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quoted(identity: object) -> str:
    return quote(str(identity), safe="")
