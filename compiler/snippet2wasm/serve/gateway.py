"""Envoy with one plugin that is exchanged while it runs.

The plugin is an extension configuration and the clusters are a cluster configuration, both in files that
Envoy watches (a file takes its new content by a rename). Envoy compiles and configures the new plugin first:
connections stay open, requests under way end with the old plugin, and a plugin that refuses its configuration
leaves the old one where it is.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from pathlib import Path

from snippet2wasm.verify import client
from snippet2wasm.verify.gateway import (
    Json,
    Plugin,
    cluster,
    envoy_program,
    http_listener,
    socket_address,
    wasm_filter,
)
from snippet2wasm.verify.http1 import HttpError
from snippet2wasm.verify.process import (
    LOOPBACK,
    Address,
    Process,
    ProcessServer,
    ServerError,
    free_port,
)

RECORD_SEPARATOR = "\x1e"
"""In front of every record of Envoy's log: Envoy puts no bound around a message with line feeds."""

_LOG_FORMAT = f"{RECORD_SEPARATOR}%l %n %v"
_ADMIN_SECONDS = 0.5
_CLUSTER_SECONDS = 30.0  # Envoy reads its files when it has compiled what it is compiling
_FLUSH_MS = 50
_TYPE = "type.googleapis.com/"
_WASM = _TYPE + "envoy.extensions.filters.http.wasm.v3.Wasm"
_FILE_ACCESS_LOG = _TYPE + "envoy.extensions.access_loggers.file.v3.FileAccessLog"
_EXTENSION = _TYPE + "envoy.config.core.v3.TypedExtensionConfig"
_CLUSTER = _TYPE + "envoy.config.cluster.v3.Cluster"
_NAME = "plugin"
_UPSTREAM = "upstream"
_STATS = "extension_config_discovery|cluster_manager.cds"
_PLUGIN_STATS = f"extension_config_discovery.http_filter.{_NAME}"
_CLUSTER_STATS = "cluster_manager.cds"


class PortInUse(ServerError):
    """Somebody else listens on the port, or it may not be taken."""


class State(Enum):
    """What became of the plugin that was deployed last."""

    PENDING = "pending"
    SERVING = "serving"
    REFUSED = "refused"


@dataclass(frozen=True)
class Deployment:
    """A plugin to run.

    Attributes:
        module: its plugin.wasm; it is copied.
        configuration: the plugin's configuration.
        clusters: what the plugin calls, by cluster name.
    """

    module: Path
    configuration: Json
    clusters: Mapping[str, Address]


