"""Sending over MQTT, as field gateways do: batches by asset type on ``vigie/<city>/<asset type>``.

Some gateways know nothing of batches: their values come one by one, and the topic says whose they are,
``vigie/<city>/<asset type>/<asset>/<property>``.
"""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from services.simulation.reports import Report

QOS = 1
ONE_BY_ONE = (("gateway", "latency"),)
"""Asset types and properties that come one to a message."""
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
        for asset_type, every in reports.items():
            alone = [r for r in every if (asset_type, r.property) in ONE_BY_ONE]
            listed = [r for r in every if (asset_type, r.property) not in ONE_BY_ONE]
            self._publish_alone(asset_type, alone)
            for at in range(0, len(listed), BATCH):
                payload = msgspec.json.encode([r.wire() for r in listed[at : at + BATCH]])
                self._client.publish(f"{self._topic}/{asset_type}", payload, QOS)

    def _publish_alone(self, asset_type: str, reports: Sequence[Report]) -> None:
        for report in reports:
            payload = msgspec.json.encode({"value": report.value, "phenomenon_time": report.stamp()})
            topic = f"{self._topic}/{asset_type}/{report.asset}/{report.property}"
            self._client.publish(topic, payload, QOS)

    async def stop(self) -> None:
        """Let go of the broker."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
