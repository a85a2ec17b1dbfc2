"""Why an act was refused, in words of both languages: whoever stands beside the operator can read it too."""

from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from model.errors import BadField, NotNow, Refused, Unavailable, VigieError, http_status
from model.texts import LANGUAGES, Words, words


def refusal(say: Words, error: VigieError) -> Response:
    """``error`` as an answer: ``{"error": {code, reason, field, message, messages: {fr, en}, changed}}``."""
    status = http_status(error)
    told = {language: why(words(language, str(say.zone)), error) for language in LANGUAGES}
    body: dict[str, Any] = {
        "code": type(error).__name__.lower(), "reason": reason_of(error), "message": told[say.language],
        "messages": told,
    }  # fmt: skip
    if isinstance(error, BadField):
        body["field"] = error.field
    if isinstance(error, NotNow):
        body |= {name: _plain(value) for name, value in error.values.items()}
    headers = {"cache-control": "no-store"} | ({"retry-after": "2"} if status == 503 else {})
    return JSONResponse({"error": body}, status_code=status, headers=headers)


def reason_of(error: VigieError) -> str:
    """The short code of ``error``."""
    return getattr(error, "reason", "") or type(error).__name__.lower()


def why(say: Words, error: VigieError) -> str:
    """``error`` in the words of ``say``."""
    values = {name: _said(say, value) for name, value in getattr(error, "values", {}).items()}
    if isinstance(error, BadField):
        return _of(say, f"alarm_desk.bad.{error.reason}", "alarm_desk.bad.other", values)
    if isinstance(error, NotNow):
        return _of(say, f"alarm_desk.not_now.{error.reason}", "alarm_desk.not_now.other", values)
    if isinstance(error, Refused):
        return _of(say, f"alarm_desk.refused.{error.reason or 'role'}", "alarm_desk.refused.role", values)
    if isinstance(error, Unavailable):
        return say("alarm_desk.unavailable")
    return _of(say, f"alarm_desk.{type(error).__name__.lower()}", "alarm_desk.bad.other", values)


def _of(say: Words, key: str, otherwise: str, values: dict[str, Any]) -> str:
    return say(key, **values) if say.has(key) else say(otherwise)


def _said(say: Words, value: object) -> object:
    return say.soon(value) if isinstance(value, datetime) else value


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
