"""The form of a rule: what it holds, what is read from it, where it says what is wrong."""

from typing import Any

import pytest

from layouts import alarm_rule_fields as fields
from layouts import alarm_rule_reading as reading
from model.alarm_rules import Beyond, Following, Many, Rule, Stuck
from model.errors import BadField
from model.texts import words
from services.alarms.rules import checked_rule, own_rules

FR, EN = words("fr"), words("en")
HIGH = Rule(
    "meter.high", "energy", "meter", Beyond("voltage", above=253.0, deadband=3.0), priority=2, severity=4,
    on_delay_s=90.0, escalate_s=(300.0, 900.0), title={"en": "Voltage above 253\u202fV"},
    wording={"en": "Voltage above {limit}"}, responder="buildings",
)  # fmt: skip


def typed(rule: Rule = HIGH, **over: Any) -> dict[str, Any]:
    """The fields as they open on ``rule``, with those typed over."""
    return reading.filled(EN, rule) | over


@pytest.mark.parametrize("say", [FR, EN], ids=["fr", "en"])
def test_a_form_left_as_it_opened_changes_nothing_in_any_rule_we_have(say: Any) -> None:
    for rule in own_rules():
        assert reading.changed_rule(rule, reading.filled(say, rule)) == (rule, "")


def test_a_title_opens_as_it_was_written_and_is_told_anew() -> None:
    rule, _ = reading.changed_rule(HIGH, typed(above="251.5"))
    assert typed()["title_en"] == "Voltage above {limit}"
    assert checked_rule(rule, own_words=True).title == {"en": "Voltage above 251.5\u202fV"}


def test_what_is_typed_is_read_in_the_french_way() -> None:
    rule, reason = reading.changed_rule(
        HIGH,
        typed(above="1\u202f062,5", escalate_s="5 ; 20 min", on_delay_s="1 h 30 min", reason="trop tard"),
    )
    assert isinstance(rule.condition, Beyond)
    assert (rule.condition.above, rule.escalate_s, rule.on_delay_s) == (1062.5, (300.0, 1200.0), 5400.0)
    assert reason == "trop tard"


def test_another_kind_is_read_from_its_own_fields_alone() -> None:
    many = typed(kind="count", states=["fault"], least="5", within_s="10 min", area="district")
    assert reading.changed_rule(HIGH, many)[0].condition == Many(("fault",), 5, 600.0, "district")
    stuck = typed(kind="stuck", for_s="2 h")
    assert reading.changed_rule(HIGH, stuck)[0].condition == Stuck("voltage", 7200.0)
    after = typed(
        kind="sequence", first_type="building", first=["power_cut"], then=["no_contact"], within_s="60",
        relation="parent", near_m="",
    )  # fmt: skip
    wanted = Following("building", ("power_cut",), ("no_contact",), 60.0, "parent", 0.0)
    assert reading.changed_rule(HIGH, after)[0].condition == wanted


def test_every_part_of_every_kind_has_a_field_a_reader_and_its_words() -> None:
    for kind, parts in fields.PARTS.items():
        assert set(parts) <= set(fields.FIELDS) & set(reading.READERS)
        for say in (FR, EN):
            assert say.has(f"alarm_book.kind_{kind}")
            assert all(say.has(f"alarm_book.field_{name}") for name in parts)


def told(bad: BadField, kind: str | None = None) -> dict[str, str]:
    """What stands at which field."""
    shown = dict(zip(fields.FIELDS, reading.wrong_at(EN, bad, kind), strict=True))
    return {name: text for name, text in shown.items() if text}


@pytest.mark.parametrize(
    ("over", "field", "says"),
    [
        ({"deadband": "warm"}, "deadband", "Write a number"),
        ({"above": "nan"}, "above", "Write a number"),
        ({"above": "1e999"}, "above", "Write a number"),
        ({"above": "900"}, "above", "From 0 to 500"),
        ({"above": "200", "below": "210"}, "above", "The lower limit is above the upper"),
        ({"on_delay_s": "soon"}, "on_delay_s", "Write a duration, for example 15 min"),
        ({"on_delay_s": "5 15"}, "on_delay_s", "Write a duration, for example 15 min"),
        ({"on_delay_s": "40 d"}, "on_delay_s", "From 0 s to 30 d"),
        ({"escalate_s": "15, 5"}, "escalate_s", "Rising times"),
        ({"kind": "rate", "within_s": "10 min"}, "rise", "To be filled in"),
        ({"kind": "status", "states": ["dark"]}, "states", "States this kind does not have: dark"),
        ({"kind": "count", "states": ["fault"], "least": "2.5"}, "least", "Write a number"),
        ({"kind": "expected", "states": ["fault"], "when": "dusk"}, "when", "To be filled in"),
        ({"observed_property": None}, "observed_property", "To be filled in"),
        (
            {"title_en": "Voltage above 253 V"},
            "title_en",
            "Write {limit} in place of “253 V”: the title then follows the limit",
        ),
        (
            {"kind": "stuck", "for_s": "2 h"},
            "title_en",
            "This rule has no limit to put in place of {limit}",
        ),
        ({"responder": "nobody"}, "responder", "Nobody responds by that name: nobody"),
    ],
)
def test_what_cannot_be_taken_is_told_at_its_field(over: dict[str, Any], field: str, says: str) -> None:
    values = typed(**over)
    with pytest.raises(BadField) as caught:
        checked_rule(reading.changed_rule(HIGH, values)[0], own_words=True)
    assert told(caught.value, values["kind"]) == {field: says}


def test_an_error_of_no_field_of_the_form_stands_at_the_reason() -> None:
    shown = told(BadField("hold_s", "out_of_range", least=0.0, most=3600.0))
    assert set(shown) == {"reason"}
    assert "3,600" in shown["reason"]


NEW = reading.EMPTY | {
    "asset_type": "camera", "what": "many_dark", "kind": "count", "states": ["no_image"], "least": "4",
    "within_s": "10 min", "title_fr": "Caméras sans image", "title_en": "Cameras without image",
    "action_fr": "Appeler.", "action_en": "Call.", "responder": "video", "reason": "Asked for",
}  # fmt: skip


def test_a_rule_of_ones_own_is_whole() -> None:
    rule, reason = reading.new_rule(NEW)
    assert checked_rule(rule, own_words=True) == rule
    assert (rule.key, rule.domain, rule.condition) == (
        "camera.many_dark", "surveillance", Many(("no_image",), 4, 600.0, "commune")
    )  # fmt: skip
    assert reason == "Asked for"


def test_a_short_name_nobody_gave_comes_from_the_english_title() -> None:
    titles = {"what": " ", "title_en": "Café: voltage above {limit}, again"}
    assert reading.new_rule(NEW | titles)[0].key == "camera.cafe_voltage_above_again"


@pytest.mark.parametrize("name", ["asset_type", "kind", "title_fr", "title_en", "action_fr", "action_en"])
def test_a_rule_of_ones_own_needs_its_words_in_both_languages(name: str) -> None:
    with pytest.raises(BadField) as caught:
        reading.new_rule(NEW | {name: ""})
    assert told(caught.value) == {name: "To be filled in"}


def test_nothing_a_browser_may_send_ends_in_an_error_of_ours() -> None:
    for junk in (None, 7, True, [], [None], {"a": 1}, "\x00"):
        for kind in fields.KINDS:
            values = dict.fromkeys(fields.FIELDS, junk) | {"kind": kind}
            for read in (lambda given: reading.changed_rule(HIGH, given), reading.new_rule):
                try:
                    checked_rule(read(values)[0], own_words=True)
                except BadField:
                    continue
