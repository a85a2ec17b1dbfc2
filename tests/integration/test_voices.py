"""The desk of letters on PostgreSQL: who may do what and when, what is told outside, what is erased."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.database_roles import address_for
from geodata.profiles import read_profile
from geodata.retention import forget_contacts
from geodata.scoping import scoped
from model.errors import BadField, NotFound, NotNow, Refused, Unavailable
from model.roles import VOICE_KEEPERS, Role
from model.viewer import Scope, Viewer
from model.voices import LetterAct, LetterKind, LetterState
from public.door import public
from services.publishing import VOICES, VOICES_FILE, artefact_store
from services.publishing.voices import publish_voices
from services.settings import Settings, read_settings
from services.voices import Voices
from tests.clock import began
from tests.letters import FORM, letter, reference_of
from tests.somebody import settled

pytestmark = pytest.mark.servers

DEMO = read_profile("demo")


@pytest.fixture
def desk(database_url: str) -> Any:
    """The desk as the control room's own role asks."""
    opened = open_engine(str(address_for(database_url, "web")))
    yield Voices(opened, DEMO.zone)
    opened.dispose()


@pytest.fixture
def steward(engine: Engine) -> Viewer:
    return settled(engine, "Sylvie", Role.STEWARD)


def acts(engine: Engine, letter_id: int) -> list[str]:
    with engine.connect() as connection:
        question = text("SELECT kind FROM citizen_letter_act WHERE letter_id = :id ORDER BY id")
        return list(connection.scalars(question, {"id": letter_id}))


def test_a_letter_goes_its_way_and_each_step_is_in_the_audit(
    engine: Engine, desk: Voices, steward: Viewer
) -> None:
    one = letter(engine)
    with pytest.raises(NotNow, match="not moderated"):
        desk.answer(steward, one, "Voici")
    desk.publish(steward, one)
    desk.extend(steward, one, "Il faut réunir deux sources")
    desk.hide(steward, one, "personal")
    desk.publish(steward, one)
    desk.answer(steward, one, "Les voici.")
    kinds = ["received", "published", "extended", "hidden", "published", "answered"]
    assert acts(engine, one) == kinds
    (found,) = desk.list(steward)
    assert (found.state, found.closed, found.name) == (LetterState.ANSWERED, True, "Jeanne Voisine")
    assert [act.by for act in found.acts] == [None] + ["Sylvie"] * 5
    with engine.connect() as connection:
        told = connection.execute(
            text(
                "SELECT action, actor, role, object, details FROM audit_entry WHERE kind = 'letter' "
                "ORDER BY number"
            )
        ).all()
    assert [row.action for row in told] == [f"letter_{kind}" for kind in kinds[1:]]
    assert {(row.actor, row.role, row.object) for row in told} == {
        ("Sylvie", "data_steward", found.reference)
    }
    assert FORM["words"] not in str(told), "what was written to the city is not copied"
    assert FORM["email"] not in str(told)


@pytest.mark.parametrize("kind", [LetterKind.WRONG, LetterKind.REQUEST])
def test_only_requests_are_refused_and_with_grounds_and_appeal(
    engine: Engine, desk: Voices, steward: Viewer, kind: LetterKind
) -> None:
    one = letter(engine, kind=kind, language="en")
    desk.publish(steward, one)
    for reason, why in (("", "because"), ("whim", "because"), ("l311_6", " ")):
        with pytest.raises(BadField):
            desk.refuse(steward, one, reason, why)
    if kind is LetterKind.WRONG:
        with pytest.raises(NotNow, match="only requests"):
            desk.refuse(steward, one, "l311_6", "Privacy")
        return
    desk.refuse(steward, one, "l311_6", "Privacy of households")
    (found,) = desk.list(steward)
    assert found.acts[-1].reason == "l311_6"
    assert "within two months" in found.acts[-1].appeal, "in the language of the letter"


def once(desk: Voices, viewer: Viewer, one: int) -> list[tuple[Callable[[], None], str]]:
    return [
        (lambda: desk.publish(viewer, one), "published already"),
        (lambda: desk.extend(viewer, one, "again"), "closed"),
        (lambda: desk.answer(viewer, one, "again"), "closed"),
        (lambda: desk.refuse(viewer, one, "l311_2", "again"), "closed"),
    ]


