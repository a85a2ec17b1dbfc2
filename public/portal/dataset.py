"""The page of one dataset: what it is, how it is measured, how fresh, its gaps, files and citation."""

import csv
import io
import json
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from model.datasets import Shape
from model.errors import BadRequest
from model.texts import Words
from model.voices import DATASET
from public.answers import Look, gone
from public.opened import Open
from public.portal.known import About, Known, known_as
from public.portal.letters import letters_about, shown_letters
from public.site import Page, site_answer
from public.use import use_told
from services.publishing import PREVIEW_FILE, PREVIEW_VALUES_FILE, TABLE_FILE, Manifest
from services.publishing.outlets import outlets_of
from services.voices import form_of, voice_origin

PREVIEW_ROWS = 12
PREVIEW_BYTES = 64 * 1024
"""Of the CSV that is looked at for the preview: enough for its first rows, however large it is."""

WIDTHS = ("wide", "narrow")
"""Of a preview's picture: the page takes the one that fits."""

CHANGES_SHOWN = 12
GAPS_SHOWN = 10
_ROUND = {60: "minute", 3_600: "hour", 86_400: "day"}
_NUMBERS = (Shape.NUMBER, Shape.COUNT)
VIEWS = ("chart", "map", "table")
"""Forms of the preview, the first that there is shown where nobody says which."""


async def dataset(door: Open, request: Request) -> Response:
    """The page of the dataset or publication named in the path; 404 alike for unknown and impossible."""
    name, view = request.path_params["name"], request.query_params.get("view") or ""

    def make(door: Open, chosen: Look, say: Words) -> Page | None:
        if view and view not in VIEWS:
            raise BadRequest("view is chart, map or table")
        one = known_as(door.shelf, name)
        if one is None:
            return None
        shows = {"one": one, "facts": _facts(one, say), "columns": _columns(one, say)}
        shows |= _published(door, one, one.manifest, one.about, say) if one.about else _unpublished()
        shows["use"] = use_told(door, one.name, say)
        shows |= _previewed(door, one.manifest, chosen, view, bool(shows["preview"]))
        subject = {"about": f"{DATASET}{one.dataset.name}"}
        shows["form"] = form_of(door.settings, say, chosen.theme, subject, fixed=True)
        shows["letters"] = shown_letters(letters_about(door, subject["about"]), say, door.clock())
        origin = voice_origin(door.settings)
        return Page("dataset.html", "datasets", one.title(say), shows, sends_to=origin)

    return site_answer(door, request, make, partial(gone, door.origins))


def _unpublished() -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("files", "outlets", "changes", "gaps"), ())
    return {**nothing, "about": None, "preview": None, "cite": ""}


def _published(door: Open, one: Known, manifest: Manifest | None, about: About, say: Words) -> dict[str, Any]:
    assert manifest is not None, "what is told of has its files"  # noqa: S101 - for the type checker
    return {
        "about": about,
        "files": [_file(file, say) for file in about["files"]],
        "outlets": outlets_of(about),
        "preview": _preview(door, one, manifest),
        "changes": [_change(version, say) for version in reversed(manifest.history[-CHANGES_SHOWN:])],
        "gaps": [_gap(gap, say) for gap in about["gaps"][-GAPS_SHOWN:]],
        "cite": _cite(door, one, about, say),
    }


def _previewed(
    door: Open, manifest: Manifest | None, chosen: Look, view: str, tabled: bool
) -> dict[str, Any]:
    """The forms of the preview there are, the one that is shown, and its picture with the same values."""
    values = _values(door, manifest, chosen)
    there = [kind for kind in VIEWS if kind in values or (kind == "table" and tabled)]
    shown = view if view in there else next(iter(there), "")
    picture = None
    if shown in values:
        files = {width: PREVIEW_FILE.format(shown, chosen.language, chosen.theme, width) for width in WIDTHS}
        picture = {**values[shown], "files": files}
    return {"views": there, "view": shown, "picture": picture}


def _values(door: Open, manifest: Manifest | None, chosen: Look) -> dict[str, Any]:
    """What the pictures show, by kind; empty where there are none."""
    found = manifest.files.get(PREVIEW_VALUES_FILE.format(chosen.language)) if manifest else None
    values: dict[str, Any] = json.loads(door.shelf.read(found)) if found else {}
    return values


def _facts(one: Known, say: Words) -> list[tuple[str, str]]:
    dataset, about = one.dataset, one.about
    facts = [
        (
            say("portal.kind"),
            f"{say(f'openness.{dataset.openness}')}. {say(f'openness.{dataset.openness}_means')}",
        ),
        (say("portal.domain"), say(f"domain.{dataset.domain}")),
        (say("portal.legal"), say(f"legal_basis.{dataset.legal_basis}")),
        (say("portal.grain"), _grain(one, say)),
        (say("portal.every"), _every(about["cadence_s"] if about else dataset.every_s, say)),
    ]
    if dataset.closed:
        facts.insert(1, (say("portal.why_closed"), say(f"closed.{dataset.closed}")))
    if about:
        facts += _facts_of(about, say)
    return facts


