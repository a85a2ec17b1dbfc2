"""Both APIs against their own OpenAPI: what it allows is answered as it says, the rest refused."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from public.door import public
from public.sensorthings.openapi import RELATED
from public.sensorthings.world import SETS
from services.settings import read_settings
from tests.open_data import COUNTS, DAYS, LIGHTS, OUTLINES, open_data

CASES = 15
"""Of each operation and manner."""
FEW = 6
"""The same of a service whose many operations are one: what differs are its sets."""

GRAMMARS = ("bbox", "datetime", "filter", "cursor", "hour")
"""Parameters whose rules a JSON schema cannot say; allowed by it, they may be refused, and are named."""

OF_ALL = ("/", "/conformance", "/collections")
OF_EACH = ("", "/queryables", "/items", "/items/{featureId}")
PATHS = (
    *OF_ALL,
    *(f"/collections/{name}{path}" for name in (LIGHTS, COUNTS, DAYS, OUTLINES) for path in OF_EACH),
    *(f"/collections/{name}/series" for name in (COUNTS, DAYS)),
)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The API's own description, over published samples."""
    var = tmp_path_factory.mktemp("var")
    open_data(var)
    return schemathesis.openapi.from_asgi("/api/openapi.json", public(read_settings(var=var)))


def test_every_operation_is_tried(described: Any) -> None:
    assert {found.ok().path for found in described.get_all_operations()} == set(PATHS)


@pytest.mark.parametrize(
    "manner", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
@pytest.mark.parametrize("path", PATHS)
def test_every_operation_keeps_its_promises(described: Any, path: str, manner: GenerationMode) -> None:
    @seed(7)
    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=described[path]["GET"].as_strategy(generation_mode=manner))
    def tried(case: Any) -> None:
        keeps_promises(case, manner, GRAMMARS)

    tried()


def keeps_promises(case: Any, manner: GenerationMode, grammars: tuple[str, ...]) -> None:
    """Ask ``case``; what the schema allows is refused only for the grammar of one of ``grammars``."""
    answer = case.call()
    case.validate_response(answer, excluded_checks=[positive_data_acceptance])
    if manner is GenerationMode.POSITIVE and answer.status_code == 400:
        assert answer.json()["description"].partition(":")[0] in grammars


OPTIONS = ("$filter", "$expand", "$orderby", "$select", "$skiptoken")
SENSED = (
    "/",
    *(f"/{name}" for name in SETS),
    *(f"/{name}('{{id}}')" for name in SETS),
    *(f"/{name}('{{id}}')/{relation}" for name in SETS for relation in RELATED[name]),
)


@pytest.fixture(scope="module")
def sensed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The SensorThings service's own description, over published samples."""
    var = tmp_path_factory.mktemp("var")
    open_data(var)
    return schemathesis.openapi.from_asgi("/sensorthings/openapi.json", public(read_settings(var=var)))


def test_every_set_and_relation_is_tried(sensed: Any) -> None:
    assert {found.ok().path for found in sensed.get_all_operations()} == set(SENSED)


@pytest.mark.parametrize(
    "manner", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
@pytest.mark.parametrize("path", SENSED[1:])
def test_every_set_and_relation_keeps_its_promises(sensed: Any, path: str, manner: GenerationMode) -> None:
    @seed(7)
    @settings(max_examples=FEW, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=sensed[path]["GET"].as_strategy(generation_mode=manner))
    def tried(case: Any) -> None:
        keeps_promises(case, manner, OPTIONS)

    tried()
