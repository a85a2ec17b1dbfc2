"""Sending one letter by e-mail, over the mail server that the channel called ``reports`` names.

Channels are written as for alarms (``VIGIE_CHANNELS``); whom a report is sent to is the list's to say, so
only server and sender are read from the address. What was not taken says whether to try again.
"""

import logging
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage

import apprise
from apprise.plugins.email.base import NotifyEmail

from model.errors import BadSettings
from services.settings import is_loopback

# What it says of an address it cannot read may quote it, password and all.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

CHANNEL = "reports"
DEADLINE_S = 20.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in: ``mode`` is ``insecure``, ``starttls`` or ``ssl``; ``sender`` From and
    envelope."""

    host: str
    port: int
    mode: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


class NotDelivered(Exception):
    """A letter was not taken: ``code``, or ``code:detail``, which catalogues put into words; no secret.

    ``final`` where trying again cannot help: the server knows no such reader.
    """

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code, self.final = code, final


def read_mail(channels: str) -> MailServer | None:
    """The mail server of the channel ``reports``; None without one. BadSettings quotes no address."""
    address = next((one.partition("=")[2] for one in channels.split() if one.startswith(f"{CHANNEL}=")), "")
    if not address:
        return None
    found = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if not isinstance(found, NotifyEmail) or not found.from_addr:
        raise BadSettings(
            f"VIGIE_CHANNELS: the channel {CHANNEL} is mailtos://user:password@host?from=reports@city.example"
        )
    host = str(found.smtp_host or found.host)
    if found.secure_mode == "insecure" and found.password and not is_loopback(host):
        raise BadSettings(
            f"VIGIE_CHANNELS: the password of {CHANNEL} would cross a network in the clear: write mailtos://"
        )
    return MailServer(
        host, int(found.port or 25), str(found.secure_mode), str(found.from_addr[1]), str(found.user or ""),
        str(found.password or ""),
    )  # fmt: skip


def deliver(server: MailServer, letter: EmailMessage) -> None:
    """Hand in ``letter``. Blocks ``DEADLINE_S`` a step at most. Raises NotDelivered."""
    try:
        with _opened(server) as smtp:
            if server.mode == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(letter, from_addr=server.sender)
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()))[0]
        raise NotDelivered(f"reader_refused:{code}", final=code >= 500) from None
    except smtplib.SMTPResponseException as answer:
        raise NotDelivered(f"server_answered:{answer.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as away:
        raise NotDelivered(f"server_away:{type(away).__name__}") from None


def _opened(server: MailServer) -> smtplib.SMTP:
    if server.mode == "ssl":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=DEADLINE_S, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=DEADLINE_S)
