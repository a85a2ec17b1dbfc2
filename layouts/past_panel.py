"""What can be done with an asset of the past, from its panel. Pure."""

from datetime import timedelta
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from layouts.story import Story
from model.texts import Words


def actions(say: Words, story: Story, index: int) -> list[Component]:
    """Find it on the map, see the curves of that day, open it as it is now; ``index`` is its live index."""
    assert story.at is not None  # noqa: S101 - the panel of the present has actions of its own
    day = say.local(story.at).date()
    series = quote(f"asset:{story.external_id}", safe="")
    curves = f"/history?series={series}&t0={day - timedelta(days=1)}&t1={day}"
    return [
        html.Button(say("panel.centre"), type="button", className="panel-action", **{"data-fly": str(index)}),
        dcc.Link(say("past_panel.day"), href=curves, className="panel-action", refresh=True),
        # Followed by assets/past/ways.js, with the filters and the area as they are.
        html.A(
            [say("past_panel.open_live"), html.Kbd(say("past.enter"))],
            href=f"/?asset={quote(story.external_id)}",
            className="panel-action",
            **{"data-leave": ""},
        ),
    ]
