"""The API's own description in OpenAPI 3.0: each collection with its addresses and exactly its parameters."""

from collections.abc import Iterable, Sequence
from typing import Any

from model.texts import LANGUAGES, words
from public.answers import THEMES
from public.features import items
from public.features.about import About
from public.features.answering import GEOJSON, JSON, PAGE, SCHEMA, SHEET
from public.features.asked import FORMS, OF_ROWS
from public.features.cql import LANGUAGES as FILTER_LANGUAGES
from public.features.documents import OPENAPI, Document, schema_of, text_of
from public.features.library import Entry
from public.features.references import REFERENCES
from public.features.series import AGGREGATES, groups, has_series, numbers, spans

VERSION = "1.0.0"
_COLLECTION = "/collections/{name}"


def _parameter(name: str, schema: Document, description: str, **more: Any) -> Document:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        **more,
    }


def _choice(name: str, values: Sequence[str], description: str) -> Document:
    return _parameter(name, {"type": "string", "enum": list(values)}, description)


_SHARED = {
    one["name"]: one
    for one in (
        _choice("f", FORMS, "form of the answer; without it, as the Accept header says"),
        _choice("lang", LANGUAGES, "language of titles and pages"),
        _choice("theme", THEMES, "look of pages"),
        _parameter(
            "bbox",
            {
                "type": "array",
                "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                "items": {"type": "number"},
            },
            "lower corner, then upper corner: longitude and latitude, or the axes of bbox-crs",
            style="form",
            explode=False,
        ),
        _choice("bbox-crs", tuple(REFERENCES), "coordinate reference system of bbox"),
        _choice("crs", tuple(REFERENCES), "coordinate reference system of the answer"),
        _parameter("datetime", {"type": "string"}, "an instant, a day, or an interval: a/b, a/.., ../b"),
        _parameter("filter", {"type": "string"}, "a filter in CQL2 over the queryables"),
        _choice("filter-lang", tuple(FILTER_LANGUAGES), "language of the filter"),
        _choice("filter-crs", tuple(REFERENCES), "coordinate reference system of shapes in the filter"),
        _parameter(
            "limit",
            {"type": "integer", "minimum": 1, "default": items.USUAL},
            f"features in one answer; more than {items.MOST:,} is {items.MOST:,}; in CSV all if not given",
        ),
        _parameter("cursor", {"type": "string"}, "where a page begins, as the next link before it says"),
    )
}
_SHARED["f-rows"] = _choice(
    "f",
    OF_ROWS,
    "form of the answer; csv is all rows, as they are written; without it, as the Accept header says",
)
_EVERYWHERE = ("f", "lang", "theme")
_OF_ROWS = ("f-rows", "lang", "theme")
_SELECTING = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")


def openapi(base: str, city: str, entries: Iterable[Entry], language: str) -> Document:
    """The description of everything there is now."""
    say = words(language)
    paths = dict(_paths_of_all(say))
    for entry in entries:
        paths |= _paths_of(entry, language)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": say("api.title_of", city=city) if city else say("api.title"),
            "description": say("api.lead"),
            "version": VERSION,
        },
        "servers": [{"url": f"{base}/api"}],
        "paths": paths,
        "components": {
            "parameters": _SHARED,
            "responses": _REFUSALS,
            "schemas": _SCHEMAS,
        },
    }


def _paths_of_all(say: Any) -> Iterable[tuple[str, Document]]:
    for path, title, schema in (
        ("/", say("api.title"), "landing"),
        ("/conformance", say("api.conformance"), "conformance"),
        ("/collections", say("api.collections"), "collections"),
    ):
        yield path, _get(title, _answers(JSON, _ref("schemas", schema)))
    yield "/openapi.json", _get(say("api.openapi"), _answers(OPENAPI, {"type": "object"}))


def _paths_of(entry: Entry, language: str) -> Document:
    say = words(language)
    path, about = _COLLECTION.format(name=entry.name), entry.about
    title = text_of(about.title, language) or entry.name
    own = [
        _parameter(told.name, _asked_schema(schema_of(told, language)), text_of(told.meaning, language))
        for told in about.fields
        if told.name not in (*_SHARED, "value", "by", "every", "aggregate")
    ]
    features = _with_sheet(_answers(GEOJSON, _ref("schemas", "featureCollection"), 404, 410))
    paths = {
        path: _get(title, _answers(JSON, _ref("schemas", "collection"), 404)),
        f"{path}/queryables": _get(
            f"{title}: {say('api.queryables')}", _answers(SCHEMA, {"type": "object"}, 404)
        ),
        f"{path}/items": _get(
            f"{title}: {say('api.items')}", features, (*_SELECTING, "limit", "cursor", "crs"), own, _OF_ROWS
        ),
        f"{path}/items/{{featureId}}": _get(
            f"{title}: {say('api.feature')}",
            _answers(GEOJSON, _ref("schemas", "feature"), 404),
            ("crs",),
            [_FEATURE],
        ),
    }
    if has_series(about):
        answers = _with_sheet(_answers(JSON, _ref("schemas", "series"), 404))
        title = f"{title}: {say('api.series')}"
        paths[f"{path}/series"] = _get(title, answers, _SELECTING, [*_series(about), *own], _OF_ROWS)
    return paths


