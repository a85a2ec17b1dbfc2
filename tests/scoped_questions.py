"""Every public question of the wings, by name, over the city of ``tests/kept_city.py``, for any engine."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from geodata.assets import read_columns
from geodata.positions import positions_between, trail_of
from geodata.transit import bus_lines
from model.analysis import DOMAINS_SHOWN, Question
from model.errors import BadField, NotFound
from model.kpis import Period
from model.series import Asked
from services.analysis import Analysis
from services.boards import Boards
from services.feedbook import Feedbook
from services.history import Corrections, History, laid_out
from services.live.keyframes import load_state
from services.notes import Notes
from services.registry import Registry
from services.takeaway import asset_shapes
from services.takeaway.silences import silences
from tests.kept_city import ARCHIVED, CENTRE, DAY, EAST, MONTH, NOW, PROFILE, ZONE

Questions = dict[str, Callable[[], Any]]


def answered(ask: Callable[[], Any]) -> Any:
    """What ``ask`` gives, or how it was refused; Unavailable and errors of the database are no answers."""
    try:
        return ask()
    except (NotFound, BadField) as refused:
        return type(refused).__name__, str(refused)


def at(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def of_history(engine: Engine, archive: Path) -> Questions:
    history = History(engine, ZONE, archive)
    found: Questions = {}
    for kind, name in (
        ("control_cabinet", "power"), ("detector", "flow"), ("meter", "energy"), ("streetlight", "lit_share"),
        ("camera", "fault_share"), ("access_point", "openings"),
    ):  # fmt: skip
        for area in (None, CENTRE, EAST, 9):
            asked = (area, kind, name, MONTH, NOW)
            found[f"area series {kind} {name} {area}"] = lambda asked=asked: history.area_series(*asked)
            found[f"area days {kind} {name} {area}"] = lambda asked=asked: history.area_series(*asked, "day")
        found[f"rank areas {kind} {name}"] = lambda k=kind, n=name: history.rank(k, n, MONTH, NOW, of="area")
    for kind, name in (("detector", "flow"), ("meter", "energy"), ("control_cabinet", "power")):
        month, today = Asked(name, MONTH, NOW, None, kind), Asked(name, at(DAY), NOW, None, kind)
        found |= {
            f"rank {kind}": lambda k=kind, n=name: history.rank(k, n, MONTH, NOW, most=1000),
            f"rank {kind}, a day": lambda k=kind, n=name: history.rank(k, n, at(DAY), NOW, most=1000),
            f"distribution {kind}": lambda asked=month: history.distribution(asked),
            f"profile {kind}": lambda asked=month: history.profile(asked),
            f"compare {kind}": lambda asked=today: history.compare(asked),
            f"counted {kind}": lambda k=kind, n=name: history.counted_days(k, n, DAY, DAY),
            f"counted {kind}, archived": lambda k=kind, n=name: history.counted_days(
                k, n, ARCHIVED, ARCHIVED
            ),
        }
    return found


def of_the_past(engine: Engine, archive: Path) -> Questions:
    """Questions whose answers are of every asset: laid out on the assets there are."""
    history = History(engine, ZONE, archive)
    columns = read_columns(engine)
    a, b = NOW - timedelta(hours=30, minutes=7), NOW - timedelta(hours=20)

    def changes() -> Any:
        found = history.changes(a, b)
        return {name: getattr(found, name) for name in ("asset_ids", "times", "status", "state")}

    return {
        "columns": lambda: read_columns(engine),
        "state now": lambda: load_state(engine, columns).records,
        "state at": lambda: laid_out(columns, history.state_at(a)),
        "changes": changes,
        "played": lambda: history.played(columns, a, b),
        "difference": lambda: history.difference(columns, a, b),
        "timeline": lambda: history.timeline(MONTH, NOW, 300).density,
        "first on record": lambda: history.timeline(MONTH, NOW, 300).first,
        "density": lambda: history.change_density(a, b, 600),
        "positions": lambda: positions_between(engine, NOW - timedelta(minutes=30), NOW),
        "trail": lambda: trail_of(engine, NOW, 300),
        "lines": lambda: bus_lines(engine),
    }


def of_an_asset(engine: Engine, archive: Path, one: int) -> Questions:
    history, registry, corrections = (
        History(engine, ZONE, archive), Registry(engine, PROFILE.area_kind), Corrections(engine, archive),
    )  # fmt: skip
    names = ("power", "flow", "energy", "openings", "latency")
    archived, until = at(ARCHIVED), at(ARCHIVED) + timedelta(hours=20)
    found: Questions = {
        "card": lambda: registry.card(one),
        "latest values": lambda: registry.latest_values(one),
        "recent changes": lambda: registry.recent_changes(one),
        "values at": lambda: history.values_at(one, NOW - timedelta(hours=40)),
        "facts at": lambda: history.facts_at(one, NOW - timedelta(hours=40)),
        "since": lambda: history.since(NOW, [one], [1]),
        "notes": lambda: Notes(engine).between(MONTH, NOW, asset=one),
        "shape": lambda: asset_shapes(engine, [one]),
    }
    for name in names:
        found |= {
            f"{name} raw": lambda n=name: history.series(one, n, at(DAY), NOW),
            f"{name} archived": lambda n=name: history.series(
                one, n, archived, archived + timedelta(hours=20)
            ),
            f"{name} hours": lambda n=name: history.series(one, n, MONTH, NOW),
            f"{name} days": lambda n=name: history.series(one, n, NOW - timedelta(days=200), NOW),
            f"{name} readings": lambda n=name: corrections.readings(one, n, at(DAY), NOW),
            f"{name} readings, archived": lambda n=name: corrections.readings(one, n, archived, until),
            f"{name} corrections": lambda n=name: corrections.history(MONTH, NOW, one, n),
        }
    return found


def board_of(engine: Engine) -> dict[str, Any]:
    """The figures of the day by key; the little map of all areas is the map's, and not of the scope."""
    return {result.kpi.key: result for result in Boards(engine, PROFILE).board(Period.DAY, DAY).results}


