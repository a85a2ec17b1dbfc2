"""A pasted list of people, line by line: what is taken, and what is wrong where."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from model.people import Kind, ListedLine
from model.roles import Role
from services.access.newcomers import LINES_MOST, read_list

AREAS = {1: "Val-d’Azur", 2: "Saint-Élme"}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def read(text: str, taken: frozenset[str] = frozenset()) -> list[ListedLine]:
    return read_list(text, AREAS, taken, PARIS, NOW)


def problems(text: str) -> list[tuple[int, str, str]]:
    return [(one.number, one.problem.field, one.problem.reason) for one in read(text) if one.problem]


@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_a_line_says_who_what_where_and_until_when(mark: str) -> None:
    cells = ["Élodie Vidal", "", "E.Vidal@ville.example", "Agent de terrain", "val-d'azur/Saint-Elme",
             "Éclairage|energy", "31/12/2026", "lot 2"]  # fmt: skip
    (line,) = read(mark.join(cells))
    assert line.newcomer is not None
    person, grant = line.newcomer.person, line.newcomer.grant
    assert (person.name, person.login, person.kind) == ("Élodie Vidal", "e.vidal@ville.example", Kind.PERSON)
    assert (grant.role, grant.areas, grant.domains) == (Role.FIELD_AGENT, {1, 2}, {"lighting", "energy"})
    assert grant.valid_until == datetime(2026, 12, 31, 23, tzinfo=UTC), (
        "the last day counts, in the city's time"
    )
    assert (grant.reason, grant.valid_from) == ("lot 2", None)


def test_the_first_line_may_name_the_columns_in_any_order_and_language() -> None:
    for head in ("Rôle;Nom", "role;name"):
        (line,) = read(f"{head}\nOpérateur;Zoé\n\n")
        assert line.newcomer is not None
        assert (line.number, line.newcomer.person.login) == (2, "zoe")
        assert line.newcomer.grant.areas is None


def test_a_wall_is_a_device() -> None:
    (line,) = read("Mur nord;;;Écran mural")
    assert line.newcomer is not None
    assert line.newcomer.person.kind is Kind.DEVICE


def test_what_is_wrong_is_named_by_line_and_field() -> None:
    text = "\n".join(
        [
            "Zoé;;;roi",
            ";;;operator",
            "Ana;;nowhere;operator",
            "Bea;;;operator;Atlantis",
            "Cid;;;operator;;magic",
            "Dan;;;operator;;;12/31/2026",
            "Eva;;;operator;;;2020-01-01",
            'Fay;"x;;operator',
            "Gil;;;operator;;;;;nine",
            "Hal;;;administrator;Val-d’Azur",
            "Ida;;;",
            "Jo;;;partner",
        ]
    )
    assert problems(text) == [
        (1, "role", "unknown_role_named"),
        (2, "name", "empty"),
        (3, "email", "no_email"),
        (4, "areas", "unknown_area_named"),
        (5, "domains", "unknown_domain"),
        (6, "until", "no_date"),
        (7, "until", "ends_before"),
        (8, "name", "quotes"),
        (9, "name", "columns"),
        (10, "areas", "whole_city_only"),
        (11, "role", "empty"),
        (12, "role", "partners_have_keys"),
    ]


def test_a_login_that_is_taken_or_stands_twice_is_named() -> None:
    first, second, third = read("Zoé;;;operator\nZoe;;;operator\nAnne;;;operator", frozenset({"anne"}))
    assert first.newcomer is not None
    assert (second.problem and second.problem.reason, third.problem and third.problem.reason) == (
        "twice", "login_taken",
    )  # fmt: skip


def test_an_unknown_column_and_too_long_a_list_are_told_once() -> None:
    assert problems("name;role;shoe size\nZoé;operator;42") == [(2, "name", "unknown_column")]
    many = "\n".join(f"P{n};;;operator" for n in range(LINES_MOST + 50))
    assert problems(many) == [(LINES_MOST + 1, "name", "too_many_lines")]
    assert read(" \n\n") == []
