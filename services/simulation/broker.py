"""Sending over MQTT, as a field gateway does: batches by asset type on ``vigie/<city>/<asset type>``."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from services.simulation.reports import Report

QOS = 1
BATCH = 200
WAITING_MOST = 20_000


class Gateway:
    """One connection to the broker, in paho's own thread; it reconnects by itself."""

    def __init__(self, url: str, city: str) -> None:
        self._address = urlsplit(url)
        self._topic = f"vigie/{city}"
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"vigie-senders-{city}", protocol=paho.MQTTv311
        )
        if self._address.username:
            self._client.username_pw_set(self._address.username, self._address.password)
        self._client.max_queued_messages_set(WAITING_MOST)
        self._client.reconnect_delay_set(1, 15)

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return bool(self._client.is_connected())

    def start(self) -> None:
        """Begin to connect."""
        host, port = self._address.hostname or "127.0.0.1", self._address.port or 1883
        self._client.connect_async(host, port, keepalive=20)
        self._client.loop_start()

    def publish(self, reports: Mapping[str, Sequence[Report]]) -> None:
        """Publish ``reports`` by asset type; the client sends again what the broker has not confirmed."""
        for asset_type, listed in reports.items():
            for at in range(0, len(listed), BATCH):
                payload = msgspec.json.encode([r.wire() for r in listed[at : at + BATCH]])
                self._client.publish(f"{self._topic}/{asset_type}", payload, QOS)

    async def stop(self) -> None:
        """Let go of the broker."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
