"""oEmbed, the element, and panels of one commune: what somebody who embeds a panel asks the public door."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from public.door import public
from services.publishing.panels import traffic_now
from services.settings import read_settings
from tests import published_tables as made
from tests.published import published

ADDRESS = "https://panneaux.example.org"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    var = tmp_path_factory.mktemp("oembed")
    made.publish(published(var), traffic_now.NAME)
    return var


@pytest.fixture
async def visitor(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = public(read_settings(var=folder, public_url=ADDRESS))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ADDRESS) as client:
        yield client


async def asked(visitor: httpx.AsyncClient, url: str, more: str = "") -> httpx.Response:
    return await visitor.get(f"/oembed?url={quote(url, safe='')}{more}")


async def test_the_address_of_a_panel_gives_the_lines_that_embed_it(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/embed/traffic-now?lang=en&area=21231")
    link = page.headers["link"]
    assert 'type="application/json+oembed"' in link
    answer = await visitor.get(link.split(">")[0].removeprefix(f"<{ADDRESS}"))
    told = answer.json()
    assert (told["type"], told["version"], told["title"]) == ("rich", "1.0", "Traffic now")
    assert (told["width"], told["height"], told["cache_age"]) == (420, 590, 60)
    assert told["provider_url"] == f"{ADDRESS}/"
    assert f'src="{ADDRESS}/embed/traffic-now?lang=en&amp;theme=light&amp;area=21231"' in told["html"]
    assert 'title="Traffic now"' in told["html"]
    assert "<script" not in told["html"]
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_panel_is_never_larger_than_asked(visitor: httpx.AsyncClient) -> None:
    told = (await asked(visitor, f"{ADDRESS}/embed/lighting-status", "&maxwidth=320&maxheight=9999")).json()
    assert (told["width"], told["height"]) == (320, 590)
    assert 'width="320"' in told["html"]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"{ADDRESS}/embed/unknown", 404),
        (f"{ADDRESS}/embed/traffic-now?area=99999", 404),
        (f"{ADDRESS}/", 404),
        (f"{ADDRESS}.evil.example/embed/traffic-now", 404),
        ("http://panneaux.example.org/embed/traffic-now", 404),
        (f"{ADDRESS}/embed/../healthz", 404),
        ("https://[::bad/embed/traffic-now", 404),
        ("", 404),
        (f"{ADDRESS}/embed/traffic-now?lang=de", 400),
    ],
)
async def test_anything_else_is_refused(visitor: httpx.AsyncClient, url: str, status: int) -> None:
    assert (await asked(visitor, url)).status_code == status


@pytest.mark.parametrize(
    ("more", "status"), [("&format=xml", 501), ("&maxwidth=20", 400), ("&maxheight=x", 400)]
)
async def test_a_wish_that_cannot_be_met_is_refused(
    visitor: httpx.AsyncClient, more: str, status: int
) -> None:
    assert (await asked(visitor, f"{ADDRESS}/embed/traffic-now", more)).status_code == status


async def test_a_panel_of_one_commune_is_its_own(visitor: httpx.AsyncClient) -> None:
    city = (await visitor.get("/embed/traffic-now.json")).json()
    commune = (await visitor.get("/embed/traffic-now.json?area=21231")).json()
    assert len(city["rows"]) == 4
    assert [row["area"] for row in commune["rows"]] == ["Valmont"]
    assert (commune["area"], commune["area_code"]) == ("Valmont", "21231")
    page = (await visitor.get("/embed/traffic-now?area=21231&lang=en")).text
    assert "Valmont, Valmont-sur-Arce" in page
    assert 'href="traffic-now.csv?area=21231"' in page


@pytest.mark.parametrize("area", ["../x", "a b", "x" * 21, "%00"])
async def test_an_area_that_is_no_code_is_refused(visitor: httpx.AsyncClient, area: str) -> None:
    assert (await visitor.get(f"/embed/traffic-now?area={area}")).status_code == 400


async def test_an_unknown_commune_is_like_an_unknown_panel(visitor: httpx.AsyncClient) -> None:
    unknown, nowhere = await visitor.get("/embed/unknown"), await visitor.get("/embed/traffic-now?area=1")
    assert (unknown.status_code, unknown.content) == (nowhere.status_code, nowhere.content)


async def test_the_element_is_one_script_that_asks_nobody_else(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/vigie-panel.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    again = await visitor.get("/vigie-panel.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_the_gallery_offers_the_communes_and_both_ways(visitor: httpx.AsyncClient) -> None:
    text = (await visitor.get("/?lang=en")).text
    assert '<option value="21231">Valmont</option>' in text
    assert "&lt;vigie-panel name=&#34;traffic-now&#34;" in text
    assert "⟦" not in text
