"""The ways between the pages about alarms: one entry in the top bar, a row of links under it. Pure."""

from dash import html
from dash.development.base_component import Component

from layouts.view import PageView
from model.texts import Words

WAYS = (
    ("hidden", "/alarms/hidden"),
    ("windows", "/alarms/windows"),
    ("quality", "/alarms/quality"),
    ("reviews", "/alarms/reviews"),
    ("rules", "/alarms/rules"),
    ("outside", "/alarms/outside"),
)
"""Each page about alarms: the end of its catalogue key ``alarm_pages.<name>``, and its path."""


def alarm_ways(say: Words, view: PageView) -> Component:
    """The pages about alarms that the reader may see, the present one marked."""
    return html.Nav(
        [
            html.A(
                say(f"alarm_pages.{name}"), href=path, className="way here" if here else "way",
                **({"aria-current": "page"} if here else {}),
            )
            for name, path in WAYS
            if view.is_open(path)
            for here in (path == view.path,)
        ],
        className="ways people-ways",
        **{"aria-label": say("alarm_pages.ways")},
    )  # fmt: skip
