"""Keeping a group of processes alive: started in order, restarted when they die, stopped together.

Every child ends with the supervisor, whatever ends it. A child that keeps dying is started again more
and more slowly, and each death is told with the end of its log.
"""

import logging
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from model.errors import Unavailable
from services.launch.privileges import spawn
from services.launch.servers import Server

log = logging.getLogger(__name__)
STEADY_S = 30.0
SLOWEST_S = 10.0


@dataclass
class Worker:
    """One process of ours: its command line and environment, and when it was last started."""

    name: str
    command: Sequence[str | Path]
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, its output appended to its log."""
        self.process = spawn(self.command, env=self.env, log=self.log)
        self.started = time.monotonic()

    def pause_s(self) -> float:
        """How long to wait before it is started again: at once first, longer when it keeps dying."""
        return float(min(SLOWEST_S, 0.5 * 2 ** min(self.deaths, 6) - 0.5))


@dataclass
class Group:
    """The servers and workers of one ``serve``; ``watch`` blocks until somebody asks to stop."""

    servers: list[Server] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    tell: Callable[[str], None] = log.warning
    _stopping: bool = False

    def watch(self, tick_s: float = 0.5) -> None:
        """Start the workers and keep everything alive until SIGINT or SIGTERM; then stop in order."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._ask_to_stop)
        for worker in self.workers:
            worker.start()
        while not self._stopping:
            self.tend()
            time.sleep(tick_s)
        self.stop()

    def _ask_to_stop(self, _sign: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def tend(self) -> None:
        """Look after each process once: start again what died."""
        for server in self.servers:
            if not server.alive:
                self._revive(server)
        for worker in self.workers:
            if not worker.alive:
                self._restart(worker)

    def _revive(self, server: Server) -> None:
        self.tell(f"{server.name} ended; starting it again on the same data")
        try:
            server.start()
        except Unavailable as error:
            self.tell(str(error))

    def _restart(self, worker: Worker) -> None:
        now = time.monotonic()
        if now - worker.started > STEADY_S:
            worker.deaths = 0
        if now - worker.started < worker.pause_s():
            return
        worker.deaths += 1
        code = worker.process.returncode if worker.process else None
        self.tell(f"{worker.name} ended ({code}); starting it again, its log is {worker.log}")
        worker.start()

    def stop(self, patience_s: float = 10.0) -> None:
        """Stop the workers first, so that they may still write, then the servers."""
        running = [w.process for w in self.workers if w.process is not None and w.alive]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for server in reversed(self.servers):
            server.stop()
