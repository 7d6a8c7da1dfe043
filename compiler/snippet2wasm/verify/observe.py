"""Sends a request to nginx or to a gateway and sees all that comes of it."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from snippet2wasm.verify import client
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.compare import LogLine, LogOrigin, Observation
from snippet2wasm.verify.gateway import EnvoyGateway, GatewayLogLine
from snippet2wasm.verify.nginx import ABORTS, ReferenceNginx
from snippet2wasm.verify.process import Address, Server, wait_until
from snippet2wasm.verify.redis import RecordingRedisProxy, RedisServer, Webdis
from snippet2wasm.verify.resp import Command
from snippet2wasm.verify.upstream import Upstream

_SETTLE_SECONDS = 10.0


class Surroundings(Server):
    """What stands behind nginx and the gateway: an upstream, a Redis behind a recording proxy, a Webdis.

    nginx and Webdis reach Redis through the same proxy, so one disturbance or failure hits both alike.
    """

    def __init__(self, redis: RedisServer | None = None, upstream: Upstream | None = None) -> None:
        self.upstream = upstream or Upstream()
        self.redis = redis or RedisServer()
        self.proxy = RecordingRedisProxy(self.redis.address)
        self.webdis = Webdis(self.proxy.address)

    def _start(self) -> None:
        for server in (self.upstream, self.redis, self.proxy, self.webdis):
            server.start()

    def _stop(self) -> None:
        for server in (self.webdis, self.proxy, self.redis, self.upstream):
            server.stop()

    def reset(self) -> None:
        """Empties Redis and forgets what was recorded."""
        self.redis.clear()
        self.proxy.reset()
        self.upstream.reset()

    @contextlib.contextmanager
    def redis_down(self) -> Iterator[None]:
        """Connections to Redis are refused meanwhile; afterwards Webdis, too, is connected again."""
        with self.proxy.down():
            yield
        wait_until(self.webdis.reaches_redis, _SETTLE_SECONDS, "Webdis to reach Redis again")


class Subject(ABC):
    """A server under observation."""

    @property
    @abstractmethod
    def address(self) -> Address:
        """Where it listens."""

    @abstractmethod
    def reset(self) -> None:
        """Forgets the log so far."""

    @abstractmethod
    def settle(self) -> None:
        """Returns when the server has done all that it could do by now."""

    @abstractmethod
    def log(self) -> list[LogLine]:
        """The log since the last reset."""


class NginxSubject(Subject):
    """The reference."""

    def __init__(self, nginx: ReferenceNginx) -> None:
        self._nginx = nginx

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._nginx.address

    def reset(self) -> None:
        """Forgets the log so far."""
        self._nginx.reset()

    def settle(self) -> None:
        """Returns when the server has done all that it could do by now."""
        self._nginx.settle()

    def log(self) -> list[LogLine]:
        """The log since the last reset."""
        return [LogLine(each.level, each.origin.value, each.text, each.cut) for each in self._nginx.log()]


class GatewaySubject(Subject):
    """One plugin's listener of a gateway; of a bundle, one unit, whose name the plugin puts before lines."""

    def __init__(self, gateway: EnvoyGateway, plugin: str | None = None, unit: str = "") -> None:
        self._gateway = gateway
        self._plugin = plugin or gateway.plugins[0].name
        self._prefix = f"{unit}: " if unit else ""

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._gateway.address(self._plugin)

    def reset(self) -> None:
        """Forgets the log so far."""
        self._gateway.reset()

    def settle(self) -> None:
        """Returns when the server has done all that it could do by now."""
        self._gateway.settle()

    def log(self) -> list[LogLine]:
        """The plugin's and Envoy's own lines since the last reset; other plugins' are left out."""
        own = (None, self._plugin)
        return [_log_line(each, self._prefix) for each in self._gateway.log() if each.plugin in own]


def _log_line(line: GatewayLogLine, prefix: str) -> LogLine:
    origin: LogOrigin = "core"
    text = line.message.removeprefix(prefix)
    if line.plugin is not None and text.startswith("[lua] "):
        origin, text = "snippet", text.removeprefix("[lua] ")
    elif line.plugin is not None and text.startswith(ABORTS):
        origin = "abort"
    return LogLine(line.level, origin, text)


def observe(
    subject: Subject,
    surroundings: Surroundings,
    request: Request,
    timeout: float = 15.0,
    setup: Iterable[Command] = (),
    later: float = 0.0,
) -> Observation:
    """Sends one request, alone, and looks at everything when the answer is there and Redis is done.

    Redis is empty before, apart from what the commands of `setup` put into it. `later` seconds pass between
    the answer and the look: timers have run then.
    """
    began = _prepare(subject, surroundings)
    surroundings.redis.run(setup)
    try:
        response = client.send(subject.address, request, timeout)
    except TimeoutError:  # other than a closed connection, which is no answer either
        response = client.Response(0, f"no answer within {timeout:g} s", (), b"")
    time.sleep(later)
    return _look(subject, surroundings, began, response)


def observe_hang_up(subject: Subject, surroundings: Surroundings, request: Request) -> Observation:
    """Sends one request, leaves when its first Redis command is under way, and looks when all is done.

    The server should have one worker and its Redis should be slow.
    """
    began = _prepare(subject, surroundings)
    with client.OpenRequest(subject.address, request):
        wait_until(lambda: bool(surroundings.proxy.exchanges), _SETTLE_SECONDS, "a Redis command")
    return _look(subject, surroundings, began, None)


def _prepare(subject: Subject, surroundings: Surroundings) -> float:
    disturbance = surroundings.proxy.disturbance
    surroundings.reset()
    surroundings.proxy.disturbance = disturbance
    subject.reset()
    return time.time()


def _settle(subject: Subject, surroundings: Surroundings) -> None:
    """Waits until Redis has run its last command, and its reply has led to no further one."""
    seen = -1
    while len(surroundings.proxy.exchanges) != seen:
        seen = len(surroundings.proxy.exchanges)
        wait_until(surroundings.proxy.is_idle, _SETTLE_SECONDS, "Redis to run the last command")
        # A reply travels from the proxy through Webdis, if there is one, to the server; a command back again.
        surroundings.webdis.settle()
        subject.settle()
        surroundings.webdis.settle()
        surroundings.proxy.settle()


def _look(
    subject: Subject, surroundings: Surroundings, began: float, response: client.Response | None
) -> Observation:
    _settle(subject, surroundings)
    return Observation(
        response=response,
        upstream=tuple(surroundings.upstream.received),
        log=tuple(subject.log()),
        commands=tuple(surroundings.proxy.commands()),
        content=surroundings.redis.snapshot(),
        began=began,
        ended=time.time(),
    )
