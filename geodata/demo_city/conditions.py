"""Hourly shares by commune: how much equipment was down, lit, and how often doors opened."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geodata.demo_city.dice import Floats
from geodata.demo_city.measures import Span
from geodata.demo_city.outages import HOUR, Ledger, down, never_seen, shares, tally
from geodata.demo_city.physics import Physics, Rows
from geodata.demo_city.physics_sky import Instants
from geodata.demo_city.timeline import Timeline, code_of
from model.domains import TYPE_ORDER


@dataclass(frozen=True)
class AreaSeries:
    """One property of one asset type in one commune, by hour (m): all of ``area_hour``'s figures."""

    commune: int
    asset_type: str
    property: str
    n: int
    sum: Floats
    low: Floats
    high: Floats
    coverage: float


def conditions(physics: Physics, ledger: Ledger, timeline: Timeline, span: Span) -> Iterator[AreaSeries]:
    """``fault_share`` of every asset type, ``lit_share`` of lamps, ``openings`` of doors and bollards."""
    failures = ledger.where(down(physics.city, ledger))
    for asset_type in TYPE_ORDER:
        if len(physics.city.of(asset_type)):
            yield from _fault_share(physics, failures, asset_type, span)
    yield from _lit_share(physics, failures, span)
    for asset_type, state in (("access_point", "open"), ("bollard", "lowered")):
        yield from _openings(physics, timeline, asset_type, state, span)


def _fault_share(physics: Physics, failures: Ledger, asset_type: str, span: Span) -> Iterator[AreaSeries]:
    """Share of each hour that each asset was down, by commune: sum over assets, least and most."""
    city, hours = physics.city, len(span.over)
    members = city.of(asset_type)
    own = failures.where(np.isin(failures.rows, members))
    interval, where, share = shares(own.start, own.end, span.first, HOUR, hours)
    # One asset may fail twice in an hour: its shares are one figure.
    cell, place = np.unique(own.rows[interval] * hours + where, return_inverse=True)
    share = tally(place, share, len(cell))
    row, hour = cell // hours, cell % hours
    unknown = never_seen(city)
    for commune in np.unique(city.communes[members]).tolist():
        here = members[city.communes[members] == commune]
        mine = city.communes[row] == commune
        known = int((~unknown[here]).sum())
        if not known:
            continue
        total, least, most = _spread(hour[mine], share[mine], hours, known)
        yield AreaSeries(
            commune, asset_type, "fault_share", known, total, least, most, known / len(here)
        )  # fmt: skip


def _spread(hour: Instants, share: Floats, hours: int, count: int) -> tuple[Floats, Floats, Floats]:
    total = tally(hour, share, hours)
    most = np.zeros(hours)
    np.maximum.at(most, hour, share)
    least = np.ones(hours)
    np.minimum.at(least, hour, share)
    least[np.bincount(hour, minlength=hours) < count] = 0.0
    return total, least, np.minimum(most, 1.0)


def _lit_share(physics: Physics, failures: Ledger, span: Span) -> Iterator[AreaSeries]:
    """Share of each hour that lamps burned, by commune, less the lamps that were down."""
    city, hours = physics.city, span.over
    cabinets, lamps = city.of("control_cabinet"), city.of("streetlight")
    unknown = never_seen(city)[lamps]
    burning, _ = physics.lit(cabinets, hours, HOUR)
    fed_by = np.searchsorted(cabinets, city.parents[lamps])
    own = failures.where(np.isin(failures.rows, lamps))
    interval, where, share = shares(own.start, own.end, span.first, HOUR, len(hours))
    dark = share * burning[np.searchsorted(cabinets, city.parents[own.rows[interval]]), where]
    commune_of_dark = city.communes[own.rows[interval]]
    for commune in np.unique(city.communes[lamps[~unknown]]).tolist():
        everybody = city.communes[lamps] == commune
        here = everybody & ~unknown
        fed = np.bincount(fed_by[here], minlength=len(cabinets))
        mine = commune_of_dark == commune
        total = fed @ burning - tally(where[mine], dark[mine], len(hours))
        feeding = burning[fed > 0]
        lost = np.bincount(where[mine], minlength=len(hours)) > 0
        least = np.where(lost, 0.0, feeding.min(axis=0))
        yield AreaSeries(
            commune, "streetlight", "lit_share", int(here.sum()), np.maximum(total, 0), least,
            feeding.max(axis=0), float(here.sum() / everybody.sum()),
        )  # fmt: skip


def _openings(
    physics: Physics, timeline: Timeline, asset_type: str, state: str, span: Span
) -> Iterator[AreaSeries]:
    """How often doors opened: as generated before the last two weeks, then counted from their changes."""
    city, hours = physics.city, span.over
    members = city.of(asset_type)
    visits = physics.visits(members, physics.weather(hours)).astype("f8")
    visits[:, hours >= span.recent] = _counted(timeline, members, code_of(asset_type, state), span)
    for commune in np.unique(city.communes[members]).tolist():
        here = visits[city.communes[members] == commune]
        yield AreaSeries(
            commune, asset_type, "openings", len(here), here.sum(axis=0), here.min(axis=0),
            here.max(axis=0), 1.0,
        )  # fmt: skip


def _counted(timeline: Timeline, members: Rows, state: int, span: Span) -> Floats:
    recent = span.over[span.over >= span.recent]
    hit = timeline.real & (timeline.state == state) & np.isin(timeline.rows, members)
    hit &= (timeline.at >= span.recent) & (timeline.at < span.recent + len(recent) * HOUR)
    place = np.searchsorted(members, timeline.rows[hit]) * len(recent)
    place += (timeline.at[hit] - span.recent) // HOUR
    return np.bincount(place, minlength=len(members) * len(recent)).reshape(len(members), -1).astype("f8")
