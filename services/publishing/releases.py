"""What may be published now. To be replaced by the register of publications (approved by named persons).

Until then every dataset that is open is released as the city begins with it: whole, under its own licence.
"""

from datetime import UTC, datetime

from sqlalchemy import Engine

from geodata.profiles import CityProfile
from model.datasets import DATASETS
from model.publications import LONGEST_RELEASE, Release, dataset_of, draft_of_all

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def releases_in_force(engine: Engine, profile: CityProfile, now: datetime) -> list[Release]:
    """The approved version of every publication that is in force at ``now``, in the register's order."""
    drafts = [draft_of_all(dataset, profile.licence, "") for dataset in DATASETS if dataset.publishable]
    return [
        Release(
            name=draft.name,
            version=1,
            dataset=dataset,
            columns=draft.columns,
            areas=draft.areas,
            grain=draft.grain,
            delay_s=draft.delay_s,
            cadence_s=draft.cadence_s,
            licence=draft.licence,
            approved_by="",
            approved_at=_SINCE,
            valid_until=_SINCE + LONGEST_RELEASE,
        )
        for draft in drafts
        if (dataset := dataset_of(draft))
    ]
