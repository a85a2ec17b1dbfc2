"""A real S3 server of this machine for tests, on loopback: it can go away and come back with what it held."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

from services.launch.servers import free_port

KEYS = {"s3_key": "testing", "s3_secret": "testing", "s3_region": "us-east-1"}


class S3:
    """The server, its one bucket, and the settings that name them."""

    def __init__(self) -> None:
        self.port = free_port()
        self.begin()

    @property
    def settings(self) -> dict[str, str]:
        """What a process is told of it."""
        return {**KEYS, "artefacts": "s3://city/panels", "s3_endpoint": f"http://127.0.0.1:{self.port}"}

    def begin(self) -> None:
        """Start, or come back."""
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        """Go away; what was stored is kept."""
        self._server.stop()


@contextmanager
def s3_server() -> Iterator[S3]:
    """A server with an empty bucket."""
    import boto3

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = S3()
    client = boto3.client(
        "s3",
        endpoint_url=server.settings["s3_endpoint"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="city")
    client.close()
    try:
        yield server
    finally:
        server.stop()
