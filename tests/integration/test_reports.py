"""Monthly reports on PostgreSQL with a real mail server: made, kept for ever, seen in scope, sent once."""

import hashlib
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import DBAPIError

from geodata.database import open_engine
from geodata.database_roles import address_for
from geodata.profiles import read_profile
from geodata.retention import forget_subscribers
from geodata.scoping import scoped
from geodata.tables import correction
from layouts.monthly_files import draw
from model.errors import BadField, BadSettings, NotFound, NotNow, Refused
from model.kpis import KpiBoard, Period
from model.monthly import FIGURES_CHANGED, WHOLE_CITY, Corrected
from model.report_archive import SubscriberDraft
from model.roles import REPORT_KEEPERS, Role
from model.viewer import Scope
from services.reports import (
    Archive,
    Job,
    Maker,
    Sender,
    Subscribers,
    collected,
    faces,
    month_of,
    place_of,
    read_mail,
    style,
)
from tests.integration.small_city import add_areas, add_assets, add_streams
from tests.mail_server import Mailbox
from tests.somebody import settled
from tests.unit.made_kpis import MADE_AT, MONTH, NAMES, board, kpi, result

pytestmark = pytest.mark.servers

DEMO = read_profile("demo")
NOW = datetime(2026, 11, 3, 6, 30, tzinfo=UTC)
OVER = datetime(2026, 11, 1, 4, tzinfo=UTC)
KINDS = {(language, kind) for language in ("fr", "en") for kind in ("html", "pptx")}
HERE, BESIDE = 1, 2


class Figures:
    """Boards as stored at ``computed``, with the value ``value``."""

    def __init__(self) -> None:
        self.value, self.computed = 1.2, MADE_AT

    def board(
        self, period: Period, start: date, area: int | None = None, keys: Sequence[str] | None = None
    ) -> KpiBoard:
        assert (period, start, keys) == (Period.MONTH, MONTH, None)
        told = replace(result(kpi("failure_rate"), self.value), computed_at=self.computed)
        name = DEMO.title if area is None else NAMES[area - 1]
        return board(told, area_id=area, area_name=name)

    def last_month(self, _now: datetime) -> date:
        return MONTH


@pytest.fixture
def figures() -> Figures:
    return Figures()


@pytest.fixture
def city(engine: Engine) -> Engine:
    with engine.begin() as connection:
        add_areas(connection, *NAMES[:2])
    return engine


@pytest.fixture
def recorder(database_url: str) -> Iterator[Engine]:
    """The database as the jobs' own role asks it."""
    opened = open_engine(str(address_for(database_url, "record")))
    yield opened
    opened.dispose()


@pytest.fixture
def maker(city: Engine, recorder: Engine, figures: Figures, monkeypatch: pytest.MonkeyPatch) -> Maker:
    """Makes real documents and slides; the PDF has a test of its own."""
    monkeypatch.setattr("services.reports.making.can_make_pdf", lambda: False)
    return Maker(recorder, DEMO, figures, partial(draw, style=style(), faces=faces()))


@pytest.fixture
def room(database_url: str) -> Iterator[Engine]:
    opened = open_engine(str(address_for(database_url, "web")))
    yield opened
    opened.dispose()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    server = Mailbox(tmp_path / "mail")
    yield server
    server.close()


def rows(engine: Engine, question: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question))]


def subscribe(room: Engine, owner: Engine, email: str = "maire@example.org", area: int = WHOLE_CITY) -> int:
    Subscribers(room, "commune").add(settled(owner), SubscriberDraft(email, "Anne Maire", "fr", area))
    return int(rows(owner, "SELECT max(id) FROM report_subscriber")[0][0])


# --- made -----------------------------------------------------------------------------------------------


