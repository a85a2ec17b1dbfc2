"""The report of a night on a real database: every figure equals a recount by SQL, page and PDF alike."""

import contextlib
import json
import re
import zlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from callbacks.report import report_of
from geodata.tables import annotation, feed_minute, feed_status
from layouts.report import sheet
from model.report import NightReport
from model.roles import Role
from model.states import Status
from model.texts import words
from model.viewer import Viewer
from services.history import Kind
from services.takeaway import can_make_pdf, paper
from tests.alarms_made_up import add_alarm, add_rule
from tests.clock import began
from tests.integration.small_city import add_streams, change, keyframe, observe
from tests.live_city import lay_out
from tests.room import Room, open_room
from tests.somebody import AUTHOR

pytestmark = pytest.mark.servers
LAMPS = 6
ON, TRIPPED, BROKEN, NO_SUPPLY, NO_CONTACT = 2, 3, 4, 10, 6
FAULT, LOST, FINE, DEGRADED = (
    int(s) for s in (Status.FAULT, Status.COMMS_LOST, Status.ACTIVE, Status.DEGRADED)
)
SAY = words("en", "Europe/Paris")
OPERATOR = Viewer(7, "ada", "Ada", Role.OPERATOR)


def a() -> datetime:
    """A: thirteen hours before the test."""
    return began() - timedelta(hours=13)


def b() -> datetime:
    """B: an hour before the test."""
    return began() - timedelta(hours=1)


def after(hours: float) -> datetime:
    """An instant that many hours after A."""
    return a() + timedelta(hours=hours)


def a_night(engine: Engine) -> None:
    """A cabinet trips for two hours; lamps fail before, during, twice; a junction stays dark; one is lost."""
    lay_out(engine, LAMPS)
    fed = range(101, 101 + LAMPS)
    with engine.begin() as connection:
        fine = dict.fromkeys([10, 11, 12, 13, *fed], (FINE, ON))
        keyframe(connection, after(-20), fine)
        keyframe(connection, after(-2), fine | {101: (FAULT, BROKEN)})
        keyframe(connection, after(4), fine | {102: (FAULT, BROKEN)})
        keyframe(connection, after(10.5), fine | {102: (FAULT, BROKEN), 12: (FAULT, 4), 11: (LOST, 5)})
        change(
            connection,
            (101, after(-10), FAULT, BROKEN), (101, after(3), FINE, ON),  # there at A, mended
            (102, after(-1), FAULT, BROKEN),  # there at both
            (103, after(0.5), FAULT, BROKEN), (103, after(0.75), FINE, ON), (103, after(11), FAULT, BROKEN),
            (10, after(6), FAULT, TRIPPED), (10, after(8), FINE, ON),
            *[(lamp, after(6), FAULT, NO_SUPPLY) for lamp in (104, 105, 106)],
            *[(lamp, after(8), FINE, ON) for lamp in (104, 105, 106)],
            (12, after(9), FAULT, 4), (11, after(10), LOST, 5), (13, after(11.5), DEGRADED, 4),
        )  # fmt: skip
        add_streams(connection, (13, "power", 900), (12, "cycle", 900))
        observe(connection, 1, [(after(n / 4), float(n)) for n in range(40)])
        observe(connection, 2, [(after(n / 4), 60.0 + n) for n in range(40)])
        connection.execute(
            insert(annotation),
            [
                note("storm", "Gale <b>40 m/s</b>", after(5)),
                note("note", "Withdrawn", after(5)) | {"withdrawn_at": after(6)},
                note("note", "Elsewhen", after(-9)),
            ],
        )


def note(kind: str, title: str, t0: datetime) -> dict[str, Any]:
    """A note of two hours, in force."""
    ends = {"t0": t0, "t1": t0 + timedelta(hours=2), "withdrawn_at": None}
    return {"kind": kind, "title": title, "author": "Ada", **ends}


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    a_night(engine)
    async with open_room(database_url, redis_url) as opened:
        yield opened


def made(room: Room, **asked: str) -> NightReport:
    """The report of A to B."""
    address = {"t0": a().isoformat(), "t1": b().isoformat()} | asked
    return report_of(room.city, SAY, address, began())


