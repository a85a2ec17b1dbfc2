"""Trying a payload: what it becomes, in words, without storing anything."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from geodata.assets import Columns
from geodata.profiles import CityProfile
from model.domains import ASSET_TYPES, STATE, TYPE_ORDER
from model.domains.declaration import AssetType
from model.errors import BadRequest, NotFound
from model.observations import Observation, Position, doubts_of, quality_of
from model.states import Freshness, freshness_of
from model.texts import Words
from services.live.feeds import find_feed
from services.live.judge import Judge
from services.live.parsed import Parsed
from services.live.quality import QUALITY_OF, Reject
from services.live.sources import Source, read_sources

SHOWN = 20
LINES = (".ndjson", ".jsonl")


@dataclass(frozen=True)
class Tried:
    """One observation: its quality as it would be stored; freshness and unit are None where not known."""

    seen: Observation
    quality: int
    freshness: Freshness | None
    unit: str | None


@dataclass(frozen=True)
class Trial:
    """What a payload became: observations as they would be stored, positions, rejects, and what was noticed.

    ``refused`` says why nothing of it can be read. ``judged``: against the assets of the database.
    """

    source: Source
    size: int
    seconds: float
    judged: bool
    observations: Sequence[Tried] = ()
    positions: Sequence[Position] = ()
    rejects: Sequence[Reject] = ()
    notes: Sequence[tuple[str, int]] = ()
    refused: str = ""


def named_source(profile: CityProfile, name: str, simulator_port: int) -> Source:
    """The city's source called ``name``, else a bare one of that adapter; NotFound names both kinds."""
    sources = {one.name: one for one in read_sources(profile, simulator_port)}
    if name in sources:
        return sources[name]
    try:
        return Source(name, find_feed(name), "push")
    except NotFound as error:
        raise NotFound(f"{error}; the sources of {profile.name} are {', '.join(sources)}") from None


def try_payload(source: Source, payload: bytes, file: Path, now: datetime, columns: Columns | None) -> Trial:
    """What ``payload``, found in ``file``, becomes as of ``now``; judged where ``columns`` are given."""
    fields = {"received_at": now.isoformat()}
    if file.suffix.lower() in LINES:
        fields["format"] = "ndjson"
    began = time.perf_counter()
    try:
        parsed = source.feed.parse(payload, source.read(fields))
    except BadRequest as error:
        spent = time.perf_counter() - began
        return Trial(source, len(payload), spent, columns is not None, refused=str(error))
    spent = time.perf_counter() - began
    tried, rejects = _judged(parsed, now, columns)
    return Trial(
        source,
        len(payload),
        spent,
        columns is not None,
        tried,
        parsed.positions,
        [*parsed.rejects, *rejects],
        sorted(parsed.notes.items()),
    )


def _judged(parsed: Parsed, now: datetime, columns: Columns | None) -> tuple[list[Tried], list[Reject]]:
    seen = parsed.observations
    if columns is None:
        stored = [QUALITY_OF.get(one.quality, 1) | one.doubts for one in seen]
        kinds = _guessed(seen)
        return [
            _tried(one, quality, kinds.get(one.asset), now) for one, quality in zip(seen, stored, strict=True)
        ], []
    judged, rejects = Judge(columns).judge(seen, now.timestamp())
    kept = [
        _tried(seen[row], quality, ASSET_TYPES[TYPE_ORDER[columns.types[index]]], now)
        for row, index, quality in zip(
            judged["row"].tolist(), judged["index"].tolist(), judged["quality"].tolist(), strict=True
        )
    ]
    return kept, rejects


def _tried(seen: Observation, quality: int, kind: AssetType | None, now: datetime) -> Tried:
    if kind is None:
        return Tried(seen, quality, None, None)
    times = np.array([max(0.0, seen.phenomenon_time.timestamp())], "u4")
    fresh = freshness_of(times, np.array([kind.period_s], "f8"), now.timestamp())
    unit = kind.by_property[seen.property].unit if seen.property in kind.by_property else ""
    return Tried(seen, quality, Freshness(int(fresh[0])), unit)


def _guessed(seen: Sequence[Observation]) -> dict[str, AssetType]:
    """The asset type of each asset, where what is said of it fits one type alone."""
    fitting: dict[str, set[str]] = {}
    for one in seen:
        names = {kind.name for kind in ASSET_TYPES.values() if _fits(one, kind)}
        fitting[one.asset] = fitting.get(one.asset, names) & names
    return {asset: ASSET_TYPES[next(iter(names))] for asset, names in fitting.items() if len(names) == 1}


