"""Real Redis, real Webdis, and a proxy between a client and Redis that records and disturbs."""

from __future__ import annotations

import contextlib
import json
import select
import signal
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from snippet2wasm.verify import client
from snippet2wasm.verify.process import (
    LOOPBACK,
    Address,
    Process,
    ProcessServer,
    Server,
    ServerError,
    find_program,
    free_port,
    listens,
    wait_until,
)
from snippet2wasm.verify.resp import Command, FrameReader, RedisClient, RespError, parse_command

_START_SECONDS = 10.0
_SETTLE_SECONDS = 5.0
_POOL_SIZE = 4

ABOUT_CONNECTIONS = frozenset((b"auth", b"select"))
"""Commands about the connection: a plugin has the gateway's, and sends none of them."""


@dataclass(frozen=True)
class Entry:
    """One key's content.

    Attributes:
        kind: Redis's type: string, list, set, hash or zset.
        value: str: bytes; list: tuple of bytes; set, hash, zset: sorted tuples of bytes.
        ttl_ms: milliseconds to live; None for ever.
    """

    kind: str
    value: object
    ttl_ms: int | None


Content = Mapping[bytes, Entry]


class RedisServer(ProcessServer):
    """A redis-server without persistence on a loopback port of its own."""

    def __init__(self) -> None:
        self.address: Address = (LOOPBACK, free_port())

    def _start(self) -> None:
        command: list[str | Path] = [
            find_program("redis-server", "/usr/sbin"),
            *("--bind", LOOPBACK, "--port", str(self.address[1])),
            *("--save", "", "--appendonly", "no"),
            *("--enable-debug-command", "yes"),
        ]
        self._process = Process(command, log=self.folder / "redis.log", cwd=self.folder)
        self._process.wait_ready(self._answers, _START_SECONDS)

    def _answers(self) -> bool:
        try:
            return self.call("PING") == b"PONG"
        except (OSError, RespError):
            return False

    def call(self, *arguments: str | bytes | int) -> object:
        """Runs one command on a new connection and returns its value."""
        with RedisClient(self.address) as redis:
            return redis.call(*arguments)

    def run(self, commands: Iterable[Command]) -> None:
        """Runs commands in order; what they answer does not matter."""
        for command in commands:
            with contextlib.suppress(RespError):
                self.call(*command)

    def clear(self) -> None:
        """Deletes every key."""
        self.call("FLUSHALL")

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Redis accepts connections but reads nothing meanwhile; what was sent is run afterwards."""
        if self._process is None:
            raise RuntimeError("Redis does not run")
        self._process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.signal(signal.SIGCONT)

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Redis is killed meanwhile (connections are refused), and starts again, empty, on the same port."""
        if self._process is None:
            raise RuntimeError("Redis does not run")
        self._process.kill()
        self._process = None
        try:
            yield
        finally:
            self._start()

    def snapshot(self) -> dict[bytes, Entry]:
        """Everything that Redis holds in database 0."""
        with RedisClient(self.address) as redis:
            keys = redis.call("KEYS", "*")
            if not isinstance(keys, list):
                raise RespError(f"KEYS answered {keys!r}")
            return {key: _entry(redis, key) for key in keys if isinstance(key, bytes)}


class GivenRedis(RedisServer):
    """A Redis that the user runs. Its database 0 must be empty, and is left so; no other one is touched."""

    def __init__(self, address: Address) -> None:
        super().__init__()
        self.address = address
        self._ours = False

    def _start(self) -> None:
        host, port = self.address
        if not self._answers():
            raise ServerError(f"no Redis answers at {host}:{port}")
        if self.call("DBSIZE") != 0:
            raise ServerError(
                f"database 0 of the Redis at {host}:{port} is not empty: give one that may be changed"
            )
        self._ours = True

    def _stop(self) -> None:
        with contextlib.suppress(OSError, RespError):
            self.clear()
        self._ours = False

    def clear(self) -> None:
        """Deletes every key of database 0 by its name: it was empty, so all of them are the snippet's."""
        if not self._ours:
            return  # it was not empty, or was never looked at
        keys = self.call("KEYS", "*")
        if isinstance(keys, list) and keys:
            self.call("DEL", *(key for key in keys if isinstance(key, bytes)))


