"""What the publisher may make: the approved versions in force, judged once more before anything leaves."""

import logging
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine

from geodata.asking import asking
from model.publications import Act, Publication, Release, Version, dataset_of
from services.publishing.linting import LICENCES, lint
from services.publishing.register import rows

log = logging.getLogger(__name__)


def releases_in_force(
    engine: Engine, now: datetime, licences: Collection[str] = LICENCES
) -> tuple[Release, ...]:
    """Every release at ``now`` (aware), by name. Raises Unavailable without a database.

    The register is code and may have become stricter since somebody approved: what the linter would refuse
    today is left out, and logged.
    """
    with asking(engine) as connection:
        found = rows.publications(connection)
    made = (_release(one, version, licences) for one in found if (version := one.in_force(now)))
    return tuple(release for release in made if release is not None)


def _release(publication: Publication, version: Version, licences: Collection[str]) -> Release | None:
    draft, dataset = version.draft, dataset_of(version.draft)
    approved = version.step(Act.APPROVED)
    if dataset is None or approved is None:
        return None
    # How long it may last was counted from its proposal; the clocks of two machines are never quite alike.
    if against := lint(draft, version.proposed_at, licences):
        rules = ", ".join(f"{one.rule} {one.column}".strip() for one in against)
        log.warning("%s version %d is not made: %s", publication.name, version.number, rules)
        return None
    given = [step for step in (approved, version.step(Act.CLEARED)) if step is not None]
    return Release(
        name=publication.name, version=version.number, dataset=dataset, columns=draft.columns,
        areas=draft.areas, grain=draft.grain, delay_s=draft.delay_s, cadence_s=draft.cadence_s,
        licence=draft.licence, approved_by=", ".join(step.actor for step in given),
        approved_at=max(step.at for step in given), valid_until=version.valid_until,
    )  # fmt: skip
