"""One run of `serve`: makes the plugin, starts what it needs, shows the logs, follows changes, stops all."""

from __future__ import annotations

import contextlib
import shlex
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import click

from snippet2wasm.build.errors import BuildError
from snippet2wasm.build.project import MODULE
from snippet2wasm.serve.echo import EchoUpstream
from snippet2wasm.serve.errors import NotMade
from snippet2wasm.serve.gateway import Deployment, LiveGateway, State
from snippet2wasm.serve.logs import LogReader
from snippet2wasm.serve.plugin import Facts, Plugin, read_facts
from snippet2wasm.serve.rendering import Renderer
from snippet2wasm.serve.settings import Settings, SettingsError
from snippet2wasm.serve.watch import Watch
from snippet2wasm.verify.gateway import envoy_program
from snippet2wasm.verify.process import LOOPBACK, Address, Process, ServerError, find_program
from snippet2wasm.verify.redis import RedisServer, Webdis

_POLL_SECONDS = 0.05
_DEPLOY_SECONDS = 120.0  # Envoy compiles the module; a slow machine needs a while
_INTERRUPT_SECONDS = 10.0
_NOBODY = 9  # the discard port, on which nobody listens
_SHOWN_COMMANDS = 5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Options:
    """How to serve.

    Attributes:
        port: to listen on; None for a free one.
        upstream: where requests go that the plugin does not stop; None for the built-in upstream.
        redis: the Redis that stands for every one that the snippet names; None to start one.
        watch: make the plugin anew when a file changes.
        verbose: show Envoy's own log, too.
    """

    port: int | None
    upstream: Address | None
    redis: Address | None
    watch: bool
    verbose: bool


class Stopped(BaseException):
    """The user wants no more: SIGINT, SIGTERM, SIGHUP."""


