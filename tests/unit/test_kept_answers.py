"""Answers about the past kept for all consoles: bounded, made once, never an error kept."""

import asyncio
import threading

import pytest

from callbacks.kept_answers import Answer, KeptAnswers, answer_of
from model.errors import Unavailable

SIZE = 10_000


def _answer(mark: int) -> Answer:
    return answer_of(bytes([mark]) * SIZE, "x/y")


async def test_memory_is_bounded_however_many_nights_are_asked_for() -> None:
    answers = KeptAnswers(most_bytes=5 * SIZE)
    for night in range(60):
        await answers.get(night, lambda night=night: _answer(night), keep=True)
        assert answers.bytes <= 5 * SIZE
    assert 1 < len(answers) <= 5


async def test_what_many_ask_at_once_is_made_once() -> None:
    made, go = [], threading.Event()

    def make() -> Answer:
        made.append(1)
        assert go.wait(10)
        return _answer(1)

    answers = KeptAnswers()
    asked = [asyncio.create_task(answers.get("night", make, keep=True)) for _ in range(20)]
    while not made:
        await asyncio.sleep(0)
    asked[0].cancel()
    go.set()
    found = await asyncio.gather(*asked[1:])
    assert (len(made), len(set(map(id, found)))) == (1, 1)


async def test_what_failed_is_asked_again() -> None:
    answers = KeptAnswers()

    def away() -> Answer:
        raise Unavailable("the database is away")

    with pytest.raises(Unavailable):
        await answers.get("night", away, keep=True)
    assert (await answers.get("night", lambda: _answer(2), keep=True)).raw[0] == 2


async def test_an_answer_is_not_kept_for_ever() -> None:
    answers = KeptAnswers(kept_s=0.0)
    await answers.get("night", lambda: _answer(1), keep=True)
    assert (await answers.get("night", lambda: _answer(2), keep=True)).raw[0] == 2
