"""The tree of errors, and what each says to a caller over HTTP.

VigieError
├── BadSettings          a setting is missing or cannot be right (start is refused)
├── BadProfile           a city, import or domain declaration is wrong: names file, key and mend
├── BadFile              a file to import cannot be read or placed: names rows, columns and mend
├── BadObservation       one observation is refused at the door; carries the reason it is counted under
├── BadRequest           a question that cannot be answered as asked
│   └── BadField         one field of what somebody typed is refused; names the field and the reason
│   └── TooBroad         a question that would run for minutes; carries a better one
├── NotFound             no such asset, area, layout or publication
├── Refused              the caller may not do that
│   ├── NotAgreed        a partner's key or agreement does not allow it; carries the reason
│   ├── NotNow           as things stand it cannot be done: they changed, or somebody was faster
│   └── PurposeNeeded    a record the law protects: say first what for
└── Unavailable          a part is away for now: the database, Redis, an artefact
"""

from collections.abc import Mapping


class VigieError(Exception):
    """Any error Vigie raises on purpose; ``str()`` is fit to show and holds no secret."""


class BadSettings(VigieError):
    """A setting is missing or impossible."""


class BadProfile(VigieError):
    """A declaration (city, import profile) is wrong."""


class BadFile(VigieError):
    """A file to import is refused whole; the text names what is wrong and how to mend it."""


class BadObservation(VigieError):
    """An observation is refused; ``reason`` is the short code its rejects are counted under."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class BadRequest(VigieError):
    """A question that cannot be answered as asked."""


class BadField(BadRequest):
    """One field of what somebody typed is refused: ``field`` is its name, ``reason`` the short code that
    catalogues put into words, ``values`` what those words are filled with."""

    def __init__(self, field: str, reason: str, **values: object) -> None:
        told = "".join(f" {name}={value}" for name, value in values.items())
        super().__init__(f"{field}: {reason.replace('_', ' ')}{told}")
        self.field = field
        self.reason = reason
        self.values = values


class TooBroad(BadRequest):
    """A question that would run for minutes, judged by the rows it would read, before it is tried.

    ``rows`` is how many that would be; ``better`` the arguments to change for a question that is answered
    at once, by name: ``{"by": "hour"}``, or a nearer ``t0``.
    """

    def __init__(self, rows: int, better: Mapping[str, object]) -> None:
        told = ", ".join(f"{name}={value}" for name, value in better.items())
        super().__init__(f"this would read about {rows:,} rows; ask instead with {told}")
        self.rows = rows
        self.better = dict(better)


class NotFound(VigieError):
    """Nothing of that name."""


class Refused(VigieError):
    """The caller may not do that; ``reason``, where there is one, is the short code catalogues know."""

    def __init__(self, message: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class NotAgreed(Refused):
    """A partner's key does not open that; ``reason`` is the short code its program can act on."""

    def __init__(self, reason: str, detail: str = "") -> None:
        told = reason.replace("_", " ")
        super().__init__(f"{told}: {detail}" if detail else told, reason)


class NotNow(Refused):
    """Who asks may do that, but not as things stand: they changed since she looked, somebody was faster, or
    one step is missing. ``reason`` is the short code catalogues put into words, ``values`` fill those."""

    def __init__(self, reason: str, **values: object) -> None:
        told = "".join(f" {name}={value}" for name, value in values.items())
        super().__init__(f"{reason.replace('_', ' ')}{told}", reason)
        self.values = values


class PurposeNeeded(Refused):
    """The record is protected: whoever looks says what for."""


class Unavailable(VigieError):
    """A part is away for now."""


HTTP_STATUS: dict[type[VigieError], int] = {
    BadObservation: 422,
    BadFile: 400,
    BadProfile: 400,
    BadRequest: 400,
    NotFound: 404,
    NotNow: 409,
    Refused: 403,
    Unavailable: 503,
    BadSettings: 500,
    VigieError: 500,
}
"""Error class to HTTP status; the doors answer with ``{"error": {"code": ..., "message": ...}}``."""


def http_status(error: VigieError) -> int:
    """The HTTP status of ``error``, from the nearest class in the table."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)
