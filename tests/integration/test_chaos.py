"""Everything killed with -9 at random, under two senders: nothing acknowledged is lost or doubled."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
SEED = 7
PATIENCE_S = 400


def test_nothing_is_lost_doubled_or_miscounted_when_everything_is_killed() -> None:
    # A process of its own: servers end with the thread that started them.
    done = subprocess.run(
        [sys.executable, "-m", "bench.chaos", str(KILLS), str(SEED)],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr[-3_000:]
    found = json.loads(done.stdout.splitlines()[-1])
    faults = {name: found[name] for name in ("lost", "duplicated", "unbalanced")}
    assert faults == {"lost": 0, "duplicated": 0, "unbalanced": 0}, done.stderr[-3_000:]
    assert found["kills"] == KILLS
    assert found["accepted"] > 500
    assert done.returncode == 0
