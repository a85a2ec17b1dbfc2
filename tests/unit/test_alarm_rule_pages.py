"""What changed between versions of a rule, and a trial as a chart with the same values in its tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from dash.development.base_component import Component

from layouts.alarm_rule_changes import Change, changes, changes_section, shortly
from layouts.alarm_rule_trial import days_of, trial_figure, trial_of, trial_section
from layouts.theme import register_templates
from model.alarm_rules import Beyond, Rule, StateIs
from model.rule_book import Backtest, Counted, RuleSheet, RuleVersion
from model.texts import words
from services.alarms.rules import own_rules

register_templates()
EN, FR = words("en"), words("fr")
T0 = datetime(2026, 3, 1, tzinfo=EN.zone)
T1 = T0 + timedelta(days=30)
OLD = Rule(
    "meter.high", "energy", "meter", Beyond("voltage", above=253.0, deadband=3.0), priority=3,
    on_delay_s=900.0, title={"en": "Too high"},
)  # fmt: skip
NEW = msgspec.structs.replace(
    OLD, condition=Beyond("voltage", above=251.5), priority=2, on_delay_s=90.0,
    title={"en": "Voltage above 251.5\u202fV"}, wording={"en": "Voltage above {limit}"},
)  # fmt: skip


def found(total: int, **more: Any) -> Backtest:
    """A trial of March, the clocks changing on the 29th, with ``total`` alarms on the 12th."""
    told: dict[str, Any] = {
        "t0": T0.timestamp(), "t1": T1.timestamp(), "total": total, "days": (("2026-03-12", total),),
        "worst_at": datetime(2026, 3, 12, 12, tzinfo=UTC).timestamp(), "worst_hour": total,
        "assets": tuple(Counted(f"M-{n}", f"School {n}", 20 - n) for n in range(12)), "distinct": 12,
        "examples": (), "fleeting": 0, "median_s": 60.0, "standing": 0, "known_from": T0.timestamp(),
        "read": 1, "seconds": 0.1,
    }  # fmt: skip
    return Backtest(**(told | more))


def version(number: int, rule: Rule, tried: Backtest | None, *, on: bool = False) -> RuleVersion:
    """A version of Ada's."""
    return RuleVersion(
        number, rule, "Ada", "why", T0, tried, T0 if tried else None, T0 if on else None, "Ada" if on else "",
        None, "", "",
    )  # fmt: skip


def sheet(*versions: RuleVersion) -> RuleSheet:
    """The class with its versions, the newest first."""
    return RuleSheet(1, OLD.key, OLD.domain, OLD.asset_type, versions)


BOTH = sheet(version(2, NEW, found(37)), version(1, OLD, found(412), on=True))


def told_by(part: Any) -> str:
    """What a reader is told: tags without attributes, and no graphs."""
    if isinstance(part, list | tuple):
        return "".join(map(told_by, part))
    if not isinstance(part, Component):
        return "" if part is None else str(part)
    name = type(part).__name__.lower()
    return f"<{name}>{told_by(getattr(part, 'children', None))}</{name}>" if name != "graph" else ""


def test_every_field_that_differs_is_told_in_its_words_and_units() -> None:
    assert changes(EN, OLD, NEW) == (
        Change("Upper limit", "253\u202fV", "251.5\u202fV"),
        Change("Deadband", "3\u202fV", "0\u202fV"),
        Change("Priority", "medium", "high"),
        Change("On delay", "15 min", "1 min 30 s"),
        Change("Title in English", "Too high", "Voltage above {limit}"),
    )


def test_a_field_one_version_does_not_have_is_a_dash() -> None:
    state = msgspec.structs.replace(OLD, condition=StateIs(("fault",)))
    told = {one.label: (one.before, one.after) for one in changes(EN, OLD, state)}
    assert told["Kind of condition"] == ("Threshold", "State")
    assert told["Upper limit"] == ("253\u202fV", "–")
    assert told["States"] == ("–", EN("state.meter.fault"))
    assert changes(EN, OLD, OLD) == ()
    both = sheet(version(2, state, None), version(1, OLD, None))
    assert "<td>–</td>" in told_by(changes_section(EN, both, both.versions[0], acts=())), "nothing was struck"