class Crashed(ServerError):
    """A server that ran has ended by itself."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """The first signal raises Stopped; those that come while everything is stopped change nothing."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    before = {each: signal.signal(each, stop) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class Session:
    """Serves a plugin until it is stopped."""

    def __init__(self, plugin: Plugin, settings: Settings, options: Options) -> None:
        self._plugin = plugin
        self._settings = settings
        self._options = options
        self._stack = contextlib.ExitStack()
        self._redis_address = options.redis
        self._servers: list[RedisServer | Webdis] = []
        self._webdis: Webdis | None = None
        self._gateway: LiveGateway | None = None
        self._reader: LogReader | None = None
        self._renderer = Renderer(plugin.sources, options.verbose)
        self._serves = False

    def run(self) -> None:
        """Serves; returns only by an exception, when everything that was started has been stopped.

        Raises:
            Stopped: by a signal.
            NotMade: the plugin can't be made; the user has been told why.
            BuildError: it can't be served; the user has not been told.
            Crashed: a server ended by itself.
            ServerError: a server could not be started.
        """
        with self._stack:
            gateway = self._prepare()
            watch = Watch(self._files)
            plugin = self._make()
            watch.follow()
            self._start(gateway, plugin)
            self._announce(gateway, plugin)
            self._serves = True
            while True:
                self._tick()
                if self._options.watch and watch.changed():
                    self._follow(watch)
                time.sleep(_POLL_SECONDS)

    def _prepare(self) -> LiveGateway:
        """Finds out what can't work before the plugin is compiled."""
        envoy_program()
        find_program("setpriv")
        if self._options.upstream is None:
            upstream = self._stack.enter_context(EchoUpstream()).address
        else:
            upstream = self._options.upstream
        return LiveGateway(self._options.port, upstream)

    def _files(self) -> list[Path]:
        configuration = [] if self._settings.file is None else [self._settings.file]
        return [*self._plugin.files(), *configuration]

    # Making the plugin

    def _make(self) -> _Made:
        """Compiles and builds; logs are shown meanwhile."""
        folder = self._plugin.prepare()
        facts = read_facts(folder)
        try:
            configuration = self._settings.configuration(facts)
        except SettingsError as error:
            _fail(str(error))
            raise NotMade(2) from None
        if not self._plugin.is_built():
            self._build(folder)
        return _Made(facts, folder / MODULE, configuration)

    def _build(self, folder: Path) -> None:
        """Builds in a process of its own, so that logs go on and a signal ends it at once."""
        _say(f"building {self._plugin.name} …")
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="snippet2wasm-") as scratch:
            log = Path(scratch, "build.log")
            # -P: the working folder's Python files are not the program's.
            words: list[str | Path] = [sys.executable, "-P", "-m", "snippet2wasm", "build", folder.resolve()]
            process = Process(words, log=log, cwd=Path(scratch))
            try:
                self._wait(lambda: process.exit_code is not None)
            finally:
                _interrupt(process)
            if process.exit_code != 0:
                click.echo(log.read_text("utf-8", "replace"), err=True, nl=False)
                raise NotMade(3)
        _say(f"built in {time.monotonic() - began:.1f} s")

    # Running it

    def _start(self, gateway: LiveGateway, plugin: _Made) -> None:
        self._stack.callback(gateway.stop)  # a temporary folder is made by the first use
        gateway.deploy(self._deployment(plugin))
        _say("starting Envoy …")
        gateway.start()
        self._gateway = gateway
        self._reader = LogReader(gateway.log_path, gateway.access_log_path)
        self._await_verdict(gateway)

    def _deployment(self, plugin: _Made) -> Deployment:
        names = plugin.redis().values()
        if plugin.facts.uses_redis and self._webdis is None:
            self._start_redis()
        clusters = {} if self._webdis is None else dict.fromkeys(names, self._webdis.address)
        clusters |= {name: _service_address(service) for service, name in plugin.http().items()}
        return Deployment(plugin.module, plugin.configuration, clusters)

    def _start_redis(self) -> None:
        find_program("webdis", "/usr/sbin")
        if self._redis_address is None:
            redis = self._stack.enter_context(RedisServer())
            self._redis_address = redis.address
            self._servers.append(redis)
        self._webdis = self._stack.enter_context(Webdis(self._redis_address))
        self._servers.append(self._webdis)

    def _await_verdict(self, gateway: LiveGateway) -> None:
        """Waits until Envoy runs the plugin that was deployed."""
        deadline = time.monotonic() + _DEPLOY_SECONDS
        while (state := gateway.state()) is State.PENDING:
            self._tick()
            if time.monotonic() > deadline:
                raise ServerError(f"Envoy did not take the plugin within {_DEPLOY_SECONDS:g} s")
            time.sleep(_POLL_SECONDS)
        self._tick()
        if state is State.REFUSED:
            _fail("the plugin does not start with this configuration")
            raise NotMade(3)

    def _follow(self, watch: Watch) -> None:
        """Makes the plugin anew; the old one goes on if that fails."""
        watch.accept()
        _say(f"{self._plugin.name} has changed")
        gateway = self._gateway
        if gateway is None:
            raise RuntimeError("nothing is served yet")
        try:
            plugin = self._make()
            gateway.deploy(self._deployment(plugin))
            self._await_verdict(gateway)
        except (Crashed, BrokenPipeError):
            raise
        except Exception as error:
            _explain(error)
            _say("the plugin as it was before goes on")
        else:
            _say("now serving the new plugin")
            for line in self._settings.describe(plugin.facts, plugin.configuration):
                _say(f"  config    {line}")
        finally:
            watch.follow()

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            self._tick()
            time.sleep(_POLL_SECONDS)

    def _tick(self) -> None:
        """Shows what is new in the logs, and sees that every server still runs."""
        self._show()
        try:
            for server in (*self._servers, *([] if self._gateway is None else [self._gateway])):
                server.check()
        except ServerError as error:
            self._show()
            raise (Crashed if self._serves else ServerError)(str(error)) from None

    def _show(self) -> None:
        if self._reader is None:
            return
        lines = [line for record in self._reader.read() if (line := self._renderer.line(record)) is not None]
        if lines:
            click.echo("\n".join(lines))

    def _announce(self, gateway: LiveGateway, plugin: _Made) -> None:
        """One block that says what runs and how to try it."""
        base = f"http://{gateway.address[0]}:{gateway.address[1]}"
        rows = [("url", base), *(("try", command) for command in _commands(base, plugin.facts))]
        rows.append(("upstream", self._upstream_text()))
        if self._webdis is not None:
            rows.append(("redis", self._redis_text(plugin)))
        elif self._options.redis is not None:
            rows.append(("redis", "not used by this plugin"))
        rows += [("http", service) for service in plugin.http()]
        configuration = self._settings.describe(plugin.facts, plugin.configuration)
        rows += [("config", line) for line in configuration or ["no values"]]
        if self._options.watch:
            rows.append(("watching", ", ".join(str(path) for path in self._files() if path.exists())))
        rows.append(("stop", "Ctrl-C"))
        click.echo()
        _say(f"serving {self._plugin.name} in Envoy")
        last = ""
        for name, text in rows:
            click.echo(f"  {click.style(f'{name if name != last else str():<9}', dim=True)} {text}")
            last = name
        click.echo()

    def _upstream_text(self) -> str:
        if self._options.upstream is None:
            return "built in: answers with what it received, as JSON"
        return f"http://{self._options.upstream[0]}:{self._options.upstream[1]}"

    def _redis_text(self, plugin: _Made) -> str:
        host, port = self._redis_address or (LOOPBACK, 0)
        given = "" if self._options.redis is not None else ", started for this run"
        names = ", ".join(plugin.redis())
        return f"{host}:{port}{given}" + (f"; it stands for {names}" if names else "")