def test_what_is_over_is_over(engine: Engine, desk: Voices, steward: Viewer) -> None:
    one = letter(engine)
    desk.publish(steward, one)
    desk.answer(steward, one, "Voici")
    for act, why in once(desk, steward, one):
        with pytest.raises(NotNow, match=why):
            act()
    desk.hide(steward, one, "personal")
    assert acts(engine, one)[-1] == "hidden", "words may be taken back even then"


def test_time_is_extended_once_and_not_when_it_is_over(engine: Engine, desk: Voices, steward: Viewer) -> None:
    one, late = letter(engine), letter(engine, began() - timedelta(days=40), words="old")
    desk.extend(steward, one, "two sources")
    with pytest.raises(NotNow, match="extended already"):
        desk.extend(steward, one, "three sources")
    with pytest.raises(NotNow, match="over"):
        desk.extend(steward, late, "too late")
    desk.publish(steward, late)
    desk.answer(steward, late, "Late, and still an answer")


# Who --------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(Role) - VOICE_KEEPERS))
def test_nobody_else_reads_or_answers(engine: Engine, desk: Voices, role: Role) -> None:
    one = letter(engine)
    viewer = settled(engine, "Nobody", role)
    for act in (
        lambda: desk.list(viewer),
        lambda: desk.publish(viewer, one),
        lambda: desk.hide(viewer, one, "insult"),
        lambda: desk.answer(viewer, one, "x"),
        lambda: desk.refuse(viewer, one, "l311_2", "x"),
        lambda: desk.extend(viewer, one, "x"),
    ):
        with pytest.raises(Refused):
            act()
    assert acts(engine, one) == ["received"]


def test_a_steward_sees_the_letters_of_her_domains_alone(engine: Engine, database_url: str) -> None:
    lights, traffic = letter(engine), letter(engine, subject="panel:road-traffic", words="Faux")
    letter(engine, subject="", words="Le site")
    scope = Scope(domains=frozenset({"lighting"}))
    hers = settled(engine, "Lucie", Role.STEWARD, scope)
    opened = open_engine(str(address_for(database_url, "web")))
    desk = Voices(scoped(opened, scope), DEMO.zone)
    (found,) = desk.list(hers)
    assert (found.id, found.email) == (lights, "jeanne@example.org")
    desk.publish(hers, lights)
    for act in (lambda: desk.publish(hers, traffic), lambda: desk.hide(hers, traffic, "insult")):
        with pytest.raises(NotFound):
            act()
    assert acts(engine, traffic) == ["received"]
    opened.dispose()


# What is told outside --------------------------------------------------


def told(settings: Settings) -> dict[str, Any]:
    store = artefact_store(settings)
    manifest = store.current(VOICES)
    assert manifest is not None
    found: dict[str, Any] = json.loads(store.read(manifest.files[VOICES_FILE]))
    return found


def everything(settings: Settings) -> str:
    """Every byte of the artefact store."""
    files = [file for file in artefact_store(settings).folder.rglob("*") if file.is_file()]
    return "".join(
        file.read_bytes().decode(errors="replace") for file in files if file.suffix not in (".br", ".gz")
    )


def publish(database_url: str, settings: Settings) -> None:
    opened = open_engine(str(address_for(database_url, "publish")))
    publish_voices(opened, artefact_store(settings), DEMO, datetime.now(UTC))
    opened.dispose()