def test_a_report_is_made_when_its_month_is_over_and_again_only_when_it_shows_something_else(
    maker: Maker, figures: Figures, city: Engine
) -> None:
    figures.computed = OVER - timedelta(days=2)
    assert maker.due(WHOLE_CITY, MONTH, NOW) is None
    figures.computed = OVER
    assert maker.due(WHOLE_CITY, MONTH, NOW) == 1
    assert maker.due(WHOLE_CITY, MONTH, NOW) is None
    figures.value = 1.2004
    assert maker.due(WHOLE_CITY, MONTH, NOW) is None
    figures.value = 1.31
    assert maker.due(WHOLE_CITY, MONTH, NOW) == 2
    kept = Archive(city, "commune").all()
    assert {(one.version, one.language, one.format) for one in kept} == {
        (v, *k) for v in (1, 2) for k in KINDS
    }
    assert {one.reason for one in kept if one.version == 2} == {FIGURES_CHANGED}
    assert {one.computed_at for one in kept} == {OVER}


def test_the_job_makes_every_place_once_a_day_from_its_hour_on(maker: Maker, figures: Figures) -> None:
    job = Job(DEMO, figures, maker, NOW.astimezone(DEMO.zone).time())
    assert job.due(NOW - timedelta(minutes=1)) == 0
    assert job.due(NOW, stopped=lambda: True) == 0
    assert job.due(NOW) == 3
    figures.value = 9.0
    assert job.due(NOW + timedelta(hours=1)) == 0
    assert job.due(NOW + timedelta(days=1)) == 3


def test_what_was_made_is_never_changed_not_even_by_the_owner(maker: Maker, city: Engine) -> None:
    maker.due(WHOLE_CITY, MONTH, NOW)
    for change in (
        "UPDATE report_archive SET body = ''",
        "DELETE FROM report_archive",
        "TRUNCATE report_archive",
    ):
        with pytest.raises(DBAPIError, match="not changed"), city.begin() as connection:
            connection.execute(text(change))
    viewer = settled(city, role=Role.OFFICIAL)
    archive = Archive(city, "commune")
    for one in archive.list(viewer):
        file, body = archive.read(viewer, one.id)
        assert hashlib.sha256(body).hexdigest() == file.sha256
        assert len(body) == file.size


def test_somebody_faster_leaves_one_version_whole(maker: Maker, city: Engine) -> None:
    """Both read that version 1 is next; one files it, the other is refused and files nothing of its own."""
    newest = maker.archive.newest
    maker.archive.newest = lambda *_: (0, "")  # type: ignore[method-assign]
    assert maker.make(WHOLE_CITY, MONTH, NOW, "Ada") == 1
    with pytest.raises(NotNow, match="made meanwhile"):
        maker.make(WHOLE_CITY, MONTH, NOW, "Bea")
    maker.archive.newest = newest  # type: ignore[method-assign]
    assert {row[0] for row in rows(city, "SELECT made_by FROM report_archive")} == {"Ada"}


def test_it_is_made_anew_for_a_reason_that_it_tells(
    maker: Maker, room: Engine, city: Engine, figures: Figures
) -> None:
    maker.due(HERE, MONTH, NOW)
    keeper, archive = settled(city, role=Role.STEWARD), Archive(room, "commune")
    with pytest.raises(BadField, match="reason"):
        archive.ask(keeper, HERE, MONTH, " ")
    with pytest.raises(Refused):
        archive.ask(settled(city, role=Role.OFFICIAL), HERE, MONTH, "why not")
    with pytest.raises(NotFound):
        archive.ask(keeper, BESIDE, MONTH, "none there")
    archive.ask(keeper, HERE, MONTH, "Tarif <corrigé>")
    with pytest.raises(NotNow, match="asked already"):
        archive.ask(keeper, HERE, MONTH, "again")
    job = Job(DEMO, figures, maker, NOW.time())
    assert job.asked(NOW) == 1
    assert job.asked(NOW) == 0
    newest = next(one for one in archive.list(keeper) if (one.language, one.format) == ("fr", "html"))
    assert (newest.version, newest.reason, newest.made_by) == (2, "Tarif <corrigé>", keeper.name)
    assert "Tarif &lt;corrigé&gt;" in archive.read(keeper, newest.id)[1].decode()
    assert rows(city, "SELECT count(*) FROM audit_entry WHERE action = 'report_asked'") == [(1,)]


