"""What became of one publication in one run of the publisher."""

from dataclasses import dataclass
from datetime import datetime

from services.publishing.artefacts import Manifest


@dataclass(frozen=True)
class Report:
    """``state``: published, unchanged, revoked, taken_back (its release ended), nothing (no rows), or failed
    (``why`` says it; the last artefacts stay)."""

    publication: str
    state: str
    version: int = 0
    data_time: datetime | None = None
    files: int = 0
    rows: int | None = None
    seconds: float = 0.0
    why: str = ""

    def __str__(self) -> str:
        if self.why:
            return f"{self.publication}: {self.state} after {self.seconds:.2f} s: {self.why}"
        when = self.data_time.isoformat() if self.data_time else "none"
        rows = "" if self.rows is None else f"{self.rows} rows, "
        return (
            f"{self.publication}: {self.state}, version {self.version}, data until {when}, "
            f"{rows}{self.files} files in {self.seconds:.2f} s"
        )


def report_of(manifest: Manifest, changed: bool, rows: int | None = None) -> Report:
    """What publishing came to, by the manifest in force after it."""
    state = "revoked" if manifest.revoked_at else "published" if changed else "unchanged"
    return Report(
        manifest.publication, state, manifest.version, manifest.data_time, len(manifest.files), rows
    )