async def visit(settings: Settings, path: str) -> str:
    transport = httpx.ASGITransport(app=public(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://public") as client:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


async def test_nothing_unread_leaves_and_who_wrote_never(
    engine: Engine, database_url: str, desk: Voices, steward: Viewer, tmp_path: Path
) -> None:
    settings = read_settings(var=tmp_path)
    shown, unread = letter(engine, words="publiable"), letter(engine, words="pas encore lue")
    hidden = letter(engine, words="Mme Voisine habite au 3", use="pour elle")
    desk.publish(steward, shown)
    desk.hide(steward, hidden, "personal")
    desk.answer(steward, hidden, "Réponse pour vous")
    publish(database_url, settings)
    kept = everything(settings)
    for never in ("pas encore lue", "Voisine", "jeanne@", "Sylvie", "pour elle"):
        assert never not in kept, never
    for one in (unread, hidden):
        assert reference_of(engine, one) not in kept, "only whoever has it finds it"
    listed = await visit(settings, "/requests?lang=fr")
    assert "publiable" in listed
    assert "Réponse pour vous" not in listed
    mine = await visit(settings, f"/requests?lang=fr&reference={reference_of(engine, hidden).lower()}")
    assert "contient des données personnelles" in mine
    assert "Réponse pour vous" in mine
    waiting = await visit(settings, f"/requests?lang=en&reference={reference_of(engine, unread)}")
    assert "a person will read it" in waiting
    assert "No letter has this reference" in await visit(settings, "/requests?lang=en&reference=AAAA-AAAA")


async def test_an_answer_is_read_on_the_page_the_datasets_page_and_the_feed(
    engine: Engine, database_url: str, desk: Voices, steward: Viewer, tmp_path: Path
) -> None:
    settings = read_settings(var=tmp_path)
    one = letter(engine, words="<i>Par rue</i> & par nuit")
    desk.publish(steward, one)
    publish(database_url, settings)
    before = await visit(settings, "/requests?lang=fr")
    assert "En attente de réponse" in before
    desk.refuse(steward, one, "l311_5", "Sécurité <b>publique</b>")
    publish(database_url, settings)
    for path in ("/requests?lang=fr", "/datasets/lighting-failures?lang=fr", "/requests.atom?lang=fr"):
        page = await visit(settings, path)
        assert "&lt;i&gt;Par rue&lt;/i&gt; &amp; par nuit" in page, path
        assert "Sécurité &lt;b&gt;publique&lt;/b&gt;" in page
        assert "CADA" in page
        assert "⟦" not in page
    assert "En attente de réponse" not in await visit(settings, "/requests?lang=fr")
    assert told(settings)["letters"][0]["refusal"]["reason"] == "l311_5"


async def test_a_late_request_is_said_to_be_late(
    engine: Engine, database_url: str, desk: Voices, steward: Viewer, tmp_path: Path
) -> None:
    settings = read_settings(var=tmp_path)
    for kind in (LetterKind.REQUEST, LetterKind.WRONG):
        desk.publish(steward, letter(engine, began() - timedelta(days=45), kind=kind, words=f"old {kind}"))
    publish(database_url, settings)
    page = await visit(settings, "/requests?lang=en")
    assert page.count('class="late"') == 1
    assert "silence is a refusal" in page
    assert "Goal missed by" in page


def test_without_the_database_the_letters_stay_as_they_were(
    engine: Engine, database_url: str, desk: Voices, steward: Viewer, tmp_path: Path
) -> None:
    settings = read_settings(var=tmp_path)
    desk.publish(steward, letter(engine))
    publish(database_url, settings)
    before = told(settings)
    away = open_engine("postgresql+psycopg://nobody@/none?host=/nowhere")
    with pytest.raises(Unavailable):
        publish_voices(away, artefact_store(settings), DEMO, datetime.now(UTC))
    with pytest.raises(Unavailable):
        Voices(away, DEMO.zone).list(steward)
    assert told(settings) == before


# What is erased --------------------------------------------------


def aged(engine: Engine, days: int) -> None:
    """Let everything that was done have been done ``days`` ago."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        statement = text("UPDATE citizen_letter_act SET at = at - CAST(:days AS int) * interval '1 day'")
        connection.execute(statement, {"days": days})


def contacts(engine: Engine) -> set[int]:
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT letter_id FROM citizen_contact")))


def test_contacts_go_a_set_time_after_closing_with_the_words_of_hidden_letters(
    engine: Engine, database_url: str, desk: Voices, steward: Viewer
) -> None:
    answered, hidden, still, back = (letter(engine, words=f"letter {n}") for n in range(4))
    spam = letter(engine, kind=LetterKind.OTHER, words="spam")
    desk.publish(steward, answered)
    desk.answer(steward, answered, "Voici")
    desk.hide(steward, hidden, "personal")
    desk.answer(steward, hidden, "Voici")
    desk.hide(steward, still, "personal")
    desk.hide(steward, spam, "advertising")
    desk.hide(steward, back, "repeated")
    desk.publish(steward, back)
    recorder = open_engine(str(address_for(database_url, "record")))
    assert forget_contacts(recorder) == 0
    aged(engine, 63)
    assert forget_contacts(recorder) == 3
    assert contacts(engine) == {still, back}, "a request that was only hidden is owed its answer"
    recorder.dispose()
    found = {one.id: one for one in desk.list(steward)}
    assert [found[one].words for one in (answered, hidden, still, spam)] == ["letter 0", "", "letter 2", ""]
    with pytest.raises(NotNow, match="erased"):
        desk.publish(steward, hidden)
    assert found[answered].moderated is LetterAct.PUBLISHED