_READ_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "string": ("GET",),
    "list": ("LRANGE", "0", "-1"),
    "set": ("SMEMBERS",),
    "hash": ("HGETALL",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
}


def _entry(redis: RedisClient, key: bytes) -> Entry:
    kind = redis.call("TYPE", key)
    if not isinstance(kind, bytes) or kind.decode() not in _READ_COMMANDS:
        raise RespError(f"key {key!r} has type {kind!r}")
    name, *arguments = _READ_COMMANDS[kind.decode()]
    value = redis.call(name, key, *arguments)
    ttl = redis.call("PTTL", key)
    return Entry(
        kind.decode(), _canonical(kind.decode(), value), ttl if isinstance(ttl, int) and ttl >= 0 else None
    )


def _canonical(kind: str, value: object) -> object:
    """Redis's answer without the orders that Redis does not promise."""
    if not isinstance(value, list):
        return value
    if kind == "set":
        return tuple(sorted(value))
    if kind in ("hash", "zset"):
        return tuple(sorted(zip(value[::2], value[1::2], strict=True)))
    return tuple(value)


class Webdis(ProcessServer):
    """A Webdis in front of a Redis: RESP over HTTP, for gateways that cannot speak Redis."""

    def __init__(self, redis: Address) -> None:
        self.address: Address = (LOOPBACK, free_port())
        self._redis = redis

    def _start(self) -> None:
        settings = {
            "redis_host": self._redis[0],
            "redis_port": self._redis[1],
            "http_host": self.address[0],
            "http_port": self.address[1],
            "threads": 1,
            "pool_size": _POOL_SIZE,
            "daemonize": False,
            "database": 0,
            "verbosity": 3,
            "logfile": str(self.folder / "webdis.log"),
        }
        path = self.folder / "webdis.json"
        path.write_text(json.dumps(settings), encoding="utf-8")
        program = find_program("webdis", "/usr/sbin")
        self._process = Process([program, path], log=self.folder / "output.log", cwd=self.folder)
        self._process.wait_ready(self._answers, _START_SECONDS)

    def _answers(self) -> bool:
        """Whether it answers; with its connections to Redis made, if Redis is there."""
        return listens(self.address) and (self.reaches_redis() or not listens(self._redis))

    def settle(self) -> None:
        """Returns when Webdis, if it runs, has done all that it could do by now."""
        if self._process is not None:
            client.send(self.address, client.Request("OPTIONS", "/"))  # its one thread answers that by itself

    def reaches_redis(self) -> bool:
        """Whether every connection of its pool, which it uses in turn, reaches Redis."""
        ping = client.Request(target="/PING.raw")
        answers = (client.send(self.address, ping) for _ in range(_POOL_SIZE))
        return all(answer is not None and answer.status == 200 for answer in answers)


@dataclass(frozen=True)
class Disturbance:
    """What the proxy does to every command.

    Attributes:
        delay: seconds before the command goes to Redis; it goes there even if its sender has left
            meanwhile, as from a socket buffer.
        withhold: Redis runs the command, its reply is never passed on.
        instead: this reply (raw RESP) is sent in place of Redis's, and Redis does not see the command.
    """

    delay: float = 0.0
    withhold: bool = False
    instead: bytes | None = None


@dataclass
class Exchange:
    """One command that reached the proxy.

    Attributes:
        command: its arguments.
        reply: the raw reply that went back, if somebody was there to take it; None when none did.
        connection: the number of the connection, from 1.
        done: Redis has run the command, or will not.
    """

    command: Command
    reply: bytes | None = None
    connection: int = 0
    done: bool = False


