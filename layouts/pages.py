"""The pages of the control room, in the order of the top bar. A new page is one line here."""

from collections.abc import Callable
from dataclasses import dataclass

from dash.development.base_component import Component

from layouts import (
    account,
    alarm_outside,
    alarm_panel,
    alarm_quality,
    alarm_reviews,
    alarm_rules,
    analysis,
    audit,
    board,
    board_communes,
    board_truth,
    composed,
    control_room,
    feeds,
    history,
    kpi_map,
    partners,
    people,
    publications,
    report,
    sessions,
    voices,
)
from layouts.board_tabs import SECTIONS
from layouts.view import PageView
from model.roles import (
    ALARM_READERS,
    AUDITORS,
    BOARD_READERS,
    FEED_READERS,
    PAST_READERS,
    PEOPLE_READERS,
    PUBLICATION_READERS,
    QUALITY_READERS,
    ROOM,
    ROUTE_KEEPERS,
    RULE_READERS,
    STAFF,
    VOICE_KEEPERS,
    Role,
)
from model.texts import Words


@dataclass(frozen=True)
class Page:
    """One page: its path, the catalogue key of its title, who may see it, and what builds it.

    ``under``: addresses one step below the path are the page too, ``/boards/figure/<key>``.
    """

    path: str
    title: str
    may: frozenset[Role]
    build: Callable[[Words, PageView], Component]
    under: bool = False


PAGES: tuple[Page, ...] = (
    Page("/", "page.room", ROOM, control_room.page),
    Page("/history", "page.history", PAST_READERS, history.page),
    Page("/analysis", "page.analysis", PAST_READERS, analysis.page),
    Page("/report", "page.report", PAST_READERS, report.page),
    Page("/boards/city", "page.board", BOARD_READERS, board.page),
    Page("/boards/map", "page.kpi_map", BOARD_READERS, kpi_map.page),
    Page("/boards/own", "page.composed", BOARD_READERS, composed.page),
    *(Page(section.path, f"page.board_{section.name}", BOARD_READERS, board.page) for section in SECTIONS),
    Page("/boards/communes", "page.communes", BOARD_READERS, board_communes.page),
    Page("/boards/commune", "page.commune", BOARD_READERS, board_communes.page, under=True),
    Page("/boards/figure", "page.figure", BOARD_READERS, board_truth.page, under=True),
    Page("/feeds", "page.feeds", FEED_READERS, feeds.page),
    Page("/alarms/hidden", "page.alarms_hidden", ALARM_READERS, alarm_panel.hidden_page),
    Page("/alarms/windows", "page.alarm_windows", ALARM_READERS, alarm_panel.windows_page),
    Page("/alarms/dossier", "page.alarm_dossier", ALARM_READERS, alarm_panel.dossier_page),
    Page("/alarms/quality", "page.alarm_quality", QUALITY_READERS, alarm_quality.page),
    Page("/alarms/reviews", "page.alarm_reviews", RULE_READERS, alarm_reviews.page),
    Page("/alarms/rules", "page.alarm_rules", RULE_READERS, alarm_rules.page),
    Page("/alarms/outside", "page.outside", ROUTE_KEEPERS, alarm_outside.page),
    Page("/people", "page.people", PEOPLE_READERS, people.page),
    Page("/sessions", "page.sessions", PEOPLE_READERS, sessions.page),
    Page("/partners", "page.partners", PEOPLE_READERS, partners.page),
    Page("/publications", "page.publications", PUBLICATION_READERS, publications.page),
    Page("/voices", "page.voices", VOICE_KEEPERS, voices.page),
    Page("/audit", "page.audit", AUDITORS, audit.page),
    Page("/account", "page.account", STAFF, account.page),
)


def page_at(path: str | None) -> Page | None:
    """The page whose path is ``path``, a trailing slash forgiven; None when there is none."""
    bare = (path or "/").rstrip("/") or "/"
    above = bare.rpartition("/")[0]
    return next((page for page in PAGES if page.path == bare or (page.under and page.path == above)), None)


HOMES = {Role.OFFICIAL: "/boards/city", Role.DPO: "/audit", Role.STEWARD: "/feeds"}
"""Where a role's work is, when that is not the first page it may see."""


def home_of(role: Role) -> str:
    """The path of the page ``role`` begins with: one it may see."""
    home = page_at(HOMES[role]) if role in HOMES else None
    if home is not None and role in home.may:
        return home.path
    return next((page.path for page in PAGES if role in page.may), "/")