def test_corrections_are_counted_by_kind_and_place_and_never_told_one_by_one(
    city: Engine, figures: Figures
) -> None:
    with city.begin() as connection:
        add_assets(connection, ("streetlight", HERE), ("streetlight", BESIDE))
        add_streams(connection, (1, "power", 900), (2, "power", 900))
        for stream, at, gone in ((1, 1, None), (1, 2, None), (2, 3, None), (2, 4, NOW), (1, 40, None)):
            made = {
                "datastream_id": stream,
                "phenomenon_time": datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=at),
            }
            values = made | {"author": "Bea", "reason": "secret", "withdrawn_at": gone}
            connection.execute(insert(correction).values(**values))
    assert collected(city, DEMO, figures, WHOLE_CITY, MONTH)[2] == (
        Corrected("streetlight", "power", 3, 2, 1),
    )
    assert collected(city, DEMO, figures, HERE, MONTH)[2] == (Corrected("streetlight", "power", 2, 1, 0),)


def test_what_is_typed_names_a_month_and_a_place() -> None:
    assert month_of("2026-10") == MONTH
    places = [(1, "Aubeterre"), (2, "Bellerive")]
    assert [place_of(typed, places) for typed in ("", "bellerive ", "1")] == [0, 2, 1]
    for wrong in ("2026-13", "octobre", "2026-10-02"):
        with pytest.raises(BadField, match="month"):
            month_of(wrong)
    with pytest.raises(BadField, match="Nowhere"):
        place_of("Nowhere", places)


# --- seen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope(None, None), {WHOLE_CITY, HERE, BESIDE}),
        (Scope(frozenset({HERE}), None), {HERE}),
        (Scope(frozenset({HERE}), frozenset({"lighting"})), set()),
        (Scope(None, frozenset({"lighting"})), set()),
    ],
)
def test_a_reader_is_shown_the_reports_of_her_part_of_the_city(
    maker: Maker, room: Engine, city: Engine, scope: Scope, seen: set[int]
) -> None:
    for area in (WHOLE_CITY, HERE, BESIDE):
        maker.due(area, MONTH, NOW)
    subscribe(room, city, area=HERE)
    subscribe(room, city, "autre@example.org", BESIDE)
    narrowed = scoped(room, scope)
    viewer = settled(city, role=Role.SUPERVISOR, scope=scope)
    archive = Archive(narrowed, "commune")
    assert {one.area_id for one in archive.list(viewer)} == seen
    hidden = [row for row in rows(city, "SELECT id, area_id FROM report_archive") if row[1] not in seen]
    for file_id, _ in hidden[:2]:
        with pytest.raises(NotFound):
            archive.read(viewer, file_id)
    listed = Subscribers(narrowed, "commune")
    assert {one.area_id for one in listed.list(viewer)} == seen - {WHOLE_CITY}
    if BESIDE not in seen:
        with pytest.raises(Refused, match="outside"):
            listed.add(viewer, SubscriberDraft("x@example.org", "X", "fr", BESIDE))


