"""A table of states as bars: how many places are in each."""

from collections import Counter

from services.publishing.panels.drawings import Bar, Bars
from services.publishing.panels.story import Row
from services.publishing.previews.showing import Asked, Picture

ROW_PX = 36


def bars_of_states(asked: Asked) -> Picture | None:
    """How many rows say each state, the most first; None for a table without states."""
    if "state" not in asked.table.column_names or not asked.table.num_rows:
        return None
    say, kinds = asked.say, asked.release.dataset.types
    counted = Counter(state or "" for state in asked.column("state"))
    most = max(counted.values())
    named = [(_state(asked, kinds, state), count) for state, count in counted.most_common()]
    bars = tuple(Bar(name, count / most, say.number(count)) for name, count in named)
    caption = say("preview.by_state")
    said = say("preview.list", text=", ".join(f"{name} {say.number(count)}" for name, count in named))
    rows = tuple(Row(name, (say.number(count),)) for name, count in named)
    head = (say("column.state"), say("preview.head_count"))
    return Picture(Bars(bars, ROW_PX), caption, f"{asked.title}. {caption} {said}", head, rows, "")


def _state(asked: Asked, kinds: tuple[str, ...], state: str) -> str:
    """The state in words, as the domain of the dataset's equipment calls it."""
    found = next((key for kind in kinds if asked.say.has(key := f"state.{kind}.{state}")), None)
    return asked.say(found) if found else state
