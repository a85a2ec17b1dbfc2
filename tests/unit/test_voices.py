"""The clock of citizens' letters by calendar month, how a letter stands, and what the form takes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import BadField, BadRequest
from model.texts import LANGUAGES, catalogue, words
from model.voice_words import clock_text
from model.voices import (
    Act,
    Hiding,
    Letter,
    LetterAct,
    LetterKind,
    LetterState,
    Refusal,
    days_left,
    due_day,
    is_over,
    months_after,
    state_of,
)
from services.publishing.panels import PANELS
from services.settings import Settings
from services.voices import checked, spelled, typed, voice_origin
from services.voices.form import voice_address
from services.voices.sending import new_reference
from services.voices.subjects import domain_of
from tests.letters import form

PARIS = ZoneInfo("Europe/Paris")


def local(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


# The clock --------------------------------------------------


@pytest.mark.parametrize(
    ("came", "due", "extended"),
    [
        ((2026, 1, 15), (2026, 2, 15), (2026, 3, 15)),
        ((2026, 1, 31), (2026, 2, 28), (2026, 3, 31)),
        ((2026, 1, 29), (2026, 2, 28), (2026, 3, 29)),
        ((2028, 1, 31), (2028, 2, 29), (2028, 3, 31)),
        ((2026, 2, 28), (2026, 3, 28), (2026, 4, 28)),
        ((2028, 2, 29), (2028, 3, 29), (2028, 4, 29)),
        ((2026, 3, 31), (2026, 4, 30), (2026, 5, 31)),
        ((2026, 12, 31), (2027, 1, 31), (2027, 2, 28)),
        ((2026, 11, 30), (2026, 12, 30), (2027, 1, 30)),
    ],
)
def test_a_month_is_a_calendar_month(
    came: tuple[int, int, int], due: tuple[int, int, int], extended: tuple[int, int, int]
) -> None:
    assert due_day(local(*came), PARIS) == date(*due)
    assert due_day(local(*came), PARIS, extended=True) == date(*extended)


def test_the_day_is_the_citys_own() -> None:
    """An hour before midnight UTC it is the next day in Paris; on both sides of the change of the clock."""
    assert due_day(datetime(2026, 1, 31, 23, 30, tzinfo=UTC), PARIS) == date(2026, 3, 1)
    assert due_day(local(2026, 2, 28, 23, 59), PARIS) == date(2026, 3, 28)
    due = date(2026, 3, 29)  # the day of 23 hours
    assert days_left(due, local(2026, 3, 29, 0, 1), PARIS) == 0
    assert days_left(due, local(2026, 3, 29, 23, 59), PARIS) == 0
    assert days_left(due, local(2026, 3, 30, 0, 0), PARIS) == -1
    assert days_left(due, local(2026, 3, 28, 23, 59), PARIS) == 1


@given(day=st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_one_month_is_the_same_day_or_the_months_last(day: date) -> None:
    due = months_after(day, 1)
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == 1
    assert due.day == day.day or (due.day < day.day and (due + timedelta(days=1)).day == 1)
    assert months_after(day, 2) >= months_after(due, 1), "an extension never comes out shorter"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_clock_tells_a_duty_and_a_goal(language: str) -> None:
    say = words(language)
    told = {
        clock_text(say, kind, date(2026, 2, 28), left) for kind in LetterKind for left in (-2, -1, 0, 1, 12)
    }
    assert len(told) == 10
    assert not any("⟦" in one for one in told)


# How a letter stands --------------------------------------------------


@pytest.mark.parametrize(
    ("acts", "state", "request_over", "feedback_over"),
    [
        ("received", LetterState.WAITING, False, False),
        ("received published", LetterState.PUBLISHED, False, False),
        ("received published hidden", LetterState.HIDDEN, False, True),
        ("received hidden published", LetterState.PUBLISHED, False, False),
        ("received published answered", LetterState.ANSWERED, True, True),
        ("received published answered hidden", LetterState.ANSWERED, True, True),
        ("received hidden extended refused", LetterState.REFUSED, True, True),
    ],
)
def test_a_letter_stands_as_its_acts_say(
    acts: str, state: LetterState, request_over: bool, feedback_over: bool
) -> None:
    kinds = [LetterAct(kind) for kind in acts.split()]
    assert state_of(kinds) is state
    assert is_over(LetterKind.REQUEST, state) is request_over
    assert is_over(LetterKind.WRONG, state) is feedback_over
    some = tuple(Act(kind, local(2026, 1, 1)) for kind in kinds)
    one = Letter(1, "A", LetterKind.REQUEST, "", None, "fr", "w", "u", local(2026, 1, 31), some)
    assert one.due(PARIS) == (date(2026, 3, 31) if "extended" in acts else date(2026, 2, 28))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_its_words(language: str) -> None:
    keys = [f"voices.act_{one}" for one in LetterAct] + [f"voices.hiding_{one}" for one in Hiding]
    keys += [f"voices.refusal_{one}" for one in Refusal] + [f"voices.state_{one}" for one in LetterState]
    keys += [f"voices.kind_{one}" for one in LetterKind]
    assert [key for key in keys if key not in catalogue(language)] == []


# What the form takes --------------------------------------------------


def test_what_was_typed_is_kept_as_it_was() -> None:
    sent = checked(form(words="  <b>1 &lt; 2</b>\r\n'; DROP TABLE citizen_letter; --\x00  "))
    assert sent.words == "<b>1 &lt; 2</b>\n'; DROP TABLE citizen_letter; --"


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"words": " \r\n "}, "words", "empty"),
        ({"words": "x" * 4_001}, "words", "too_long"),
        ({"kind": ""}, "kind", "choose"),
        ({"kind": "praise"}, "kind", "choose"),
        ({"use": ""}, "use", "empty"),
        ({"email": "jeanne"}, "email", "no_email"),
        ({"email": "a@b.c, d@e.f"}, "email", "no_email"),
        ({"email": "<a@b.c>"}, "email", "no_email"),
        ({"name": "x" * 81}, "name", "too_long"),
        ({"about": "dataset:no-such"}, "about", "unknown_subject"),
        ({"about": "panel:../etc"}, "about", "unknown_subject"),
        ({"about": "camera:1"}, "about", "unknown_subject"),
        ({"website": "http://buy.example"}, "website", "leave_empty"),
    ],
)
def test_what_cannot_be_taken_is_named(changes: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadField) as refused:
        checked(form(**changes))
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_feedback_needs_no_use_and_nobody_needs_a_name() -> None:
    sent = checked(form(kind="wrong", use="", name="", email="", lang="xx", about=""))
    assert (sent.use, sent.name, sent.email, sent.language, sent.subject) == ("", "", "", "fr", "")


@pytest.mark.parametrize(
    "body",
    [b"words", b"words=%ff", b"words=a&words=b", b"colour=red", "words=é".encode(), b"a=1&" * 40],
)
def test_a_body_that_is_no_form_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        typed(body)


@given(st.text(max_size=30))
def test_a_reference_is_found_however_it_is_typed(noise: str) -> None:
    reference = new_reference()
    assert spelled(f" {reference.lower().replace('-', ' ')} ") == reference
    assert len(spelled(noise)) <= 9


def test_a_panel_belongs_to_the_domain_of_its_data() -> None:
    assert domain_of("panel:lighting-status") == "lighting"
    assert domain_of("panel:road-traffic") == "traffic"
    assert domain_of("panel:gone-since") is None
    assert domain_of("") is None
    assert all(domain_of(f"panel:{one.name}") != "" for one in PANELS)


def test_the_form_goes_where_the_setting_says() -> None:
    plain, proxied = Settings(intake_port=9_070), Settings(voice_url="/say")
    assert voice_address(plain) == "http://localhost:9070/say"
    assert voice_origin(plain) == "http://localhost:9070"
    assert (voice_address(proxied), voice_origin(proxied)) == ("/say", "")
