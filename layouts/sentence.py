"""One sentence on the city's day, made from its figures: it claims only what they carry. Pure."""

from model.board import Phrase
from model.kpis import KpiBoard, KpiResult, Verdict
from model.texts import Words


def sentence(say: Words, board: KpiBoard, day: str) -> tuple[Phrase, ...]:
    """What holds, what does not, and the lighting's failure rate; ``day`` is the board's day in words."""
    judged = [r for r in board.results if r.verdict in (Verdict.HELD, Verdict.MISSED)]
    phrases = [Phrase(_count(say, judged, day)), *_failures(say, board)]
    told_failures = any(phrase.weight == "strong" for phrase in phrases)
    phrases += _missed(say, judged, told_failures)
    phrases += _withheld(say, board)
    return tuple(phrases)


def _count(say: Words, judged: list[KpiResult], day: str) -> str:
    held = sum(result.verdict is Verdict.HELD for result in judged)
    if not judged:
        return say("sentence.no_targets", day=day)
    if len(judged) == 1:
        return say("sentence.one_held" if held else "sentence.one_missed", day=day)
    if held in (0, len(judged)):
        return say("sentence.all_held" if held else "sentence.none_held", day=day, n=len(judged))
    return say("sentence.held_of", day=day, n=len(judged), held=held)


def _failures(say: Words, board: KpiBoard) -> list[Phrase]:
    result = board.result("failure_rate")
    if result is None or result.value is None:
        return []
    decimals = result.kpi.decimals
    text = say("sentence.failures", value=say.number(result.value, decimals))
    if result.verdict is Verdict.NONE or result.target is None:
        text += say("sentence.stop")
    else:
        ending = "sentence.under" if result.verdict is Verdict.HELD else "sentence.over"
        text += say(ending, limit=say.number(result.target.value, 1))
    quiet = (
        [
            Phrase(
                say(
                    "sentence.worst",
                    commune=result.worst.name,
                    value=say.number(result.worst.value, decimals),
                ),
                "quiet",
            )
        ]
        if result.worst
        else []
    )
    return [Phrase(text, "strong"), *quiet]


def _missed(say: Words, judged: list[KpiResult], told_failures: bool) -> list[Phrase]:
    """The figures beside their target by name; the failure rate is not named twice."""
    missed = [r for r in judged if r.verdict is Verdict.MISSED]
    rest = [r for r in missed if not (told_failures and r.kpi.key == "failure_rate")]
    if not rest:
        return []
    names = ", ".join(_lowered(say(f"kpi.{r.kpi.key}.short")) for r in rest)
    key = "sentence.missed_rest" if len(rest) < len(missed) else "sentence.missed"
    return [Phrase(say(key, names=names), "quiet")]


def _withheld(say: Words, board: KpiBoard) -> list[Phrase]:
    count = sum(result.withheld is not None for result in board.results)
    if not count:
        return []
    text = say("sentence.withheld_one") if count == 1 else say("sentence.withheld", n=count)
    return [Phrase(text, "quiet")]


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]
