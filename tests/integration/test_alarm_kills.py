"""Fifty web processes killed with -9 between a click and its answer: what was answered as done is done,
nothing is half done, and the next process's list says which."""

import contextlib
import http.client
import json
import multiprocessing
import os
import random
import signal
import socket
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geodata.database_roles import address_for
from model.roles import Role
from services.access import verify_books
from tests.alarms_made_up import add_alarm, add_rule
from tests.clock import began
from tests.integration.small_city import add_assets
from tests.signing_in import SignedIn, sign_in

pytestmark = pytest.mark.servers

KILLS = 50
SELECTED = 4
"""Alarms of one click: more than one row, line and entry that must stand or fall together."""
SEED = 23
LONGEST = 4.0
"""The latest kill, in times of what a click took once: a process that comes up beside it makes it longer."""
PATIENCE_S = 60
DARK = "streetlight.dark"


@dataclass
class Click:
    """One click: the alarms it named, and the answer if one came."""

    alarms: list[int]
    answer: dict[str, Any] | None = None
    listed: dict[int, bool] = field(default_factory=dict)


class Process:
    """A control room that is started ahead of its use and killed."""

    def __init__(self, context: Any, url: str, redis_url: str) -> None:
        from tests.alarm_desk_process import serve_until_killed

        self._ours, theirs = context.Pipe(duplex=False)
        self.process: BaseProcess = context.Process(target=serve_until_killed, args=(url, redis_url, theirs))
        self.process.start()
        theirs.close()
        self._port = 0

    @property
    def port(self) -> int:
        """Where it answers, once it does."""
        if not self._port:
            assert self._ours.poll(PATIENCE_S), "it does not come up"
            self._port = self._ours.recv()
        return self._port

    def kill(self) -> None:
        """Now, and not gently."""
        os.kill(int(self.process.pid or 0), signal.SIGKILL)
        self.process.join(PATIENCE_S)
        self._ours.close()


def asked(port: int, who: SignedIn, method: str, path: str, body: Any = None) -> socket.socket:
    """A connection on which a request was sent, and no more."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    content = json.dumps(body).encode() if body is not None else b""
    head = {"host": "localhost", "content-type": "application/json", "content-length": str(len(content))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in {**head, **who.headers}.items()), "", ""]
    sock.sendall("\r\n".join(lines).encode() + content)
    return sock


def answer_on(sock: socket.socket) -> tuple[int, dict[str, Any]] | None:
    """The answer that came whole, however late it is read; None when the process died before it was sent."""
    try:
        found = http.client.HTTPResponse(sock)
        found.begin()
        return found.status, json.loads(found.read())
    except (http.client.HTTPException, ConnectionError, ValueError):
        return None
    finally:
        sock.close()


def bodies(alarms: list[int]) -> dict[str, Any]:
    return {"alarms": [{"id": alarm, "activations": 1} for alarm in alarms]}


def listed(port: int, who: SignedIn) -> dict[int, bool]:
    """What the list says of each alarm: whether it is acknowledged."""
    found = answer_on(asked(port, who, "GET", "/alarms/list.json"))
    assert found is not None and found[0] == 200, found
    return {row["id"]: row["acknowledged"] is not None for row in found[1]["rows"]}


def test_no_acknowledgement_is_lost_or_half_done(engine: Engine, database_url: str, redis_url: str) -> None:
    with engine.begin() as connection:
        add_assets(connection, *[("streetlight", None)] * (KILLS * SELECTED + SELECTED))
        add_rule(connection, DARK, began())
        alarms = [add_alarm(connection, DARK, began(), asset=n + 1) for n in range((KILLS + 1) * SELECTED)]
    who = sign_in(engine, Role.OPERATOR)
    url = address_for(database_url, "web")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.alarm_desk_process"])
    dice = random.Random(SEED)
    running = Process(context, str(url), redis_url)
    # How long a click takes here: the kills fall between sending and answering, however slow the machine is.
    listed(running.port, who)
    at = time.monotonic()
    warm = answer_on(asked(running.port, who, "POST", "/alarms/act/acknowledge", bodies(alarms[:SELECTED])))
    whole = time.monotonic() - at
    assert warm is not None and warm[0] == 200
    clicks, tries = [], [alarms[n : n + SELECTED] for n in range(SELECTED, len(alarms), SELECTED)]
    coming = Process(context, str(url), redis_url)
    for number, selected in enumerate(tries):
        click = Click(selected)
        listed(running.port, who)
        sock = asked(running.port, who, "POST", "/alarms/act/acknowledge", bodies(selected))
        sock.settimeout(dice.uniform(0.0, LONGEST) * whole)
        # Waits for the answer, and at most so long: then the process dies, whatever it is doing.
        with contextlib.suppress(TimeoutError):
            sock.recv(1, socket.MSG_PEEK)
        running.kill()
        sock.settimeout(PATIENCE_S)
        told = answer_on(sock)
        click.answer = told[1] if told and told[0] == 200 else None
        running = coming
        settle(engine)
        click.listed = listed(running.port, who)
        clicks.append(click)
        if number < len(tries) - 1:
            coming = Process(context, str(url), redis_url)
    running.kill()
    judge(engine, clicks)


def settle(engine: Engine) -> None:
    """Wait until the server noticed that a client is gone: what was in flight commits or does not."""
    with engine.connect() as connection:
        connection.execute(text("SELECT FROM alarm ORDER BY id FOR UPDATE"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('vigie.audit'), hashtext('changes'))"))


def judge(engine: Engine, clicks: list[Click]) -> None:
    """Every click stood or fell as a whole, as its answer and the next list said."""
    question = text(
        "SELECT a.id, a.acknowledged_at IS NOT NULL, "
        "(SELECT count(*) FROM alarm_event e WHERE e.alarm_id = a.id AND e.kind = 'acknowledged'), "
        "(SELECT count(*) FROM audit_entry t "
        "WHERE t.action = 'alarm_acknowledged' AND t.object = a.id::text) FROM alarm a"
    )
    with engine.connect() as connection:
        rows = {row[0]: (bool(row[1]), row[2], row[3]) for row in connection.execute(question)}
    outcomes = set()
    for click in clicks:
        states = {rows[alarm] for alarm in click.alarms}
        assert states in ({(True, 1, 1)}, {(False, 0, 0)}), "half done"
        done = states == {(True, 1, 1)}
        assert {click.listed[alarm] for alarm in click.alarms} == {done}, "the next list says which"
        if click.answer is not None:
            assert done and len(click.answer["rows"]) == SELECTED, "answered as done and lost"
        outcomes.add((done, click.answer is not None))
    assert (True, True) in outcomes and (False, False) in outcomes, f"kills fell on one side only: {outcomes}"
    assert verify_books(engine).sound
