"""The logs of every process: text for a terminal, or one JSON object a line for a machine.

A line names its process and, where it is about one batch of observations, the batch's trace id: the same that
stands in the live stream and in the frames the consoles get.
"""

import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
TALKATIVE = ("alembic", "httpx", "httpcore")
"""Libraries whose news is not ours: only their warnings are shown."""

_TRACE: ContextVar[str] = ContextVar("trace", default="")


def new_trace() -> str:
    """A trace id for one batch on its way from the feed to the screen: 16 hexadecimal digits."""
    return secrets.token_hex(8)


@contextmanager
def tracing(trace: str) -> Iterator[None]:
    """Every line logged inside, by whomever, carries ``trace``."""
    token = _TRACE.set(trace)
    try:
        yield
    finally:
        _TRACE.reset(token)


class _Traced(logging.Filter):
    """Gives each record the trace in force; ``extra={"trace": ...}`` goes before it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.trace = getattr(record, "trace", "") or _TRACE.get()
        return True


class _TextLines(logging.Formatter):
    """As a person reads it; the trace at the end, where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        trace = getattr(record, "trace", "")
        return f"{line} [{trace}]" if trace else line


class _JsonLines(JsonFormatter):
    """Fields time (ISO 8601, UTC), level, logger, message, process; trace and exception where known."""

    def __init__(self, process: str) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            static_fields={"process": process},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, object]) -> dict[str, object]:
        """Leave out what is empty."""
        if not log_data.get("trace"):
            log_data.pop("trace", None)
        return log_data


def set_up(process: str, level: str = "INFO", form: str = "text") -> None:
    """Send every log line of this process to its standard error, as ``form`` (``text`` or ``json``).

    Replaces whatever was set up before; uvicorn's loggers are left to the root like all others.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Traced())
    handler.setFormatter(_JsonLines(process) if form == "json" else _TextLines(TEXT))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)
    for talkative in TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.WARNING)
