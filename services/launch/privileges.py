"""Whom servers run as, and what dies with whom.

PostgreSQL refuses to run as root, so root drops to an unprivileged account for it. Every child dies with
its parent (``PR_SET_PDEATHSIG``), so that kill -9 of the launcher leaves nothing running.
"""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
ACCOUNTS = ("postgres", "nobody")


def server_account() -> pwd.struct_passwd | None:
    """The account servers run as: None (our own) unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def account_options(account: pwd.struct_passwd | None) -> dict[str, object]:
    """What ``subprocess`` needs to run a child as ``account``."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def dies_with_parent(sign: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A ``preexec_fn`` after which the kernel sends ``sign`` to the child when the parent's thread ends.

    Start such children from a thread that lives as long as they should: the main one.
    """

    def _set() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, sign)

    return _set


def spawn(
    command: Sequence[str | Path],
    *,
    account: pwd.struct_passwd | None = None,
    dying: signal.Signals = signal.SIGTERM,
    env: dict[str, str] | None = None,
    log: Path | None = None,
    cwd: str | Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own, as ``account``, ending with us by signal ``dying``.

    Output is appended to ``log``, or inherited. A session of its own keeps the terminal's Ctrl-C for the
    launcher, which then stops its children in order.
    """
    out = log.open("ab") if log else None
    try:
        child: subprocess.Popen[bytes] = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            preexec_fn=dies_with_parent(dying),
            start_new_session=True,
            env=env,
            cwd=cwd,
            **account_options(account),  # type: ignore[call-overload]
        )
        return child
    finally:
        if out:
            out.close()


def can_enter(folder: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether ``account`` may walk into ``folder`` (which exists)."""
    if account is None:
        return os.access(folder, os.X_OK)
    done = subprocess.run(
        ["test", "-x", str(folder)],
        check=False,
        cwd="/",
        **account_options(account),  # type: ignore[call-overload]
    )
    return bool(done.returncode == 0)
