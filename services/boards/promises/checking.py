"""What is taken of a commitment somebody declares: in the city profile, or on the page."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from model.errors import BadField
from model.promises import Baseline, BaselineKind, CommitmentDraft, Promised
from model.texts import LANGUAGES
from model.typed import typed_text

KEY = re.compile(r"[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?\Z")
TITLE_MOST, TEXT_MOST = 120, 300
_AMOUNTS = ("kwh", "points", "hours", "degree_days")


def checked(draft: CommitmentDraft) -> CommitmentDraft:
    """``draft`` as it may be written. Raises BadField naming the field and the reason."""
    if not KEY.match(draft.key):
        raise BadField("key", "bad_key")
    if not 0 < draft.target_share < 1:
        raise BadField("target_share", "bad_share")
    titles = {
        language: typed_text(f"title_{language}", draft.titles.get(language), TITLE_MOST)
        for language in LANGUAGES
    }
    baseline = _baseline(draft.baseline)
    if baseline.last and draft.target_on <= baseline.last:
        raise BadField("target_on", "before_baseline")
    return replace(
        draft,
        titles=titles,
        contract=typed_text("contract", draft.contract, TEXT_MOST),
        owner=typed_text("owner", draft.owner, TITLE_MOST),
        reason=typed_text("reason", draft.reason, TEXT_MOST),
        baseline=baseline,
    )


def _baseline(baseline: Baseline) -> Baseline:
    if baseline.kind is BaselineKind.NONE:
        return Baseline(BaselineKind.NONE)
    if not baseline.first or not baseline.last:
        raise BadField("baseline_from", "no_period")
    if baseline.last < baseline.first:
        raise BadField("baseline_to", "ends_first")
    _within(baseline, ("coverage", "weather_share"), 0.0, 1.0, "bad_share")
    _within(baseline, _AMOUNTS, 1e-6, 1e15, "bad_amount")
    if baseline.kind is BaselineKind.MEASURED:
        # What is measured is read when it is needed, never kept: corrections of it must be followed.
        return Baseline(
            BaselineKind.MEASURED, baseline.first, baseline.last, weather_share=baseline.weather_share
        )
    return replace(baseline, document=typed_text("baseline_document", baseline.document, TEXT_MOST))


def _within(baseline: Baseline, names: tuple[str, ...], least: float, most: float, reason: str) -> None:
    for name in names:
        value = getattr(baseline, name)
        if value is not None and not least <= value <= most:
            raise BadField(f"baseline_{name}", reason)


def declared(table: Mapping[str, Any]) -> CommitmentDraft:
    """A ``[[commitments]]`` table of a city profile. Raises BadField, also for what is missing."""
    stated = dict(table.get("baseline", {}))
    try:
        baseline = Baseline(
            BaselineKind(stated.get("kind", "none")),
            first=_day("baseline.from", stated.get("from")),
            last=_day("baseline.to", stated.get("to")),
            document=str(stated.get("document", "")),
            dated=_day("baseline.dated", stated.get("dated")),
            **{name: _number(f"baseline.{name}", stated.get(name)) for name in
               (*_AMOUNTS, "coverage", "weather_share")},
        )  # fmt: skip
        promised = Promised(table.get("measure", ""))
    except ValueError as error:
        raise BadField("measure", "unknown", told=str(error)) from None
    target_on = _day("target_on", table.get("target_on"))
    if target_on is None:
        raise BadField("target_on", "empty")
    return checked(
        CommitmentDraft(
            key=str(table.get("key", "")),
            titles={language: str(table.get(f"title_{language}", "")) for language in LANGUAGES},
            promised=promised,
            target_share=_number("target_share", table.get("target_share")) or 0.0,
            target_on=target_on,
            contract=str(table.get("contract", "")),
            owner=str(table.get("owner", "")),
            baseline=baseline,
            reason=str(table.get("reason", "city.toml")),
        )
    )


def _day(field: str, value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    raise BadField(field, "no_date")


def _number(field: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadField(field, "no_number")
    return float(value)
