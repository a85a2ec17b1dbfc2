"""The demo city: invented from end to end, seeded, at the scale of a French métropole of 23 communes.

``draw_city`` makes its ground, streets and equipment; ``build_demo_city`` writes it with thirteen months
of past into an empty database. Nothing in it was measured, and every screen says so.
"""

from geodata.demo_city.build import DemoReport, build_demo_city, needs_demo
from geodata.demo_city.city import DemoCity, draw_city
from geodata.demo_city.reading import read_city

__all__ = ["DemoCity", "DemoReport", "build_demo_city", "draw_city", "needs_demo", "read_city"]
