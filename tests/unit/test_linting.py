"""The privacy linter: 60 planted violations over every class of column are all refused with the right
reason, and 60 clean drafts all pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from model.datasets import (
    BY_NAME,
    DATASETS,
    Column,
    Dataset,
    Grain,
    Openness,
    Place,
    Secrecy,
    Sensitivity,
    Shape,
    Span,
)
from model.publications import LONGEST_RELEASE, Draft, Finding, Release, Rule, draft_of_all
from model.texts import LANGUAGES, catalogue
from services.publishing.linting import LICENCES, lint, lint_table
from services.publishing.linting.drafts import key_at
from services.publishing.linting.naming import by_name

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
OPEN = [one for one in DATASETS if one.publishable]
CLOSED = [one for one in DATASETS if not one.publishable]


def whole(name: str) -> Draft:
    return draft_of_all(BY_NAME[name], "etalab-2.0", "open by default")


def with_column(name: str, column: str) -> Draft:
    draft = whole(name)
    return replace(draft, columns=(*draft.columns, column))


Planted = tuple[str, Draft, Rule, str]

BY_NAMES = [
    ("traffic-counts", "plate", Sensitivity.PLATE),
    ("traffic-counts", "immatriculation", Sensitivity.PLATE),
    ("car-parks-now", "plaque_du_vehicule", Sensitivity.PLATE),
    ("access-availability", "badge", Sensitivity.BADGE),
    ("access-availability", "badge_id", Sensitivity.BADGE),
    ("access-availability", "card_number", Sensitivity.BADGE),
    ("lighting-failures", "comment", Sensitivity.FREE_TEXT),
    ("lighting-failures", "commentaire", Sensitivity.FREE_TEXT),
    ("traffic-equipment", "description", Sensitivity.FREE_TEXT),
    ("public-buildings", "email", Sensitivity.CONTACT),
    ("public-buildings", "contact", Sensitivity.CONTACT),
    ("public-buildings", "telephone", Sensitivity.CONTACT),
    ("public-buildings", "home", Sensitivity.HOME),
    ("lighting-points", "adresse", Sensitivity.HOME),
    ("energy-by-area", "household", Sensitivity.HOME),
    ("access-availability", "holder", Sensitivity.PERSON),
    ("vehicles-in-service", "driver", Sensitivity.PERSON),
    ("lighting-failures", "agent", Sensitivity.PERSON),
    ("video-systems", "field_of_view", Sensitivity.VIDEO_VIEW),
    ("video-systems", "azimuth", Sensitivity.VIDEO_VIEW),
    ("video-availability", "camera_state", Sensitivity.VIDEO_STATE),
    ("video-availability", "recording", Sensitivity.VIDEO_STATE),
    ("access-availability", "door_state", Sensitivity.DOOR_STATE),
    ("access-availability", "intrusion", Sensitivity.DOOR_STATE),
    ("vehicles-in-service", "gps", Sensitivity.DUTY_POSITION),
    ("vehicles-in-service", "patrol_position", Sensitivity.DUTY_POSITION),
    ("traffic-equipment", "ip_address", Sensitivity.SITE_SECURITY),
    ("traffic-equipment", "firmware", Sensitivity.SITE_SECURITY),
    ("energy-by-area", "delivery_point", Sensitivity.DELIVERY_POINT),
    ("energy-by-area", "pdl", Sensitivity.DELIVERY_POINT),
]


def of_closed() -> list[Planted]:
    """Each closed dataset, and each sensitive column of it."""
    planted: list[Planted] = []
    for one in CLOSED:
        planted.append((f"{one.name} closed", whole(one.name), Rule.CLOSED_DATASET, ""))
        for column in one.columns:
            if column.sensitivity is not Sensitivity.NONE:
                name = f"{one.name} {column.name}"
                planted.append((name, whole(one.name), Rule.SENSITIVE_COLUMN, column.name))
    return planted


def others() -> list[Planted]:
    counts, failures, energy = whole("traffic-counts"), whole("lighting-failures"), whole("energy-by-area")
    cameras, doors = whole("video-availability"), whole("access-availability")
    no_count = tuple(name for name in energy.columns if name != "delivery_points")
    no_area = tuple(name for name in failures.columns if name != "area_code")
    no_hour = tuple(name for name in counts.columns if name != "hour")
    return [
        ("no such dataset", replace(counts, dataset="secrets"), Rule.UNKNOWN_DATASET, ""),
        ("no such column", with_column("traffic-counts", "trips"), Rule.UNKNOWN_COLUMN, "trips"),
        ("no column", replace(counts, columns=()), Rule.NO_COLUMN, ""),
        ("cameras by equipment", replace(cameras, grain=Grain(Place.ASSET, Span.DAY)),
         Rule.TOO_FINE_PLACE, ""),
        ("cameras by area", replace(cameras, grain=Grain(Place.AREA, Span.DAY)), Rule.TOO_FINE_PLACE, ""),
        ("doors by area", replace(doors, grain=Grain(Place.AREA, Span.DAY)), Rule.TOO_FINE_PLACE, ""),
        ("energy by meter", replace(energy, grain=Grain(Place.ASSET, Span.DAY)), Rule.TOO_FINE_PLACE, ""),
        ("a point in areas", replace(counts, grain=Grain(Place.AREA, Span.HOUR)),
         Rule.TOO_FINE_PLACE, "geometry"),
        ("a commune in the city", replace(failures, grain=Grain(Place.CITY, Span.DAY)),
         Rule.TOO_FINE_PLACE, "area_code"),
        ("energy by the hour", replace(energy, grain=Grain(Place.AREA, Span.HOUR)), Rule.TOO_FINE_TIME, ""),
        ("counts live", replace(counts, grain=Grain(Place.ASSET, Span.NOW)), Rule.TOO_FINE_TIME, ""),
        ("an instant in hours", replace(whole("traffic-now"), grain=Grain(Place.ASSET, Span.HOUR)),
         Rule.TOO_FINE_TIME, "measured_at"),
        ("energy at once", replace(energy, delay_s=0), Rule.TOO_YOUNG, ""),
        ("cameras the same day", replace(cameras, delay_s=3_600), Rule.TOO_YOUNG, ""),
        ("failures every minute", replace(failures, cadence_s=60), Rule.TOO_OFTEN, ""),
        ("traffic every second", replace(whole("traffic-now"), cadence_s=1), Rule.TOO_OFTEN, ""),
        ("no commune", replace(failures, columns=no_area), Rule.KEY_MISSING, "area_code"),
        ("no hour", replace(counts, columns=no_hour), Rule.KEY_MISSING, "hour"),
        ("no count", replace(energy, columns=no_count), Rule.COUNT_MISSING, "delivery_points"),
        ("not commercial", replace(counts, licence="CC-BY-NC-4.0"), Rule.LICENCE, ""),
        ("no licence", replace(counts, licence=""), Rule.LICENCE, ""),
        ("six years", replace(counts, valid_until=NOW + timedelta(days=6 * 366)), Rule.TOO_LONG, ""),
        ("an e-mail in the reason", replace(counts, why="ask j.faure@example.org"), Rule.CONTENT, ""),
        ("a number in the reason", replace(counts, why="call 06 12 34 56 78"), Rule.CONTENT, ""),
    ]  # fmt: skip


PLANTED: list[Planted] = [
    *((f"{n} {c}", with_column(n, c), Rule.SENSITIVE_COLUMN, c) for n, c, _ in BY_NAMES),
    *of_closed(),
    *others(),
]


def test_there_are_sixty_and_every_class_of_column_is_among_them() -> None:
    assert len(PLANTED) >= 60
    assert {kind for _, _, kind in BY_NAMES} == set(Sensitivity) - {Sensitivity.NONE}


@pytest.mark.parametrize(("_name", "draft", "rule", "column"), PLANTED, ids=[one[0] for one in PLANTED])
def test_a_planted_violation_is_refused_for_its_reason(
    _name: str, draft: Draft, rule: Rule, column: str
) -> None:
    found = lint(draft, NOW)
    assert [one for one in found if (one.rule, one.column) == (rule, column) and one.passes], found


@pytest.mark.parametrize(("_dataset", "column", "kind"), BY_NAMES)
def test_a_sensitive_name_says_what_it_holds(_dataset: str, column: str, kind: Sensitivity) -> None:
    assert by_name(column) is kind


def clean() -> list[tuple[str, Draft]]:
    """What a city may publish: each open dataset whole, with the fewest columns, coarser, later, rarer."""
    found = []
    for one in OPEN:
        draft = whole(one.name)
        counted = one.secrecy and one.secrecy.counted
        least = tuple(name for name in one.by_name if name in (*one.key, counted))
        month = Grain(one.grain.place, max(one.grain.span, Span.MONTH))
        coarse = tuple(name for name in draft.columns if name != "measured_at")
        found += [
            (f"{one.name} whole", draft),
            (f"{one.name} least", replace(draft, columns=least)),
            (f"{one.name} later", replace(draft, delay_s=draft.delay_s + 3_600, licence="ODbL-1.0")),
            (f"{one.name} rarer", replace(draft, cadence_s=draft.cadence_s * 2, licence="CC0-1.0")),
            (f"{one.name} by month", replace(draft, grain=month, columns=coarse, licence="CC-BY-4.0")),
            (f"{one.name} a year", replace(draft, areas=frozenset({1, 2}),
                                           valid_until=NOW + timedelta(days=365))),
        ]  # fmt: skip
    by_day = ("hour", "area", "area_code", "flow", "coverage")
    city = ("day", "delivery_points", "energy", "coverage")
    found += [
        ("counts by area and day",
         replace(whole("traffic-counts"), grain=Grain(Place.AREA, Span.DAY), columns=by_day)),
        ("energy of the city",
         replace(whole("energy-by-area"), grain=Grain(Place.CITY, Span.DAY), columns=city)),
        ("the longest", replace(whole("traffic-counts"), valid_until=NOW + LONGEST_RELEASE)),
    ]  # fmt: skip
    return found


CLEAN = clean()


@pytest.mark.parametrize(("_name", "draft"), CLEAN, ids=[one[0] for one in CLEAN])
def test_a_clean_draft_passes(_name: str, draft: Draft) -> None:
    assert len(CLEAN) >= 60
    assert lint(draft, NOW) == ()


def test_a_city_may_narrow_its_licences() -> None:
    assert lint(whole("traffic-counts"), NOW, ("ODbL-1.0",))[0].rule is Rule.LICENCE
    assert "etalab-2.0" in LICENCES


def test_a_column_nobody_marked_is_refused_by_its_name_its_type_and_its_place() -> None:
    text, point = Column("email", Shape.TEXT), Column("geometry", Shape.POINT)
    fine = Grain(Place.ASSET, Span.NOW)
    declared = [
        Dataset("a", "energy", Openness.OPEN, (text,), fine, key=(), types=("building",)),
        Dataset("b", "transport", Openness.OPEN, (point,), fine, key=(), types=("bus",)),
        Dataset("c", "access", Openness.OPEN, (Column("state", Shape.CODE),), fine, key=(),
                types=("access_point",)),
    ]  # fmt: skip
    register = {one.name: one for one in declared}
    holds = [
        next(dict(f.said)["holds"] for f in lint(draft_of_all(one, "ODbL-1.0", ""), NOW, LICENCES, register))
        for one in declared
    ]
    assert holds == ["sensitivity.contact", "sensitivity.duty_position", "sensitivity.door_state"]


def test_the_key_follows_the_grain() -> None:
    assert key_at(BY_NAME["traffic-counts"], Place.ASSET) == ("hour", "id")
    assert key_at(BY_NAME["traffic-counts"], Place.AREA) == ("hour", "area_code")
    assert key_at(BY_NAME["traffic-counts"], Place.CITY) == ("hour",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_its_words(language: str) -> None:
    texts = catalogue(language)
    findings = [finding for _, draft, _, _ in PLANTED for finding in lint(draft, NOW)]
    keys = {f"lint.{finding.rule}" for finding in findings}
    keys |= {f"lint.{rule}" for rule in Rule}
    keys |= {f"lint.pass_{finding.passes}" for finding in findings}
    keys |= {f"lint.pass_{kind}" for kind in Sensitivity if kind is not Sensitivity.NONE}
    keys |= {f"lint.pass_{name}" for name in ("suppress", "hide_more", "clean_column")}
    assert sorted(key for key in keys if key not in texts) == []


# --- the rows themselves ------------------------------------------------------------------------------


def release(dataset: str) -> Release:
    one = BY_NAME[dataset]
    return Release(
        one.name, 1, one, tuple(one.by_name), None, one.grain, one.delay_s, one.every_s, "etalab-2.0",
        "Sophie Lacroix", NOW, NOW + LONGEST_RELEASE,
    )  # fmt: skip


def names(*values: str) -> pa.Table:
    return pa.table({"id": [f"L-{n}" for n in range(len(values))], "name": list(values)})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("voir jean.petit@ville.example", "email"),
        ("astreinte 06 12 34 56 78", "phone"),
        ("+33 6 12 34 56 78", "phone"),
        ("0467123456", "phone"),
        ("AB-123-CD", "plate"),
        ("camion AB 123 CD", "plate"),
        ("1234 AB 34", "plate"),
        ("badge 004217", "badge"),
        ("04:A2:3B:7C", "badge"),
        ("04A23B7C5D6E80", "badge"),
    ],
)
def test_what_a_text_gives_away_is_found(value: str, kind: str) -> None:
    found = lint_table(names("Rue de la Loge", value), release("lighting-points"))
    assert [(one.rule, one.column, dict(one.said)["holds"]) for one in found] == [
        (Rule.CONTENT, "name", f"content.{kind}")
    ]


def test_names_of_streets_and_equipment_pass() -> None:
    usual = names(
        "Rue du 8 mai 1945", "Armoire 12 B", "Lampe 0342-17", "Avenue du 11 novembre", "SL-00042",
        "D 65 - PR 12+300", "Groupe scolaire A. Camus", "P+R Occitanie", "12 rue des 3 frères", "A709 E2",
        "34172", "2026-05-04",
    )  # fmt: skip
    assert lint_table(usual, release("lighting-points")) == ()
    coded = usual.set_column(1, "name", usual["name"].dictionary_encode())
    assert lint_table(coded, release("lighting-points")) == ()


def test_a_column_that_was_not_approved_does_not_leave() -> None:
    table = names("a").append_column("height", pa.array([4.5]))
    assert [(one.rule, one.column) for one in lint_table(table, release("lighting-points"))] == [
        (Rule.UNKNOWN_COLUMN, "height")
    ]


def cells(**more: list[float | None]) -> pa.Table:
    base = {"day": ["2026-05-01"] * 3, "area_code": ["a", "b", "c"], "delivery_points": [40, 9, None]}
    return pa.table({**base, "energy": [100.0, 20.0, 5.0], **more})


def test_small_and_dominated_cells_are_refused() -> None:
    one = release("energy-by-area")
    assert [(f.rule, dict(f.said)) for f in lint_table(cells(), one)] == [
        (Rule.SMALL_CELL, {"k": 10, "cells": 2})
    ]
    secrecy = Secrecy(3, "delivery_points", ("energy",), largest="share", total="day")
    judged = replace(one, dataset=replace(one.dataset, secrecy=secrecy), columns=(*one.columns, "share"))
    found = lint_table(cells(share=[0.86, 0.5, 0.5]), judged)
    assert [(f.rule, dict(f.said)) for f in found] == [
        (Rule.SMALL_CELL, {"k": 3, "cells": 1}),
        (Rule.DOMINATED_CELL, {"percent": 85, "cells": 1}),
    ]
    uncounted = lint_table(cells().drop_columns(["delivery_points"]), one)
    assert uncounted[0] == Finding(Rule.COUNT_MISSING, "delivery_points", "add_column", (("k", 10),))
