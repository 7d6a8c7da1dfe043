"""nginx with the original and Envoy with its plugin, side by side in front of the same servers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from snippet2wasm.verify.cases import Case
from snippet2wasm.verify.compare import Observation
from snippet2wasm.verify.gateway import EnvoyGateway, Json, Plugin
from snippet2wasm.verify.ingress import reference
from snippet2wasm.verify.nginx import ReferenceNginx, Site
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Subject, Surroundings, observe
from snippet2wasm.verify.process import Server, ServerError
from snippet2wasm.verify.redis import Disturbance
from snippet2wasm.verify.settings import SLOW_TIMEOUT_MS, Settings

INGRESS_DIRECTIVES = "include /etc/nginx/mime.types; default_type text/html;"  # as ingress-nginx has it
_START_ATTEMPTS = 3
AnyServer = TypeVar("AnyServer", bound=Server)
_SLOW = "-slow"
"""Behind a plugin's name: the listener for a slow Redis, with a timeout that can be waited for."""


@dataclass(frozen=True)
class Sides:
    """Everything that runs for one comparison.

    Attributes:
        surroundings: the upstream and Redis.
        references: nginx, by whether Redis is slow.
        gateway: Envoy, with two listeners for each plugin, by the same.
        slow_seconds: how long a slow Redis takes for a command.
        later: how many seconds after an answer it is looked what has come of it.
    """

    surroundings: Surroundings
    references: Mapping[bool, ReferenceNginx]
    gateway: EnvoyGateway
    slow_seconds: float
    later: float = 0.0

    def patient(self) -> Sides:
        """The same, with time for timers that a busy machine lets run late."""
        return replace(self, later=20 * self.later)

    def nginx(self, case: Case) -> Observation:
        """What nginx does with a case."""
        return self._observe(NginxSubject(self.references[case.redis == "slow"]), case)

    def plugin(self, case: Case, name: str) -> Observation:
        """What a plugin does with a case."""
        listener = name + _SLOW if case.redis == "slow" else name
        return self._observe(GatewaySubject(self.gateway, listener), case)

    def _observe(self, subject: Subject, case: Case) -> Observation:
        with redis_in_state(self.surroundings, case, self.slow_seconds):
            return observe(subject, self.surroundings, case.request, setup=case.setup, later=self.later)


@contextlib.contextmanager
def redis_in_state(surroundings: Surroundings, case: Case, slow_seconds: float) -> Iterator[None]:
    """Redis in the state that a case asks for; as ever afterwards."""
    if case.redis == "refused":
        with surroundings.redis_down():
            yield
        return
    if case.redis == "slow":
        surroundings.proxy.disturbance = Disturbance(delay=slow_seconds)
    elif case.redis_error:
        surroundings.proxy.disturbance = Disturbance(instead=f"-{case.redis_error}\r\n".encode("latin-1"))
    try:
        yield
    finally:
        surroundings.proxy.disturbance = Disturbance()


def types_of(site: Site) -> str:
    """The directives about types that ingress-nginx has, where the site does not bring them itself."""
    return INGRESS_DIRECTIVES if site.snippets is None else ""


@contextlib.contextmanager
def running_sides(
    surroundings: Surroundings,
    site: Site,
    modules: Mapping[str, Path],
    settings: Settings,
    *,
    slow: bool,
    later: float = 0.0,
) -> Iterator[Sides]:
    """Starts nginx and Envoy.

    Args:
        surroundings: running.
        site: the original.
        modules: plugin.wasm by name.
        settings: the configuration.
        slow: whether there will be cases with a slow Redis.
        later: as `Sides` has it.

    Raises:
        ServerError: one did not start, or is not installed.
    """
    speeds = (False, True) if slow else (False,)
    plugins = [
        Plugin(name + _SLOW if speed else name, module, _json(settings, speed))
        for name, module in modules.items()
        for speed in speeds
    ]
    addresses = dict.fromkeys(settings.redis, surroundings.proxy.address)
    clusters = {_cluster(address): surroundings.webdis.address for address in settings.redis}
    clusters |= dict.fromkeys(settings.http.values(), surroundings.upstream.address)
    with contextlib.ExitStack() as stack:
        upstream = surroundings.upstream.address
        gateway = started(lambda: EnvoyGateway(plugins, upstream, clusters=clusters))
        stack.callback(gateway.stop)
        references = {}
        level = "debug" if settings.debugs else "info"
        for speed in speeds:
            real = replace(
                site,
                upstream=surroundings.upstream.address,
                redis=addresses,
                http=dict.fromkeys(settings.http, surroundings.upstream.address),
                redis_timeout_ms=SLOW_TIMEOUT_MS if speed else None,
                http_directives=f"{types_of(site)}\n{site.http_directives}",
            )
            references[speed] = started(lambda real=real: reference(real, level))  # type: ignore[misc]
            stack.callback(references[speed].stop)
        slow_seconds = 1.5 * max(settings.timeout_ms, SLOW_TIMEOUT_MS) / 1000 + 0.2
        yield Sides(surroundings, references, gateway, slow_seconds, later)


def started(make: Callable[[], AnyServer]) -> AnyServer:
    """A server that runs; made anew when another program has taken its port meanwhile."""
    for _ in range(_START_ATTEMPTS - 1):
        try:
            return make().start()
        except ServerError as error:
            if "already in use" not in str(error):
                raise
    return make().start()


def _json(settings: Settings, slow: bool) -> Json:
    found: dict[str, Json] = settings.plugin(SLOW_TIMEOUT_MS if slow else None)  # type: ignore[assignment]
    return found


def _cluster(address: str) -> str:
    """The default name of the cluster for "host:port"; transport/webdis makes the same."""
    host, _, port = address.rpartition(":")
    return f"webdis|{port}|{host}"
