"""The register of publications: proposed, judged, approved by named persons, revocable at once."""

from services.publishing.register.holding import hold_back, let_go
from services.publishing.register.publications import Publications
from services.publishing.register.releases import releases_in_force
from services.publishing.register.seeding import licence_of, seed

__all__ = ["Publications", "hold_back", "let_go", "licence_of", "releases_in_force", "seed"]
