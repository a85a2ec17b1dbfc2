"""What one takes away, on a page: links to files of what is shown, and a chart as a picture. Pure.

Files: the page's address is the question, so a link needs none of the page's controls. ``assets/takeaway/
files.js`` sets each link to ``/history/export`` with the address as it is when it is used, and says on the
spot what could not be made. Pictures are made in the browser (``assets/takeaway/pictures.js``).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from layouts.acts import needs
from layouts.symbols import icon
from model.series import Series
from model.takeaway import Label, Origin, file_name, foot, period
from model.texts import Words

FILES = ("csv", "geojson", "geoparquet")
"""Files of data, by format."""

BETWEEN = ("changes", "replay", "report")
"""What two instants give: shown only while the address has A and B."""

_ADDRESSES = {
    "csv": "/history/export?format=csv",
    "geojson": "/history/export?format=geojson",
    "geoparquet": "/history/export?format=geoparquet",
    "changes": "/history/export?format=csv&what=changes",
    "replay": "/history/replay",
    "report": "/report",
}


def takeaway_links(say: Words, names: Sequence[str] = FILES) -> Component:
    """Links to what can be taken away of the page, whose address at that moment is the question."""
    return html.Div(
        [
            html.Div(say("takeaway.title"), className="control-label"),
            html.Div([_link(say, name) for name in names], className="takeaway-links"),
            html.P("", className="takeaway-said", role="status"),
        ],
        className="takeaway",
        **needs("export"),
        **{
            "data-preparing": say("takeaway.preparing"),
            "data-failed": say("takeaway.failed"),
        },
    )


def takeaway_of_instant(say: Words) -> list[Component]:
    """Files of the instant the past is at, and of what changed between A and B once they are set."""
    return [
        takeaway_links(say, (*FILES, *BETWEEN)),
        html.P(say("takeaway.of_instant"), className="takeaway-hint when-instant"),
        html.P(say("takeaway.of_two"), className="takeaway-hint when-between"),
    ]


def _link(say: Words, name: str) -> Component:
    parts = [icon("download", 16), say(f"takeaway.{name}")] if name != "report" else [say("takeaway.report")]
    return html.A(
        parts,
        href=_ADDRESSES[name],
        className="takeaway-link",
        title=say(f"takeaway.{name}_title"),
        **{"data-file": name, "data-between": "" if name in BETWEEN else None},
    )


@dataclass(frozen=True)
class Picture:
    """What is written into a chart's picture: its label, and a short word for the file's name."""

    label: Label
    what: str


def series_picture(say: Words, origin: Origin, name: str, where: str, series: Series) -> Picture:
    """The picture of one series: ``name`` and ``where`` in words; as of now, which is when it was read."""
    zone = ZoneInfo(origin.zone)
    label = Label(
        origin, name, where, series.asked.t0.astimezone(zone), series.asked.t1.astimezone(zone),
        datetime.now(zone), series.unit, series.coverage, say(f"history.source_{series.source}"),
    )  # fmt: skip
    return Picture(label, f"{name} {where}")


def picture_buttons(say: Words, picture: Picture) -> Component:
    """PNG and SVG of the chart in the same section; made in the browser, on paper's ground."""
    label = picture.label
    told = {
        "title": label.title + (f" ({label.unit})" if label.unit else ""),
        "lines": [label.place, period(say, label)],
        "foot": foot(say, label),
        "file": file_name(label, picture.what, ""),
    }
    return html.Div(
        [_picture_button(say, kind) for kind in ("png", "svg")],
        className="picture-buttons",
        **{"data-picture": json.dumps(told, ensure_ascii=False)},
    )


def _picture_button(say: Words, kind: str) -> Component:
    return html.Button(
        [icon("download", 16), say(f"takeaway.{kind}")],
        type="button",
        className="picture-button",
        title=say(f"takeaway.{kind}_title"),
        **{"data-kind": kind},
    )
