"""The form of a proposal: what it is filled with, what was typed, what was wrong with it. Pure."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.ids import Publications
from layouts.people_forms import areas_of, end_of_day
from layouts.people_forms import what_is_wrong as of_people
from layouts.publications_words import age_text, title_of
from model.datasets import Dataset, Grain, Place, Span
from model.errors import BadField
from model.finding_words import column_name, lasting, objection, what_would_pass
from model.publications import Draft, Finding, Publication
from model.texts import Words

FORM_FIELDS = (
    "name", "columns", "areas", "place", "span", "delay", "cadence", "licence", "until", "why",
)  # fmt: skip
FORM_IDS = (
    Publications.NAME, Publications.COLUMNS, Publications.AREAS, Publications.PLACE, Publications.SPAN,
    Publications.DELAY, Publications.CADENCE, Publications.LICENCE, Publications.UNTIL, Publications.WHY,
)  # fmt: skip


def filled_for(dataset: Dataset, held: Sequence[Publication], licence: str) -> tuple[Any, ...]:
    """The form as it opens: the newest version of the first publication, else all that may be open."""
    newest = held[0].versions[0].draft if held else None
    if newest is None:
        grain, columns, areas = dataset.grain, tuple(dataset.by_name), frozenset[int]()
        delay, cadence, name = dataset.delay_s, dataset.every_s, dataset.name
    else:
        grain, columns, areas = newest.grain, newest.columns, newest.areas or frozenset()
        delay, cadence, name, licence = newest.delay_s, newest.cadence_s, newest.name, newest.licence
    chosen = [str(area) for area in sorted(areas)]
    minutes = (str(delay // 60), str(max(1, cadence // 60)))
    return name, list(columns), chosen, grain.place.name, grain.span.name, *minutes, licence, "", ""


def choices_of(say: Words, dataset: Dataset) -> list[dict[str, str]]:
    """The columns of a dataset as a choice takes them."""
    return [{"value": name, "label": column_name(say, name)} for name in dataset.by_name]


def hints_of(say: Words, dataset: Dataset) -> tuple[str, str, str]:
    """Which dataset it is, and the least delay and pace it keeps to."""
    delay = say("publications.field_delay_hint", least=age_text(say, dataset.delay_s))
    cadence = say("publications.field_cadence_hint", least=lasting(say, dataset.every_s))
    return title_of(say, dataset.name), delay, cadence


def draft_of(say: Words, dataset: str, values: Sequence[Any]) -> Draft:
    """What was typed, in the order of ``FORM_FIELDS``. Raises BadField."""
    name, columns, areas, place, span, delay, cadence, licence, until, why = values
    return Draft(
        name=str(name or ""), dataset=dataset, columns=tuple(map(str, columns or ())),
        areas=areas_of(areas), grain=_grain(place, span), delay_s=_seconds("delay", delay),
        cadence_s=_seconds("cadence", cadence), licence=str(licence or ""), why=str(why or ""),
        valid_until=end_of_day(say, "until", until),
    )  # fmt: skip


def _grain(place: Any, span: Any) -> Grain:
    if place not in Place.__members__:
        raise BadField("place", "empty")
    if span not in Span.__members__:
        raise BadField("span", "empty")
    return Grain(Place[place], Span[span])


def _seconds(field: str, minutes: Any) -> int:
    text = str(minutes or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise BadField(field, f"bad_{field}", most=366)
    return int(text) * 60


def what_is_wrong(say: Words, error: BadField) -> str:
    """Why a field was not taken, in words."""
    own = f"publications.bad_{error.reason}"
    return say(own, **error.values) if say.has(own) else of_people(say, error)


def wrong_at(say: Words, error: BadField | None) -> list[str | None]:
    """What stands at each field of the form."""
    return [what_is_wrong(say, error) if error and error.field == name else None for name in FORM_FIELDS]


def findings_list(say: Words, found: Sequence[Finding]) -> Component:
    """What speaks against a publication, each with what would pass."""
    return html.Ul(
        [
            html.Li([html.Strong(objection(say, one)), " ", what_would_pass(say, one)], className="finding")
            for one in found
        ],
        className="findings",
    )
