"""What the tests of the open-data API ask: one public door over every sample."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.open_data import open_data, visitor


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with every sample."""
    folder = tmp_path_factory.mktemp("var")
    open_data(folder)
    return folder


@pytest.fixture
async def api(var: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks the API."""
    async with visitor(var) as client:
        yield client
