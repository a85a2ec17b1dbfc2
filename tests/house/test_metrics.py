"""Every metric is explained where those who watch Vigie read."""

import re
from pathlib import Path

from prometheus_client import Counter

from services.metrics import DECLARED

ROOT = Path(__file__).resolve().parents[2]


def documented() -> set[str]:
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(vigie_[a-z_]+)[`{]", page))


def test_every_metric_is_documented_and_none_that_is_gone() -> None:
    assert documented() == set(DECLARED)


def test_names_end_as_prometheus_wants_them() -> None:
    for name, declared in DECLARED.items():
        assert (declared.kind is Counter) == name.endswith("_total"), name
        assert declared.says, name


def test_every_metric_is_used_somewhere() -> None:
    rooms = ("callbacks", "intake", "public", "services")
    code = "".join(
        file.read_text(encoding="utf-8")
        for room in rooms
        for file in (ROOT / room).rglob("*.py")
        if file.name != "metrics.py"
    )
    assert [name for name in DECLARED if f'"{name}"' not in code] == []
