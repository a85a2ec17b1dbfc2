"""The service's own description in OpenAPI 3.0: every set, its entities, what they are related to."""

from collections.abc import Sequence

from model.texts import words
from public.features.answering import JSON
from public.features.documents import Document
from public.sensorthings.options import MOST, USUAL
from public.sensorthings.world import (
    DATASTREAMS,
    FEATURES,
    FIELDS,
    HISTORY,
    LOCATIONS,
    OBSERVATIONS,
    PROPERTIES,
    SENSORS,
    SETS,
    THINGS,
)

VERSION = "1.1.0"
RELATED: dict[str, dict[str, tuple[str, bool]]] = {
    THINGS: {
        "Locations": (LOCATIONS, True),
        "HistoricalLocations": (HISTORY, True),
        "Datastreams": (DATASTREAMS, True),
    },
    LOCATIONS: {"Things": (THINGS, True), "HistoricalLocations": (HISTORY, True)},
    HISTORY: {"Thing": (THINGS, False), "Locations": (LOCATIONS, True)},
    DATASTREAMS: {
        "Thing": (THINGS, False),
        "Sensor": (SENSORS, False),
        "ObservedProperty": (PROPERTIES, False),
        "Observations": (OBSERVATIONS, True),
    },
    SENSORS: {"Datastreams": (DATASTREAMS, True)},
    PROPERTIES: {"Datastreams": (DATASTREAMS, True)},
    OBSERVATIONS: {"Datastream": (DATASTREAMS, False), "FeatureOfInterest": (FEATURES, False)},
    FEATURES: {"Observations": (OBSERVATIONS, True)},
}
"""What each set is related to, and whether to several."""

_TEXT: Document = {"type": "string"}
_OPTIONS: dict[str, tuple[Document, str]] = {
    "$top": (
        {"type": "integer", "minimum": 0},
        f"entities in one answer, {USUAL} if not given, {MOST} at most",
    ),
    "$skip": ({"type": "integer", "minimum": 0}, "entities left out at the beginning"),
    "$count": ({"type": "boolean"}, "whether to tell how many there are in all"),
    "$select": (_TEXT, "properties to tell, with commas between"),
    "$expand": (_TEXT, "related entities to tell beside, with options in brackets"),
    "$orderby": (_TEXT, "properties to order by, each followed by asc or desc"),
    "$filter": (_TEXT, "what is wanted, such as result gt 5 and phenomenonTime ge 2026-05-01T00:00:00Z"),
    "$resultFormat": ({"type": "string", "enum": ["dataArray"]}, "observations as arrays"),
    "$skiptoken": (_TEXT, "which version a page is of, as the next link says"),
}
_ANY = ("$top", "$skip", "$count", "$select", "$expand", "$orderby", "$filter", "$skiptoken")
_ID = {"name": "id", "in": "path", "required": True, "description": "identifier", "schema": _TEXT}


def openapi(root: str, language: str) -> Document:
    """The description; ``root`` is the service's address."""
    say = words(language)
    paths: Document = {"/": _get(say("api.sensorthings"), (), "service")}
    for name in SETS:
        observations = ("$resultFormat",) if name == OBSERVATIONS else ()
        paths[f"/{name}"] = _get(name, (*_ANY, *observations), f"{name}List")
        one = f"/{name}('{{id}}')"
        paths[one] = _get(name, ("$select", "$expand"), name, path=True)
        for relation, (target, many) in RELATED[name].items():
            asked = _ANY if many else ("$select", "$expand")
            paths[f"{one}/{relation}"] = _get(
                f"{name}: {relation}", asked, f"{target}List" if many else target, path=True
            )
    return {
        "openapi": "3.0.3",
        "info": {
            "title": say("api.sensorthings"), "description": say("api.sensorthings_lead"), "version": VERSION,
        },
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "parameters": {name[1:]: _parameter(name) for name in _OPTIONS},
            "schemas": _schemas(),
            "responses": {
                name: {
                    "description": described,
                    "content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}},
                }
                for name, (_, described) in _REFUSALS.items()
            },
        },
    }  # fmt: skip


_REFUSALS = {
    "invalid": (400, "an option is unknown or wrong; it is named, with where"),
    "unknown": (404, "nothing is published at this address"),
    "outdated": (410, "the page is of a version no longer kept: begin again"),
    "notOffered": (501, "the standard has it, and this service does not"),
    "away": (503, "nothing is published, or it cannot be read now; Retry-After says when to ask again"),
}


def _parameter(name: str) -> Document:
    schema, described = _OPTIONS[name]
    return {"name": name, "in": "query", "required": False, "description": described, "schema": schema}


def _get(summary: str, options: Sequence[str], schema: str, *, path: bool = False) -> Document:
    parameters = [_ID] if path else []
    parameters += [{"$ref": f"#/components/parameters/{name[1:]}"} for name in options]
    told = {
        "description": "as asked",
        "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }
    refused = {str(code): {"$ref": f"#/components/responses/{name}"} for name, (code, _) in _REFUSALS.items()}
    return {"get": {"summary": summary, "parameters": parameters, "responses": {"200": told, **refused}}}


def _schemas() -> Document:
    schemas: Document = {
        "exception": {
            "type": "object",
            "required": ["code", "description"],
            "properties": {"code": _TEXT, "description": _TEXT},
        },
        "service": {
            "type": "object",
            "required": ["value", "serverSettings"],
            "properties": {
                "value": {"type": "array", "items": {"type": "object", "required": ["name", "url"]}},
                "serverSettings": {"type": "object", "required": ["conformance"]},
            },
        },
    }
    for name in SETS:
        schemas[name] = {"type": "object", "properties": {"@iot.id": _TEXT, "@iot.selfLink": _TEXT}}
        schemas[name]["properties"] |= {one: _SHAPES.get(one, _TEXT) for one in FIELDS[name]}
        schemas[f"{name}List"] = {
            "type": "object",
            "required": ["value"],
            "properties": {
                "@iot.count": {"type": "integer", "minimum": 0},
                "@iot.nextLink": _TEXT,
                "value": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            },
        }
    return schemas


_OBJECT: Document = {"type": "object", "nullable": True}
_SHAPES: dict[str, Document] = {
    **dict.fromkeys(
        (
            "properties",
            "location",
            "feature",
            "unitOfMeasurement",
            "observedArea",
            "resultQuality",
            "parameters",
        ),
        _OBJECT,
    ),
    "result": {"nullable": True},
    "validTime": {"type": "string", "nullable": True},
    "time": {"type": "string", "nullable": True},
}
