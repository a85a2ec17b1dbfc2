"""A proposed change of a rule in words: which field, from what to what, why, and its trial. Pure."""

from model.alarm_review import Change, Trial
from model.alarm_rules import Rule
from model.rule_titles import unit_of
from model.texts import Words


def field_words(say: Words, field: str) -> str:
    """The name of a field of a rule."""
    return say(f"alarm_reviews.field_{field}")


def value_words(say: Words, rule: Rule, field: str, value: float) -> str:
    """What a field holds: a duration, a priority by its name, or a value in its unit."""
    if field == "priority":
        return say(f"outward.priority_{int(value)}")
    if field == "deadband":
        return f"{say.exact(value)}{unit_of(rule)}"
    return say.lasting(value) if value else say("alarm_reviews.no_delay")


def because(say: Words, change: Change) -> str:
    """Why it is proposed, with the counts it follows from."""
    return say(
        f"alarm_reviews.because_{change.grounds}", count=say.number(change.count), of=say.number(change.of)
    )


def tried_sentence(say: Words, trial: Trial) -> str:
    """What both versions would have raised, and what became of what somebody acted on."""
    days = say.number(max((trial.t1 - trial.t0) / 86_400, 1))
    key = "same" if trial.present == trial.proposed else "fewer"
    first = say(
        f"alarm_reviews.tried_{key}", after=say.number(trial.proposed), before=say.number(trial.present),
        days=days,
    )  # fmt: skip
    if not trial.acted:
        return f"{first} {say('alarm_reviews.acted_none')}"
    name = "all" if trial.kept == trial.acted else "some"
    acted = say(
        f"alarm_reviews.acted_{name}", acted=say.number(trial.acted), kept=say.number(trial.kept),
        lost=say.number(trial.acted - trial.kept),
    )  # fmt: skip
    return f"{first} {acted}"


def reason_words(say: Words, times: int, trial: Trial | None) -> str:
    """The reason a draft of what is proposed begins with."""
    told = say("alarm_reviews.reason", n=say.number(times))
    return told if trial is None else f"{told} {tried_sentence(say, trial)}"
