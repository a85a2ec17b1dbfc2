"""Import profiles: every mistake is named, every shipped profile is right."""

from pathlib import Path
from typing import Any

import pytest

from geodata.importer import import_profiles, profile_of, read_import_profile
from geodata.importer.profile import Condition
from geodata.profiles import known_cities, read_profile
from model.errors import BadProfile

LAMPS: dict[str, Any] = {
    "file": "lamps.csv",
    "domain": "lighting",
    "asset_type": "streetlight",
    "id": "ref",
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colour": "red"}, "unknown keys: colour"),
        ({"target": "tree"}, "allowed are area, street, asset"),
        ({"asset_type": "lamp"}, "asset_type = 'lamp'"),
        ({"domain": "traffic"}, "domain = 'traffic': allowed are lighting"),
        ({"target": "area"}, "area_kind"),
        ({"repeated_ids": "maybe"}, "allowed are reject, number"),
        ({"file": ""}, "name the file"),
        ({"position": {"lon": "x"}}, "lon and lat go together"),
        ({"position": {"axes": "north"}}, "position.axes"),
        ({"position": {"longitude": "x"}}, "unknown keys: longitude"),
        ({"filter": [{"column": "a"}]}, "one of in, not_in, contains"),
        ({"filter": [{"column": "a", "in": ["1"], "not_in": ["2"]}]}, "one of in"),
        ({"rank": [{"rank": 4, "column": "a", "in": ["b"]}]}, "allowed are 1, 2, 3"),
        ({"attributes": {"height": {"column": "h", "kind": "length"}}}, "h: kind"),
        ({"attributes": {"height": {"kind": "number"}}}, "column"),
        ({"installed_at": {"column": "d", "format": "%Q"}}, "%Q|format|match"),
        ({"name": {"columns": "x"}}, "unknown keys: columns"),
    ],
)
def test_a_mistake_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadProfile, match=says) as refused:
        profile_of(LAMPS | change, "lamps")
    assert "lamps" in str(refused.value)


def test_a_missing_id_is_named() -> None:
    with pytest.raises(BadProfile, match="'id' is missing"):
        profile_of({"file": "x.csv"}, "lamps")


def test_a_profile_knows_the_columns_it_reads() -> None:
    profile = profile_of(
        LAMPS
        | {
            "id": ["zone", "ref"],
            "name": {"text": "Lamp {kind} in {road}"},
            "parent": "cabinet",
            "installed_at": "since",
            "attributes": {"power": {"column": "watts", "kind": "number"}},
            "filter": [{"column": "owner", "contains": "city"}],
            "position": {"lat_lon": "point"},
        },
        "lamps",
    )
    assert profile.columns == {
        "zone", "ref", "kind", "road", "cabinet", "since", "watts", "owner", "point",
    }  # fmt: skip
    assert profile.filters == (Condition("owner", frozenset(["city"]), contains=True),)
    assert profile.installed_at is not None
    assert profile.installed_at.kind == "date"


@pytest.mark.parametrize("name", [city for city in known_cities() if read_profile(city).imports])
def test_the_profiles_of_every_shipped_city_are_right(name: str) -> None:
    profiles = import_profiles(read_profile(name))
    targets = [profile.target for profile in profiles]
    assert targets == sorted(targets, key=["area", "street", "asset"].index)
    assert all(profile.attribution and profile.licence for profile in profiles)


def test_a_city_without_imports_says_so() -> None:
    with pytest.raises(BadProfile, match="names no imports"):
        import_profiles(read_profile("demo"))


def test_a_profile_is_found_by_its_name_its_file_or_its_path(tmp_path: Path) -> None:
    city = read_profile("montpellier")
    by_name = read_import_profile(city, "lights")
    assert by_name == read_import_profile(city, "lights.toml")
    assert by_name == read_import_profile(city, str(city.folder / "lights.toml"))
    with pytest.raises(BadProfile, match=r"no import profile 'trees'; Montpellier has .*lights\.toml"):
        read_import_profile(city, "trees")
    (tmp_path / "torn.toml").write_text("title = ")
    with pytest.raises(BadProfile, match=r"torn\.toml"):
        read_import_profile(city, str(tmp_path / "torn.toml"))
