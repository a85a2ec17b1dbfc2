"""The artefact store of an installation: a folder, or a bucket where its settings name one.

What a bucket needs is imported where there is one: a folder pays nothing for it.
"""

from services.publishing.artefacts import Store
from services.settings import Settings


def artefact_store(settings: Settings) -> Store:
    """The store of this installation, for whoever writes to it."""
    if settings.artefacts_bucket is None:
        return Store(settings.artefacts_folder)
    from services.publishing.bucket import bucket_of
    from services.publishing.bucket_store import BucketStore

    return BucketStore(bucket_of(settings), settings.artefacts_folder)


def followed_store(settings: Settings) -> Store:
    """The store for whoever only reads, always a folder: of a bucket, one that follows it from now on."""
    if settings.artefacts_bucket is None:
        return Store(settings.artefacts_folder)
    from services.publishing.bucket import bucket_of
    from services.publishing.mirror import Mirror

    mirror = Mirror(bucket_of(settings), settings.artefacts_folder)
    mirror.begin()
    return mirror.store
