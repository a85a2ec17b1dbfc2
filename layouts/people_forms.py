"""The dialogs of the page of people: adding and changing an account, giving a right, a list. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import People
from layouts.people_words import area_choices, domain_choices
from layouts.view import AreaChoice
from model.errors import BadField
from model.people import (
    AUTHORITY_MOST,
    EMAIL_MOST,
    LOGIN_MOST,
    NAME_MOST,
    REASON_MOST,
    TEMPLATES,
    GrantDraft,
    Kind,
    PersonDraft,
    Template,
    VideoDraft,
)
from model.roles import Role
from model.texts import Words

PERSON_FIELDS = ("name", "email", "login", "role", "areas", "domains", "until", "reason")
PERSON_IDS = (
    People.NAME, People.EMAIL, People.LOGIN, People.NEW_ROLE, People.NEW_AREAS, People.NEW_DOMAINS,
    People.NEW_UNTIL, People.NEW_REASON,
)  # fmt: skip
CHANGE_FIELDS = ("name", "email", "login")
CHANGE_IDS = (People.CHANGE_NAME, People.CHANGE_EMAIL, People.CHANGE_LOGIN)
GRANT_FIELDS = ("role", "areas", "domains", "from", "until", "reason")
GRANT_IDS = (
    People.GRANT_ROLE, People.GRANT_AREAS, People.GRANT_DOMAINS, People.GRANT_FROM, People.GRANT_UNTIL,
    People.GRANT_REASON,
)  # fmt: skip
VIDEO_FIELDS = ("authority", "decided", "areas", "until")
VIDEO_IDS = (People.VIDEO_AUTHORITY, People.VIDEO_DECIDED, People.VIDEO_AREAS, People.VIDEO_UNTIL)


def people_dialogs(say: Words, areas: Sequence[AreaChoice]) -> Component:
    """Every dialog of the page, closed."""
    return html.Div(
        [
            _person_dialog(say, areas),
            _change_dialog(say),
            _grant_dialog(say, areas),
            _video_dialog(say, areas),
            _import_dialog(say),
        ]
    )


# --- fields -------------------------------------------------------------------------------------------


def day_field(id_: str, label: str, description: str | None = None) -> Component:
    """A day, typed or picked with the browser's own means."""
    return dmc.TextInput(
        id=id_, label=label, description=description, value="", size="sm", className="instant-field",
        inputProps={"type": "date"},
    )  # fmt: skip


def several_field(id_: str, label: str, data: list[Any], description: str, placeholder: str) -> Component:
    """A choice of several; none chosen stands for all, and the field says so."""
    return dmc.MultiSelect(
        id=id_, label=label, data=data, value=[], description=description, placeholder=placeholder,
        size="sm", searchable=True, hidePickedOptions=True, clearable=False,
        comboboxProps={"shadow": "none", "zIndex": 400},
    )  # fmt: skip


def _role_field(say: Words, id_: str, roles: Sequence[Role]) -> Component:
    data = [{"value": role.value, "label": say(f"role.{role.value}")} for role in roles]
    return form.select_field(id_, say("people.role"), data, Role.OPERATOR.value)


def _pair(*parts: Component) -> Component:
    return html.Div(list(parts), className="dialog-pair")


def _areas(say: Words, id_: str, areas: Sequence[AreaChoice]) -> Component:
    return several_field(
        id_, say("people.areas"), area_choices(areas), say("people.areas_hint"), say("people.whole_city")
    )


def _domains(say: Words, id_: str) -> Component:
    return several_field(
        id_, say("people.domains"), domain_choices(say), say("people.domains_hint"), say("people.all_domains")
    )


# --- dialogs ------------------------------------------------------------------------------------------


