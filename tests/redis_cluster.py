"""A real Redis Cluster of six nodes on the loopback: three masters, each with a replica."""

import pwd
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from services.launch.privileges import server_account
from services.launch.servers import Server, _owned, data_folder, free_port, program

MASTERS = 3
SLOTS = 16_384
NODE_TIMEOUT_MS = 1_500
"""As docs/operate.md advises: a dead master is replaced about two seconds later."""


class RedisCluster:
    """Six running nodes; ``url`` names them all."""

    def __init__(self, folder: Path) -> None:
        account = server_account()
        home = _owned(data_folder(folder, account) / "cluster", account)
        self.nodes = [_started(home / str(n), folder, account) for n in range(2 * MASTERS)]
        self.ports = [int(node.url.rpartition(":")[2]) for node in self.nodes]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self._join()

    def stop(self) -> None:
        """Stop every node."""
        for node in self.nodes:
            node.stop(3)

    def ask(self, node: Server, *command: str) -> Any:
        """The answer of one node."""
        with redis.Redis.from_url(node.url, socket_timeout=2, decode_responses=True) as client:
            return client.execute_command(*command)

    def owner(self, key: str, asked: Server | None = None) -> Server:
        """The master that holds the slot of ``key``, as ``asked`` sees it; StopIteration while none does."""
        asked = asked or self.nodes[0]
        slot = self.ask(asked, "CLUSTER KEYSLOT", key)
        masters = (entry for entry in self._slots(asked) if entry[0] <= slot <= entry[1])
        port = int(next(masters)[2])
        return self.nodes[self.ports.index(port)]

    def whole(self) -> bool:
        """Whether every living node sees all slots served."""
        living = [node for node in self.nodes if node.alive]
        return all(self.ask(node, "CLUSTER INFO")["cluster_state"] == "ok" for node in living)

    def _slots(self, node: Server) -> list[tuple[int, int, int]]:
        """First and last slot of each range and the port of its master."""
        return [
            (int(first), int(last), int(name.rpartition(":")[2]))
            for name, about in self.ask(node, "CLUSTER NODES").items()
            if "master" in about["flags"] and "fail" not in about["flags"].split(",")
            for first, last in about["slots"]
        ]

    def _join(self) -> None:
        first, *others = self.nodes
        for number, node in enumerate(self.nodes):
            self.ask(node, "CLUSTER SET-CONFIG-EPOCH", str(number + 1))
        for node in others:
            bus = self.ask(first, "CONFIG GET", "cluster-port")["cluster-port"]
            self.ask(node, "CLUSTER MEET", "127.0.0.1", str(self.ports[0]), str(bus))
        for number, node in enumerate(self.nodes[:MASTERS]):
            span = (number * SLOTS // MASTERS, (number + 1) * SLOTS // MASTERS - 1)
            self.ask(node, "CLUSTER ADDSLOTSRANGE", *map(str, span))
        ids = [self.ask(node, "CLUSTER MYID") for node in self.nodes]
        for replica, master in zip(self.nodes[MASTERS:], ids[:MASTERS], strict=True):
            _until(lambda r=replica, m=master: m in str(self.ask(r, "CLUSTER NODES")))  # type: ignore[misc]
            self.ask(replica, "CLUSTER REPLICATE", master)
        _until(self.whole)
        for replica in self.nodes[MASTERS:]:
            _until(lambda r=replica: self.ask(r, "INFO", "replication")["master_link_status"] == "up")  # type: ignore[misc]


def _until(true: Callable[[], bool], patience_s: float = 20.0) -> None:
    end = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError("the cluster did not come up")
        time.sleep(0.05)


def _started(home: Path, logs: Path, account: pwd.struct_passwd | None) -> Server:
    _owned(home, account)
    port, bus = free_port(), free_port()
    command: list[str | Path] = [
        program("redis-server"), "--port", str(port), "--cluster-port", str(bus), "--bind", "127.0.0.1",
        "--cluster-enabled", "yes", "--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--dir", home,
        "--cluster-replica-validity-factor", "0", "--save", "", "--appendonly", "no",
        "--maxmemory-policy", "noeviction", "--daemonize", "no", "--repl-diskless-sync-delay", "0",
    ]  # fmt: skip
    url = f"redis://127.0.0.1:{port}"
    ping = redis.Redis.from_url(url, socket_timeout=1).ping
    return Server(f"redis-{port}", url, command, home, logs / f"redis-{port}.log", ping, account).start()
