"""Who may do what with a publication: asked by the register before each act, and by screens for buttons.

A steward acts on her own domains and places alone. Where personal data is behind a dataset, or the
data-protection officer took an earlier version back, two persons approve: the steward and the officer, who
may refuse or revoke any. An administrator proposes and revokes; she opens nothing.
"""

from collections.abc import Collection

from model.datasets import Dataset
from model.datasets.boards import COMPOSED_BOARDS
from model.publications import Act, Version
from model.roles import (
    BOARD_COMPOSERS,
    PUBLICATION_DECIDERS,
    PUBLICATION_PROPOSERS,
    PUBLICATION_REVOKERS,
    Role,
)
from model.viewer import Viewer


def answers_for(viewer: Viewer, dataset: Dataset, areas: frozenset[int] | None) -> bool:
    """Whether ``dataset`` and ``areas`` lie in the viewer's own part of the city."""
    scope = viewer.scope
    if scope.domains is not None and dataset.domain not in scope.domains:
        return False
    return scope.areas is None or (areas is not None and areas <= scope.areas)


def proposers_of(dataset: str) -> Collection[Role]:
    """The roles that propose to publish ``dataset``: boards also those who compose them."""
    return BOARD_COMPOSERS if dataset == COMPOSED_BOARDS.name else PUBLICATION_PROPOSERS


def may_propose(viewer: Viewer, dataset: Dataset, areas: frozenset[int] | None) -> bool:
    """Whether she may propose to publish ``dataset`` there."""
    return viewer.role in proposers_of(dataset.name) and answers_for(viewer, dataset, areas)


def approving(viewer: Viewer, version: Version, dataset: Dataset) -> Act | None:
    """What her approval of ``version`` would be; None: it is not hers to give, or was given.

    Nobody gives both of two approvals, in whatever roles.
    """
    act = {Role.STEWARD: Act.APPROVED, Role.DPO: Act.CLEARED}.get(viewer.role)
    if act is None or not answers_for(viewer, dataset, version.draft.areas) or version.step(act):
        return None
    if act is Act.CLEARED and not version.takes_two:
        return None
    other = version.step(Act.CLEARED if act is Act.APPROVED else Act.APPROVED)
    return None if other and other.actor_id == viewer.person_id else act


def may_refuse(viewer: Viewer, version: Version, dataset: Dataset) -> bool:
    """Whether she may refuse ``version``."""
    return viewer.role in PUBLICATION_DECIDERS and answers_for(viewer, dataset, version.draft.areas)


def may_revoke(viewer: Viewer, version: Version, dataset: Dataset) -> bool:
    """Whether she may take ``version`` back."""
    return viewer.role in PUBLICATION_REVOKERS and answers_for(viewer, dataset, version.draft.areas)