class LiveGateway(ProcessServer):
    """An Envoy on loopback that passes to the upstream what the plugin does not stop."""

    def __init__(self, port: int | None, upstream: Address) -> None:
        """Configures the gateway.

        Args:
            port: to listen on; None for a free one.
            upstream: host (a name or an IP address) and port.

        Raises:
            PortInUse: the port can't be had.
        """
        if port is not None:
            _check_port(port)
        self.address: Address = (LOOPBACK, port or free_port())
        self._admin: Address = (LOOPBACK, free_port())
        self._upstream = upstream
        self._clusters: Mapping[str, Address] | None = None
        self._version = 0
        self._refusals = 0

    @property
    def log_path(self) -> Path:
        """Envoy's log: records that begin with RECORD_SEPARATOR, level and component."""
        return self.folder / "envoy.log"

    @property
    def access_log_path(self) -> Path:
        """The access log: a JSON object in each line."""
        return self.folder / "access.log"

    def deploy(self, deployment: Deployment) -> None:
        """Puts a plugin in; `state` tells what became of it. The first one is deployed before the start."""
        self._version += 1
        if self._process is not None:
            self._refusals = self._refused(self._stats())
        self._deploy_clusters(deployment.clusters)
        module = self.folder / f"plugin-{self._version}.wasm"
        shutil.copyfile(deployment.module, module)
        plugin = Plugin(_NAME, module, deployment.configuration, failure_policy="FAIL_RELOAD")
        typed = wasm_filter(plugin, module)["typed_config"]
        self._put("plugin.json", [{"@type": _EXTENSION, "name": _NAME, "typed_config": typed}])
        for older in self.folder.glob("plugin-*.wasm"):
            # Envoy reads a module once; the last one may still be about to be read.
            if older.name not in (module.name, f"plugin-{self._version - 1}.wasm"):
                older.unlink()

    def _deploy_clusters(self, clusters: Mapping[str, Address]) -> None:
        """Puts the clusters in, which a new plugin must find."""
        if clusters == self._clusters:
            return
        self._clusters = clusters
        resources = [{"@type": _CLUSTER, **cluster(name, at)} for name, at in sorted(clusters.items())]
        self._put("clusters.json", resources)
        if self._process is not None:
            wanted = str(self._version)
            self._process.wait_ready(
                lambda: self._stats().get(f"{_CLUSTER_STATS}.version_text") == wanted, _CLUSTER_SECONDS
            )

    def state(self) -> State:
        """What became of the plugin that was deployed last."""
        stats = self._stats()
        if stats.get(f"{_PLUGIN_STATS}.version_text") == str(self._version):
            return State.SERVING
        return State.REFUSED if self._refused(stats) > self._refusals else State.PENDING

    def _start(self) -> None:
        configuration = self.folder / "envoy.json"
        configuration.write_text(json.dumps(self._configuration(), indent=2), encoding="utf-8")
        command: list[str | Path] = [
            *(envoy_program(), "--config-path", configuration),
            *("--concurrency", "1", "--disable-hot-restart"),
            *("--log-level", "warning", "--component-log-level", "wasm:debug", "--log-format", _LOG_FORMAT),
            *("--file-flush-interval-msec", str(_FLUSH_MS)),
        ]
        self.access_log_path.touch()
        self._process = Process(command, log=self.log_path, cwd=self.folder)

    def _put(self, name: str, resources: Json) -> None:
        """Gives one of the files that Envoy watches new content, in one step."""
        new = self.folder / f"{name}.new"
        content = {"version_info": str(self._version), "resources": resources}
        new.write_text(json.dumps(content), encoding="utf-8")
        os.replace(new, self.folder / name)

    @staticmethod
    def _refused(stats: Mapping[str, str]) -> int:
        return sum(
            int(stats.get(f"{_PLUGIN_STATS}.{name}", 0)) for name in ("update_rejected", "update_failure")
        )

    def _stats(self) -> dict[str, str]:
        """Envoy's word on its configuration; empty while it compiles a module and answers nothing."""
        request = client.Request(
            "GET", f"/stats?filter={_STATS}", (("host", "admin"), ("connection", "close"))
        )
        try:
            response = client.send(self._admin, request, _ADMIN_SECONDS)
        except (OSError, HttpError):
            return {}
        lines = response.body.decode("utf-8", "replace").splitlines() if response is not None else []
        return {name: value.strip('"') for name, _, value in (line.partition(": ") for line in lines)}

    def _configuration(self) -> Json:
        # The cluster manager warms what is static before it asks for the rest; the route's cluster is static.
        return {
            "node": {"id": "snippet2wasm", "cluster": "snippet2wasm"},
            "admin": {"address": socket_address(self._admin)},
            "dynamic_resources": {"cds_config": self._watched("clusters.json")},
            "static_resources": {
                "listeners": [self._listener()],
                "clusters": [_upstream_cluster(self._upstream)],
            },
        }

    def _watched(self, name: str) -> dict[str, Json]:
        return {"path_config_source": {"path": str(self.folder / name)}, "initial_fetch_timeout": "0s"}

    def _listener(self) -> Json:
        plugin: Json = {"config_source": self._watched("plugin.json"), "type_urls": [_WASM]}
        filters: list[Json] = [{"name": _NAME, "config_discovery": plugin}]
        upstream: Mapping[str, Json] = {"route": {"cluster": _UPSTREAM, "timeout": "0s"}}
        logs: list[Json] = [{"name": "file", "typed_config": self._access_log()}]
        listener = http_listener("serve", self.address, filters, upstream, access_log=logs)
        return {**listener, "enable_reuse_port": False}  # two gateways must not share a port unnoticed

    def _access_log(self) -> Json:
        fields = {
            "method": "%REQ(:METHOD)%",
            "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
            "status": "%RESPONSE_CODE%",
            "ms": "%DURATION%",
            "details": "%RESPONSE_CODE_DETAILS%",
            "upstream": "%UPSTREAM_HOST%",
        }
        return {
            "@type": _FILE_ACCESS_LOG,
            "path": str(self.access_log_path),
            "log_format": {"json_format": fields},
        }


def _upstream_cluster(address: Address) -> dict[str, Json]:
    """The upstream: an IP address, or a name that Envoy resolves."""
    found = cluster(_UPSTREAM, address)
    try:
        ip_address(address[0])
    except ValueError:
        # All addresses of the name are tried, one after the other: localhost may be ::1, too.
        found.update(type="LOGICAL_DNS", dns_lookup_family="ALL")
    return found


def _check_port(port: int) -> None:
    """Raises PortInUse if the port can't be had."""
    with socket.socket() as probe:
        # As Envoy does: connections of an earlier run that are in TIME_WAIT do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortInUse(f"can't listen on port {port}: {error.strerror}") from None
