"""Why a rule was not tried against the past, in the reader's language. Pure."""

from model.errors import BadField, NotFound, Refused, Unavailable, VigieError
from model.texts import Words

_OTHERWISE: tuple[tuple[type[VigieError], str], ...] = (
    (Refused, "refused"), (NotFound, "not_found"), (Unavailable, "unavailable"), (VigieError, "other"),
)  # fmt: skip


def trial_reason(say: Words, error: VigieError) -> str:
    """``error`` as the end of a sentence: by its own reason where it has words, else by its kind."""
    reason = getattr(error, "reason", "")
    values = error.values if isinstance(error, BadField) else {}
    if reason and say.has(f"alarm_trial.{reason}"):
        return say(f"alarm_trial.{reason}", **values)
    return say(f"alarm_trial.{next(name for kind, name in _OTHERWISE if isinstance(error, kind))}")
