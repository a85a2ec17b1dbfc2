"""Keys for higher rates of open data: hashes alone are kept and told, they raise a rate, and end at once."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from model.errors import BadField, NotFound, Refused
from model.open_keys import RATE_LEAST, RATE_MOST, OpenKeyDraft
from model.roles import OPEN_KEY_KEEPERS, Role
from model.viewer import Viewer
from public.keys import Keys
from public.shelf import Shelf
from services.access.open_keys import OpenKeys
from services.publishing import OPEN_KEYS, OPEN_KEYS_FILE, Store
from services.publishing.open_keys import publish_open_keys
from tests.clock import began
from tests.open_data import COUNTS, counts, publish, visitor

pytestmark = pytest.mark.servers
STEWARD = Viewer(0, "tess", "Tess", Role.STEWARD)
ITEMS = f"/api/collections/{COUNTS}/items"


def draft(**changes: Any) -> OpenKeyDraft:
    """A key for a year."""
    plain = OpenKeyDraft("Réutilisateur SAS", "api@example.org", 3_000, began() + timedelta(days=365))
    return replace(plain, **changes)


@pytest.fixture
def keys(engine: Engine) -> OpenKeys:
    return OpenKeys(engine)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one dataset."""
    store = Store(tmp_path / "artefacts")
    publish(store, COUNTS, counts())
    return store


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


async def test_a_key_is_counted_and_ends_with_the_next_list(
    engine: Engine, keys: OpenKeys, store: Store, tmp_path: Path
) -> None:
    key = keys.make(STEWARD, draft())
    publish_open_keys(engine, store, "Valmont", began())
    async with visitor(tmp_path) as api:
        plain = await api.get(ITEMS)
        first, second = [await api.get(ITEMS, headers=bearer(key)) for _ in range(2)]
        assert first.content == plain.content
        assert first.headers["ratelimit-policy"] == '"key";q=3000;w=60'
        assert [one.headers["ratelimit"].split(";")[1] for one in (first, second)] == ["r=2999", "r=2998"]
        assert first.headers["cache-control"].startswith("private")
        assert "Authorization" in first.headers["vary"]
        assert "ratelimit" not in plain.headers
        assert "ratelimit" not in (await api.get("/datasets", headers=bearer(key))).headers

        (held,) = keys.list()
        keys.revoke(STEWARD, held.id)
        publish_open_keys(engine, store, "Valmont", began())
        for sent in (bearer(key), bearer("vgo_no"), {"authorization": "Basic eDp5"}):
            refused = await api.get(ITEMS, headers=sent)
            assert refused.status_code == 401
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.headers["cache-control"] == "no-store"
            assert refused.headers["www-authenticate"].startswith("Bearer")
            assert refused.json()["status"] == 401
        assert (await api.get(ITEMS)).status_code == 200


async def test_beyond_its_rate_a_key_waits(
    engine: Engine, keys: OpenKeys, store: Store, tmp_path: Path
) -> None:
    key = keys.make(STEWARD, draft())
    publish_open_keys(engine, store, "Valmont", began())
    now = [0.0]
    counter = Keys(Shelf(store), lambda: now[0])
    found = counter.of(key)
    assert found is not None
    assert all(counter.take(found)[0] for _ in range(3_000))
    allowed, window = counter.take(found)
    assert (allowed, window.left) == (False, 0)
    assert 1 <= counter.seconds(window) <= 61
    now[0] = 61.0
    assert counter.take(found)[0]
    few = {"sha256": sha256(b"few").hexdigest(), "rate_per_minute": 2, "valid_until": "2999-01-01T00:00:00Z"}
    file = store.put(json.dumps({"keys": [few]}).encode(), "application/json")
    store.publish(OPEN_KEYS, {OPEN_KEYS_FILE: file}, about={}, data_time=None, now=began())
    async with visitor(tmp_path) as api:
        answers = [await api.get("/api/conformance", headers=bearer("few")) for _ in range(3)]
    assert {one.status_code for one in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["title"]


async def test_what_is_told_of_keys_names_nobody_and_is_for_the_door_alone(
    engine: Engine, keys: OpenKeys, store: Store, tmp_path: Path
) -> None:
    key = keys.make(STEWARD, draft())
    manifest, changed = publish_open_keys(engine, store, "Valmont", began())
    again, changed_again = publish_open_keys(engine, store, "Valmont", began() + timedelta(minutes=1))
    assert (changed, changed_again, again.version) == (True, False, manifest.version)
    listed = store.read(manifest.files[OPEN_KEYS_FILE]).decode()
    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT open_key::text FROM open_key")).scalar_one())
        told = str(connection.execute(text("SELECT details FROM audit_entry")).scalars().all())
    for secret in (key, key[12:]):
        assert secret not in listed + kept + told
    assert "Réutilisateur" not in listed
    assert "api@" not in listed
    async with visitor(tmp_path) as api:
        for path in ("/data/{}", "/data/{}.json", "/data/{}.keys.json", "/embed/{}"):
            assert (await api.get(path.format(OPEN_KEYS))).status_code == 404
        assert OPEN_KEYS not in (await api.get("/datasets")).text + (await api.get("/")).text


async def test_a_key_that_is_over_or_cannot_be_known(
    engine: Engine, keys: OpenKeys, store: Store, tmp_path: Path
) -> None:
    key = keys.make(STEWARD, draft())
    with engine.begin() as connection:
        connection.execute(text("UPDATE open_key SET valid_until = now() - interval '1 second'"))
    publish_open_keys(engine, store, "Valmont", began() - timedelta(days=2))
    async with visitor(tmp_path) as api:
        assert (await api.get(ITEMS, headers=bearer(key))).status_code == 401
        broken = store.put(b"{", "application/json")
        store.publish(OPEN_KEYS, {OPEN_KEYS_FILE: broken}, about={}, data_time=None, now=began())
        away = await api.get(ITEMS, headers=bearer(key))
        assert away.status_code == 503
        assert away.headers["retry-after"]
        assert (await api.get(ITEMS)).status_code == 200


def test_who_hands_out_keys(keys: OpenKeys) -> None:
    for role in set(Role) - OPEN_KEY_KEEPERS:
        with pytest.raises(Refused):
            keys.make(replace(STEWARD, role=role), draft())
        with pytest.raises(Refused):
            keys.revoke(replace(STEWARD, role=role), 1)
    with pytest.raises(NotFound):
        keys.revoke(STEWARD, 999)
    assert keys.list() == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("holder", {"holder": " "}), ("contact", {"contact": "x" * 999}),
        ("rate", {"rate_per_minute": RATE_LEAST - 1}), ("rate", {"rate_per_minute": RATE_MOST + 1}),
        ("until", {"valid_until": began() - timedelta(days=1)}),
        ("until", {"valid_until": began() + timedelta(days=4_000)}),
    ],
)  # fmt: skip
def test_what_is_no_key_is_named(keys: OpenKeys, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(BadField) as bad:
        keys.make(STEWARD, draft(**changes))
    assert bad.value.field == field
