"""What the API says of itself and of its collections, as the standard's JSON; pages are made of the same."""

from collections.abc import Iterable
from typing import Any

from model.texts import words
from public.features.about import About, Told
from public.features.answering import GEOJSON, JSON, PAGE, SCHEMA, SHEET
from public.features.asked import Asked
from public.features.columns import Kind, kind_of
from public.features.conformance import CLASSES
from public.features.library import Entry
from public.features.references import CRS84, REFERENCES
from public.features.series import has_series

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
Document = dict[str, Any]


def link(rel: str, href: str, kind: str, title: str = "") -> dict[str, str]:
    """One link, as every document holds them."""
    return {"rel": rel, "type": kind, "href": href, **({"title": title} if title else {})}


def own_links(asked: Asked, base: str, kind: str = JSON) -> list[dict[str, str]]:
    """This document, and the same in its other form."""
    json, html = asked.address(base, f="json"), asked.address(base, f="html")
    if asked.form == "html":
        return [link("self", html, PAGE), link("alternate", json, kind)]
    return [link("self", asked.address(base), kind), link("alternate", html, PAGE)]


def landing(asked: Asked, base: str, city: str) -> Document:
    """The front of the API."""
    say = words(asked.look.language)
    api = f"{base}/api"
    return {
        "title": say("api.title_of", city=city) if city else say("api.title"),
        "description": say("api.lead"),
        "links": [
            *own_links(asked, base),
            link("service-desc", f"{api}/openapi.json", OPENAPI, say("api.openapi")),
            link("service-doc", f"{api}/openapi.json?f=html", PAGE, say("api.openapi")),
            link("conformance", f"{api}/conformance", JSON, say("api.conformance")),
            link("data", f"{api}/collections", JSON, say("api.collections")),
        ],
    }


def conformance(asked: Asked, base: str) -> Document:
    """What the API conforms to."""
    return {"conformsTo": list(CLASSES), "links": own_links(asked, base)}


def collections(asked: Asked, base: str, entries: Iterable[Entry]) -> Document:
    """Every collection."""
    return {
        "links": own_links(asked, base),
        "crs": list(REFERENCES),
        "collections": [collection(entry, asked.look.language, base) for entry in entries],
    }


def collection(entry: Entry, language: str, base: str) -> Document:
    """One collection, as its page and the list of all say it."""
    about, href = entry.about, f"{base}/api/collections/{entry.name}"
    return {
        "id": entry.name,
        "title": text_of(about.title, language) or entry.name,
        "description": " ".join(
            filter(None, (text_of(about.what, language), text_of(about.limits, language)))
        ),
        "attribution": about.attribution or about.producer,
        "license": about.licence.id,
        "extent": _extent(about),
        "itemType": "feature",
        "crs": list(REFERENCES),
        "storageCrs": CRS84.uri,
        "links": _collection_links(about, href, language),
    }


def text_of(texts: dict[str, str], language: str) -> str:
    """The text in ``language``, or in any there is."""
    return texts.get(language) or next(iter(texts.values()), "")


def _extent(about: About) -> Document:
    told: Document = {}
    if about.bbox:
        told["spatial"] = {"bbox": [list(about.bbox)], "crs": CRS84.uri}
    if about.timed and about.temporal:
        told["temporal"] = {"interval": [[about.temporal.first, about.temporal.last]]}
    return told


def _collection_links(about: About, href: str, language: str) -> list[dict[str, str]]:
    say = words(language)
    links = [
        link("self", f"{href}?f=json", JSON),
        link("alternate", f"{href}?f=html", PAGE),
        link("items", f"{href}/items?f=json", GEOJSON, say("api.items")),
        link("items", f"{href}/items?f=html", PAGE, say("api.items")),
        link("items", f"{href}/items?f=csv", SHEET, say("api.items_csv")),
        link(QUERYABLES, f"{href}/queryables", SCHEMA, say("api.queryables")),
    ]
    if has_series(about):
        links.append(link("related", f"{href}/series", JSON, say("api.series")))
    if about.licence.url:
        links.append(link("license", about.licence.url, PAGE, about.licence.name))
    return links


_TYPES: dict[Kind, Document] = {
    Kind.TEXT: {"type": "string"},
    Kind.NUMBER: {"type": "number"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.DAY: {"type": "string", "format": "date"},
}


def schema_of(told: Told, language: str) -> Document:
    """The JSON schema of one property."""
    schema = dict(_TYPES[kind_of(told)])
    if told.shape == "count":
        schema["type"] = "integer"
    if meaning := text_of(told.meaning, language):
        schema["title"] = meaning
    if told.unit:
        schema["x-ogc-unit"] = told.unit
    return schema


def queryables(entry: Entry, asked: Asked, base: str) -> Document:
    """What a filter may be about, as a JSON schema."""
    language = asked.look.language
    properties = {told.name: schema_of(told, language) for told in entry.about.fields}
    if entry.about.located:
        properties["geometry"] = {"format": "geometry-any", "x-ogc-role": "primary-geometry"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/api/collections/{entry.name}/queryables",
        "type": "object",
        "title": text_of(entry.about.title, language) or entry.name,
        "properties": properties,
        "additionalProperties": False,
    }