_FEATURE = {
    "name": "featureId",
    "in": "path",
    "required": True,
    "description": "identifier of a feature",
    "schema": {"type": "string"},
}


def _series(about: About) -> list[Document]:
    value = _choice("value", numbers(about), "the number to be told") | {"required": True}
    every = _choice("every", spans(about), "how often; day if not given")
    aggregate = _choice("aggregate", AGGREGATES, "mean if not given")
    by = [_choice("by", groups(about), "one series for each of its values")] if groups(about) else []
    return [value, *by, every, aggregate]


def _asked_schema(schema: Document) -> Document:
    return {name: value for name, value in schema.items() if name in ("type", "format")}


def _get(
    summary: str,
    answers: Document,
    shared: Sequence[str] = (),
    own: Sequence[Document] = (),
    everywhere: Sequence[str] = _EVERYWHERE,
) -> Document:
    parameters = [*own, *(_ref("parameters", name) for name in (*shared, *everywhere))]
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def _ref(kind: str, name: str) -> Document:
    return {"$ref": f"#/components/{kind}/{name}"}


def _answers(media_type: str, schema: Document, *more: int) -> Document:
    content = {media_type: {"schema": schema}, PAGE: {"schema": {"type": "string"}}}
    refused = {str(status): _ref("responses", _NAMES[status]) for status in (400, *more, 503)}
    return {"200": {"description": "as asked", "content": content}, **refused}


def _with_sheet(answers: Document) -> Document:
    """``answers`` with CSV among the forms of what was asked for."""
    answers["200"]["content"][SHEET] = {"schema": {"type": "string"}}
    return answers


_NAMES = {400: "invalid", 404: "unknown", 410: "outdated", 503: "away"}
_EXCEPTION = {"content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}}}
_REFUSALS = {
    "invalid": {
        "description": "a parameter is unknown, given twice or impossible; it is named",
        **_EXCEPTION,
    },
    "unknown": {"description": "nothing is published of that name", **_EXCEPTION},
    "outdated": {"description": "the page is of a version no longer kept: begin again", **_EXCEPTION},
    "away": {"description": "cannot be read now; Retry-After says when to ask again", **_EXCEPTION},
}
_LINKS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["href", "rel", "type"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
}


def _object(required: Sequence[str], **properties: Document) -> Document:
    return {"type": "object", "required": list(required), "properties": properties}


_TEXT: Document = {"type": "string"}
_TEXTS: Document = {"type": "array", "items": _TEXT}
_COUNT: Document = {"type": "integer", "minimum": 0}
_FEATURE_SCHEMA = _object(
    ("type", "id", "geometry", "properties"),
    type={"type": "string", "enum": ["Feature"]},
    id=_TEXT,
    geometry={"type": "object", "nullable": True},
    properties={"type": "object"},
    links=_LINKS,
)
_SCHEMAS = {
    "exception": _object(("code", "description"), code=_TEXT, description=_TEXT),
    "landing": _object(("title", "links"), title=_TEXT, description=_TEXT, links=_LINKS),
    "conformance": _object(("conformsTo",), conformsTo=_TEXTS, links=_LINKS),
    "collections": _object(
        ("links", "collections"),
        links=_LINKS,
        crs=_TEXTS,
        collections={"type": "array", "items": _ref("schemas", "collection")},
    ),
    "collection": _object(
        ("id", "links"),
        id=_TEXT,
        title=_TEXT,
        description=_TEXT,
        extent={"type": "object"},
        itemType=_TEXT,
        crs=_TEXTS,
        storageCrs=_TEXT,
        links=_LINKS,
    ),
    "feature": _FEATURE_SCHEMA,
    "featureCollection": _object(
        ("type", "features", "links", "numberMatched", "numberReturned"),
        type={"type": "string", "enum": ["FeatureCollection"]},
        features={"type": "array", "items": _ref("schemas", "feature")},
        links=_LINKS,
        numberMatched=_COUNT,
        numberReturned=_COUNT,
    ),
    "series": _object(
        ("collection", "value", "every", "aggregate", "series", "links"),
        collection=_TEXT,
        value=_TEXT,
        every=_TEXT,
        aggregate=_TEXT,
        series={"type": "array", "items": {"type": "object"}},
        links=_LINKS,
    ),
}