class RecordingRedisProxy(Server):
    """A TCP proxy in front of a Redis.

    Attributes:
        exchanges: every command so far, in order of arrival.
        disturbance: what happens to the commands that arrive from now on.
    """

    def __init__(self, redis: Address) -> None:
        self.address: Address = (LOOPBACK, free_port())
        self.exchanges: list[Exchange] = []
        self.disturbance = Disturbance()
        self._redis = redis
        self._listener: _Listener | None = None

    def _start(self) -> None:
        self._listener = _Listener(self)

    def _stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def reset(self) -> None:
        """Forgets the exchanges and disturbs no more."""
        self.exchanges = []
        self.disturbance = Disturbance()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Connections are refused meanwhile, and the existing ones are closed."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def settle(self) -> None:
        """Returns when every command that has been sent to the proxy by now is among its exchanges."""
        if self._listener is not None:
            wait_until(self._listener.has_read_all, _SETTLE_SECONDS, "the proxy to read its commands")

    def is_idle(self) -> bool:
        """Whether no command is under way."""
        return all(exchange.done for exchange in self.exchanges)

    def commands(self) -> list[Command]:
        """The commands so far."""
        return [exchange.command for exchange in self.exchanges]


@dataclass
class _Listener:
    """The proxy's listening socket, its threads and its connections, for one span of being up."""

    proxy: RecordingRedisProxy
    closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._clients: set[socket.socket] = set()
        self._redis: set[socket.socket] = set()
        self._lock = (
            threading.Lock()
        )  # over the sets, and over reading a command until it is among the exchanges
        self._server = socket.create_server(self.proxy.address, reuse_port=False)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Closes everything and joins the threads."""
        self.closed.set()
        with self._lock:
            open_sockets = [self._server, *self._clients, *self._redis]
        for each in open_sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._server.close()

    def has_read_all(self) -> bool:
        """Whether no connection waits to be accepted, and none holds bytes that have not been read."""
        with self._lock:
            return not select.select([self._server, *self._clients], [], [], 0)[0]

    def _accept(self) -> None:
        number = 0
        with contextlib.suppress(OSError):
            while not self.closed.is_set():
                select.select([self._server], [], [])
                with self._lock:
                    connection, _ = self._server.accept()
                    self._clients.add(connection)
                number += 1
                thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, contextlib.suppress(OSError):
            try:
                self._connect_and_relay(connection, number)
            finally:
                with self._lock:
                    self._clients.discard(connection)

    def _connect_and_relay(self, connection: socket.socket, number: int) -> None:
        with socket.create_connection(self.proxy._redis, 5) as redis:
            redis.settimeout(None)
            with self._lock:
                self._redis.add(redis)
            try:
                if not self.closed.is_set():
                    self._relay(connection, redis, number)
            finally:
                with self._lock:
                    self._redis.discard(redis)

    def _relay(self, connection: socket.socket, redis: socket.socket, number: int) -> None:
        commands, replies = FrameReader(), FrameReader()
        while connection.recv(1, socket.MSG_PEEK):
            with self._lock:
                frames = list(commands.feed(connection.recv(65536)))
                arrived = [Exchange(parse_command(frame), connection=number) for frame in frames]
                self.proxy.exchanges += arrived
            for frame, exchange in zip(frames, arrived, strict=True):
                try:
                    exchange.reply = self._answer(frame, redis, replies)
                    if exchange.reply is not None:
                        connection.sendall(exchange.reply)
                finally:
                    exchange.done = True

    def _answer(self, frame: bytes, redis: socket.socket, replies: FrameReader) -> bytes | None:
        """What the client gets for a command; None for nothing."""
        disturbance = self.proxy.disturbance
        own = parse_command(frame)[0].lower() in ABOUT_CONNECTIONS
        if disturbance.instead is not None and not own:  # a plugin sends none of those
            return disturbance.instead
        self.closed.wait(disturbance.delay)
        redis.sendall(frame)
        reply = _read_frame(redis, replies)
        return None if disturbance.withhold else reply


def _read_frame(connection: socket.socket, frames: FrameReader) -> bytes:
    while data := connection.recv(65536):
        for frame in frames.feed(data):
            return frame
    raise ConnectionError("Redis closed the connection")
