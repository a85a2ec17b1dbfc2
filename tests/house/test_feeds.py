"""What the documents say of feeds is what the code does."""

import tomllib
from pathlib import Path

from services.live import FEEDS, REASONS

ROOT = Path(__file__).resolve().parents[2]


def test_every_reason_is_documented() -> None:
    page = (ROOT / "docs" / "add-a-feed.md").read_text(encoding="utf-8")
    assert [reason for reason in REASONS if f"`{reason}`" not in page] == []


def test_every_feed_is_held_apart_from_the_others() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (apart,) = [one for one in contracts if one["type"] == "independence"]
    files = {f.stem for f in (ROOT / "services" / "live" / "feeds").glob("*.py")} - {"__init__"}
    assert {f"services.live.feeds.{name}" for name in files} == set(apart["modules"])
    assert {feed.name for feed in FEEDS} == files


def test_every_feed_has_its_page() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "feeds").glob("*.md")}
    assert {feed.name for feed in FEEDS} <= pages