def of_the_rest(engine: Engine) -> Questions:
    registry, notes, feeds = Registry(engine, PROFILE.area_kind), Notes(engine), Feedbook(engine, ZONE)
    found: Questions = {
        "search lamp": lambda: registry.search("l-0000", 40),
        "search street": lambda: registry.search("rue", 40),
        "search accents": lambda: registry.search("ecole", 40),
        "search many": lambda: registry.search("a", 200),
        "notes": lambda: notes.between(MONTH, NOW),
        "notes of the centre": lambda: notes.between(MONTH, NOW, area=CENTRE, with_assets=True),
        "notes withdrawn too": lambda: notes.between(MONTH, NOW, withdrawn=True),
        "bookmarks": lambda: notes.bookmarks(["/board"]),
        "corrections": lambda: Corrections(engine).history(MONTH, NOW),
        "feeds": lambda: feeds.overview(NOW),
        "reasons": lambda: feeds.reasons(),
        "letters": lambda: feeds.dead_letters("gateways"),
        "silences": lambda: silences(engine, NOW - timedelta(hours=1), NOW),
        "board": lambda: board_of(engine),
        "areas": lambda: registry.areas(),
    }
    return found


def of_analysis(engine: Engine, archive: Path, domains: frozenset[str] | None) -> Questions:
    first = DAY - timedelta(days=9)
    return {
        f"analysis {domain} {area}": lambda domain=domain, area=area: Analysis(
            engine, PROFILE, History(engine, ZONE, archive)
        ).view(Question(domain, area, first, DAY, at(first), at(DAY + timedelta(days=1))), NOW)
        for domain in DOMAINS_SHOWN
        if domains is None or domain in domains
        for area in (None, CENTRE, 9)
    }
