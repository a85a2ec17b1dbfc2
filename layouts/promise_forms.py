"""The form of a commitment: what it opens with, what was typed, what was wrong with it. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import PromisesPage
from model.errors import BadField
from model.promises import Baseline, BaselineKind, Commitment, CommitmentDraft, Promised
from model.texts import Words

FIELDS = (
    "key", "title_fr", "title_en", "measure", "target_share", "target_on", "contract", "owner", "baseline",
    "baseline_from", "baseline_to", "baseline_document", "baseline_dated", "baseline_kwh",
    "baseline_coverage", "baseline_points", "baseline_hours", "baseline_degree_days",
    "baseline_weather_share", "reason",
)  # fmt: skip
"""What is typed, in the order of the form; a BadField names one of these."""
IDS = (
    PromisesPage.KEY, PromisesPage.TITLE_FR, PromisesPage.TITLE_EN, PromisesPage.MEASURE, PromisesPage.SHARE,
    PromisesPage.TARGET_ON, PromisesPage.CONTRACT, PromisesPage.OWNER, PromisesPage.BASELINE,
    PromisesPage.FROM, PromisesPage.TO, PromisesPage.DOCUMENT, PromisesPage.DATED, PromisesPage.KWH,
    PromisesPage.COVERAGE, PromisesPage.POINTS, PromisesPage.HOURS, PromisesPage.DEGREE_DAYS,
    PromisesPage.WEATHER, PromisesPage.REASON,
)  # fmt: skip
_SHARES = ("target_share", "baseline_coverage", "baseline_weather_share")


def dialog_parts(say: Words) -> list[Component]:
    """The fields of the dialog, the promise first, then its baseline."""
    measures = [{"value": one.value, "label": say(f"promises.measure_{one.value}")} for one in Promised]
    kinds = [{"value": one.value, "label": say(f"promises.baseline_{one.value}")} for one in BaselineKind]
    return [
        html.Div(
            [
                form.text_field(PromisesPage.KEY, say("promises.field_key"), 64),
                form.select_field(PromisesPage.MEASURE, say("promises.field_measure"), measures, None),
                form.text_field(PromisesPage.TITLE_FR, say("promises.field_title_fr"), 120),
                form.text_field(PromisesPage.TITLE_EN, say("promises.field_title_en"), 120),
                form.text_field(PromisesPage.SHARE, say("promises.field_target_share"), 8),
                _day_field(PromisesPage.TARGET_ON, say("promises.field_target_on")),
                form.text_field(PromisesPage.CONTRACT, say("promises.field_contract"), 300),
                form.text_field(PromisesPage.OWNER, say("promises.field_owner"), 120),
            ],
            className="promise-fields",
        ),
        html.H3(say("promises.field_baseline")),
        html.Div(
            [
                form.select_field(PromisesPage.BASELINE, say("promises.field_baseline_kind"), kinds, None),
                form.text_field(PromisesPage.DOCUMENT, say("promises.field_document"), 300),
                _day_field(PromisesPage.FROM, say("promises.field_from")),
                _day_field(PromisesPage.TO, say("promises.field_to")),
                _day_field(PromisesPage.DATED, say("promises.field_dated")),
                form.text_field(PromisesPage.KWH, say("promises.field_kwh"), 20),
                form.text_field(PromisesPage.COVERAGE, say("promises.field_coverage"), 8),
                form.text_field(PromisesPage.POINTS, say("promises.field_points"), 12),
                form.text_field(PromisesPage.HOURS, say("promises.field_hours"), 12),
                form.text_field(PromisesPage.DEGREE_DAYS, say("promises.field_degree_days"), 12),
                form.text_field(PromisesPage.WEATHER, say("promises.field_weather"), 8),
            ],
            className="promise-fields",
        ),
        form.text_field(PromisesPage.REASON, say("promises.field_reason"), 300),
        form.ends(say, PromisesPage.DIALOG, PromisesPage.SAVE, say("promises.save"), PromisesPage.TOLD),
    ]


def _day_field(id_: str, label: str) -> Component:
    return dmc.TextInput(id=id_, label=label, value="", size="sm", inputProps={"type": "date"})


def filled(say: Words, one: Commitment | None) -> list[Any]:
    """The form as it opens: empty, or with what the newest version says; the reason is always asked anew."""
    if one is None:
        return [
            "",
            "",
            "",
            Promised.LIGHTING_ENERGY.value,
            *[""] * 4,
            BaselineKind.DOCUMENTED.value,
            *[""] * 11,
        ]
    draft, base = one.draft, one.draft.baseline
    return [
        draft.key, draft.titles["fr"], draft.titles["en"], draft.promised.value,
        say.exact(100 * draft.target_share), draft.target_on.isoformat(), draft.contract, draft.owner,
        base.kind.value, _iso(base.first), _iso(base.last), base.document, _iso(base.dated),
        _amount(say, base.kwh), _amount(say, base.coverage, 100), _amount(say, base.points),
        _amount(say, base.hours), _amount(say, base.degree_days), _amount(say, base.weather_share, 100), "",
    ]  # fmt: skip


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _amount(say: Words, value: float | None, times: float = 1.0) -> str:
    return "" if value is None else say.exact(value * times)


def draft_of(values: Sequence[Any]) -> CommitmentDraft:
    """What was typed, in the order of ``FIELDS``. Raises BadField naming the field."""
    typed = dict(zip(FIELDS, (str(value or "").strip() for value in values), strict=True))
    target_on = _day("target_on", typed)
    if target_on is None:
        raise BadField("target_on", "empty")
    share = _number("target_share", typed)
    if share is None:
        raise BadField("target_share", "empty")
    return CommitmentDraft(
        key=typed["key"],
        titles={"fr": typed["title_fr"], "en": typed["title_en"]},
        promised=_one_of(Promised, "measure", typed),
        target_share=share,
        target_on=target_on,
        contract=typed["contract"],
        owner=typed["owner"],
        baseline=Baseline(
            _one_of(BaselineKind, "baseline", typed),
            first=_day("baseline_from", typed),
            last=_day("baseline_to", typed),
            document=typed["baseline_document"],
            dated=_day("baseline_dated", typed),
            **{name: _number(f"baseline_{name}", typed) for name in
               ("kwh", "coverage", "points", "hours", "degree_days", "weather_share")},
        ),
        reason=typed["reason"],
    )  # fmt: skip


def _one_of(kind: Any, field: str, typed: dict[str, str]) -> Any:
    try:
        return kind(typed[field])
    except ValueError:
        raise BadField(field, "empty") from None


def _day(field: str, typed: dict[str, str]) -> date | None:
    if not typed[field]:
        return None
    try:
        return date.fromisoformat(typed[field])
    except ValueError:
        raise BadField(field, "no_date") from None


def _number(field: str, typed: dict[str, str]) -> float | None:
    """A number as either language writes it; percents become shares."""
    text = "".join(typed[field].split()).replace("%", "")
    if not text:
        return None
    if "," in text and "." not in text and len(text.rpartition(",")[2]) != 3:
        text = text.replace(",", ".")
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        raise BadField(field, "no_number") from None
    return value / 100 if field in _SHARES else value


def wrong_at(say: Words, error: BadField | None) -> list[str | None]:
    """What stands at each field: nothing, or what is wrong with it."""
    return [what_is_wrong(say, error) if error and error.field == name else None for name in FIELDS]


def what_is_wrong(say: Words, error: BadField) -> str:
    """Why a field was not taken, in words."""
    own = f"promises.bad_{error.reason}"
    return say(own, **error.values) if say.has(own) else form.what_is_wrong(say, error)