def _fits(one: Observation, kind: AssetType) -> bool:
    if one.property == STATE:
        return one.value in {state.name for state in kind.states} | set(kind.by_code)
    return one.property in kind.by_property


# In words ---------------------------------------------------------------------------------------


def in_words(trial: Trial, say: Words, shown: int = SHOWN) -> Iterator[str]:
    """``trial`` line by line, ``shown`` of each kind at most."""
    yield say(
        "feed_test.head",
        source=trial.source.name,
        adapter=trial.source.feed.name,
        bytes=say.number(trial.size),
        ms=say.number(1000 * trial.seconds),
    )
    if trial.refused:
        yield say("feed_test.nothing", why=trial.refused)
        return
    yield say("feed_test.judged") if trial.judged else say("feed_test.not_judged")
    parts: tuple[tuple[str, list[str]], ...] = (
        (say("feed_test.observations", n=len(trial.observations)), _observations(trial, say, shown)),
        (say("feed_test.positions", n=len(trial.positions)), _positions(trial, say, shown)),
        (say("feed_test.rejects", n=len(trial.rejects)), _rejects(trial, say, shown)),
        (say("feed_test.notes"), [f"{text}: {say.number(count)}" for text, count in trial.notes]),
    )
    for place, (title, lines) in enumerate(parts):
        if lines or place == 0:
            yield ""
            yield title
            yield from (f"  {line}" for line in lines)


def _cut(lines: list[str], count: int, say: Words) -> list[str]:
    return [*lines, say("feed_test.more", n=say.number(count - len(lines)))] if count > len(lines) else lines


def _observations(trial: Trial, say: Words, shown: int) -> list[str]:
    lines = [_observation(one, say) for one in trial.observations[:shown]]
    return _cut(lines, len(trial.observations), say)


def _observation(one: Tried, say: Words) -> str:
    seen = one.seen
    unit = f" {one.unit}" if one.unit else ""
    parts = [f"{seen.asset}  {seen.property} = {seen.value}{unit}"]
    if seen.raw is not None:
        parts.append(say("feed_test.raw", value=seen.raw, unit=seen.raw_unit).strip())
    parts.append(seen.phenomenon_time.isoformat())
    fresh = one.freshness
    parts.append(say("feed_test.no_period") if fresh is None else say(f"freshness.{fresh.key}"))
    doubts = [say(f"doubt.{str(doubt.name).lower()}") for doubt in doubts_of(one.quality)]
    quality = say(f"quality.{quality_of(one.quality).name.lower()}")
    parts.append(f"{quality} ({', '.join(doubts)})" if doubts else quality)
    return " · ".join(parts)


def _positions(trial: Trial, say: Words, shown: int) -> list[str]:
    lines = []
    for one in trial.positions[:shown]:
        moving = "" if one.speed is None else f" · {say.number(one.speed, 1)} km/h"
        line = f" · {one.line}" if one.line else ""
        duty = say("feed_test.on_duty") if one.duty else say("feed_test.off_duty")
        at = one.phenomenon_time.isoformat()
        lines.append(f"{one.asset}  {one.lon:.5f}, {one.lat:.5f}{moving}{line} · {at} · {duty}")
    return _cut(lines, len(trial.positions), say)


def _rejects(trial: Trial, say: Words, shown: int) -> list[str]:
    lines = []
    for one in trial.rejects[:shown]:
        key = f"feeds.reason_{one.reason}"
        word = say(key) if say.has(key) else one.reason
        detail = "".join(c if c.isprintable() else "\ufffd" for c in one.detail)
        lines.append(f"[{one.row}] {one.reason} ({word}): {detail}")
    return _cut(lines, len(trial.rejects), say)


def listed(profile: CityProfile, say: Words, simulator_port: int) -> Iterator[str]:
    """The city's sources, a line each."""
    for one in read_sources(profile, simulator_port):
        where = one.url or (f"POST /ingest/{one.path}" if one.path else ", ".join(one.topics))
        yield say(
            "feed_test.sources",
            source=one.name,
            adapter=one.feed.name,
            transport=one.transport,
            every=say.number(one.every_s),
            where=where,
        )