@dataclass(frozen=True)
class _Made:
    """A plugin that is built, and its configuration."""

    facts: Facts
    module: Path
    configuration: dict[str, Any]

    def redis(self) -> dict[str, str]:
        """The cluster for each "host:port" of a Redis: of the snippets, or as the configuration says."""
        return self._clusters("redis", "webdis")

    def http(self) -> dict[str, str]:
        """The same for HTTP services."""
        return self._clusters("http", "http")

    def _clusters(self, key: str, kind: str) -> dict[str, str]:
        known = [unit.redis if key == "redis" else unit.http for unit in self.facts.units]
        found = {address: name for each in known for address, name in each.items()}
        entries = self.configuration["units"] if self.facts.is_bundle else [{"config": self.configuration}]
        for entry in entries:
            config = entry.get("config") if isinstance(entry, dict) else None
            servers = config.get(key) if isinstance(config, dict) else None
            for address, server in servers.items() if isinstance(servers, dict) else ():
                host, _, port = str(address).rpartition(":")
                name = server.get("cluster") if isinstance(server, dict) else None
                found[address] = name if isinstance(name, str) else f"{kind}|{port}|{host}"
        return found


def _service_address(service: str) -> Address:
    """Where an HTTP service "host:port" is, as this machine knows it; a port that refuses if it does not."""
    host, _, port = service.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        _say(f"the HTTP service {service} is not known to this machine: calls of it are refused")
        return LOOPBACK, _NOBODY
    return str(found[0][4][0]), int(port)


def _commands(base: str, facts: Facts) -> list[str]:
    """How to send requests that units act on."""
    found = []
    for match in (match for unit in facts.units for match in unit.match):
        if "route" in match:
            continue  # the one route here has no name
        host = match.get("host", "").replace("*.", "www.")
        header = f"-H {shlex.quote(f'host: {host}')} " if host else ""
        path = match.get("location", "/").lstrip("=^~ ")
        found.append(f"curl -i {header}{shlex.quote(base + path)}")
    shown = found[:_SHOWN_COMMANDS]
    return shown if len(found) == len(shown) else [*shown, f"… and {len(found) - len(shown)} more"]


def _interrupt(process: Process) -> None:
    """Stops a build: it stops its compilers when it is interrupted."""
    process.signal(signal.SIGINT)
    deadline = time.monotonic() + _INTERRUPT_SECONDS
    while process.exit_code is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    process.stop()


def _say(text: str) -> None:
    click.secho(text, bold=True)


def _explain(error: Exception) -> None:
    """Tells why a plugin was not made."""
    match error:
        case NotMade():
            pass  # it has been told
        case BuildError():
            _fail(str(error), error.hint)
        case ServerError() | OSError():
            _fail(str(error))
        case _:
            traceback.print_exception(error)
            _fail("internal error: please report it with the input and the lines above")


def _fail(text: str, hint: str = "") -> None:
    click.echo(f"snippet2wasm: {text}", err=True)
    if hint:
        click.echo(f"  try: {hint}", err=True)
