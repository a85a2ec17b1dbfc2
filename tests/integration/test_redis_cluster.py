"""The live state on a Redis Cluster of six real nodes, and a failover under a working city."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from model.errors import Unavailable
from model.states import CHANGE, Status
from services.launch.checking import check
from services.launch.servers import Server
from services.live import Hub, Ingest
from services.live.follower import Follower
from services.live.memory import blank_records
from services.live.state import LayoutMissing, LiveState, Records, keys
from services.redis_clients import cluster_nodes
from services.settings import Settings
from tests.conftest import enterable
from tests.faults import kill
from tests.live_city import lay_out, seen, sent
from tests.redis_cluster import RedisCluster
from tests.waiting import begin, until

SHOWN_S = 10.0
FAILED_OVER_S = 15.0
"""Two seconds until the others agree that a master is dead, and a vote; the rest is for two busy cores."""
REBUILT_S = 20.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisCluster]:
    with enterable() as folder:
        one = RedisCluster(folder)
        yield one
        one.stop()


def changes(*rows: tuple[int, int, int, float, int]) -> Records:
    """CHANGE records of (index, status, state, value, time)."""
    return np.array(list(rows), CHANGE)


async def test_the_live_state_is_the_same_on_a_cluster(cluster: RedisCluster) -> None:
    live, follower = LiveState(cluster.url, "plain"), Follower(cluster.url, "plain")
    assert live.read() is None
    with pytest.raises(LayoutMissing):
        live.beat(3, 1)
    live.rebuild(3, blank_records(4), 1)
    live.beat(3, 2)
    before, pulse = await follower.read()
    assert before is not None
    assert pulse is not None
    assert (before.version, pulse.version, pulse.epoch, pulse.heartbeat) == (3, 3, 1, 2)
    assert live.apply(3, changes((1, 4, 4, 0, 9)), 3, trace="00ff00ff00ff00ff") == 1
    (tick,) = await follower.after(before.frame)
    assert (tick.version, tick.trace) == (3, "00ff00ff00ff00ff")
    assert tick.changes["index"].tolist() == [1]
    after = live.read()
    assert after is not None
    assert (after.sequence, after.frame) == (before.sequence + 1, tick.id)
    assert await follower.after(tick.id) == []
    live.close()
    await follower.close()


async def test_the_state_is_found_from_any_one_node_and_without_its_scripts(cluster: RedisCluster) -> None:
    for port in cluster.ports:
        live = LiveState(f"redis+cluster://127.0.0.1:{port}", "any")
        live.rebuild(port, blank_records(2), 1)
        cluster.ask(cluster.owner(keys("any").snap), "SCRIPT FLUSH")
        snap = live.read()
        assert snap is not None
        assert snap.version == port
        live.close()


def test_check_names_the_cluster(cluster: RedisCluster, tmp_path: Path) -> None:
    (found,) = (f for f in check(Settings(var=tmp_path, redis_url=cluster.url)) if f.subject == "Redis")
    assert found.ok
    assert "a cluster of 3 masters" in found.found
    nobody = Settings(var=tmp_path, redis_url="redis+cluster://:hunter2@127.0.0.1:9,127.0.0.1:10")
    (found,) = (f for f in check(nobody) if f.subject == "Redis")
    assert not found.ok
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("url", "nodes"),
    [
        ("redis+cluster://a:7000,b:7001", [("a", 7000), ("b", 7001)]),
        ("redis+cluster://user:p%40ss@a,b:7001/0", [("a", 6379), ("b", 7001)]),
        ("rediss+cluster://[::1]:7000,[::2]", [("::1", 7000), ("::2", 6379)]),
    ],
)
def test_an_address_names_nodes(url: str, nodes: list[tuple[str, int]]) -> None:
    assert cluster_nodes(url) == nodes


# --- failover --------------------------------------------------------------------------------------------


@dataclass
class City:
    """A city whose live state is on the cluster."""

    cluster: RedisCluster
    ingest: Ingest
    hub: Hub

    def status(self, asset_id: int) -> int:
        assert self.hub.columns is not None
        return int(self.hub.codes[self.hub.columns.index_of(asset_id)]) & 7

    def in_redis(self, asset_id: int) -> int:
        """The asset's status in Redis, -1 when there is none to be had."""
        assert self.hub.columns is not None
        live = LiveState(self.cluster.url, "own")
        try:
            snap = live.read()
        except Unavailable:
            # Not all nodes agree at once on who the new master is.
            return -1
        else:
            return -1 if snap is None else int(snap.records["status"][self.hub.columns.index_of(asset_id)])
        finally:
            live.close()


@pytest.fixture
async def city(engine: Engine, cluster: RedisCluster) -> AsyncIterator[City]:
    lay_out(engine)
    ingest, hub = Ingest(engine, cluster.url, shard="own"), Hub(engine, cluster.url, shard="own")
    await begin(ingest)
    await hub.start()
    await until(lambda: hub.source == "live", SHOWN_S)
    yield City(cluster, ingest, hub)
    await hub.stop()
    await ingest.stop()


def hang(node: Server) -> None:
    assert node.process is not None
    os.kill(node.process.pid, signal.SIGSTOP)


def bring_back(node: Server) -> None:
    if node.alive:
        assert node.process is not None
        os.kill(node.process.pid, signal.SIGCONT)
    else:
        node.start()


@pytest.mark.parametrize("away", [kill, hang])
async def test_a_failover_is_survived_with_nobodys_help(city: City, away: Callable[[Server], None]) -> None:
    cluster = city.cluster
    await city.ingest.submit("test", sent([seen("L-1", "on", 1), seen("L-2", "on", 1)]))
    await until(lambda: city.status(101) == city.status(102) == Status.ACTIVE, SHOWN_S)
    master = cluster.owner(keys("own").snap)
    try:
        away(master)
        # Accepted while there is no master: in the database, and owed to Redis.
        await city.ingest.submit("test", sent([seen("L-1", "lamp_failure", 2)]))
        others = [node for node in cluster.nodes if node is not master]
        await until(lambda: replaced(cluster, others, master), FAILED_OVER_S)
        await until(lambda: city.in_redis(101) == Status.FAULT, REBUILT_S)
        await until(lambda: city.in_redis(102) == Status.ACTIVE, REBUILT_S)
        await until(lambda: city.hub.source == "live" and city.status(101) == Status.FAULT, REBUILT_S)
        await city.ingest.submit("test", sent([seen("L-1", "on", 3)]))
        await until(lambda: city.status(101) == Status.ACTIVE, SHOWN_S)
    finally:
        bring_back(master)
    # The old master comes back as a replica, and changes nothing.
    await until(lambda: cluster.ask(master, "ROLE")[0] == "slave", FAILED_OVER_S)
    await city.ingest.submit("test", sent([seen("L-2", "lamp_failure", 4)]))
    await until(lambda: city.status(102) == Status.FAULT and city.hub.source == "live", SHOWN_S)
    await until(lambda: city.in_redis(102) == Status.FAULT, SHOWN_S)


def replaced(cluster: RedisCluster, others: list[Server], master: Server) -> bool:
    """Whether a living node names another master for the city's slot."""
    try:
        owner = cluster.owner(keys("own").snap, others[0])
    except StopIteration:
        return False
    return owner is not master
