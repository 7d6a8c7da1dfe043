"""What the compiler knows of a cluster: Ingresses, ConfigMaps, Secrets' names, Helm values.

Every text keeps its place: `Text.source` is the value as a text inside the file, so that a message about
nginx or Lua in an annotation points at line and column of the YAML file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from snippet2wasm.diagnostics import Diagnostic
from snippet2wasm.frontend.kubernetes import scalars
from snippet2wasm.frontend.kubernetes.nodes import Scalar
from snippet2wasm.source import Source, Span

PREFIX = "nginx.ingress.kubernetes.io/"
_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))  # Go's strconv.ParseBool
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


def boolean(value: str) -> bool | None:
    """What ingress-nginx takes a text for; None for what is no boolean."""
    if value in _TRUE:
        return True
    return False if value in _FALSE else None


@dataclass(frozen=True, eq=False)
class Text:
    """A string of a manifest.

    Attributes:
        value: what it says.
        span: the scalar in the file, with its quotes or its `|`.
        key: of an entry of a mapping: the key in the file.
    """

    value: str
    span: Span
    key: Span | None
    _scalar: Scalar = field(repr=False)

    @cached_property
    def source(self) -> Source:
        """The value as a text inside the file: offsets in it map back to the file's bytes."""
        found = scalars.value_of(self.span.source.data, self._scalar, self.value)
        return self.span.source.child(found.data, found.mapping, wide=found.wide)

    @property
    def flag(self) -> bool | None:
        """The value as ingress-nginx reads a boolean; None for what is none."""
        return boolean(self.value)


@dataclass(frozen=True)
class Backend:
    """Where requests go.

    Attributes:
        service: the Service's name; None for a `resource` (which ingress-nginx does not serve).
        port: its number or name.
        span: the backend in the file.
    """

    service: Text | None
    port: Text | None
    span: Span

    @property
    def service_port(self) -> str:
        """The number or name of the port, "" if none is given."""
        return self.port.value if self.port else ""


@dataclass(frozen=True)
class Path:
    """A path of a rule.

    Attributes:
        path: as it is written; None where there is none, which means "/".
        type: `Exact`, `Prefix` or `ImplementationSpecific` (also where none is given).
        backend: where its requests go.
        span: the entry in the file.
    """

    path: Text | None
    type: str
    backend: Backend | None
    span: Span

    @property
    def value(self) -> str:
        """The path as ingress-nginx takes it."""
        return self.path.value if self.path and self.path.value else "/"


@dataclass(frozen=True)
class Rule:
    """A rule: a host (None or "" means every host that has no rule of its own) and its paths."""

    host: Text | None
    paths: tuple[Path, ...]
    span: Span


@dataclass(frozen=True)
class Tls:
    """An entry of `tls`: its hosts (none means the certificate's own) and the Secret's name."""

    hosts: tuple[Text, ...]
    secret: Text | None


@dataclass(frozen=True)
class Ingress:
    """An Ingress, whatever version of the API it was written for.

    Attributes:
        namespace: "default" where the file says none, as kubectl takes it.
        name: "" for the Ingress that an application's Helm values describe: its chart names it.
        span: the name in the file, or what stands for the whole Ingress.
        ingress_class: `spec.ingressClassName`, else the annotation kubernetes.io/ingress.class.
        annotations: by full key.
        rules: in their order.
        default_backend: `spec.defaultBackend`, or `spec.backend` of the old versions.
        tls: in their order.
        created: `metadata.creationTimestamp` (RFC 3339, so texts sort as times do), "" if there is none.
        from_values: it was read from Helm values.
    """

    namespace: str
    name: str
    span: Span
    ingress_class: Text | None
    annotations: dict[str, Text]
    rules: tuple[Rule, ...]
    default_backend: Backend | None
    tls: tuple[Tls, ...]
    created: str
    from_values: bool = False

    def annotation(self, name: str) -> Text | None:
        """An annotation of ingress-nginx, by its name without the prefix."""
        return self.annotations.get(PREFIX + name)

    @property
    def canary(self) -> bool:
        """Whether it is a canary Ingress."""
        found = self.annotation("canary")
        return found is not None and found.flag is True


def by_age(ingresses: Iterable[Ingress]) -> list[Ingress]:
    """In the order in which ingress-nginx takes Ingresses: the oldest first; of equally old ones the one
    whose namespace/name sorts last. Those without a time come behind the others.
    """
    named = sorted(ingresses, key=lambda each: f"{each.namespace}/{each.name}", reverse=True)
    return sorted(named, key=lambda each: (not each.created, each.created))


@dataclass(frozen=True)
class ConfigMap:
    """A ConfigMap: `data` by key; `span` is its name in the file."""

    namespace: str
    name: str
    span: Span
    data: dict[str, Text]


@dataclass(frozen=True)
class Secret:
    """A Secret: which keys it has and where; values are never kept."""

    namespace: str
    name: str
    span: Span
    keys: dict[str, Span]


@dataclass(frozen=True)
class Controller:
    """The configuration of ingress-nginx: its ConfigMap or its chart's values.

    Attributes:
        span: where it is, for messages about the whole.
        namespace: of the ConfigMap, "" for Helm values.
        settings: the ConfigMap's data or `controller.config`: snippets and settings by key.
        add_headers: `controller.addHeaders`, or what the ConfigMap holds that the setting `add-headers`
            names; None where there is none.
        proxy_set_headers: the same for `controller.proxySetHeaders` and `proxy-set-headers`.
    """

    span: Span
    namespace: str
    settings: dict[str, Text]
    add_headers: dict[str, Text] | None = None
    proxy_set_headers: dict[str, Text] | None = None

    def setting(self, key: str) -> Text | None:
        """A setting or snippet, by its key in the ConfigMap."""
        return self.settings.get(key)

    def flag(self, key: str, default: bool) -> bool:
        """A boolean setting; ingress-nginx takes the default for what is none."""
        found = self.settings.get(key)
        value = found.flag if found is not None else None
        return default if value is None else value


@dataclass(frozen=True)
class Manifests:
    """What was read of one file or, merged, of several, in their order."""

    ingresses: tuple[Ingress, ...] = ()
    config_maps: tuple[ConfigMap, ...] = ()
    controllers: tuple[Controller, ...] = ()
    secrets: tuple[Secret, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def controller(self) -> Controller | None:
        """The configuration of ingress-nginx, if a file holds one."""
        return self.controllers[0] if self.controllers else None
