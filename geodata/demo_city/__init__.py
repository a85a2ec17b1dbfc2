"""The demo city: invented from end to end, seeded, at the scale of a French métropole of 23 communes.

``draw_city`` makes its ground, streets and equipment; ``build_demo_city`` writes it with thirteen months
of past into an empty database; ``read_city`` reads it back for the simulated senders, which go on where
the past ends. Nothing in it was measured, and every screen says so.
"""

from geodata.demo_city.build import DemoReport, build_demo_city, needs_demo
from geodata.demo_city.city import DemoCity, draw_city
from geodata.demo_city.heartbeats import phases
from geodata.demo_city.outages import CASCADES, status_table
from geodata.demo_city.past import Story as DemoStory
from geodata.demo_city.physics import Physics
from geodata.demo_city.quantities import COUNTED, MEASURED, QUARTER, quantities
from geodata.demo_city.reading import buses, read_city
from geodata.demo_city.timeline import building_lags, lamp_lags, resting_codes
from geodata.transit import BusLine, bus_lines

__all__ = [
    "CASCADES",
    "COUNTED",
    "MEASURED",
    "QUARTER",
    "BusLine",
    "DemoCity",
    "DemoReport",
    "DemoStory",
    "Physics",
    "build_demo_city",
    "building_lags",
    "bus_lines",
    "buses",
    "draw_city",
    "lamp_lags",
    "needs_demo",
    "phases",
    "quantities",
    "read_city",
    "resting_codes",
    "status_table",
]
