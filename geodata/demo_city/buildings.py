"""Public buildings, each with its meter and one to three controlled doors."""

from dataclasses import dataclass

import numpy as np

from geodata.demo_city.ground import Ground
from geodata.demo_city.lighting import along, street_of
from geodata.demo_city.names import COMMUNES, person
from geodata.demo_city.sheet import Sheet, apart, z_order
from geodata.demo_city.streets import Network


@dataclass(frozen=True)
class Use:
    """What a building is for: how it is called, how common, what it draws and when it is open.

    ``base_kw`` runs day and night, ``busy_kw`` is added when occupied, ``heat_kw`` per degree under 16 °C
    when occupied (half of it otherwise). ``opens`` and ``closes`` are local hours, ``days`` the number of
    open weekdays from Monday.
    """

    key: str
    label: str
    weight: float
    base_kw: float
    busy_kw: float
    heat_kw: float
    opens: float
    closes: float
    days: int


USES = (
    Use("town_hall", "Mairie de {commune}", 0.0, 3.0, 16.0, 1.1, 8, 18, 5),
    Use("school", "École {person}", 0.36, 2.2, 13.0, 1.6, 7.5, 18, 5),
    Use("nursery", "Crèche {person}", 0.12, 1.6, 9.0, 0.9, 7, 19, 5),
    Use("gymnasium", "Gymnase {person}", 0.17, 2.5, 21.0, 1.9, 8, 22, 6),
    Use("library", "Médiathèque {person}", 0.08, 3.5, 19.0, 1.4, 10, 19, 6),
    Use("pool", "Piscine {person}", 0.03, 46.0, 60.0, 4.5, 7, 21, 7),
    Use("depot", "Centre technique de {commune}", 0.08, 4.5, 17.0, 1.2, 6, 17, 5),
    Use("community", "Maison de quartier {person}", 0.16, 1.5, 8.0, 0.9, 9, 22, 6),
)
_DOORS = ("entrée principale", "entrée de service", "cour")


def install_buildings(
    rng: np.random.Generator, sheet: Sheet, network: Network, ground: Ground, count: int
) -> None:
    """Write ``count`` buildings: a town hall for each commune first, then the others where people live."""
    places = _places(rng, network, ground, count)
    middles = np.array([network.lines[e].interpolate(0.5, normalized=True).coords[0] for e, _ in places])
    for number, at in enumerate(z_order(middles).tolist(), start=1):
        edge, use = places[at]
        _install_building(rng, sheet, network, number, edge, use)


def _places(rng: np.random.Generator, network: Network, ground: Ground, count: int) -> list[tuple[int, int]]:
    """Edge and use of each building."""
    middles = network.nodes[network.ends].mean(axis=1)
    weight = np.where(network.lit & (network.ranks > 1), ground.density(middles), 0.0)
    halls = []
    for commune, seed in enumerate(ground.seeds):
        inside = np.flatnonzero((network.communes == commune) & (weight > 0))
        if len(inside):
            near = np.square(middles[inside] - seed).sum(axis=1).argmin()
            halls.append((int(inside[near]), 0))
    halls = halls[: max(1, count // 3)]
    weight[[edge for edge, _ in halls]] = 0
    shares = np.array([u.weight for u in USES])
    others = apart(rng, middles, weight, count - len(halls), 150.0)
    return halls + [(e, int(rng.choice(len(USES), p=shares / shares.sum()))) for e in others]


def _install_building(
    rng: np.random.Generator, sheet: Sheet, network: Network, number: int, edge: int, use: int
) -> None:
    kind = USES[use]
    commune = COMMUNES[int(network.communes[edge])]
    name = kind.label.format(commune=commune, person=person(rng)).replace("de Les ", "des ")
    street = street_of(network, edge)
    node = int(network.ends[edge][0])
    side = float(rng.choice([-1, 1]))
    half = float(network.lengths[edge]) / 2
    size = round(float(rng.lognormal(0, 0.35)), 3)
    area = round(size * (kind.busy_kw + kind.base_kw) * 62, -1)
    building = sheet.add(
        "building",
        f"BP-{number:03d}",
        name,
        street,
        along(network, edge, node, half, 24 * side),
        kind=use,
        year=int(rng.integers(1955, 2021)),
        use=kind.key,
        floor_area_m2=int(area),
    )
    sheet.add(
        "meter",
        f"CE-{number:03d}",
        f"Compteur {name}",
        street,
        along(network, edge, node, half + 5, 20 * side),
        parent=building,
        rating=size,
        kind=use,
        year=int(rng.integers(2016, 2024)),
        delivery_point=f"PDL-{number:05d}",
        use=kind.key,
        load_factor=size,
    )
    for door in range(int(rng.integers(1, 4))):
        sheet.add(
            "access_point",
            f"PA-{number:03d}.{door + 1}",
            f"Porte {name}, {_DOORS[door]}",
            street,
            along(network, edge, node, half - 5 + 5 * door, (15 + 6 * door) * side),
            parent=building,
            kind=use,
            year=int(rng.integers(2018, 2025)),
            use=kind.key,
        )
