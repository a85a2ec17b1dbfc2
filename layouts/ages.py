"""How long ago something was, counting by the server's clock."""

from layouts.components import Age
from layouts.live_labels import age_labels
from model.texts import Words


def age(say: Words, since: float) -> Age:
    """How long ago ``since`` (seconds since 1970) was: 4 s, 11 min."""
    return Age(since=since, labels=age_labels(say), language=say.language)
