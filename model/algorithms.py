"""The register of algorithms that forecast: owner, purpose, error and who decides (field.md P4).

A forecast that is not registered does not render: whoever draws one asks for its entry first.
"""

from dataclasses import dataclass

from model.errors import NotFound


@dataclass(frozen=True)
class Algorithm:
    """One entry. Its words are ``algorithm.<key>.*`` of the catalogues: name, purpose, method, decision."""

    key: str
    owner: str
    code: str
    """Where its source is."""
    decides: str
    """The role that decides; no act follows from the algorithm by itself."""


ALGORITHMS = (
    Algorithm(
        key="promise_projection", owner="energy", code="services/boards/promises/projecting.py",
        decides="supervisor",
    ),
)  # fmt: skip


def registered(key: str) -> Algorithm:
    """The entry called ``key``. Raises NotFound: what is not registered must not be shown."""
    found = next((one for one in ALGORITHMS if one.key == key), None)
    if found is None:
        raise NotFound(f"no algorithm {key!r} is registered")
    return found
