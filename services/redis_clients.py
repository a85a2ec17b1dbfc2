"""Redis as every part of Vigie opens it: one server or a cluster, with a deadline on every wait.

    redis://host:6379/0              one server; also rediss:// and unix:///path
    redis+cluster://a:7000,b:7000    a cluster; some of its nodes; the others are found by itself

All that is asked goes through scripts over keys of one hash tag, or reads one stream: it is the same in both.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
import redis.asyncio
import redis.asyncio.cluster
import redis.asyncio.retry
import redis.cluster
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException
from redis.retry import Retry

from model.errors import Unavailable

DEADLINE_S = 0.25
AWAY = (redis.RedisError, RedisClusterException, OSError)
"""Whatever is raised when Redis does not answer as it should."""
CLUSTER = ("redis+cluster", "rediss+cluster")
_PORT = 6379

Node = tuple[str, int]
Argument = str | int | float | bytes


class Script:
    """A Lua script and its digest."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def is_cluster(url: str) -> bool:
    """Whether ``url`` names a Redis Cluster."""
    return urlsplit(url).scheme in CLUSTER


def cluster_nodes(url: str) -> list[Node]:
    """The nodes named in a cluster's ``url``, host and port; ValueError when a port is no number."""
    hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
    return [_node(host) for host in hosts if host]


def _node(text: str) -> Node:
    if text.endswith("]") or ":" not in text:
        return text.strip("[]"), _PORT
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _cluster_options(url: str, deadline_s: float) -> dict[str, Any]:
    user, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    return {
        **_deadlines(deadline_s),
        "username": unquote(user) or None,
        "password": unquote(password) or None,
        "ssl": urlsplit(url).scheme == "rediss+cluster",
        # A slot without a master is the business of who asks for it.
        "require_full_coverage": False,
        # Every redirection is a failover seen, and the topology is read anew.
        "reinitialize_steps": 1,
    }


def _deadlines(deadline_s: float) -> dict[str, Any]:
    return {"socket_timeout": deadline_s, "socket_connect_timeout": deadline_s}


def _shuffled(nodes: Sequence[Node]) -> list[Node]:
    """In any order: a dead node must not be everybody's first, nor a living one."""
    return random.sample(list(nodes), len(nodes))


def _unavailable(error: BaseException) -> Unavailable:
    return Unavailable(f"Redis is away: {type(error).__name__}")


class Scripts:
    """Runs scripts on Redis; for one thread at a time. Connects on first use.

    Every wait ends within ``deadline_s``; Unavailable when Redis is away. After an error a cluster's topology
    is found out anew, from its nodes seen last as well as those of the address.
    """

    def __init__(self, url: str, deadline_s: float = DEADLINE_S) -> None:
        self._url = url
        self._deadline_s = deadline_s
        self._client: Any = None
        self._nodes = cluster_nodes(url) if is_cluster(url) else []

    def run(self, script: Script, keys: Sequence[str], *arguments: Argument) -> Any:
        """The answer of ``script`` (RESP2 conversions of Lua)."""
        try:
            client = self._opened()
            try:
                return client.evalsha(script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return client.eval(script.text, len(keys), *keys, *arguments)
        except AWAY as error:
            self._forget_cluster()
            raise _unavailable(error) from None

    def version(self) -> str:
        """The version of the server, or of one of the cluster's."""
        try:
            client = self._opened()
            if not self._nodes:
                return str(client.info("server")["redis_version"])
            found = client.info("server", target_nodes=client.get_random_node())
            return f"{found['redis_version']}, a cluster of {len(client.get_primaries())} masters"
        except AWAY as error:
            self._forget_cluster()
            raise _unavailable(error) from None

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _opened(self) -> Any:
        if self._client is None:
            self._client = self._cluster() if self._nodes else self._single()
        return self._client

    def _single(self) -> Any:
        return redis.Redis.from_url(self._url, retry=Retry(NoBackoff(), 0), **_deadlines(self._deadline_s))

    def _cluster(self) -> Any:
        node_class: Any = redis.cluster.ClusterNode
        seeds = [node_class(*node) for node in _shuffled(self._nodes)]
        options = _cluster_options(self._url, self._deadline_s)
        client: Any = redis.RedisCluster(startup_nodes=seeds, retry=Retry(NoBackoff(), 0), **options)
        self._nodes = _union(cluster_nodes(self._url), client.get_nodes())
        return client

    def _forget_cluster(self) -> None:
        if self._nodes:
            self.close()


class AsyncScripts:
    """As ``Scripts``, for coroutines of one loop; and follows a stream."""

    def __init__(self, url: str, deadline_s: float = DEADLINE_S) -> None:
        self._url = url
        self._deadline_s = deadline_s
        self._client: Any = None
        self._opening = asyncio.Lock()
        self._nodes = cluster_nodes(url) if is_cluster(url) else []

    async def run(self, script: Script, keys: Sequence[str], *arguments: Argument) -> Any:
        """The answer of ``script`` (RESP2 conversions of Lua)."""
        try:
            client = await self._opened()
            try:
                return await client.evalsha(script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return await client.eval(script.text, len(keys), *keys, *arguments)
        except AWAY as error:
            await self._forget_cluster()
            raise _unavailable(error) from None

    async def newer(self, stream: str, last_id: str, count: int, block_ms: int) -> list[Any]:
        """Up to ``count`` entries of ``stream`` after ``last_id``, each [id, fields].

        Waits ``block_ms`` for the first; ``deadline_s`` must leave room for that.
        """
        try:
            client = await self._opened()
            answer = await client.xread({stream: last_id}, count=count, block=block_ms)
        except AWAY as error:
            await self._forget_cluster()
            raise _unavailable(error) from None
        # RESP3 answers with a map of streams, RESP2 with a list of pairs.
        streams = list(answer.values()) if isinstance(answer, dict) else [pair[1] for pair in answer or ()]
        return [entry for entries in streams for entry in entries]

    async def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None:
            await _closed(client)

    async def _opened(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await self._cluster() if self._nodes else self._single()
            return self._client

    def _single(self) -> Any:
        retry = redis.asyncio.retry.Retry(NoBackoff(), 0)
        return redis.asyncio.Redis.from_url(self._url, retry=retry, **_deadlines(self._deadline_s))

    async def _cluster(self) -> Any:
        options = _cluster_options(self._url, self._deadline_s)
        seeds = [redis.asyncio.cluster.ClusterNode(*node) for node in _shuffled(self._nodes)]
        retry = redis.asyncio.retry.Retry(NoBackoff(), 0)
        client = redis.asyncio.RedisCluster(startup_nodes=seeds, retry=retry, **options)
        try:
            await client.initialize()
        except BaseException:
            await _closed(client)
            raise
        self._nodes = _union(cluster_nodes(self._url), client.get_nodes())
        return client

    async def _forget_cluster(self) -> None:
        if self._nodes:
            await self.close()


async def _closed(client: Any) -> None:
    """Close ``client``; a cluster's own aclose() closes nothing after an error, so its nodes one by one."""
    await client.aclose()
    manager = getattr(client, "nodes_manager", None)
    nodes = [*manager.nodes_cache.values(), *manager.startup_nodes.values()] if manager else []
    for node in nodes:
        # What is broken already needs no closing.
        with contextlib.suppress(*AWAY):
            await node.disconnect()


def _union(named: Sequence[Node], found: Sequence[Any]) -> list[Node]:
    return list(dict.fromkeys([*named, *((str(node.host), int(node.port)) for node in found)]))
