"""The catalogue as files: Turtle, JSON-LD and RDF/XML, the same bytes for the same catalogue."""

import json

from rdflib import Graph

CATALOGUE_FILES = {
    "catalogue.ttl": "text/turtle; charset=utf-8",
    "catalogue.jsonld": "application/ld+json",
    "catalogue.rdf": "application/rdf+xml",
}
"""Every form, by its file name, with its media type."""


def written(graph: Graph) -> dict[str, bytes]:
    """``graph`` in every form of ``CATALOGUE_FILES``, UTF-8."""
    return {
        "catalogue.ttl": graph.serialize(format="turtle", encoding="utf-8"),
        "catalogue.jsonld": _json_ld(graph),
        "catalogue.rdf": _rdf_xml(graph),
    }


def _json_ld(graph: Graph) -> bytes:
    """rdflib writes statements in the order of its hashes; sorted, the file changes only with its content."""
    context = {prefix: str(space) for prefix, space in sorted(graph.namespaces()) if prefix in _used(graph)}
    nodes = json.loads(graph.serialize(format="json-ld", context=context, auto_compact=True))
    return (json.dumps(_sorted(nodes), ensure_ascii=False, indent=1) + "\n").encode()


def _used(graph: Graph) -> set[str]:
    terms = {term for statement in graph for term in statement[1:]}
    return {
        prefix
        for prefix, space in graph.namespaces()
        if any(str(term).startswith(str(space)) for term in terms)
    }


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def _rdf_xml(graph: Graph) -> bytes:
    ordered = Graph()
    for prefix, space in graph.namespaces():
        ordered.bind(prefix, space)
    for statement in sorted(graph):
        ordered.add(statement)
    return ordered.serialize(format="pretty-xml", encoding="utf-8")
