"""What the privacy linter found, in words: for the room, the command line and the public log alike."""

from model.publications import Finding
from model.texts import Words

_UNITS = ((86_400, "unit.day_short"), (3_600, "unit.hour_short"), (60, "unit.minute_short"))
_LISTS = {"columns": "column.{}", "datasets": "dataset.{}_title"}


def lasting(say: Words, seconds: int) -> str:
    """A delay or a rhythm in its largest whole unit: 1 j, 90 min, 15 s."""
    for size, unit in _UNITS:
        if seconds and seconds % size == 0:
            return f"{say.number(seconds // size)} {say(unit)}"
    return f"{say.number(seconds)} s"


def column_name(say: Words, name: str) -> str:
    """What a column is called; its own name where the register does not know it."""
    return say(f"column.{name}") if say.has(f"column.{name}") else name


def objection(say: Words, finding: Finding) -> str:
    """What speaks against it, with the column first where it is about one."""
    said = say(f"lint.{finding.rule}", **_filled(say, finding))
    if not finding.column:
        return said[:1].upper() + said[1:] + "."
    return say("lint.of_column", column=column_name(say, finding.column), said=said) + "."


def what_would_pass(say: Words, finding: Finding) -> str:
    """What to do about it."""
    return say(f"lint.pass_{finding.passes}", **_filled(say, finding))


def _filled(say: Words, finding: Finding) -> dict[str, str]:
    """What a finding says, by blank: keys of the catalogue become texts, seconds become durations."""
    filled = {"column": column_name(say, finding.column)}
    for name, value in finding.said:
        if name.endswith("_s") and isinstance(value, int):
            filled[name.removesuffix("_s")] = lasting(say, value)
        elif name in _LISTS:
            keys = [_LISTS[name].format(one) for one in str(value).split()]
            filled[name] = ", ".join(say(key) for key in keys)
        elif isinstance(value, str):
            filled[name] = say(value) if say.has(value) else value
        else:
            filled[name] = say.number(value)
    return filled