def number(engine: Engine, statement: str) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(statement), {"a": a(), "b": b()})


STRETCHES = """
    WITH at_a AS (
        SELECT DISTINCT ON (s.id) s.id, s.asset_type, CAST(:a AS timestamptz) AS at,
               coalesce(c.status, 2) AS status
        FROM asset s LEFT JOIN state_change c ON c.asset_id = s.id AND c.phenomenon_time <= :a
        ORDER BY s.id, c.phenomenon_time DESC
    ), every AS (
        SELECT * FROM at_a UNION ALL
        SELECT s.id, s.asset_type, c.phenomenon_time, c.status
        FROM state_change c JOIN asset s ON s.id = c.asset_id
        WHERE c.phenomenon_time > :a AND c.phenomenon_time <= :b
    ), stretch AS (
        SELECT *, coalesce(lead(at) OVER w, CAST(:b AS timestamptz)) AS until,
               lag(status) OVER w AS before, lead(status) OVER w AS after
        FROM every WINDOW w AS (PARTITION BY id ORDER BY at)
    )
"""


async def test_every_figure_equals_a_recount_by_sql(room: Room, engine: Engine) -> None:
    figures = made(room).figures
    dark = "FROM stretch WHERE asset_type = 'streetlight' AND status = 4"
    hours = number(engine, f"{STRETCHES} SELECT sum(extract(epoch FROM until - at)) / 3600 {dark}")
    assert figures.lamp_hours == pytest.approx(float(hours), rel=1e-9)
    assert figures.lamps_dark == number(engine, f"{STRETCHES} SELECT count(DISTINCT id) {dark}")
    assert figures.lamps == number(engine, "SELECT count(*) FROM asset WHERE asset_type = 'streetlight'")
    assert figures.assets == number(engine, "SELECT count(*) FROM asset")
    own = "status IN (4, 5) AND id NOT IN (104, 105, 106)"  # those three are the cabinet's consequences
    counts = {
        "new": "before IS NOT NULL AND after IS NULL",
        "came_and_went": "before IS NOT NULL AND after IS NOT NULL",
        "recovered": "before IS NULL AND after IS NOT NULL",
        "already": "before IS NULL AND after IS NULL",
    }
    for name, ends in counts.items():
        counted = number(engine, f"{STRETCHES} SELECT count(*) FROM stretch WHERE {own} AND {ends}")
        assert getattr(figures, name) == counted == len(getattr(made(room), name)), name
    faults = f"{STRETCHES} SELECT count(*) FROM stretch WHERE status = 4"
    assert figures.faults_a == number(engine, f"{faults} AND before IS NULL")
    assert figures.faults_b == number(engine, f"{faults} AND after IS NULL")
    assert figures.known == 1.0


async def test_each_trouble_is_told_by_its_cause_with_when_and_how_long(room: Room) -> None:
    report = made(room)
    told = {
        name: [
            (t.external_id, t.began, t.ended, t.seconds / 3600, t.consequences) for t in getattr(report, name)
        ]
        for name in ("new", "came_and_went", "recovered", "already", "degraded")
    }
    assert told == {
        "new": [
            ("C-1", after(9), None, 3, 0),
            ("A-2", after(10), None, 2, 0),
            ("L-3", after(11), None, 1, 0),
        ],
        "came_and_went": [("A-1", after(6), after(8), 2, 3), ("L-3", after(0.5), after(0.75), 0.25, 0)],
        "recovered": [("L-1", after(-10), after(3), 13, 0)],
        "already": [("L-2", after(-1), None, 13, 0)],
        "degraded": [("M-1", after(11.5), None, 0.5, 0)],
    }


async def test_what_is_new_and_mended_agrees_with_the_history_s_difference(room: Room) -> None:
    report, columns = made(room), room.city.live.columns
    found = room.city.history.difference(columns, a(), b())
    kinds = dict(zip(columns.external_ids.tolist(), found.kinds.tolist(), strict=True))
    assert {kinds[t.external_id] for t in report.new} == {Kind.NEW_FAULT, Kind.COMMS_LOST}
    for told, kind in ((report.recovered, Kind.RECOVERED), (report.already, Kind.ALREADY)):
        assert [t.external_id for t in told] == [name for name, k in kinds.items() if k == kind]
    assert {n for n, k in kinds.items() if k == Kind.CAME_AND_WENT} == {"A-1", "L-4", "L-5", "L-6"}


