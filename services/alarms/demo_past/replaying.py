"""From what happened in the demo city to its alarms: the rules' own evaluator over two weeks of changes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from geodata.assets import Columns
from geodata.demo_city import DemoStory, status_table
from geodata.profiles import CityProfile
from model.alarm_rules import INFERRED, Rule
from model.domains import ASSET_TYPES, TYPE_ORDER
from services.alarms.causes import Topology
from services.alarms.demo_past.alarm import Hidden, Person
from services.alarms.demo_past.answering import Answers
from services.alarms.demo_past.living import RECEIVED_S, Living
from services.alarms.watching import CHANGES, Sky, Watcher

SEED = 2_607
GAPS_AGO = ((9, 2.2, 0.75), (3, 4.0, 0.4))
"""Nights in which nobody watched: days ago, local hour, hours; what turned then was learnt afterwards."""
WORKS = "OT-{:04d}"


def turns_of(
    story: DemoStory, rules: Sequence[Rule], columns: Columns, sky: Sky
) -> np.ndarray[Any, np.dtype[np.void]]:
    """Everything that turned (TURNS by time) in the recent past of the story, what stood at first before all.

    ``rules`` are watched over state changes alone: what is measured, and silence, was not invented for them.
    """
    timeline, span = story.timeline, story.span
    index = np.searchsorted(columns.ids, np.arange(1, len(story.physics.city) + 1))
    state, since = timeline.states(len(story.physics.city), span.recent)
    table = status_table()
    # What is inferred from other alarms is no report's to say: it comes with explaining.
    told = [place for place, rule in enumerate(rules) if not isinstance(rule.condition, INFERRED)]
    watcher = Watcher([rules[place] for place in told], columns, sky)
    at_first, begun = np.zeros(len(columns), "u1"), np.zeros(len(columns))
    at_first[index], begun[index] = state, since
    standing = watcher.begin(span.recent, table[columns.types, at_first], at_first, begun)
    real = np.flatnonzero(timeline.real)
    changes = np.zeros(len(real), CHANGES)
    changes["index"], changes["time"] = index[timeline.rows[real]], timeline.at[real]
    changes["state"] = timeline.state[real]
    changes["status"] = table[story.physics.city.types[timeline.rows[real]], timeline.state[real]]
    changes = changes[np.argsort(changes["time"], kind="stable")]
    turned = watcher.take(changes, until=float(span.now))
    found = np.concatenate([standing, turned])
    found["rule"] = np.array(told, "i4")[found["rule"]]
    return found


def gaps_of(story: DemoStory, profile: CityProfile) -> list[tuple[float, float]]:
    """The stretches (epoch s) of the recent past in which nobody watched."""
    today = datetime.fromtimestamp(story.span.now, UTC).astimezone(profile.zone)
    found = []
    for ago, hour, hours in GAPS_AGO:
        local = today.replace(hour=int(hour), minute=int(hour % 1 * 60), second=0, microsecond=0)
        begin = (local - timedelta(days=ago)).timestamp()
        found.append((begin, begin + hours * 3600))
    return sorted(gap for gap in found if story.span.recent < gap[0] and gap[1] < story.span.now)


def lived_through(
    story: DemoStory,
    profile: CityProfile,
    rules: Sequence[Rule],
    columns: Columns,
    topology: Topology,
    people: Mapping[str, Person],
    communes: Mapping[int, frozenset[int]],
) -> Living:
    """The alarms of the recent past and what people did about them. ``communes`` of a person's id: what she
    sees; who is not in it sees all."""
    bounds = profile.bounds
    sky = Sky((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)
    turns = turns_of(story, rules, columns, sky)

    def visible(person: Person, index: int) -> bool:
        mine = communes.get(person.id)
        return mine is None or (index >= 0 and int(columns.areas[index]) in mine)

    answers = Answers(rules, dict(people), profile.zone, SEED, float(story.span.now), visible)
    life = Living(rules, topology, answers, gaps_of(story, profile))
    life.hidden += _works(story, columns, people["supervisor"])
    life.run(turns, story.span.now - RECEIVED_S)
    return life


def _works(story: DemoStory, columns: Columns, by: Person) -> list[Hidden]:
    """Cabinets in maintenance of the recent past were out of service for it, with all they feed."""
    ledger, city = story.ledger, story.physics.city
    code = ASSET_TYPES["control_cabinet"].state_named("maintenance").code
    theirs = (city.types[ledger.rows] == TYPE_ORDER.index("control_cabinet")) & (ledger.state == code)
    recent = ledger.where(theirs & (ledger.start > story.span.recent) & (ledger.start < story.span.now))
    found = []
    for row, start, end in zip(recent.rows.tolist(), recent.start.tolist(), recent.end.tolist(), strict=True):
        until = float(min(end, start + 12 * 3600))
        found.append(
            Hidden(
                "out_of_service", -1, columns.index_of(row + 1), float(start) - 300, until, by,
                "Intervention programmée sur l’armoire", WORKS.format(4000 + row % 997), children=True,
                ended=until if until < story.span.now else None,
            )
        )  # fmt: skip
    return found
