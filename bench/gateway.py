"""An Envoy to be measured: one listener for each contestant, and no upstream."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snippet2wasm.verify.gateway import EnvoyGateway, Json, Plugin
from snippet2wasm.verify.process import LOOPBACK

_LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
# Envoy answers by itself: an upstream would add its own time, and its own noise, to every request.
_ANSWER: Mapping[str, Any] = {"direct_response": {"status": 200, "body": {"inline_string": "passed\n"}}}
_NOWHERE = (LOOPBACK, 9)


@dataclass(frozen=True)
class Contestant:
    """What stands in the way of requests to one listener; nothing when neither module nor Lua is given.

    Attributes:
        key: names the listener.
        title: says in the table what it is.
        wasm: a module.
        configuration: of the module.
        lua: a script for Envoy's own Lua filter.
        route: the name of the route that all requests take.
    """

    key: str
    title: str
    wasm: Path | None = None
    configuration: Json = None
    lua: str | None = None
    route: str = ""


class LoadGateway(EnvoyGateway):
    """One Envoy with one worker thread for all contestants, so that they differ in nothing else."""

    def __init__(self, contestants: Sequence[Contestant]) -> None:
        self._contestants = {contestant.key: contestant for contestant in contestants}
        plugins = [Plugin(one.key, one.wasm, one.configuration) for one in contestants]
        super().__init__(plugins, _NOWHERE, log_level="warning")

    def configuration(self) -> dict[str, Any]:
        """Envoy's configuration: the harness's, with other routes and with Lua."""
        configuration: dict[str, Any] = copy.deepcopy(super().configuration())
        for listener in configuration["static_resources"]["listeners"]:
            if contestant := self._contestants.get(listener["name"]):
                _adapt(listener["filter_chains"][0]["filters"][0]["typed_config"], contestant)
        return configuration


def _adapt(manager: dict[str, Any], contestant: Contestant) -> None:
    """Changes a listener's HTTP connection manager into the contestant's."""
    route = {"name": contestant.route, "match": {"prefix": "/"}, **_ANSWER}
    manager["route_config"]["virtual_hosts"][0]["routes"] = [route]
    if contestant.lua is not None:
        source = {"@type": _LUA, "default_source_code": {"inline_string": contestant.lua}}
        manager["http_filters"] = [{"name": "lua", "typed_config": source}, *manager["http_filters"]]
