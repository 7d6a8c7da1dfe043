"""Kubernetes objects → model: Ingresses of all API versions, ConfigMaps, Secrets, and Lists of them.

Objects of other kinds are passed over.
"""

from __future__ import annotations

from snippet2wasm.frontend.kubernetes.helm import packaged
from snippet2wasm.frontend.kubernetes.model import (
    Backend,
    ConfigMap,
    Ingress,
    Path,
    Rule,
    Secret,
    Text,
    Tls,
)
from snippet2wasm.frontend.kubernetes.nodes import NUMBER, Mapping, Node, Scalar, Sequence
from snippet2wasm.frontend.kubernetes.reader import Reader, field, fields, value

V1 = "networking.k8s.io/v1"
_OLD = ("extensions/v1beta1", "networking.k8s.io/v1beta1")
_PATH_TYPES = ("Exact", "Prefix", "ImplementationSpecific")
_CLASS = "kubernetes.io/ingress.class"


class Objects:
    """Reads the objects of a file."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.ingresses: list[Ingress] = []
        self.config_maps: list[ConfigMap] = []
        self.labels: dict[int, str] = {}  # of a ConfigMap (by id): app.kubernetes.io/name
        self.secrets: list[Secret] = []
        self.values: list[Node] = []  # of Helm, in objects of those who call it

    def take(self, node: Mapping, version: str = "", kind: str = "") -> None:
        """One object; `version` and `kind` are what a List says of objects that don't say it themselves."""
        version = value(node, "apiVersion") or version
        kind = value(node, "kind") or kind
        if kind == "List" or (kind.endswith("List") and isinstance(field(node, "items"), Sequence)):
            self.reader.mapping(node, kind)
            for each in self.reader.items(field(node, "items"), "items"):
                if isinstance(each, Mapping):
                    self.take(each, version, kind.removesuffix("List"))
        elif kind == "Ingress" and version in (V1, *_OLD):
            self.ingress(node, version == V1)
        elif kind in ("Ingress", "IngressList") and version.partition("/")[0] in (
            "",
            "networking.k8s.io",
            "extensions",
        ):
            self.reader.refuse(
                node.entries.get("apiVersion", (node, node))[1],
                f"there is no {kind} of the apiVersion {version!r}",
                "Kubernetes refuses the object",
                f"the versions are {', '.join((V1, *_OLD))}",
            )
        elif kind == "ConfigMap" and version == "v1":
            self.config_map(node)
        elif kind == "Secret" and version == "v1":
            self.secret(node)
        else:
            self.values += packaged(node, version, kind)

    # --- what all objects have ---

    def names(self, node: Mapping, kind: str) -> tuple[str, Text] | None:
        """Namespace and name of an object; None, with a message, if it has no name."""
        reader = self.reader
        reader.check_keys(node)
        metadata = reader.mapping(field(node, "metadata"), "metadata")
        before = len(reader.errors)
        namespace = reader.string(field(metadata, "namespace"), "metadata.namespace") or "default"
        name = reader.text(field(metadata, "name"), "metadata.name")
        if name is None or not name.value:
            if len(reader.errors) == before:
                reader.refuse(metadata or node, f"this {kind} has no name", "Kubernetes refuses the object")
            return None
        return namespace, name

    def config_map(self, node: Mapping) -> None:
        """A ConfigMap."""
        names = self.names(node, "ConfigMap")
        if names is not None:
            data = self.reader.texts(field(node, "data"), "data")
            found = ConfigMap(names[0], names[1].value, names[1].span, data)
            self.labels[id(found)] = value(node, "metadata", "labels", "app.kubernetes.io/name")
            self.config_maps.append(found)

    def secret(self, node: Mapping) -> None:
        """A Secret; no message shows its values."""
        for part in ("data", "stringData"):
            entries = field(node, part)
            for _, _, entry in fields(entries) if isinstance(entries, Mapping) else ():
                self.reader.source.hide(entry.start, entry.end)
        names = self.names(node, "Secret")
        if names is None:
            return
        keys = {
            key: self.reader.span(key_node)
            for part in ("data", "stringData")
            for key, key_node, _ in fields(self.reader.mapping(field(node, part), part))
        }
        self.secrets.append(Secret(names[0], names[1].value, names[1].span, keys))

    # --- Ingress ---

    def ingress(self, node: Mapping, is_v1: bool) -> None:
        """An Ingress."""
        names = self.names(node, "Ingress")
        reader = self.reader
        metadata = field(node, "metadata")
        annotations = reader.annotations(field(node, "metadata", "annotations"), "metadata.annotations")
        spec = reader.mapping(field(node, "spec"), "spec")
        self.check_version(spec, is_v1)
        class_name = reader.text(field(spec, "ingressClassName"), "spec.ingressClassName")
        rules = [
            rule
            for each in reader.items(field(spec, "rules"), "spec.rules")
            if (rule := self.rule(each, is_v1)) is not None
        ]
        tls = [self.tls(each) for each in reader.items(field(spec, "tls"), "spec.tls")]
        default = self.backend(field(spec, "defaultBackend" if is_v1 else "backend"), is_v1)
        if names is None or not isinstance(metadata, Mapping):
            return
        self.ingresses.append(
            Ingress(
                names[0],
                names[1].value,
                names[1].span,
                class_name or annotations.get(_CLASS),
                annotations,
                tuple(rules),
                default,
                tuple(tls),
                value(metadata, "creationTimestamp"),
            )
        )

    def check_version(self, spec: Mapping | None, is_v1: bool) -> None:
        """Refuses a default backend in the words of the other API versions."""
        wrong, right = ("backend", "defaultBackend") if is_v1 else ("defaultBackend", "backend")
        if (found := field(spec, wrong)) is not None:
            self.other_version(found, f"spec.{wrong}", f"spec.{right}", is_v1)

    def other_version(self, node: Node, wrong: str, right: str, is_v1: bool) -> None:
        """Refuses a field of the other API versions."""
        version = V1 if is_v1 else "v1beta1"
        self.reader.refuse(
            node,
            f"an Ingress of {version} has no {wrong}",
            "Kubernetes refuses it, or drops the field",
            f"write {right}, or the apiVersion that it is written for",
        )

    def rule(self, node: Node, is_v1: bool) -> Rule | None:
        """An entry of `spec.rules`."""
        mapping = self.reader.mapping(node, "a rule")
        if mapping is None:
            return None
        host = self.reader.text(field(mapping, "host"), "host")
        http = self.reader.mapping(field(mapping, "http"), "http")
        paths = [
            path
            for each in self.reader.items(field(http, "paths"), "paths")
            if (path := self.path(each, is_v1)) is not None
        ]
        return Rule(host, tuple(paths), self.reader.span(mapping))

    def path(self, node: Node, is_v1: bool) -> Path | None:
        """An entry of `paths`."""
        mapping = self.reader.mapping(node, "a path")
        if mapping is None:
            return None
        path = self.reader.text(field(mapping, "path"), "path")
        kind = self.path_type(field(mapping, "pathType"))
        backend = self.backend(field(mapping, "backend"), is_v1)
        return Path(path, kind, backend, self.reader.span(mapping))

    def path_type(self, node: Node | None) -> str:
        """The kind of a path; without one it is up to the controller."""
        text = self.reader.text(node, "pathType")
        if text is None:
            return "ImplementationSpecific"
        if text.value not in _PATH_TYPES and node is not None:
            self.reader.refuse(
                node,
                f"{text.value!r} is no pathType",
                "Kubernetes refuses the object",
                f"the types are {', '.join(_PATH_TYPES)}",
            )
        return text.value

    def backend(self, node: Node | None, is_v1: bool) -> Backend | None:
        """Where requests go."""
        mapping = self.reader.mapping(node, "a backend")
        if mapping is None:
            return None
        span = self.reader.span(mapping)
        for wrong, right in (("serviceName", "service.name"), ("servicePort", "service.port")):
            if is_v1 and (found := field(mapping, wrong)) is not None:
                self.other_version(found, wrong, right, is_v1)
        if not is_v1:
            if (found := field(mapping, "service")) is not None:
                self.other_version(found, "service", "serviceName and servicePort", is_v1)
            service = self.reader.text(field(mapping, "serviceName"), "serviceName")
            return Backend(service, self.port(field(mapping, "servicePort"), "servicePort"), span)
        part = self.reader.mapping(field(mapping, "service"), "service")
        service = self.reader.text(field(part, "name"), "service.name")
        port = self.reader.mapping(field(part, "port"), "service.port")
        number, name = field(port, "number"), field(port, "name")
        return Backend(service, self.port(number if number is not None else name, "service.port"), span)

    def port(self, node: Node | None, what: str) -> Text | None:
        """A port: a number or the name of one."""
        if isinstance(node, Scalar) and node.kind == NUMBER:
            return Text(node.value, self.reader.span(node), None, node)
        return self.reader.text(node, what)

    def tls(self, node: Node) -> Tls:
        """An entry of `tls`."""
        mapping = self.reader.mapping(node, "an entry of tls")
        hosts = [
            host
            for each in self.reader.items(field(mapping, "hosts"), "hosts")
            if (host := self.reader.text(each, "a host")) is not None
        ]
        return Tls(tuple(hosts), self.reader.text(field(mapping, "secretName"), "secretName"))
