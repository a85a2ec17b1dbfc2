"""One dataset opened: what it is, its columns, its publications with what speaks against them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.people_words import Names, act_button, areas_text, counted, plus_button, until_day
from layouts.publications_forms import findings_list
from layouts.publications_words import (
    PATH,
    age_text,
    columns_text,
    grain_text,
    state_mark,
    title_of,
)
from layouts.shell import state_card
from layouts.symbols import icon
from model.datasets import Column, Dataset, Sensitivity
from model.datasets.boards import COMPOSED_BOARDS
from model.finding_words import column_name, lasting
from model.publication_rights import approving, may_propose, may_refuse, may_revoke
from model.publications import Act, Finding, Publication, State, Step, Version, personal_behind
from model.roles import Role
from model.texts import Words
from model.viewer import Viewer

Judged = Mapping[tuple[str, int], tuple[Finding, ...]]


def dataset_sheet(
    say: Words,
    dataset: Dataset,
    held: Sequence[Publication],
    judged: Judged,
    viewer: Viewer,
    names: Names,
    now: datetime,
) -> Component:
    """Everything of one dataset, with the buttons of what ``viewer`` may do."""
    areas = viewer.scope.areas
    # A board is proposed where it was composed, with what it shows.
    own = dataset is not COMPOSED_BOARDS
    proposes = own and dataset.publishable and may_propose(viewer, dataset, areas)
    key = "publications.propose_version" if held else "publications.propose"
    button = plus_button(say(key), f"propose:{dataset.name}") if proposes else None
    none = say("publications.none" if dataset.publishable else "publications.none_closed")
    told = [_publication(say, one, dataset, judged, viewer, names, now) for one in held]
    parts: list[Any] = [
        _head(say, dataset),
        _facts(say, dataset),
        _section(say("publications.out"), told or [html.P(none)], button),
        _section(say("publications.how"), [html.P(say(f"dataset.{dataset.name}_how"))]),
        _section(say("publications.limits"), [html.P(say(f"dataset.{dataset.name}_limits"))]),
        _section(say("publications.columns"), [_columns(say, dataset)]),
    ]
    return html.Div(parts, className="sheet", key=dataset.name)


def _head(say: Words, dataset: Dataset) -> Component:
    return html.Header(
        [
            html.A("←", href=PATH, className="detail-back", **{"aria-label": say("people.back")}),
            html.Div([html.H2(title_of(say, dataset.name)), html.P(say(f"dataset.{dataset.name}_what"))]),
            html.A(icon("close", 16, say("people.close")), href=PATH, className="panel-close"),
        ],
        className="sheet-head",
    )


def _facts(say: Words, dataset: Dataset) -> Component:
    kind = f"{say(f'openness.{dataset.openness}')}. {say(f'openness.{dataset.openness}_means')}"
    second = "second_yes" if personal_behind(dataset) else "second_no"
    told = [
        ("kind", kind),
        ("owner", say("publications.owner", domain=say(f"domain.{dataset.domain}"))),
        ("finest", grain_text(say, dataset.grain)),
        ("delay", age_text(say, dataset.delay_s)),
        ("cadence", lasting(say, dataset.every_s)),
        ("legal_basis", say(f"legal_basis.{dataset.legal_basis}")),
    ]
    if dataset.closed is not None:
        told.append(("closed", say(f"closed.{dataset.closed}")))
    else:
        told.append(("second", say(f"publications.{second}")))
    if (secrecy := dataset.secrecy) is not None:
        values = {"k": say.number(secrecy.k), "percent": say.number(100 * secrecy.dominance)}
        told.append(("secrecy", say("publications.secrecy", **values)))
    return _facts_list(say, told)


def _facts_list(say: Words, told: Sequence[tuple[str, Any]]) -> Component:
    rows = [
        html.Div([html.Dt(say(f"publications.fact_{name}")), html.Dd(text)], className=f"fact-{name}")
        for name, text in told
    ]
    return html.Dl(rows, className="facts")


def _section(title: str, parts: Sequence[Any], button: Component | None = None) -> Component:
    head = html.Div([html.H3(title), *([button] if button else [])], className="section-head")
    return html.Section([head, *parts], className="sheet-section")


def _columns(say: Words, dataset: Dataset) -> Component:
    heads = [
        html.Th(say(f"publications.head_{name}"), scope="col") for name in ("column", "meaning", "leaves")
    ]
    rows = [
        html.Tr(
            [
                html.Th([column_name(say, one.name), " ", html.Code(one.name)], scope="row"),
                html.Td(_meaning(say, one)),
                html.Td(_leaves(say, one)),
            ],
            key=one.name,
        )
        for one in dataset.columns
    ]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="use-table")


def _meaning(say: Words, column: Column) -> str:
    means = say(f"column.{column.name}_means")
    return f"{means} ({column.unit})" if column.unit else means


def _leaves(say: Words, column: Column) -> str:
    if column.sensitivity is Sensitivity.NONE:
        return say("publications.leaves")
    return say("publications.stays", holds=say(f"sensitivity.{column.sensitivity}"))


# --- a publication ----------------------------------------------------------------------------------------


def _publication(
    say: Words,
    one: Publication,
    dataset: Dataset,
    judged: Judged,
    viewer: Viewer,
    names: Names,
    now: datetime,
) -> Component:
    """The version that is out and the one that waits; the last one where there is neither."""
    shown = [version for version in (one.waiting(now), one.in_force(now)) if version] or [one.versions[0]]
    parts = [
        _version(say, version, dataset, judged.get((one.name, version.number)), viewer, names, now)
        for version in shown
    ]
    return html.Article(
        [html.H4(html.Code(one.name)), *parts, _history(say, one)], className="publication", key=one.name
    )


def _version(
    say: Words,
    version: Version,
    dataset: Dataset,
    found: Sequence[Finding] | None,
    viewer: Viewer,
    names: Names,
    now: datetime,
) -> Component:
    state = version.state(now)
    head = html.Div(
        [html.Strong(say("publications.version", n=version.number)), state_mark(say, state)],
        className="publication-head",
    )
    parts = [head, _facts_list(say, _told(say, version, names))]
    if dataset is COMPOSED_BOARDS:
        address = f"/boards/own?proposed={version.draft.name}&version={version.number}"
        parts.append(html.P(html.A(say("publications.see_board"), href=address)))
    if state is State.PROPOSED:
        parts += _verdict(say, version, found or ())
    elif state is State.IN_FORCE and found is not None:
        parts += _held_back(say, found)
    buttons = _buttons(say, version, dataset, state, bool(found), viewer)
    return html.Div([*parts, html.Div(buttons, className="sheet-doing")], key=str(version.number))


def _told(say: Words, version: Version, names: Names) -> list[tuple[str, str]]:
    draft = version.draft
    return [
        ("columns", columns_text(say, draft.columns)),
        ("area", areas_text(say, draft.areas, names)),
        ("grain", grain_text(say, draft.grain)),
        ("age", age_text(say, draft.delay_s)),
        ("rate", lasting(say, draft.cadence_s)),
        ("licence", draft.licence),
        ("until", until_day(say, version.valid_until)),
        ("why", draft.why),
    ]


def _verdict(say: Words, version: Version, found: Sequence[Finding]) -> list[Component]:
    if found:
        told = counted(say, "publications.verdict_findings", len(found))
        said: list[Component] = [html.P(told), findings_list(say, found)]
    else:
        said = [html.P(say("publications.verdict_clean"))]
    waits = {Role.STEWARD: "publications.waits_steward", Role.DPO: "publications.waits_dpo"}
    who = ", ".join(say(waits[role]) for role in version.waits_for)
    title = html.H5(say("publications.verdict"))
    return [html.Div([title, *said, html.P(say("publications.waits_for", who=who))], className="verdict")]


def _held_back(say: Words, found: Sequence[Finding]) -> list[Component]:
    """Why the publisher does not make a version that is in force."""
    title = html.H5(say("publications.held_back"))
    why = [findings_list(say, found)] if found else []
    return [html.Div([title, html.P(say("publications.held_back_body")), *why], className="verdict")]


def _buttons(
    say: Words, version: Version, dataset: Dataset, state: State, against: bool, viewer: Viewer
) -> list[Component]:
    """What ``viewer`` may do with a version as it stands."""
    name, number = version.draft.name, version.number
    offered: list[str] = []
    if state is State.PROPOSED:
        if not against and (act := approving(viewer, version, dataset)) is not None:
            offered.append("approve" if act is Act.APPROVED else "clear")
        if may_refuse(viewer, version, dataset):
            offered.append("refuse")
    elif state is State.IN_FORCE and may_revoke(viewer, version, dataset):
        offered.append("revoke")
    return [
        act_button(
            say(f"publications.{what}"), f"{what}:{name}:{number}",
            f"{say(f'publications.{what}')}, {name}, {say('publications.version', n=number)}",
        )
        for what in offered
    ]  # fmt: skip


def _history(say: Words, one: Publication) -> Component:
    """Every act on every version, the newest first: public."""
    steps = [(version.number, step) for version in one.versions for step in version.steps]
    steps.sort(key=lambda pair: pair[1].at, reverse=True)
    rows = [_step(say, number, step) for number, step in steps]
    summary = say("publications.history_show", n=say.number(len(rows)))
    return html.Details([html.Summary(summary), html.Ol(rows, className="publication-history")])


def _step(say: Words, number: int, step: Step) -> Component:
    act = say("publications.step", n=number, act=say(f"publications.act_{step.act}"))
    who = say("publications.by", who=step.actor, role=say(f"role.{step.role}"))
    line = say("publications.step_line", at=say.instant(step.at), act=act, who=who)
    why = [html.Div(step.why, className="quiet")] if step.why else []
    return html.Li([html.Div(line), *why], key=f"{number} {step.act} {step.at.isoformat()}")


def nothing_chosen(say: Words) -> Component:
    """No dataset is open."""
    return state_card("empty", say("publications.choose"), say("publications.choose_body"))


def unknown_dataset(say: Words) -> Component:
    """The address names a dataset there is not."""
    return state_card("empty", say("publications.unknown"), say("publications.unknown_body"))
