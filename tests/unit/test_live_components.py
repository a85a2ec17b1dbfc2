"""The live components as Python sees them: properties, labels, and their twins in the browser."""

import re
from pathlib import Path

import pytest

from layouts import components, live_labels, past_components, room_components
from layouts.components import CityMap, Pulse, VigieComponent
from model.domains import ASSET_TYPES, DOMAINS
from model.texts import catalogue, words

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCRIPTS = {p: p.read_text(encoding="utf-8") for p in ASSETS.rglob("*.js") if "vendor" not in p.parts}
KINDS = [
    kind
    for module in (components, room_components, past_components)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, VigieComponent) and kind is not VigieComponent
]
LABELS = (
    live_labels.map_labels,
    live_labels.legend_labels,
    live_labels.switch_labels,
    live_labels.clock_labels,
    live_labels.banner_labels,
    live_labels.ticker_labels,
    live_labels.loupe_labels,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_component_is_registered_in_the_browser(kind: type[VigieComponent]) -> None:
    assert kind._type == kind.__name__
    assert any(f"vigie.{kind._type} = " in text for text in SCRIPTS.values())


def test_a_component_takes_its_properties_and_refuses_others() -> None:
    made = CityMap(id="m", selected=0, area=None).to_plotly_json()
    assert made == {"props": {"id": "m", "selected": 0}, "type": "CityMap", "namespace": "vigie"}
    with pytest.raises(TypeError, match="colour"):
        Pulse(colour="red")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: labels.__name__)
def test_labels_are_whole_in_both_languages(labels: object, language: str) -> None:
    found = labels(words(language))  # type: ignore[operator]
    assert set(found["types"]) == set(ASSET_TYPES)
    assert [domain["name"] for domain in found["domains"]] == [domain.name for domain in DOMAINS]
    assert set(found["status"]) == set(live_labels.CLASSES)
    assert "⟦" not in str(found)


def test_ticker_labels_name_every_state_of_every_type() -> None:
    states = live_labels.ticker_labels(words("fr"))["states"]
    for name, kind in ASSET_TYPES.items():
        assert set(states[name]) == {state.name for state in kind.states}


def test_every_word_of_the_map_is_used_by_a_script() -> None:
    text = "".join(SCRIPTS.values())
    tables = ("map.", "switches.", "banner.", "ticker.", "loupe.", "age.", "keys.", "keys_past.")
    tables += ("timeline.",)
    for key in catalogue("fr"):
        if key.startswith(tables):
            name = key.split(".", 1)[1].removesuffix("_detail")
            # A script may put the end of a name together itself: `span_${span}`.
            made = f"{name.rsplit('_', 1)[0]}_${{"
            assert re.search(rf"\b{name}\b", text) or made in text, f"{key} is said by nobody"
