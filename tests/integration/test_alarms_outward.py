"""Alarms told outside the room: a real mail server, a real web server, a real database."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psycopg
import pytest
from sqlalchemy import Engine, text

from geodata.database import plain_url
from geodata.profiles import read_profile
from model.alarm_routes import Moment, RouteDraft
from model.errors import BadField, BadSettings, NotFound, Refused
from model.roles import Role
from model.viewer import Scope
from services.alarms.outward import Routes, Sender, enqueue, read_channels
from tests.integration.small_city import add_areas, add_assets
from tests.mail_server import Mailbox
from tests.somebody import settled

pytestmark = pytest.mark.servers

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
MINUTE = timedelta(minutes=1)


class Hook(ThreadingHTTPServer):
    """A web server that keeps what is posted and answers ``status``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.posted: list[tuple[str, str, bytes]] = []
        self.status = 200


class _Posted(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.posted.append((self.path, self.headers["content-type"], body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Tests print nothing."""


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    server = Mailbox(tmp_path / "mail")
    yield server
    server.close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def city(engine: Engine) -> Engine:
    with engine.begin() as connection:
        add_areas(connection, "Valmont")
        add_assets(connection, ("control_cabinet", 1), ("streetlight", 1), ("junction", None))
        connection.execute(
            text(
                "INSERT INTO alarm_rule (key, domain, asset_type, made_by) VALUES "
                "('control_cabinet.breaker_tripped', 'lighting', 'control_cabinet', 'test')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO alarm_rule_version (rule_id, version, declaration, author, reason, on_at, on_by)"
                """ VALUES (1, 1, '{"title": {"fr": "Armoire déclenchée"}, "action": {"fr": "Réarmer."}}', """
                "'test', 'test', now(), 'test')"
            )
        )
    return engine


def raise_alarm(engine: Engine, asset: int = 1, **values: Any) -> int:
    """An alarm of the cabinet's rule on ``asset``; its id."""
    columns = {
        "rule_id": 1, "rule_version": 1, "alarm_class": "control_cabinet.breaker_tripped", "asset_id": asset,
        "commune_id": 1, "domain": "lighting", "asset_type": "control_cabinet", "priority": 1, "severity": 4,
        "raised_at": datetime.now(UTC), "last_raised_at": datetime.now(UTC),
        "annunciated_at": datetime.now(UTC), **values,
    }  # fmt: skip
    names = ", ".join(columns)
    with engine.begin() as connection:
        made = connection.scalar(
            text(f"INSERT INTO alarm ({names}) VALUES (:{', :'.join(columns)}) RETURNING id"), columns
        )
    return int(str(made))


def tell(engine: Engine, alarms: list[int], moment: Moment = Moment.RAISED) -> int:
    with psycopg.connect(plain_url(engine.url.render_as_string(hide_password=False))) as connection:
        return enqueue(connection, alarms, moment)


def draft(channel: str, **values: Any) -> RouteDraft:
    told = {
        "name": "Astreinte", "channel": channel, "moments": frozenset({"raised", "escalated", "returned"}),
        "priorities": frozenset({1, 2}), **values,
    }  # fmt: skip
    return RouteDraft(**told)


def opened(engine: Engine, channels: str) -> tuple[Sender, Routes]:
    sender = Sender(engine, read_profile("demo"), read_channels(channels))
    sender.announce(datetime.now(UTC))
    return sender, Routes(engine)


def test_an_alarm_is_mailed_once_and_its_end_too(city: Engine, box: Mailbox) -> None:
    sender, routes = opened(city, f"duty={box.address}")
    routes.make(settled(city), draft("duty"), datetime.now(UTC))
    alarm = raise_alarm(city)
    assert (tell(city, [alarm]), tell(city, [alarm])) == (1, 0), "the same moment is written once"
    assert sender.step(datetime.now(UTC)) == 1
    assert sender.step(datetime.now(UTC)) == 0
    assert tell(city, [alarm], Moment.RETURNED) == 1
    assert sender.step(datetime.now(UTC)) == 1
    first, last = box.letters
    assert "control_cabinet 1" in str(first["subject"]) and "Armoire déclenchée" in str(first["subject"])
    assert "Réarmer." in first.get_body().get_content()
    assert "Fin d’alarme" in str(last["subject"])
    assert first["to"] == "duty@example.org"
    with city.connect() as connection:
        told = connection.execute(
            text("SELECT kind, details ->> 'moment' FROM alarm_event WHERE alarm_id = :id ORDER BY id"),
            {"id": alarm},
        ).all()
    assert [tuple(row) for row in told] == [("told", "raised"), ("told", "returned")]


def test_only_what_the_route_asks_for_is_told(city: Engine, box: Mailbox) -> None:
    _, routes = opened(city, f"duty={box.address}")
    routes.make(
        settled(city), draft("duty", areas=frozenset({1}), moments=frozenset({"raised"})), datetime.now(UTC)
    )
    cause = raise_alarm(city)
    explained = raise_alarm(city, 2, cause_id=cause)
    held = raise_alarm(city, 2, annunciated_at=None, closed_at=datetime.now(UTC))
    low = raise_alarm(city, 2, priority=3, closed_at=datetime.now(UTC))
    elsewhere = raise_alarm(city, 3, commune_id=None)
    assert tell(city, [explained, held, low, elsewhere]) == 0
    assert tell(city, [cause]) == 1
    assert tell(city, [cause], Moment.ESCALATED) == 0


def test_a_storm_is_one_mail(city: Engine, box: Mailbox) -> None:
    sender, routes = opened(city, f"duty={box.address}")
    routes.make(settled(city), draft("duty"), datetime.now(UTC))
    alarms = [raise_alarm(city, closed_at=datetime.now(UTC)) for _ in range(60)]
    assert tell(city, alarms) == 60
    assert sender.step(datetime.now(UTC)) == 60
    (digest,) = box.letters
    assert "60 alarmes" in str(digest["subject"])
    assert "et 20 autres" in digest.get_body().get_content()


def test_what_is_not_taken_is_tried_again_and_given_up_after_a_day(city: Engine, box: Mailbox) -> None:
    sender, routes = opened(city, f"duty={box.address}")
    routes.make(settled(city), draft("duty"), datetime.now(UTC))
    box.close()
    tell(city, [raise_alarm(city)])
    now = datetime.now(UTC)
    assert sender.step(now) == 0
    (route,) = routes.list()
    assert (route.sent, route.waiting, bool(route.last_error)) == (0, 1, True)
    assert sender.step(now + MINUTE / 4) == 0
    box.open()
    assert sender.step(now + MINUTE) == 1
    box.close()
    tell(city, [raise_alarm(city, 2)])
    assert sender.step(datetime.now(UTC) + timedelta(hours=25)) == 0
    (route,) = routes.list()
    assert (route.sent, route.waiting, route.given_up) == (1, 0, 1)


def test_a_sender_that_dies_leaves_its_notices_to_the_next(city: Engine, box: Mailbox) -> None:
    sender, routes = opened(city, f"duty={box.address}")
    routes.make(settled(city), draft("duty"), datetime.now(UTC))
    tell(city, [raise_alarm(city)])
    dying = Sender(city, read_profile("demo"), {})
    dying._send = lambda *_: (_ for _ in ()).throw(SystemExit)  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        dying.step(datetime.now(UTC))
    assert sender.step(datetime.now(UTC)) == 0, "claimed by the one that died"
    assert sender.step(datetime.now(UTC) + 3 * MINUTE) == 1
    assert len(box.letters) == 1


def test_a_document_of_the_alerting_protocol_is_posted_for_each_alarm(city: Engine, hook: Hook) -> None:
    sender, routes = opened(city, f"civil=cap+http://127.0.0.1:{hook.server_port}/cap")
    routes.make(settled(city), draft("civil"), datetime.now(UTC))
    alarm = raise_alarm(city)
    tell(city, [alarm])
    tell(city, [alarm], Moment.RETURNED)
    tell(city, [raise_alarm(city, 2), raise_alarm(city, 3)])
    assert sender.step(datetime.now(UTC)) == 4
    assert {(path, kind) for path, kind, _ in hook.posted} == {("/cap", "application/cap+xml; charset=utf-8")}
    first, end = (ElementTree.fromstring(body) for _, _, body in hook.posted[:2])
    assert [child.tag.removeprefix(CAP) for child in first][:6] == [
        "identifier", "sender", "sent", "status", "msgType", "scope",
    ]  # fmt: skip
    said = {
        tag: first.findtext(f".//{CAP}{tag}") for tag in ("status", "msgType", "urgency", "severity", "event")
    }
    assert said == {
        "status": "Exercise", "msgType": "Alert", "urgency": "Immediate", "severity": "Severe",
        "event": "Armoire déclenchée",
    }  # fmt: skip
    circle = first.findtext(f".//{CAP}circle")
    assert circle == "47.50000,5.11000 0.1"
    assert (end.findtext(f"{CAP}msgType"), end.findtext(f".//{CAP}urgency")) == ("Cancel", "Past")
    assert str(first.findtext(f"{CAP}sent"))[-6] in "+-", "an offset, never Z"


def test_a_redirect_is_not_followed(city: Engine, hook: Hook) -> None:
    hook.status = 302
    sender, routes = opened(
        city, f"a=json://127.0.0.1:{hook.server_port}/hook b=cap+http://127.0.0.1:{hook.server_port}/cap"
    )
    who = settled(city)
    routes.make(who, draft("a"), datetime.now(UTC))
    routes.make(who, draft("b", name="Autre"), datetime.now(UTC))
    tell(city, [raise_alarm(city)])
    assert sender.step(datetime.now(UTC)) == 0
    assert {path for path, _, _ in hook.posted} == {"/hook", "/cap"}


def test_the_test_button_sends_one_message_and_says_what_became_of_it(city: Engine, box: Mailbox) -> None:
    sender, routes = opened(city, f"duty={box.address}")
    who, now = settled(city), datetime.now(UTC)
    route = routes.make(who, draft("duty", enabled=False), now)
    assert routes.test(who, route, now)
    assert not routes.test(who, route, now + timedelta(seconds=2)), "pressed twice"
    sender.step(now)
    (seen,) = routes.list()
    assert seen.test_sent_at is not None and not seen.test_error
    assert "essai" in str(box.letters[0]["subject"])
    box.close()
    assert routes.test(who, route, now + MINUTE)
    sender.step(now + MINUTE)
    (seen,) = routes.list()
    assert seen.test_sent_at is None and seen.test_error


def test_routes_are_kept_by_those_who_may_and_each_change_is_audited(city: Engine, box: Mailbox) -> None:
    _, routes = opened(city, f"duty={box.address}")
    who, now = settled(city), datetime.now(UTC)
    with pytest.raises(Refused):
        routes.make(settled(city, "Omar", Role.OPERATOR), draft("duty"), now)
    with pytest.raises(Refused):
        routes.make(settled(city, "Ana", scope=Scope(areas=frozenset({1}))), draft("duty"), now)
    for wrong, field in (
        (draft("none"), "channel"), (draft("duty", name=" "), "name"),
        (draft("duty", moments=frozenset()), "moments"),
        (draft("duty", priorities=frozenset({7})), "priorities"),
        (draft("duty", domains=frozenset({"moon"})), "domains"),
        (draft("duty", areas=frozenset({99})), "areas"),
        (draft("duty", classes=frozenset({"no.such"})), "classes"),
    ):  # fmt: skip
        with pytest.raises(BadField) as bad:
            routes.make(who, wrong, now)
        assert bad.value.field == field
    made = routes.make(who, draft("duty"), now)
    with pytest.raises(BadField):
        routes.make(who, draft("duty"), now)
    routes.change(who, made, draft("duty", name="Nuit"), now)
    tell(city, [raise_alarm(city)])
    routes.remove(who, made, now)
    assert list(routes.list()) == []
    with pytest.raises(NotFound):
        routes.test(who, made, now)
    with city.connect() as connection:
        actions = connection.scalars(
            text("SELECT action FROM audit_entry WHERE kind = 'alarm_route' ORDER BY number")
        )
        assert list(actions) == ["route_made", "route_changed", "route_removed"]
        assert connection.scalar(text("SELECT count(*) FROM alarm_notice WHERE given_up_at IS NULL")) == 0


@pytest.mark.parametrize("wrong", ["duty", "Duty=mailto://x", "a=json://127.0.0.1/a a=json://127.0.0.1/b"])
def test_a_setting_that_is_no_list_of_channels_is_refused_without_quoting_it(wrong: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_channels(wrong)
    assert "://" not in str(refused.value)


def test_a_channel_that_cannot_be_used_says_why_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ways = read_channels(
        "ok=json://127.0.0.1:9/a odd=nonsense://user:hunter2@x here=syslog://user plain=json://example.org/a "
        "cap=cap+http://example.org/a secret=jsons://user:hunter2@example.org/path"
    )
    assert {name for name, way in ways.items() if not way.fault} == {"ok", "secret"}
    assert caplog.text == "", "a library that is asked to read an address may quote it"
    assert "hunter2" not in repr(ways) and "path" not in repr(ways["secret"])
