"""What citizens write: feedback and requests for data taken in, answered at a desk, and told to the public.

The public process shows the form alone, so what needs the database is loaded on first use. Wings meet only
at this front.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from services.voices.form import TEMPLATES, Form, form_of, spelled, voice_origin
from services.voices.subjects import Subject, checked_subject, subjects

if TYPE_CHECKING:
    from services.voices.desk import Voices
    from services.voices.sending import checked, receive, typed

__all__ = [
    "TEMPLATES",
    "Form",
    "Subject",
    "Voices",
    "checked",
    "checked_subject",
    "form_of",
    "receive",
    "spelled",
    "subjects",
    "typed",
    "voice_origin",
]

_LATER = {"Voices": "desk", "checked": "sending", "receive": "sending", "typed": "sending"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"services.voices.{_LATER[name]}"), name)