async def test_the_maps_show_both_instants_and_what_is_new_weighs(room: Room) -> None:
    report = made(room)
    assert report.map_a.counts == {"active": LAMPS + 2, "fault": 2}
    assert report.map_b.counts == {"active": 5, "fault": 3, "comms_lost": 1, "degraded": 1}
    assert {mark.name: mark.weight for mark in report.map_b.marks} == {
        "L-2": 0, "M-1": 0, "C-1": 1, "A-2": 1, "L-3": 1,
    }  # fmt: skip


async def test_the_series_are_those_of_what_failed(room: Room) -> None:
    series = {(one.name, one.observed_property): one.series for one in made(room).series}
    assert ("C-1", "cycle") in series
    finite = series["C-1", "cycle"].values
    assert finite[finite == finite].tolist() == [60.0 + n for n in range(40)]


async def test_its_alarms_say_when_they_were_acknowledged_and_by_whom(room: Room, engine: Engine) -> None:
    at = a() + timedelta(minutes=30)
    with engine.begin() as connection:
        for key in ("control_cabinet.breaker_tripped", "streetlight.lamp_failure"):
            add_rule(connection, key, a() - timedelta(days=1))
        trip = add_alarm(
            connection, "control_cabinet.breaker_tripped", at, asset=10, priority=1,
            acknowledged=at + timedelta(minutes=2), by="Ada Test",
        )  # fmt: skip
        add_alarm(connection, "streetlight.lamp_failure", at, asset=104, cause=trip)
        add_alarm(
            connection, "streetlight.lamp_failure", at, asset=105, acknowledged=b() + timedelta(hours=1)
        )
        add_alarm(connection, "streetlight.lamp_failure", a() - timedelta(hours=1), asset=106)
    told = report_of(
        room.city.seen_by(OPERATOR), SAY, {"t0": a().isoformat(), "t1": b().isoformat()}, began()
    )
    assert told.alarms is not None
    assert (told.alarms.total, told.alarms.acknowledged) == (2, 1)
    first, second = told.alarms.rows
    assert (first.name, first.acknowledged_by, first.consequences) == ("A-1", "Ada Test", 1)
    assert (first.acknowledged_at, second.acknowledged_at) == (at + timedelta(minutes=2), None)
    page = json.dumps(sheet(SAY, told).to_plotly_json(), default=lambda part: part.to_plotly_json())
    assert "Ada Test" in page and "2 alarms put before the operators" in page


async def test_what_was_noted_of_that_time_is_there_and_nothing_else(room: Room) -> None:
    assert [note.title for note in made(room).notes] == ["Gale <b>40 m/s</b>"]


async def test_silent_feeds_are_named_and_unknown_where_not_recorded(room: Room, engine: Engine) -> None:
    assert made(room).silences is None
    counts = {"messages": 1, "stored": 1, "duplicate": 0, "dead": 0, "lag_sum": 0.0, "lag_max": 0.0}
    feeds = {
        "adapter": "x",
        "transport": "x",
        "state": "ok",
        "detail": "",
        "updated_at": a(),
        "state_since": a(),
    }
    start = a().replace(second=0)
    with engine.begin() as connection:
        connection.execute(
            insert(feed_status),
            [feeds | {"feed": "steady", "period_s": 60}, feeds | {"feed": "gone", "period_s": 60}],
        )
        minutes = [("steady", n) for n in range(720)] + [
            ("gone", n) for n in range(720) if not 100 <= n < 160
        ]
        connection.execute(
            insert(feed_minute),
            [counts | {"feed": f, "minute": start + timedelta(minutes=n), "received": 1} for f, n in minutes],
        )
    (silence,) = made(room).silences or ()
    assert (silence.feed, silence.t1 - silence.t0) == ("gone", timedelta(minutes=61))


