"""Takes the pictures of the README from a running Vigie: python scripts/pictures.py [ROOM] [NAME...].

It signs in as the demo's supervisor, with one click.

Run it with the demo city after dusk of a storm day for the liveliest map; pictures go to docs/pictures.
"""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.chromium import chromium  # noqa: E402 - the checkout is not a package

OUT = ROOT / "docs" / "pictures"
WIDE, PHONE = (1920, 1080), (390, 844)


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the address it shows, the size of the screen, what to select first: in the
    live room the worst cause (``select``), in the past the first change of a cabinet (``pick``); ``who`` of
    the demo looks, nobody when empty."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    select: bool = False
    pick: bool = False
    tap: str = ""
    who: str = "supervisor"


def pictures(storm: str, before: str) -> tuple[Picture, ...]:
    """All of them; ``storm`` is the instant of the past map, ``before`` half an hour earlier."""
    night = f"/history?at={storm}&a={before}&b={storm}"
    return (
        Picture("control-room-dark", "/?theme=dark&lang=fr", select=True),
        Picture("control-room-light", "/?theme=light&lang=en", select=True),
        Picture("control-room-phone", "/?theme=dark&lang=fr", PHONE),
        Picture("control-room-phone-map", "/?theme=light&lang=fr", PHONE, tap="[data-tab='map']"),
        Picture("history-dark", f"/history?at={storm}&theme=dark&lang=fr"),
        Picture("time-machine-dark", f"{night}&theme=dark&lang=fr", pick=True),
        Picture("time-machine-light", f"{night}&span=21600&theme=light&lang=en", pick=True),
        Picture("time-machine-phone", f"{night}&theme=dark&lang=fr", PHONE),
        Picture("history-charts", "/history?series=area:0:detector:flow&p=7d&compare=1&theme=light&lang=en"),
        Picture("history-phone", "/history?theme=dark&lang=fr", PHONE),
        Picture("board-light", "/boards/city?theme=light&lang=fr"),
        Picture("board-dark", "/boards/city?theme=dark&lang=en"),
        Picture("board-phone", "/boards/city?theme=light&lang=fr", PHONE),
        Picture("feeds-dark", "/feeds?theme=dark&lang=fr"),
        Picture("feeds-light", "/feeds?feed=bus_positions&theme=light&lang=en"),
        Picture("feeds-phone", "/feeds?theme=dark&lang=fr", PHONE),
        Picture("sign-in-dark", "/signin?theme=dark&lang=fr", who=""),
        Picture("sign-in-phone", "/signin?theme=light&lang=en", PHONE, who=""),
        Picture("account-light", "/account?theme=light&lang=fr"),
    )


def take(browser: Browser, base: str, picture: Picture, settle_ms: int = 15_000) -> None:
    """Open the page, let it settle, and keep what is seen."""
    width, height = picture.size
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    if picture.who:
        page.goto(f"{base}/signin")
        page.locator(f"button[value={picture.who}]").click()
        page.wait_for_url(lambda url: "/signin" not in url)
    page.goto(base + picture.path)
    page.wait_for_timeout(settle_ms)
    if picture.tap:
        page.locator(picture.tap).click()
        page.wait_for_timeout(settle_ms // 2)
    if picture.select:
        rows = page.locator("#room-list li[role=option]")
        causes = rows.filter(has=page.locator(".row-cons.many"))
        (causes if causes.count() else rows).first.click()
        page.wait_for_timeout(settle_ms // 2)
    if picture.pick:
        page.locator("#past-changed [role=option]").filter(has_text="Armoire").first.click()
        page.wait_for_timeout(settle_ms)
    page.screenshot(path=OUT / f"{picture.name}.jpg", type="jpeg", quality=64)
    context.close()


def main() -> None:
    """Take every picture."""
    room = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8050"
    wanted = sys.argv[2:]
    storm = (datetime.now(UTC) - timedelta(days=6)).replace(hour=20, minute=45, second=0, microsecond=0)
    ends = [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (storm, storm - timedelta(minutes=30))]
    OUT.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for picture in pictures(*ends):
            if not wanted or picture.name in wanted:
                take(browser, room, picture)


if __name__ == "__main__":
    main()