def test_every_part_of_every_rule_we_have_has_words_in_both_languages() -> None:
    blank = Rule("a.b", "energy", "meter", StateIs(("idle",)), severity=5, priority=1)
    for say in (EN, FR):
        for rule in own_rules():
            told = changes(say, blank, rule)
            assert told
            assert not any("⟦" in text for one in told for text in (one.label, one.before, one.after))


def test_the_history_tells_a_change_in_a_line_and_the_section_old_and_new_not_by_colour_alone() -> None:
    one = version(
        2, msgspec.structs.replace(OLD, condition=Beyond("voltage", above=250.0, deadband=3.0)), None
    )
    short = sheet(one, BOTH.versions[1])
    assert shortly(EN, short, one) == "Upper limit 253\u202fV → 250\u202fV"
    assert shortly(EN, BOTH, BOTH.versions[0]) == "5 fields changed"
    assert shortly(EN, BOTH, BOTH.versions[1]) == "first version"
    page = told_by(changes_section(EN, BOTH, BOTH.versions[0], acts=()))
    assert "<del>253\u202fV</del>" in page and "<ins>251.5\u202fV</ins>" in page
    assert "Before (version 1)" in page and "After (version 2)" in page


def test_a_trial_stands_beside_that_of_the_version_in_force_when_both_are_of_the_same_time() -> None:
    trial = trial_of(BOTH, None)
    assert trial is not None and (trial.version, trial.other) == (2, 1)
    page = told_by(trial_section(EN, trial, "dark"))
    assert "412 → 37 alarms, from version 1 in force to version 2" in page
    assert "Worst hour: 37 alarms, 12 Mar 2026, 13:00 to 14:00." in page
    later = replace(BOTH.versions[1], backtest=found(412, t1=T1.timestamp() + 60))
    alone = trial_of(sheet(BOTH.versions[0], later), None)
    assert alone is not None and alone.beside is None
    assert trial_of(sheet(version(1, OLD, None)), None) is None


def test_the_chart_and_its_table_hold_every_day_and_the_same_values() -> None:
    trial = trial_of(BOTH, BOTH.versions[0])
    assert trial is not None
    figure = trial_figure(EN, trial, "light")
    days = [day.isoformat() for day in days_of(EN, trial.found)]
    assert (len(days), days[0], days[-1]) == (30, "2026-03-01", "2026-03-30"), "the 31st only ends it"
    drawn = {bar.name: dict(zip(bar.x, bar.y, strict=True)) for bar in figure.data}
    assert drawn["version 2"] == dict.fromkeys(days, 0) | {"2026-03-12": 37}
    assert drawn["version 1, in force"]["2026-03-12"] == 412
    assert [mark.text for mark in figure.layout.annotations] == ["▼ 13 h · 37"]
    page = told_by(trial_section(EN, trial, "light"))
    assert "<td>37</td><td>412</td>" in page
    assert page.count("School") == 10, "the ten assets with the most"


def test_days_before_anything_is_on_record_are_no_zeros() -> None:
    late = found(37, known_from=(T0 + timedelta(days=3, hours=5)).timestamp())
    trial = trial_of(sheet(version(1, OLD, late)), None)
    assert trial is not None
    figure = trial_figure(EN, trial, "dark")
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(-0.5, 2.5)]
    page = told_by(trial_section(EN, trial, "dark"))
    assert page.count("<td>–</td>") == 3
    assert "readings not on record" in page


@pytest.mark.parametrize(("distinct", "told"), [(12, "0"), (30, "≤\u202f9")])
def test_an_asset_that_is_not_among_the_foremost_is_told_by_its_bound(distinct: int, told: str) -> None:
    beside = found(412, distinct=distinct, assets=tuple(Counted(f"X-{n}", "", 20 - n) for n in range(12)))
    trial = trial_of(sheet(BOTH.versions[0], version(1, OLD, beside, on=True)), None)
    assert f"<td>{told}</td>" in told_by(trial_section(EN, trial, "dark"))
