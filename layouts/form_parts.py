"""The parts of a dialog in which something is written: fields, and what could not be taken. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from model.errors import BadField
from model.texts import Words

LOCAL, LOCAL_MINUTE = "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"


def dialog(say: Words, id_: str, title: str, parts: Sequence[Any], *, size: str = "lg") -> Component:
    """A dialog that holds the keyboard while it is open; Escape, its cross and Cancel close it."""
    return dmc.Modal(
        id=id_, title=title, opened=False, size=size, centered=True, radius=0, shadow="none",
        transitionProps={"duration": 0}, overlayProps={"backgroundOpacity": 0.55}, className="dialog",
        closeButtonProps={"aria-label": say("notes.close")}, zIndex=300,
        children=html.Div(list(parts), className="dialog-parts"),
    )  # fmt: skip


def ends(say: Words, dialog_id: str, save_id: str, save: str, told_id: str | None = None) -> Component:
    """The last row of a dialog: what went wrong, Cancel, and the button that does it."""
    told = [html.P(id=told_id, className="dialog-told", role="alert")] if told_id else []
    cancel = html.Button(
        say("notes.cancel"), type="button", className="button", **{"data-close-dialog": dialog_id}
    )
    return html.Div(
        [*told, cancel, html.Button(save, id=save_id, type="button", className="button primary")],
        className="dialog-ends",
    )


def text_field(id_: str, label: str, most: int, **more: Any) -> Component:
    """A line of text of at most ``most`` characters."""
    return dmc.TextInput(id=id_, label=label, value="", inputProps={"maxLength": most}, size="sm", **more)


def area_field(id_: str, label: str, most: int, **more: Any) -> Component:
    """A few lines of text of at most ``most`` characters."""
    return dmc.Textarea(
        id=id_, label=label, value="", autosize=True, minRows=2, maxRows=6, size="sm",
        inputProps={"maxLength": most}, **more,
    )  # fmt: skip


def instant_field(id_: str, label: str, step_s: int = 60) -> Component:
    """A day and a time of day of the city, typed or picked with the browser's own means."""
    return dmc.TextInput(
        id=id_, label=label, value="", size="sm", className="instant-field",
        inputProps={"type": "datetime-local", "step": step_s},
    )  # fmt: skip


def select_field(id_: str, label: str, data: list[Any], value: str | None, **more: Any) -> Component:
    """A choice of one."""
    return dmc.Select(
        id=id_, label=label, data=data, value=value, allowDeselect=False, size="sm",
        comboboxProps={"shadow": "none", "zIndex": 400}, **more,
    )  # fmt: skip


def what_is_wrong(say: Words, error: BadField) -> str:
    """Why a field was not taken, in words."""
    values = {
        name: say.number(value, 0 if float(value).is_integer() else 2)
        if isinstance(value, int | float)
        else value
        for name, value in error.values.items()
    }
    return say(f"notes.bad_{error.reason}", **values)


def at_fields(say: Words, fields: Sequence[str], error: BadField | None) -> list[str | None]:
    """What stands at each of ``fields``: nothing, or what is wrong with it."""
    return [what_is_wrong(say, error) if error and error.field == name else None for name in fields]


def field_text(say: Words, at: datetime) -> str:
    """An instant as a field for one takes it, in the city's time: 2026-11-22T21:40, or with its seconds."""
    local = say.local(at)
    return local.strftime(LOCAL if local.second else LOCAL_MINUTE)


def read_field(say: Words, field: str, text: str | None, given: Mapping[str, str]) -> datetime:
    """The instant (UTC) a field holds. What it was given stays exactly that instant, fractions included.

    ``given`` maps the texts the dialog filled in to their instants, for in the hour that comes twice a text
    alone does not say which. Raises BadField for a text that is no time, or one the clock jumps over.
    """
    if text and text in given:
        return datetime.fromisoformat(given[text])
    try:
        wall = datetime.fromisoformat(text or "").replace(tzinfo=say.zone)
    except ValueError:
        raise BadField(field, "no_time") from None
    at = wall.astimezone(UTC)
    if at.astimezone(say.zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise BadField(field, "skipped_time")
    return at
