"""The plain types: statuses fit the wire, consequences and freshness are judged as the field says."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.domains import ASSET_TYPES, DOMAINS
from model.errors import HTTP_STATUS, BadObservation, NotFound, Unavailable, VigieError, http_status
from model.observations import Observation, epoch, moment
from model.states import (
    CHANGE,
    CONSEQUENCE_BIT,
    FRESHNESS_SHIFT,
    RECORD,
    Freshness,
    Status,
    display_codes,
    freshness_of,
)
from model.tokens import THEMES, colours, css_variables, tokens


def test_records_have_the_sizes_of_the_wire() -> None:
    assert RECORD.itemsize == 8
    assert CHANGE.itemsize == 12
    assert max(Status) == 7


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(BadObservation, match="time_without_zone"):
        Observation("EP-1", "power", 3.0, datetime(2026, 1, 1))  # noqa: DTZ001


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_seconds_and_moments_are_each_other(naive: datetime) -> None:
    whole = naive.replace(microsecond=0, tzinfo=UTC)
    assert moment(epoch(whole)) == whole


def test_a_dark_lamp_behind_a_tripped_cabinet_is_a_consequence_and_a_lit_one_is_not() -> None:
    status = np.array([Status.FAULT, Status.FAULT, Status.ACTIVE, Status.FAULT, Status.NORMAL], "u1")
    parent = np.array([-1, 0, 0, 4, -1], "i4")
    codes = display_codes(status, parent, np.zeros(5, "u1"))
    assert (codes & CONSEQUENCE_BIT > 0).tolist() == [False, True, False, False, False]
    assert (codes & 7).tolist() == status.tolist()


def test_freshness_follows_the_contract() -> None:
    now = 1_000_000.0
    ages = np.array([0, 119, 121, 179, 181, -3600])
    time = (now - ages).astype("u4")
    fresh = freshness_of(time, np.full(6, 60.0), now)
    live, late, stale = Freshness.LIVE, Freshness.LATE, Freshness.STALE
    assert fresh.tolist() == [live, live, late, late, stale, live]
    assert freshness_of(np.zeros(1, "u4"), np.full(1, 60.0), now).tolist() == [Freshness.NEVER]


def test_a_fast_feed_is_not_stale_before_thirty_seconds() -> None:
    now = 1_000_000.0
    fresh = freshness_of(np.array([now - 20], "u4"), np.array([1.0]), now)
    assert fresh.tolist() == [Freshness.LATE]


def test_freshness_and_consequence_keep_apart_in_the_code() -> None:
    code = int(display_codes(np.array([5], "u1"), np.array([-1], "i4"), np.array([Freshness.STALE], "u1"))[0])
    assert code & 7 == Status.COMMS_LOST
    assert code >> FRESHNESS_SHIFT == Freshness.STALE


def test_every_domain_declares_itself_soundly() -> None:
    for kind in ASSET_TYPES.values():
        codes = [s.code for s in kind.states]
        assert sorted(set(codes)) == sorted(codes)
        assert kind.by_code[0].status is Status.UNKNOWN
        assert kind.main is None or kind.main in kind.by_property
        assert all(parent in ASSET_TYPES for parent in kind.parents)
        assert all(p.low < p.high for p in kind.properties)
        assert 1 <= kind.priority <= 4
    assert len({d.name for d in DOMAINS}) == len(DOMAINS)


def test_a_state_is_found_by_name_or_refused() -> None:
    assert ASSET_TYPES["streetlight"].state_named("lamp_failure").status is Status.FAULT
    with pytest.raises(KeyError, match="no state 'purple'"):
        ASSET_TYPES["streetlight"].state_named("purple")


def test_each_error_has_the_status_of_its_nearest_class() -> None:
    class Withdrawn(NotFound):
        pass

    assert http_status(Withdrawn("gone")) == HTTP_STATUS[NotFound] == 404
    assert http_status(Unavailable("away")) == 503
    assert http_status(VigieError("?")) == 500


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` (WCAG 2.1)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.1)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_symbols_have_their_contrast(theme: str) -> None:
    shades = colours(theme)
    for ground in ("panel", "land"):
        for text in ("ink", "ink2", "ink3", "degradedText"):
            assert contrast(shades[text], shades[ground]) >= 4.5, (theme, text, ground)
        for symbol in ("fault", "degradedLine", "comms", "maint", "grey"):
            assert contrast(shades[symbol], shades[ground]) >= 3, (theme, symbol, ground)
    assert contrast(shades["faultLetter"], shades["fault"]) >= 4.5


def test_every_status_has_a_look_and_a_letter_of_its_own() -> None:
    looks = tokens()["status"]
    assert set(looks) == {status.key for status in Status}
    letters = [look["letter"] for look in looks.values() if look["letter"]]
    assert len(set(letters)) == len(letters)


def test_the_css_carries_every_theme() -> None:
    css = css_variables()
    for theme in THEMES:
        assert f'html[data-theme="{theme}"]' in css
        assert f"--fault:{colours(theme)['fault']}" in css
