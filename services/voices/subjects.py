"""What a letter may be about: the site, a dataset of the register, a panel; and whose that is."""

import re
from dataclasses import dataclass

from model.datasets import DATASETS
from model.errors import BadField
from model.texts import Words
from model.voices import DATASET, dataset_of, domain_of_dataset, panel_of

_PANEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True)
class Subject:
    """One thing to write about: how the form names it, and in words."""

    value: str
    title: str


def subjects(say: Words) -> list[Subject]:
    """The site, then every dataset of the register by its title."""
    named = [Subject(f"{DATASET}{one.name}", say(f"dataset.{one.name}_title")) for one in DATASETS]
    return [Subject("", say("voices.about_site")), *sorted(named, key=lambda one: one.title.casefold())]


def checked_subject(text: str) -> str:
    """``text`` when it names something one may write about. Raises BadField."""
    known = not text or domain_of_dataset(dataset_of(text)) is not None
    # A panel may have been taken back since its page was opened: what is said of it is heard all the same.
    if known or _PANEL.fullmatch(panel_of(text)):
        return text
    raise BadField("about", "unknown_subject")


def domain_of(subject: str) -> str | None:
    """The domain whose steward a letter is for; None where that is nobody's in particular."""
    if dataset_of(subject):
        return domain_of_dataset(dataset_of(subject))
    return _domain_of_panel(panel_of(subject)) if panel_of(subject) else None


def _domain_of_panel(name: str) -> str | None:
    from services.publishing.panels import PANELS

    drawn = {one.name: one.datasets for one in PANELS}
    domains = {domain_of_dataset(dataset) for dataset in drawn.get(name, ())}
    return domains.pop() if len(domains) == 1 else None
