"""A page of features: slices of bytes written when the version was read, with its links around them."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from public.features import cursor
from public.features.answering import GEOJSON, encoded
from public.features.asked import CSV, Asked, whole_number
from public.features.collection import Features
from public.features.cursor import Cursor
from public.features.documents import link, own_links
from public.features.references import CRS84, Reference
from public.features.rendering import geometries_in
from public.features.selection import PARAMETERS as SELECTING

USUAL, MOST = 100, 1_000
EVERY = 10**9
"""More rows than any collection has."""
PARAMETERS = (*SELECTING, "limit", "cursor", "crs")


@dataclass(frozen=True)
class Page:
    """Some of the rows that are wanted: which, of how many, and where the next begin (None: nowhere)."""

    rows: npt.NDArray[np.int64] | range
    matched: int
    then: int | None


def limit_of(asked: Asked) -> int:
    """How many features an answer has at most: of a page some, of a sheet all if not said otherwise."""
    usual, most = (EVERY, EVERY) if asked.form == CSV else (USUAL, MOST)
    return whole_number("limit", asked.given["limit"], 1, most) if "limit" in asked.given else usual


def page_of(features: Features, rows: npt.NDArray[np.int64] | None, first: int, limit: int) -> Page:
    """The page from row ``first`` on of ``rows`` (None: of all)."""
    if rows is None:
        last = min(first + limit, features.rows)
        return Page(range(min(first, last), last), features.rows, last if last < features.rows else None)
    start = int(np.searchsorted(rows, first))
    some = rows[start : start + limit]
    more = start + limit < len(rows)
    return Page(some, len(rows), int(rows[start + limit]) if more else None)


def body_of(features: Features, page: Page, reference: Reference = CRS84) -> bytes | memoryview:
    """The features of ``page``, with commas between."""
    rendered = features.rendered
    if reference is CRS84 or features.places is None:
        if isinstance(page.rows, range):
            return rendered.all_of(page.rows.start, page.rows.stop)
        return rendered.some(page.rows)
    rows = np.asarray(page.rows, "i8")
    return rendered.elsewhere(rows, geometries_in(features.places.take(rows), reference))


def links_of(asked: Asked, base: str, features: Features, page: Page) -> list[dict[str, str]]:
    """This page, its other form, its collection, and the page after it."""
    links = own_links(asked, base, GEOJSON)
    collection = f"{base}/api/collections/{features.name}"
    links.append(link("collection", collection, "application/json"))
    if page.then is not None:
        after = cursor.written(Cursor(features.version, page.then))
        kind = GEOJSON if asked.form == "json" else "text/html"
        links.append(link("next", asked.address(base, cursor=after), kind))
    return links


def as_geojson(links: list[dict[str, str]], page: Page, body: bytes | memoryview) -> bytes:
    """The feature collection of ``page``."""
    head = encoded({"type": "FeatureCollection", "numberMatched": page.matched,
                    "numberReturned": len(page.rows), "links": links})  # fmt: skip
    return b"".join((head[:-1], b',"features":[', body, b"]}"))


def feature_links(asked: Asked, base: str, name: str) -> list[dict[str, str]]:
    """A feature's own links."""
    collection = f"{base}/api/collections/{name}"
    return [*own_links(asked, base, GEOJSON), link("collection", collection, "application/json")]


def one_feature(body: bytes | memoryview, links: list[dict[str, str]]) -> bytes:
    """The feature ``body`` with its links."""
    return b"".join((memoryview(body)[:-1], b',"links":', encoded(links), b"}"))


def told(features: Features, page: Page) -> list[dict[str, Any]]:
    """The features of ``page`` as objects, for a page to be read."""
    found: list[dict[str, Any]] = msgspec.json.decode(b"[" + bytes(body_of(features, page)) + b"]")
    return found