def _facts_of(about: About, say: Words) -> list[tuple[str, str]]:
    facts = [
        (say("portal.producer"), about["producer"]),
        (say("portal.source"), about["attribution"]),
        (say("portal.rows"), say.number(about["rows"])),
    ]
    if about["delay_s"]:
        hours = say.number(about["delay_s"] / 3_600, 0 if about["delay_s"] % 3_600 == 0 else 1)
        facts.append((say("portal.delay"), say("portal.delay_hours", n=hours)))
    if about["data_time"]:
        facts.append((say("portal.data_until"), say.instant(_moment(about["data_time"]))))
    if about["temporal"]:
        first, last = (say.day(_moment(about["temporal"][end])) for end in ("from", "to"))
        facts.append((say("portal.period"), say("portal.from_to", first=first, last=last)))
    if about["coverage_percent"] is not None:
        facts.append(
            (say("portal.coverage"), say("embed.percent", n=say.number(about["coverage_percent"], 1)))
        )
    if about["high_value"]:
        facts.append((say("portal.high_value"), say(f"portal.high_value_{about['high_value']}")))
    return facts


def _grain(one: Known, say: Words) -> str:
    grain = one.dataset.grain
    place, span = (one.about["grain"][part] for part in ("place", "span")) if one.about else (
        grain.place.name.lower(), grain.span.name.lower(),
    )  # fmt: skip
    return f"{say(f'grain.{place}')}, {say(f'grain.{span}')}"


def _every(seconds: int, say: Words) -> str:
    if seconds in _ROUND:
        return say(f"portal.every_{_ROUND[seconds]}")
    return say("portal.every_minutes", n=say.number(seconds / 60))


def _columns(one: Known, say: Words) -> list[dict[str, str]]:
    shown = [column["name"] for column in one.about["columns"]] if one.about else list(one.dataset.by_name)
    columns = [one.dataset.by_name[name] for name in shown if name in one.dataset.by_name]
    return [
        {
            "name": column.name,
            "label": say(f"column.{column.name}"),
            "means": say(f"column.{column.name}_means"),
            "shape": say(f"portal.shape_{column.shape}"),
            "unit": column.unit,
            "sensitive": say(f"sensitivity.{column.sensitivity}") if column.sensitivity != "none" else "",
        }
        for column in columns
    ]


def _file(file: About, say: Words) -> dict[str, str]:
    return {
        "name": file["name"],
        "format": say(f"portal.format_{file['format']}"),
        "size": _size(file["bytes"], say),
    }


def _size(count: int, say: Words) -> str:
    for unit, length in (("mb", 1_000_000), ("kb", 1_000)):
        if count >= length:
            return say(f"portal.{unit}", n=say.number(count / length, 1))
    return say("portal.bytes", n=say.number(count))


def _preview(door: Open, one: Known, manifest: Manifest) -> dict[str, Any] | None:
    """The first rows of its CSV, as they are: a preview must not be a second rendering of the data."""
    found = manifest.files.get(TABLE_FILE.format("csv"))
    if found is None:
        return None
    text = door.shelf.beginning(found, PREVIEW_BYTES).decode("utf-8", errors="ignore")
    whole = text if found.size <= PREVIEW_BYTES else text[: text.rfind("\n") + 1]
    rows = list(islice(csv.reader(io.StringIO(whole)), PREVIEW_ROWS + 1))
    numbers = [_is_number(one, name) for name in rows[0]] if rows else []
    return {"head": rows[0], "rows": rows[1:], "numbers": numbers} if len(rows) > 1 else None


def _is_number(one: Known, name: str) -> bool:
    column = one.dataset.by_name.get(name)
    return name in ("longitude", "latitude") or (column is not None and column.shape in _NUMBERS)


def _change(version: Any, say: Words) -> str:
    at = say.instant(version.published_at)
    until = say.instant(version.data_time) if version.data_time else ""
    key = "portal.change_until" if until else "portal.change"
    return say(key, version=version.version, at=at, until=until)


def _gap(gap: About, say: Words) -> str:
    first, last = say.instant(_moment(gap["from"])), say.instant(_moment(gap["to"]))
    return say("portal.from_to", first=first, last=last)


def _cite(door: Open, one: Known, about: About, say: Words) -> str:
    """As the licence asks: the producer, the title, the date of the data, the licence, the address."""
    until = _moment(about["data_time"] or about["approved_at"])
    return say(
        "portal.citation", producer=about["producer"], title=one.title(say), day=say.day(until),
        licence=about["licence"]["name"], address=f"{door.settings.public_address}/datasets/{one.name}",
    )  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
