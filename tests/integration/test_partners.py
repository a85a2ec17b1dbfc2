"""Agreements and keys: shown once, kept as hashes, ended at once, and never beyond what was agreed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from model.domains import DOMAIN_OF
from model.errors import BadField, NotAgreed, NotFound, Refused
from model.partners import DATASETS, KEYS_MOST, AgreementDraft
from model.roles import Role
from model.viewer import Scope, Viewer
from services.access import Partners
from tests.clock import began
from tests.live_city import lay_out

pytestmark = pytest.mark.servers
ANNE = Viewer(0, "anne", "Anne", Role.ADMINISTRATOR)


@pytest.fixture
def partners(engine: Engine) -> Partners:
    lay_out(engine)
    return Partners(engine)


def draft(**changes: Any) -> AgreementDraft:
    """An agreement about the lamps of the one commune, for a year."""
    plain = AgreementDraft(
        "Lumière SAS", "private", "Tournées", "ops@lumiere.example", ("lighting-assets",), ("id", "status"),
        frozenset({1}), 60, True, began() - timedelta(days=1), began() + timedelta(days=365),
    )  # fmt: skip
    return replace(plain, **changes)


def reason(check: Callable[[], Any]) -> str:
    with pytest.raises(NotAgreed) as refused:
        check()
    return refused.value.reason


def test_a_key_is_shown_once_and_opens_what_was_agreed(partners: Partners, engine: Engine) -> None:
    made = partners.make(ANNE, draft())
    key = partners.make_key(ANNE, made, "portail")
    assert len(key) == 47
    with engine.connect() as connection:
        stored = " ".join(str(row) for row in connection.execute(text("TABLE api_key")))
        audited = " ".join(str(row) for row in connection.execute(text("TABLE audit_entry")))
    assert key not in stored
    assert key not in audited
    assert partners.check(key, "lighting-assets", ["id"], 1).id == made
    viewer = partners.viewer_of(key, "192.0.2.7")
    assert (viewer.role, viewer.scope) == (Role.PARTNER, Scope(frozenset({1}), frozenset({"lighting"})))


def test_anything_beyond_is_refused_with_its_reason(partners: Partners) -> None:
    key = partners.make_key(ANNE, partners.make(ANNE, draft()), "k")
    assert reason(lambda: partners.check(key, "traffic-state")) == "dataset_not_agreed"
    assert reason(lambda: partners.check(key, "cameras")) == "dataset_not_agreed"
    assert reason(lambda: partners.check(key, "lighting-assets", ["id", "name"])) == "field_not_agreed"
    assert reason(lambda: partners.check(key, "lighting-assets", [], 2)) == "area_not_agreed"
    for bad in ("", "vgp_x", key[:-1] + ("A" if key[-1] != "A" else "B"), key + "\x00"):
        assert reason(lambda bad=bad: partners.opened(bad)) == "unknown_key"  # type: ignore[misc]


def test_an_end_is_felt_at_once(partners: Partners) -> None:
    made = partners.make(ANNE, draft())
    first, second = (partners.make_key(ANNE, made, name) for name in ("a", "b"))
    partners.revoke_key(ANNE, partners.opened(first)[0].id)
    assert reason(lambda: partners.opened(first)) == "key_revoked"
    assert partners.opened(second)
    over, before = began() + timedelta(days=365), began() - timedelta(days=2)
    assert reason(lambda: partners.opened(second, over)) == "agreement_over"
    assert reason(lambda: partners.opened(second, before)) == "agreement_not_begun"
    assert partners.revoke(ANNE, made) == 1
    assert reason(lambda: partners.opened(second)) == "key_revoked"
    with pytest.raises(NotFound):
        partners.make_key(ANNE, made, "c")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_nobody_but_an_administrator_agrees_to_anything(partners: Partners, role: Role) -> None:
    made = partners.make(ANNE, draft())
    key = partners.opened(partners.make_key(ANNE, made, "k"))[0].id
    viewer = Viewer(7, "x", "X", role)
    for change in (
        lambda: partners.make(viewer, draft()),
        lambda: partners.revoke(viewer, made),
        lambda: partners.make_key(viewer, made, "k"),
        lambda: partners.revoke_key(viewer, key),
    ):
        with pytest.raises(Refused):
            change()
    assert len(partners.list()) == 1
    assert len(partners.list()[0].keys_in_force) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"partner": " "}, "partner"),
        ({"kind": "secret"}, "kind"),
        ({"purpose": ""}, "purpose"),
        ({"contact": ""}, "contact"),
        ({"datasets": ()}, "datasets"),
        ({"datasets": ("cameras",)}, "datasets"),
        ({"fields": ()}, "fields"),
        ({"fields": ("plate",)}, "fields"),
        ({"fields": ("value",)}, "fields"),
        ({"areas": frozenset()}, "areas"),
        ({"areas": frozenset({99})}, "areas"),
        ({"rate_per_minute": 0}, "rate"),
        ({"rate_per_minute": 6_001}, "rate"),
    ],
)
def test_an_agreement_that_cannot_be_taken_names_its_field(
    partners: Partners, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadField) as bad:
        partners.make(ANNE, draft(**changes))
    assert bad.value.field == field
    assert partners.list() == []


@pytest.mark.parametrize("days", [-1, 5 * 366 + 1])
def test_an_agreement_has_an_end_within_five_years(partners: Partners, days: int) -> None:
    with pytest.raises(BadField) as bad:
        partners.make(ANNE, draft(valid_until=began() + timedelta(days=days)))
    assert bad.value.field == "until"


def test_use_is_counted_by_day_and_key_and_refusals_are_audited(partners: Partners, engine: Engine) -> None:
    key = partners.make_key(ANNE, partners.make(ANNE, draft()), "k")
    number = partners.opened(key)[0].id
    for answered in (True, True, False):
        partners.used(number, "lighting-assets", answered=answered)
    (use,) = partners.list()[0].uses
    assert (use.answered, use.refused, use.dataset) == (2, 1, "lighting-assets")
    partners.refused(key, "field_not_agreed", "lighting-assets", "192.0.2.7")
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM audit_entry WHERE action = 'key_refused'")).one()
    assert (row.book, row.outcome, row.address, row.object) == ("security", "refused", "192.0.2.7", key[:10])


def test_an_agreement_has_so_many_keys_and_no_more(partners: Partners) -> None:
    made = partners.make(ANNE, draft())
    for number in range(KEYS_MOST):
        partners.make_key(ANNE, made, f"k{number}")
    with pytest.raises(BadField, match="too many keys"):
        partners.make_key(ANNE, made, "one more")


def test_no_dataset_is_about_images_persons_or_where_vehicles_are() -> None:
    for dataset in DATASETS:
        assert {DOMAIN_OF[name].name for name in dataset.types} == {dataset.domain}
        assert dataset.domain not in {"surveillance", "access", "transport"}
