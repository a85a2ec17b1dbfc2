"""Letters in words, for the desk and the public site alike: what one is about, and what its clock says."""

from datetime import date, datetime

from model.texts import Words
from model.voices import LetterKind, dataset_of, panel_of


def subject_title(subject: str, say: Words) -> str:
    """A subject in words: the title of the dataset, the panel by name, or the site."""
    name = dataset_of(subject)
    if name:
        key = f"dataset.{name}_title"
        return say(key) if say.has(key) else name
    panel = panel_of(subject)
    return say("voices.about_panel", name=panel) if panel else say("voices.about_site")


def clock_text(say: Words, kind: LetterKind, due: date, left: int) -> str:
    """What the clock says ``left`` days before ``due``: a duty for a request, a goal for feedback."""
    key = "voices.clock" if kind is LetterKind.REQUEST else "voices.goal"
    if left == 0:
        return say(f"{key}_today")
    name = f"{key}_{'over' if left < 0 else 'left'}"
    day = say.day(datetime(due.year, due.month, due.day, 12, tzinfo=say.zone))
    return say(f"{name}_one" if abs(left) == 1 else name, n=say.number(abs(left)), day=day)