@pytest.mark.parametrize("role", sorted(set(Role) - REPORT_KEEPERS))
def test_the_list_is_for_those_who_keep_it(city: Engine, role: Role) -> None:
    listed, viewer = Subscribers(city, "commune"), settled(city, role=role)
    for act in (
        lambda: listed.list(viewer),
        lambda: listed.add(viewer, SubscriberDraft("a@example.org", "A", "fr", 0)),
        lambda: listed.end(viewer, 1, NOW),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (SubscriberDraft("no address", "A", "fr", 0), "email"),
        (SubscriberDraft("a@b", "A", "fr", 0), "email"),
        (SubscriberDraft("a@example.org, b@example.org", "A", "fr", 0), "email"),
        (SubscriberDraft("a@example.org\nBcc: b@example.org", "A", "fr", 0), "email"),
        (SubscriberDraft("a@example.org", "", "fr", 0), "name"),
        (SubscriberDraft("a@example.org", "A", "de", 0), "language"),
        (SubscriberDraft("a@example.org", "A", "fr", 99), "place"),
        (SubscriberDraft("MAIRE@example.org", "A", "fr", 0), "email"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    room: Engine, city: Engine, draft: SubscriberDraft, field: str
) -> None:
    subscribe(room, city)
    with pytest.raises(BadField) as wrong:
        Subscribers(room, "commune").add(settled(city), draft)
    assert wrong.value.field == field


# --- sent -----------------------------------------------------------------------------------------------


def test_each_version_is_sent_once_with_the_report_enclosed_and_a_way_out(
    maker: Maker, recorder: Engine, room: Engine, city: Engine, box: Mailbox, figures: Figures
) -> None:
    sender = Sender(
        recorder, DEMO, read_mail(f"duty=jsons://x reports={box.address}"), "https://vigie.example"
    )
    subscribe(room, city)
    now = datetime.now(UTC)
    maker.due(WHOLE_CITY, MONTH, now)
    assert sender.queue(now) == 1
    assert sender.queue(now) == 0
    assert sender.step(now) == 1
    assert sender.step(now + timedelta(days=1)) == 0
    (letter,) = box.letters
    assert (letter["to"], letter["from"].addresses[0].addr_spec) == ("maire@example.org", "vigie@example.org")
    assert letter["subject"] == f"Rapport mensuel\u202f: {DEMO.title}, octobre 2026"
    (enclosed,) = letter.iter_attachments()
    assert enclosed.get_filename() == "vigie-demo-2026-10-ville-fr-v1.html"
    kept = rows(city, "SELECT body FROM report_archive WHERE language = 'fr' AND format = 'html'")
    assert enclosed.get_payload(decode=True) == bytes(kept[0][0])
    way_out = letter["list-unsubscribe"].strip(" <>")
    assert way_out in letter.get_body().get_content()
    figures.value = 2.0
    maker.due(WHOLE_CITY, MONTH, now)
    assert (sender.queue(now), sender.step(now)) == (1, 1)
    assert len({one["message-id"] for one in box.letters}) == 2
    listed = Subscribers(room, "commune")
    listed.end_by(way_out.rpartition("/")[2], now)
    listed.end_by(way_out.rpartition("/")[2], now)
    figures.value = 3.0
    maker.due(WHOLE_CITY, MONTH, now)
    assert sender.queue(now) == 0
    assert rows(city, "SELECT ended_by FROM report_subscriber") == [("",)]
    with pytest.raises(NotFound):
        listed.end_by("x" * 32, now)


def test_who_is_added_later_waits_for_the_next_but_a_command_sends_it(
    maker: Maker, recorder: Engine, room: Engine, city: Engine, box: Mailbox
) -> None:
    maker.due(WHOLE_CITY, MONTH, datetime.now(UTC) - timedelta(hours=1))
    subscribe(room, city)
    sender, now = Sender(recorder, DEMO, read_mail(f"reports={box.address}")), datetime.now(UTC)
    assert sender.queue(now) == 0
    assert (sender.queue(now, MONTH), sender.step(now)) == (1, 1)
    assert sender.queue(now, MONTH) == 0


def status(room: Engine, owner: Engine) -> Any:
    (one,) = Subscribers(room, "commune").list(settled(owner))
    return one


def test_an_outage_is_waited_out_and_stands_on_the_list(
    maker: Maker, recorder: Engine, room: Engine, city: Engine, box: Mailbox
) -> None:
    subscribe(room, city)
    now = datetime.now(UTC)
    maker.due(WHOLE_CITY, MONTH, now)
    sender = Sender(recorder, DEMO, read_mail(f"reports={box.address}"))
    sender.queue(now)
    box.close()
    assert sender.step(now) == 0
    told = status(room, city)
    assert (told.error, told.sent_at, told.given_up_at) == ("server_away:ConnectionRefusedError", None, None)
    box.open()
    assert sender.step(now) == 0
    assert sender.step(now + timedelta(minutes=3)) == 1
    assert status(room, city).sent_at is not None


@pytest.mark.parametrize(
    ("answer", "code", "over"),
    [("550 no such user", "reader_refused:550", True), ("451 later", "reader_refused:451", False)],
)
def test_a_refusal_is_told_and_only_a_final_one_given_up(
    maker: Maker,
    recorder: Engine,
    room: Engine,
    city: Engine,
    tmp_path: Path,
    answer: str,
    code: str,
    over: bool,
) -> None:
    subscribe(room, city)
    now = datetime.now(UTC)
    maker.due(WHOLE_CITY, MONTH, now)
    refusing = Mailbox(tmp_path / "mail", refuses=answer)
    try:
        sender = Sender(recorder, DEMO, read_mail(f"reports={refusing.address}"))
        sender.queue(now)
        assert sender.step(now) == 0
    finally:
        refusing.close()
    told = status(room, city)
    assert (told.error, told.given_up_at is not None) == (code, over)


def test_without_a_mail_server_it_waits_and_is_given_up_after_days(
    maker: Maker, recorder: Engine, room: Engine, city: Engine
) -> None:
    subscribe(room, city)
    now = datetime.now(UTC)
    maker.due(WHOLE_CITY, MONTH, now)
    sender = Sender(recorder, DEMO, read_mail("duty=jsons://example.org"))
    sender.queue(now)
    sender.step(now)
    assert (status(room, city).error, status(room, city).given_up_at) == ("no_mail", None)
    sender.step(now + timedelta(days=4))
    assert status(room, city).given_up_at is not None


KILLED = """
import sys
from datetime import datetime, UTC
from geodata.database import open_engine
from geodata.profiles import read_profile
from services.reports import Sender, read_mail
sender = Sender(open_engine(sys.argv[1]), read_profile("demo"), read_mail("reports=" + sys.argv[2]))
sender.step(datetime.fromisoformat(sys.argv[3]))
"""


def test_a_process_killed_while_it_sends_leaves_the_letter_to_the_next_which_sends_it_once(
    maker: Maker, recorder: Engine, room: Engine, city: Engine, box: Mailbox, database_url: str
) -> None:
    subscribe(room, city)
    now = datetime.now(UTC)
    maker.due(WHOLE_CITY, MONTH, now)
    sender = Sender(recorder, DEMO, read_mail(f"reports={box.address}"))
    sender.queue(now)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        where = f"mailto://127.0.0.1:{silent.getsockname()[1]}?from=vigie@example.org"
        command = (
            sys.executable,
            "-c",
            KILLED,
            str(address_for(database_url, "record")),
            where,
            now.isoformat(),
        )
        with subprocess.Popen(command) as dying:
            silent.accept()
            dying.kill()
    assert sender.step(now) == 0, "it is claimed: nobody sends it beside the one that may still live"
    later = now + timedelta(minutes=11)
    assert (sender.step(later), sender.step(later + timedelta(days=1))) == (1, 0)
    (letter,) = box.letters
    delivery = rows(city, "SELECT id, tries FROM report_delivery")
    assert letter["message-id"] == f"<vigie-report-demo-{delivery[0][0]}@example.org>"
    assert delivery[0][1] == 2


def test_an_address_is_emptied_a_month_after_its_end_and_not_before(
    recorder: Engine, room: Engine, city: Engine
) -> None:
    first, second = subscribe(room, city), subscribe(room, city, "b@example.org")
    listed, keeper, now = Subscribers(room, "commune"), settled(city), datetime.now(UTC)
    listed.end(keeper, first, now - timedelta(days=40))
    listed.end(keeper, second, now)
    with pytest.raises(NotFound):
        listed.end(keeper, second, now)
    assert forget_subscribers(recorder) == 1
    assert forget_subscribers(recorder) == 0
    kept = rows(city, "SELECT id, email, name FROM report_subscriber ORDER BY id")
    assert kept == [(first, "", ""), (second, "b@example.org", "Anne Maire")]
    told = str(rows(city, "SELECT * FROM audit_entry"))
    assert "example.org" not in told
    assert "Anne" not in told


@pytest.mark.parametrize(
    "address", ["jsons://example.org", "nonsense", "mailto://user:secret@mail.example.org?from=a@example.org"]
)
def test_a_channel_that_cannot_send_reports_is_refused_without_quoting_it(address: str) -> None:
    with pytest.raises(BadSettings, match="VIGIE_CHANNELS") as wrong:
        read_mail(f"reports={address}")
    assert "secret" not in str(wrong.value)
    assert read_mail("") is None
