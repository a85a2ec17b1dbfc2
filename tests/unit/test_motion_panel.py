"""The panel of something that moves: line, speed, age and neighbours on duty; outside duty that alone."""

from typing import Any

import pytest

from layouts.motion import motion_rows
from layouts.story import Motion, Neighbour
from model.texts import words
from tests.unit.test_room_layouts import text_of

EN = words("en", "Europe/Paris")


def told(motion: Motion) -> str:
    def link(asset: str, text: str) -> Any:
        return f"{asset}: {text}"

    return text_of(motion_rows(EN, motion, lambda seen: f"age of {seen:.0f}", link))


def test_on_duty_it_tells_line_speed_age_and_who_is_ahead() -> None:
    ahead = Neighbour("BUS-2", "Bus 2", 234.0, 46.8, 600)
    said = told(Motion(True, "L3", 21.4, 1_000.0, ahead))
    for part in (
        "on duty",
        "L3",
        "21 km/h",
        "age of 1000",
        "BUS-2: Bus 2, 230 m, about 0.8 min, planned 10 min",
    ):
        assert part in said
    assert "Behind" not in said


def test_what_was_not_told_is_said_and_not_made_up() -> None:
    said = told(Motion(True, "", None, 1_000.0))
    assert "no line told" in said and "not told" in said and "0 km/h" not in said


@pytest.mark.parametrize("motion", [Motion(False), Motion(False, "L3", 21.0, 1_000.0)])
def test_outside_duty_nothing_else_is_told(motion: Motion) -> None:
    said = told(motion)
    assert "off duty, position hidden" in said
    assert "L3" not in said and "km/h" not in said and "age" not in said


def test_nowhere_is_said() -> None:
    assert "no recent position" in told(Motion(True))
