"""What somebody wishes to happen in the running simulated city: told in a file, taken once."""

import json
import os
from pathlib import Path
from typing import NamedTuple

FILE = "storm.json"


class StormWish(NamedTuple):
    """A storm of ``minutes``, drawn from ``seed``; what it strikes is mended in about ``repair_minutes``."""

    minutes: float
    repair_minutes: float
    seed: int


def wish(var: Path, storm: StormWish) -> None:
    """Ask the simulator that runs on the folder ``var`` for a storm; it begins within a second or two."""
    fresh = var / f"{FILE}.{os.getpid()}"
    fresh.write_text(json.dumps(storm._asdict()), encoding="utf-8")
    fresh.replace(var / FILE)


def taken(var: Path) -> StormWish | None:
    """The wish that waits in ``var``, which is gone then; None where there is none that can be read."""
    file = var / FILE
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        storm = StormWish(float(told["minutes"]), float(told["repair_minutes"]), int(told["seed"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        storm = None
    file.unlink(missing_ok=True)
    return storm