async def test_a_time_without_records_is_unknown_and_in_no_figure(room: Room) -> None:
    """The first keyframe is twenty hours before A: the ten hours before the first change are blind."""
    address = {"t0": after(-40).isoformat(), "t1": after(-12).isoformat()}
    report = report_of(room.city, SAY, address, began())
    assert report.gaps == ((after(-40), after(-20)), (after(-20), after(-12)))
    # Seven hours after the keyframe nobody was recording any more.
    assert report.figures.known == pytest.approx(7 / 28)
    assert (report.map_a.known, report.map_b.known) == (0.0, 0.0)
    empty = report_of(room.city, SAY, {"t0": after(-90).isoformat(), "t1": after(-80).isoformat()}, began())
    assert (empty.figures.known, empty.figures.lamp_hours) == (0.0, 0.0)


# --- the page --------------------------------------------------------------------------------------------


async def shown(room: Room, search: str, language: str = "en") -> str:
    answer = (await room.call("show_report", search, language))["response"]["report-body"]
    return json.dumps(answer, ensure_ascii=False)


def address(**more: str) -> str:
    asked = {"t0": a().strftime("%Y-%m-%dT%H:%M:%SZ"), "t1": b().strftime("%Y-%m-%dT%H:%M:%SZ")} | more
    return "?" + "&".join(f"{name}={value}" for name, value in asked.items())


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_page_says_the_figures_and_who_made_it(room: Room, language: str) -> None:
    told = await shown(room, address(), language)
    figures = made(room).figures
    say = words(language)
    assert f'"{say.number(figures.lamp_hours)}"' in told
    assert say("report.lead_new_many", n=figures.new) in told
    assert AUTHOR in told
    assert "Gale <b>40 m/s</b>" in told
    assert "⟦" not in told


async def test_without_an_address_it_is_the_last_night(room: Room) -> None:
    told = await shown(room, "")
    assert "Report of the night" in told or "Nothing was recorded" in told


@pytest.mark.parametrize(
    "search",
    ["?t0=yesterday&t1=today", "?t0=2026-11-02T00:00:00Z&t1=2026-11-01T00:00:00Z", "?t0=2026-11-01T00:00:00Z",
     "?t0=2020-01-01T00:00:00Z&t1=2020-03-01T00:00:00Z"],
)  # fmt: skip
async def test_what_cannot_be_reported_is_said_with_a_way_on(room: Room, search: str) -> None:
    told = await shown(room, search)
    assert "This report cannot be made" in told
    assert "Last night" in told


# --- the PDF ---------------------------------------------------------------------------------------------


async def pdf(room: Room, language: str) -> Any:
    asked = {"t0": a().isoformat(), "t1": b().isoformat(), "lang": language}
    return await room.client.get("/report.pdf", params=asked)


def unpacked(raw: bytes) -> bytes:
    """The bytes of a PDF with every compressed stream laid open behind them."""
    opened = [raw]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", raw, re.S):
        with contextlib.suppress(zlib.error):
            opened.append(zlib.decompress(packed))
    return b"\n".join(opened)


@pytest.mark.skipif(not can_make_pdf(), reason="libpango is not installed here")
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_pdf_is_tagged_titled_and_holds_its_typeface(room: Room, language: str) -> None:
    answer = await pdf(room, language)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    raw = answer.content
    assert raw.startswith(b"%PDF-")
    plain = unpacked(raw)
    assert re.search(rb"/Lang ?\(" + language.encode(), plain)
    for part in (b"/MarkInfo", b"/StructTreeRoot", b"pdfuaid", b"SourceSans", b"/Title"):
        assert part in plain, part


async def test_without_pango_the_pdf_says_so_and_the_page_still_prints(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    monkeypatch.setattr("callbacks.report.can_make_pdf", lambda: False)
    answer = await pdf(room, "en")
    assert answer.status_code == 503
    assert "libpango" in answer.json()["error"]["message"]
    told = await shown(room, address())
    assert "Pango library is missing" in told
    assert '"data-print": "page"' in told
    assert "/report.pdf" not in told
