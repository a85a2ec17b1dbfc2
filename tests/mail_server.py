"""A real mail server on loopback for tests: one that takes letters, or refuses readers."""

import email
import email.policy
import subprocess
import sys
from pathlib import Path
from typing import Any

from services.launch.servers import free_port
from tests.ports import wait_for_port

REFUSING = '''
class Refusing:
    """Refuses every reader with the answer it is given, and takes no letter."""

    def __init__(self, answer):
        self.answer = answer

    @classmethod
    def from_cli(cls, parser, *answer):
        return cls(" ".join(answer))

    async def handle_RCPT(self, server, session, envelope, address, options):
        return self.answer
'''


class Mailbox:
    """A mail server in a process of its own (its library has a module called as our public door).

    With ``refuses`` (an answer, ``550 no such user``) it refuses every reader.
    """

    def __init__(self, folder: Path, refuses: str = "") -> None:
        self.port = free_port(9_600)
        self._folder, self._refuses = folder, refuses
        self.open()

    def open(self) -> None:
        """Begin to take letters."""
        handler = ("aiosmtpd.handlers.Mailbox", str(self._folder))
        if self._refuses:
            (self._folder.parent / "refusing.py").write_text(REFUSING, encoding="utf-8")
            handler = ("refusing.Refusing", *self._refuses.split())
        where = ("-n", "-l", f"127.0.0.1:{self.port}", "-c", *handler)
        self._process = subprocess.Popen((sys.executable, "-m", "aiosmtpd", *where), cwd=self._folder.parent)
        wait_for_port(self.port)

    def close(self) -> None:
        """Take no more."""
        self._process.kill()
        self._process.wait()

    @property
    def letters(self) -> list[Any]:
        """What came, in order."""
        files = sorted(self._folder.glob("new/*"), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]

    @property
    def address(self) -> str:
        """As a channel names it."""
        return f"mailto://127.0.0.1:{self.port}?from=vigie@example.org&to=duty@example.org&name=Vigie"