def _person_dialog(say: Words, areas: Sequence[AreaChoice]) -> Component:
    templates = [{"value": one.name, "label": say(f"people.template_{one.name}")} for one in TEMPLATES]
    roles = [role for role in Role if role is not Role.PARTNER]
    parts = [
        form.select_field(
            People.TEMPLATE, say("people.template"), templates, TEMPLATES[0].name,
            description=say("people.template_hint"), **{"data-autofocus": True},
        ),
        form.text_field(People.NAME, say("people.name"), NAME_MOST, description=say("people.name_hint")),
        _pair(
            form.text_field(
                People.EMAIL, say("people.email"), EMAIL_MOST, description=say("people.email_hint")
            ),
            form.text_field(
                People.LOGIN, say("people.login"), LOGIN_MOST, description=say("people.login_hint")
            ),
        ),
        html.Hr(),
        _role_field(say, People.NEW_ROLE, roles),
        _pair(_areas(say, People.NEW_AREAS, areas), _domains(say, People.NEW_DOMAINS)),
        _pair(
            day_field(People.NEW_UNTIL, say("people.until_field"), say("people.until_hint")),
            form.text_field(
                People.NEW_REASON, say("people.reason"), REASON_MOST, description=say("people.reason_hint")
            ),
        ),
        form.ends(
            say, People.PERSON_DIALOG, People.PERSON_SAVE, say("people.save_person"), People.PERSON_TOLD
        ),
    ]  # fmt: skip
    return form.dialog(say, People.PERSON_DIALOG, say("people.add_title"), parts, size="xl")


def _change_dialog(say: Words) -> Component:
    parts = [
        form.text_field(
            People.CHANGE_NAME, say("people.name"), NAME_MOST, description=say("people.name_hint"),
            **{"data-autofocus": True},
        ),
        form.text_field(People.CHANGE_EMAIL, say("people.email"), EMAIL_MOST),
        form.text_field(People.CHANGE_LOGIN, say("people.login_plain"), LOGIN_MOST),
        form.ends(say, People.CHANGE_DIALOG, People.CHANGE_SAVE, say("people.save"), People.CHANGE_TOLD),
    ]  # fmt: skip
    return form.dialog(say, People.CHANGE_DIALOG, say("people.change_title"), parts)


def _grant_dialog(say: Words, areas: Sequence[AreaChoice]) -> Component:
    roles = [role for role in Role if role not in (Role.PARTNER, Role.WALL)]
    parts = [
        _role_field(say, People.GRANT_ROLE, roles),
        _pair(_areas(say, People.GRANT_AREAS, areas), _domains(say, People.GRANT_DOMAINS)),
        _pair(
            day_field(People.GRANT_FROM, say("people.from_field")),
            day_field(People.GRANT_UNTIL, say("people.until_field")),
        ),
        form.text_field(
            People.GRANT_REASON, say("people.reason"), REASON_MOST, description=say("people.reason_hint")
        ),
        form.ends(say, People.GRANT_DIALOG, People.GRANT_SAVE, say("people.give"), People.GRANT_TOLD),
    ]
    return form.dialog(say, People.GRANT_DIALOG, say("people.grant_title"), parts, size="xl")


def _video_dialog(say: Words, areas: Sequence[AreaChoice]) -> Component:
    parts = [
        html.P(say("people.video_law"), className="quiet"),
        form.text_field(
            People.VIDEO_AUTHORITY, say("people.authority"), AUTHORITY_MOST,
            description=say("people.authority_hint"), **{"data-autofocus": True},
        ),
        _pair(
            day_field(People.VIDEO_DECIDED, say("people.decided"), say("people.decided_hint")),
            day_field(People.VIDEO_UNTIL, say("people.video_until"), say("people.video_until_hint")),
        ),
        _areas(say, People.VIDEO_AREAS, areas),
        form.ends(say, People.VIDEO_DIALOG, People.VIDEO_SAVE, say("people.give"), People.VIDEO_TOLD),
    ]  # fmt: skip
    return form.dialog(say, People.VIDEO_DIALOG, say("people.video_title"), parts)


def _import_dialog(say: Words) -> Component:
    check = html.Button(say("people.import_check"), id=People.IMPORT_CHECK, type="button", className="button")
    save = html.Button(
        say("people.import_save_none"), id=People.IMPORT_SAVE, type="button", disabled=True,
        className="button primary",
    )  # fmt: skip
    parts = [
        html.P(say("people.import_hint"), className="quiet"),
        dmc.Textarea(
            id=People.IMPORT_LIST, label=say("people.import_list"), value="", minRows=6, maxRows=12,
            autosize=True, size="sm", placeholder=example(say), **{"data-autofocus": True},
        ),
        html.Div(id=People.IMPORT_PREVIEW, className="import-preview", **{"aria-live": "polite"}),
        html.Div([check, save], className="dialog-ends"),
    ]  # fmt: skip
    return form.dialog(say, People.IMPORT_DIALOG, say("people.import_title"), parts, size="80rem")


