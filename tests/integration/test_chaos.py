"""Twenty parts killed with -9 at random while senders send: nothing accepted is lost, nothing comes twice."""

from pathlib import Path

import pytest

from bench.chaos import run

KILLS = 20
SEED = 7


@pytest.mark.servers
def test_nothing_accepted_is_lost_whatever_is_killed(server_folder: Path) -> None:
    found = run(KILLS, SEED, server_folder)
    assert (found["lost"], found["duplicated"], found["unbalanced"]) == (0, 0, 0), found
    assert found["accepted"] > 1_000
