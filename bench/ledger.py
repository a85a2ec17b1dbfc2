"""Two senders that keep a ledger: what the city acknowledged, by HTTP push and by MQTT QoS 1.

A sender never gives up an observation: what was not acknowledged is sent again, and over MQTT also what was
acknowledged within ``MEMORY_S`` before a connection broke, for a broker that is killed may have
acknowledged what it had not written yet.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

LAMPS = 200
CABINET_EVERY = 60
"""As ``bench.apply`` lays out: of so many assets the first is a cabinet."""
STATES = ("on", "off", "lamp_failure")
STATE_EVERY = 4
STEP_S = 0.05
"""Between the instants of two observations of one sender."""
MEMORY_S = 3.0
PUSHED_AT_ONCE = 10
PAUSE_S = 0.1
"""Between two sendings of a sender: about a hundred observations a second each."""
UNCONFIRMED_MOST = 300
TOPIC = "vigie/demo/streetlight"

Key = tuple[str, str, int]
"""Asset, property, instant in ms since 1970."""


class Story:
    """What one sender tells: observation ``number`` of the lamps it alone speaks for."""

    def __init__(self, lamps: list[str], began: datetime) -> None:
        self._lamps, self._began = lamps, began

    def item(self, number: int) -> dict[str, object]:
        """Every lamp in turn; one of four a state, each another one than those before and after it."""
        turn, place = divmod(number, len(self._lamps))
        at = self._began + timedelta(seconds=number * STEP_S)
        told: dict[str, object] = {"asset": self._lamps[place], "phenomenon_time": at.isoformat()}
        if (turn + place) % STATE_EVERY:
            return told | {"property": "power", "value": float(40 + number % 50)}
        return told | {"property": "state", "value": STATES[turn // STATE_EVERY % len(STATES)]}

    def entry(self, number: int) -> tuple[Key, object]:
        """The observation as the ledger has it."""
        item = self.item(number)
        at = self._began + timedelta(seconds=number * STEP_S)
        return (str(item["asset"]), str(item["property"]), round(at.timestamp() * 1000)), item["value"]


def stories(began: datetime) -> tuple[Story, Story]:
    """The lamps of the small city, shared between two senders."""
    lamps = [f"L-{n}" for n in range(1, LAMPS + 1) if n % CABINET_EVERY != 1]
    return Story(lamps[::2], began), Story(lamps[1::2], began)


def long_ago() -> datetime:
    """An instant so long before now that no sender reaches the present."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)


class Sender(threading.Thread, ABC):
    """A sender in a thread of its own; ``accepted`` numbers its observations that were acknowledged."""

    def __init__(self, story: Story) -> None:
        super().__init__(daemon=True)
        self.story = story
        self.accepted: set[int] = set()
        self.told: str = ""
        """Why the sender ended before it was asked to; empty when it did not."""
        self._enough = threading.Event()

    def run(self) -> None:
        """Until it is told that this is enough; what goes wrong is told by ``finish``."""
        try:
            self.send()
        except Exception as error:
            self.told = f"{type(error).__name__}: {error}"
            raise

    @abstractmethod
    def send(self) -> None:
        """Send until ``finish`` asks for the end."""

    def finish(self, patience_s: float) -> None:
        """Send one thing more, see everything acknowledged, and end; SystemExit when it does not."""
        self._enough.set()
        self.join(patience_s)
        if self.is_alive() or self.told:
            raise SystemExit(f"{type(self).__name__} could not finish: {self.told or 'not acknowledged'}")


class Pushing(Sender):
    """By HTTP push, each sending repeated until it is answered with 200."""

    def __init__(self, story: Story, url: str, key: str) -> None:
        super().__init__(story)
        self._url, self._key = url, key

    def send(self) -> None:
        """One sending after the other."""
        number = 0
        with httpx.Client(timeout=10, headers={"authorization": f"Bearer {self._key}"}) as client:
            last = False
            while not last and not self.told:
                last = self._enough.is_set()
                numbers = range(number, number + PUSHED_AT_ONCE)
                self._push(client, numbers)
                self.accepted.update(numbers)
                number += PUSHED_AT_ONCE
                time.sleep(PAUSE_S)

    def _push(self, client: httpx.Client, numbers: range) -> None:
        body = msgspec.json.encode([self.story.item(number) for number in numbers])
        while not self.told:
            try:
                answer = client.post(self._url, content=body)
            except httpx.TransportError:
                time.sleep(PAUSE_S)
                continue
            if answer.status_code == 200 and not answer.json()["rejected"]:
                return
            if answer.status_code != 503:
                self.told = f"{answer.status_code}: {answer.text[:300]}"
            time.sleep(PAUSE_S)


class Publishing(Sender):
    """By MQTT, QoS 1, over a persistent session. paho's thread only notes; this one alone decides."""

    def __init__(self, story: Story, url: str) -> None:
        super().__init__(story)
        self._events: deque[tuple[str, float, int]] = deque()
        self._number_of: dict[int, int] = {}
        self._confirmed_at: deque[tuple[float, int]] = deque()
        self._broke_at = 0.0
        self._client = self._made()
        host, port = url.removeprefix("mqtt://").split(":")
        self._client.connect_async(host, int(port), keepalive=5)

    def _made(self) -> Any:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="bench-ledger", clean_session=False, protocol=paho.MQTTv311
        )
        client.max_inflight_messages_set(100)
        client.reconnect_delay_set(1, 2)

        def note(kind: str, number: int = 0) -> None:
            self._events.append((kind, time.monotonic(), number))

        client.on_connect = lambda *_: note("back")
        client.on_disconnect = lambda *_: note("broke")
        client.on_publish = lambda _client, _data, mid, *_: note("confirmed", mid)
        return client

    def send(self) -> None:
        """Until that is enough and all of it was confirmed."""
        self._client.loop_start()
        number = 0
        while not self._enough.is_set():
            if len(self._number_of) < UNCONFIRMED_MOST:
                for _ in range(PUSHED_AT_ONCE):
                    self._publish(number)
                    number += 1
            time.sleep(PAUSE_S)
            self._take_in()
        self._publish(number)
        while self._number_of:
            time.sleep(PAUSE_S)
            self._take_in()
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, number: int) -> None:
        # Also while the broker is away: paho keeps it and sends it again by itself until it is confirmed.
        sent = self._client.publish(TOPIC, msgspec.json.encode(self.story.item(number)), qos=1)
        self._number_of[sent.mid] = number

    def _take_in(self) -> None:
        while self._events:
            kind, at, mid = self._events.popleft()
            if kind == "broke":
                self._broke_at = at
            elif kind == "confirmed":
                number = self._number_of.pop(mid)
                self.accepted.add(number)
                self._confirmed_at.append((at, number))
            elif self._broke_at:
                self._again()
        while self._confirmed_at and self._confirmed_at[0][0] < time.monotonic() - 10 * MEMORY_S:
            self._confirmed_at.popleft()

    def _again(self) -> None:
        """The broker is back: what it confirmed just before it broke is published again."""
        doubtful = [number for at, number in self._confirmed_at if at > self._broke_at - MEMORY_S]
        for number in doubtful:
            self._publish(number)