def example(say: Words) -> str:
    """A line as the list takes it, in the reader's language."""
    operator, agent = say("role.operator"), say("role.field_agent")
    lighting = say("domain.lighting")
    return (
        f"Claire Vidal;;claire.vidal@ville.example;{operator};;;;\n"
        f"Paul Roche;p.roche;;{agent};;{lighting};2027-06-30;lot 2"
    )


# --- what was typed, as drafts ------------------------------------------------------------------------


def end_of_day(say: Words, field: str, text: str | None) -> datetime | None:
    """The instant (UTC) at which the local day ``text`` (2026-12-31) is over; None for an empty field.

    Raises BadField for ``field``.
    """
    day = read_day(field, text)
    return None if day is None else start(say, day + timedelta(days=1))


def start_of_day(say: Words, field: str, text: str | None) -> datetime | None:
    """The instant (UTC) at which the local day ``text`` begins; None for an empty field. Raises BadField."""
    day = read_day(field, text)
    return None if day is None else start(say, day)


def start(say: Words, day: date) -> datetime:
    """When the local ``day`` begins, in UTC."""
    return datetime.combine(day, time(), say.zone).astimezone(UTC)


def read_day(field: str, text: str | None) -> date | None:
    """The day ``text`` names; None for an empty field. Raises BadField for what is no day of our times."""
    if not (text or "").strip():
        return None
    try:
        day = date.fromisoformat(str(text).strip())
    except ValueError:
        raise BadField(field, "no_date") from None
    if not 1990 <= day.year <= 2200:
        raise BadField(field, "no_date")
    return day


def areas_of(chosen: Sequence[str] | None) -> frozenset[int] | None:
    """The areas chosen; None, all of them, when none is."""
    if not chosen:
        return None
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in map(str, chosen)):
        raise BadField("areas", "unknown_area")
    return frozenset(int(text) for text in chosen)


def domains_of(chosen: Sequence[str] | None) -> frozenset[str] | None:
    """The domains chosen; None, all of them, when none is."""
    return frozenset(map(str, chosen)) if chosen else None


def person_draft(name: str | None, email: str | None, login: str | None, role: str | None) -> PersonDraft:
    """The account that was typed; a wall's role makes it a device."""
    kind = Kind.DEVICE if role == Role.WALL else Kind.PERSON
    return PersonDraft(name or "", login or "", email or "", kind)


def grant_draft(
    say: Words,
    role: str | None,
    areas: Sequence[str] | None,
    domains: Sequence[str] | None,
    begins: str | None,
    until: str | None,
    reason: str | None,
) -> GrantDraft:
    """The grant that was typed. Raises BadField for what is no day or no area."""
    return GrantDraft(
        role or "", areas_of(areas), domains_of(domains), reason or "",
        start_of_day(say, "from", begins), end_of_day(say, "until", until),
    )  # fmt: skip


def video_draft(
    say: Words, authority: str | None, decided: str | None, areas: Sequence[str] | None, until: str | None
) -> VideoDraft:
    """The video right that was typed. Raises BadField."""
    day, end = read_day("decided", decided), end_of_day(say, "until", until)
    if day is None or end is None:
        raise BadField("decided" if day is None else "until", "empty")
    return VideoDraft(authority or "", day, end, areas_of(areas))


def filled_by(say: Words, template: Template, now: datetime) -> tuple[str, list[str], str]:
    """Role, domains and last day that ``template`` fills in."""
    last = ""
    if template.days is not None:
        last = (say.local(now) + timedelta(days=template.days)).date().isoformat()
    return template.role.value, sorted(template.domains or ()), last


def fits_template(name: str | None, grant: GrantDraft) -> None:
    """Raise BadField when the usual person chosen is of one commune and no area is: an empty field would give
    her the whole city."""
    template = next((one for one in TEMPLATES if one.name == name), None)
    if template and template.one_commune and template.role == grant.role and grant.areas is None:
        raise BadField("areas", "pick_area")


def what_is_wrong(say: Words, error: BadField) -> str:
    """Why a field was not taken, in words."""
    return say(f"people.bad_{error.reason}", **error.values)


def at_fields(say: Words, fields: Sequence[str], error: BadField | None) -> list[str | None]:
    """What stands at each of ``fields``: nothing, or what is wrong with it."""
    return [what_is_wrong(say, error) if error and error.field == name else None for name in fields]
