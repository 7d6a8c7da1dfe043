"""All cases in one plugin of one real Envoy, and in real nginx inside ingress-nginx's configuration."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from directives.cases import DirectiveCase, files_of
from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.build.errors import BuildError, CompileError
from snippet2wasm.bundle import bundle
from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.diagnostics import Refusal, render_text
from snippet2wasm.source import Source
from snippet2wasm.verify import client
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.compare import Observation
from snippet2wasm.verify.gateway import EnvoyGateway, Json, Plugin
from snippet2wasm.verify.ingress import Ingresses, IngressNginx, Snippets, without
from snippet2wasm.verify.nginx import Site
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Subject, Surroundings, observe
from snippet2wasm.verify.process import Address, ServerError
from snippet2wasm.verify.settings import SettingsError, settings_of

NAME = "directives"
SERVICE = "service.internal"
"""The host of an HTTP service that snippets call: the upstream."""
NOWHERE = "nowhere.internal"
"""The same of one that is not there."""
_DEAD: Address = ("127.0.0.1", 1)
_REDIS = "redis.internal:6379"


class CaseError(Exception):
    """A case did not get as far as a server; says why."""


def compiled(
    name: str, snippets: Snippets, hosts: Sequence[str], raw: Mapping[str, Any], folder: Path
) -> Compilation:
    """The compiled snippets of a case; `folder` is for the files that it needs.

    Raises:
        Refusal: the compiler refuses it.
    """
    folder.mkdir(parents=True)
    for file, data in files_of(raw).items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
    bindings = folder / "snippet2wasm.yaml"
    match = [{"host": host} for host in hosts]
    bindings.write_text(yaml.safe_dump({"match": match, **raw.get("bindings", {})} if match else {}), "utf-8")
    source = Source("nginx.conf", snippets.text().encode("latin-1"))
    return compile_text(source, folder, Options(name, target="envoy", bindings=bindings, of_ingress=True))


def _compile_text(case: DirectiveCase, folder: Path) -> Compilation:
    return compiled(case.name, case.snippets, case.hosts, case.raw, folder)


CompileOf = Callable[[DirectiveCase, Path], Compilation]
"""Makes the unit of a case; the folder is for the files that it needs."""


class Directives:
    """The servers for some cases."""

    def __init__(
        self,
        cases: Sequence[DirectiveCase],
        surroundings: Surroundings,
        folder: Path,
        stack: contextlib.ExitStack,
        *,
        gateway: bool = True,
        compile_: CompileOf | None = None,
    ) -> None:
        self.surroundings = surroundings
        self._compile_one = compile_ or _compile_text
        self._stack = stack
        self._folder = folder
        self._failures: dict[str, str] = {}
        self._nginx_failures: dict[str, str] = {}
        self._references: dict[str, IngressNginx] = {}
        self._common: IngressNginx | None = None
        self._cases = list(cases)
        self._compilations: dict[str, Compilation] = {}
        self._configurations: dict[str, Json] = {}
        self._observed: dict[str, list[tuple[Observation, Observation]]] = {}
        self._module: Path | None = None
        self._gateway: EnvoyGateway | None = None
        if gateway:
            self._compile()
            self._build()
            self._start()

    # ---- the plugin

    def _compile(self) -> None:
        for case in self._cases:
            try:
                folder = self._folder / "in" / case.name
                found = self._compile_one(case, folder)
                found.main_go()
                self._compilations[case.name] = found
            except Refusal as refusal:
                self._failures[case.name] = "".join(map(render_text, refusal.diagnostics))
            except Exception as error:  # the compiler's own failure: of this case alone
                self._failures[case.name] = f"{type(error).__name__}: {error}"

    def _build(self) -> None:
        """Builds the plugin of all that compiled; without what Go does not take."""
        while self._compilations:
            project = self._folder / f"project{len(self._compilations)}"
            write(bundle(NAME, "envoy", list(self._compilations.values())).files(), project, force=False)
            try:
                self._module = build(project, "local").path
                return
            except CompileError as error:
                text = f"{error}\n{error.output}"
                packages = {name.replace("-", ""): name for name in self._compilations}
                wrong = {packages[found] for found in re.findall(r"units/(\w+)/", text) if found in packages}
                self._fail(wrong or list(self._compilations), text[:4000])
            except BuildError as error:
                self._fail(list(self._compilations), f"{error}\n{error.hint}")

    def _start(self) -> None:
        """Starts the gateway; without units whose configuration the plugin refuses."""
        for case in self._cases:
            if case.name in self._compilations:
                try:
                    self._configurations[case.name] = self._configuration(case)
                except SettingsError as error:
                    self._fail([case.name], str(error))
        while self._module is not None and self._compilations:
            gateway = EnvoyGateway(
                [Plugin(NAME, self._module, {"units": self._table()})],
                self.surroundings.upstream.address,
                clusters=self._clusters(),
            )
            try:
                self._gateway = self._stack.enter_context(gateway)
                return
            except ServerError as error:
                told = re.findall(r'"units\[\d+\] ([\w-]+)"', str(error))
                wrong = set(told) & self._compilations.keys()
                self._fail(wrong or list(self._compilations), str(error))

    def _fail(self, names: Iterable[str], why: str) -> None:
        """Leaves cases out of the plugin."""
        for name in list(names):
            self._failures[name] = why
            del self._compilations[name]

    def _table(self) -> list[dict[str, Json]]:
        return [
            {
                "name": case.name,
                "unit": self._compilations[case.name].unit.name,
                "match": self._matches(case),
                "config": self._configurations[case.name],
            }
            for case in self._cases
            if case.name in self._compilations
        ]

    def _matches(self, case: DirectiveCase) -> list[Json]:
        """What the unit is for: as its Ingress says, or all hosts of the case."""
        places = self._compilations[case.name].places
        if not places:
            return [{"host": host} for host in case.hosts]
        return [dict(match.parts()) for place in places for match in place.match]

    def _configuration(self, case: DirectiveCase) -> Json:
        """The unit's part of the plugin's configuration; what was lifted out of its text keeps its value."""
        if "config" in case.raw:
            return dict(case.raw["config"])
        compilation = self._compilations[case.name]
        values = {key: value for place in compilation.places[:1] for key, value in place.values}
        found: Json = settings_of(compilation, values).plugin(None)  # type: ignore[assignment]
        return found

    def _clusters(self) -> dict[str, Address | None]:
        return {
            "webdis|6379|redis.internal": self.surroundings.webdis.address,
            f"http|80|{SERVICE}": self.surroundings.upstream.address,
            f"http|80|{NOWHERE}": _DEAD,
        }

    def plugin(self, case: DirectiveCase) -> GatewaySubject:
        """The plugin; its log lines are those of the case's unit.

        Raises:
            CaseError: the case is not in it.
        """
        if case.name in self._failures:
            raise CaseError(self._failures[case.name])
        assert self._gateway is not None
        return GatewaySubject(self._gateway, NAME, case.name)

    def compilation(self, case: DirectiveCase) -> tuple[Compilation, Path]:
        """The compiled unit of a case, and where its files are.

        Raises:
            CaseError: the case is not in the plugin.
        """
        if case.name in self._failures:
            raise CaseError(self._failures[case.name])
        return self._compilations[case.name], self._folder / "in" / case.name

    def is_alive(self) -> bool:
        """Whether the plugin still runs; a VM that has died answers everything with 503."""
        assert self._gateway is not None
        answer = client.send(self._gateway.address(), Request(headers=(("host", "nobody.example"),)))
        return answer is not None and answer.status == 200

    def restart(self) -> None:
        """Starts a new gateway in the place of one whose VM has died."""
        assert self._gateway is not None
        self._gateway.stop()
        self._start()

    def observed(self, case: DirectiveCase) -> list[tuple[Observation, Observation]]:
        """What nginx and the plugin do with each request of a case.

        One side has all requests before the other has any: where time matters, they follow each other alike.

        Raises:
            CaseError: nginx or the compiler refuses the case, or the plugin's VM has died of it.
        """
        if case.name not in self._observed:
            nginx, plugin = self.nginx(case), self.plugin(case)
            self._observed[case.name] = list(
                zip(self._ask(nginx, case), self._ask(plugin, case), strict=True)
            )
            if not self.is_alive():
                self.restart()
                self._failures[case.name] = "the plugin's VM died"
                raise CaseError(self._failures[case.name])
        return self._observed[case.name]

    def _ask(self, subject: Subject, case: DirectiveCase) -> list[Observation]:
        found = []
        for ask in case.asks:
            time.sleep(ask.wait)
            found.append(observe(subject, self.surroundings, ask.request))
        return found

    # ---- nginx

    def nginx(self, case: DirectiveCase) -> NginxSubject:
        """The reference.

        Raises:
            CaseError: nginx refuses the case.
        """
        if case.alone and case.name not in self._references:
            ingresses = Ingresses([case.server()], self._site(case.files()), self._upstreams())
            try:
                self._references[case.name] = self._stack.enter_context(IngressNginx(ingresses))
            except ServerError as error:
                raise CaseError(str(error)) from None
        if case.alone:
            return NginxSubject(self._references[case.name])
        self._start_common()
        if case.name in self._nginx_failures or self._common is None:
            raise CaseError(self._nginx_failures.get(case.name, "nginx does not run"))
        return NginxSubject(self._common)

    def _start_common(self) -> None:
        """Starts the nginx of all that share one; without the servers that it refuses."""
        if self._common is not None:
            return
        servers = [case.server() for case in self._cases if not case.alone]
        ingresses = Ingresses(servers, self._site(), self._upstreams())
        while ingresses.servers:
            server = IngressNginx(ingresses)
            try:
                self._common = self._stack.enter_context(server)
                return
            except ServerError as error:
                name = server.at_fault(error)
                if name is None:
                    raise CaseError(str(error)) from None
                self._nginx_failures[name] = str(error)
                ingresses = without(ingresses, name)

    def _site(self, files: Mapping[str, bytes] | None = None) -> Site:
        proxy = {_REDIS: self.surroundings.proxy.address}
        services = {f"{SERVICE}:80": self.surroundings.upstream.address, f"{NOWHERE}:80": _DEAD}
        return Site({}, self.surroundings.upstream.address, redis=proxy, http=services, beside=files or {})

    def _upstreams(self) -> dict[str, str]:
        host, port = self.surroundings.upstream.address
        return {SERVICE: f"{host}:{port}", NOWHERE: f"{_DEAD[0]}:{_DEAD[1]}"}
