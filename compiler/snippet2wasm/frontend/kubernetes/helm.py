"""Values of Helm charts → model: of ingress-nginx's own chart (`controller.config` and its like), and of
applications' charts that describe an Ingress (`ingress.annotations` with `ingress.hosts`). They are files of
their own, or part of an object: of Flux (HelmRelease), Argo CD (Application), RKE2 and k3s (HelmChartConfig).

What charts do with values is a custom, not a rule: the layouts here are those of `helm create` and of the
charts that people publish.
"""

from __future__ import annotations

import re

from snippet2wasm.frontend.kubernetes.model import Controller, Ingress, Path, Rule, Text, Tls
from snippet2wasm.frontend.kubernetes.nodes import BOOLEAN, NULL, NUMBER, Mapping, Node, Scalar, Sequence
from snippet2wasm.frontend.kubernetes.reader import Reader, field, fields, value

_DEPTH = 4  # how deep below the top a chart's values may be: umbrella charts nest them by name
_CONTROLLER = ("config", "allowSnippetAnnotations", "addHeaders", "proxySetHeaders")
_INGRESS = ("annotations", "hosts", "host", "hostname")
_CLASS = "kubernetes.io/ingress.class"
# A number that Helm writes as it stands: it goes through Go's float64 and %v.
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{0,8}[1-9])?")
# Objects that hold values, by group and kind: where. A text holds YAML.
_PACKAGED = {
    ("helm.toolkit.fluxcd.io", "HelmRelease"): (("spec", "values"),),
    ("helm.cattle.io", "HelmChartConfig"): (("spec", "valuesContent"),),
    ("helm.cattle.io", "HelmChart"): (("spec", "valuesContent"),),
    ("argoproj.io", "Application"): (
        ("spec", "source", "helm", "values"),
        ("spec", "source", "helm", "valuesObject"),
    ),
}
_TRUE = frozenset(("y", "yes", "true", "on"))


def packaged(node: Mapping, version: str, kind: str) -> list[Node]:
    """The values that an object holds."""
    paths = _PACKAGED.get((version.partition("/")[0], kind), ())
    found = [field(node, *path) for path in paths]
    if kind == "Application":
        several = field(node, "spec", "sources")
        for each in several.items if paths and isinstance(several, Sequence) else []:
            if isinstance(each, Mapping):
                found += [field(each, "helm", name) for name in ("values", "valuesObject")]
    return [each for each in found if each is not None]


class Values:
    """Reads one file of values."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.controllers: list[Controller] = []
        self.ingresses: list[Ingress] = []

    def take(self, node: Node, depth: int = 0) -> None:
        """Looks for what is known in a mapping and the mappings in it."""
        if not isinstance(node, Mapping):
            return
        for name, key, entry in fields(node):
            if name == "controller" and _has(entry, _CONTROLLER):
                self.controller(key, entry)
            elif name in ("ingress", "ingresses") or name.endswith("Ingress"):
                self.ingress(key, entry)
            elif depth < _DEPTH:
                self.take(entry, depth + 1)

    # --- ingress-nginx's chart ---

    def controller(self, key: Scalar, node: Node) -> None:
        """`controller` of ingress-nginx's chart."""
        mapping = self.reader.mapping(node, "controller")
        config = self.reader.mapping(field(mapping, "config"), "controller.config")
        settings = self.settings(config, "controller.config")
        allow = field(mapping, "allowSnippetAnnotations")
        if isinstance(allow, Scalar) and "allow-snippet-annotations" not in settings:
            text = self.rendered(allow, key, "controller.allowSnippetAnnotations")
            if text is not None:
                settings["allow-snippet-annotations"] = text
        self.controllers.append(
            Controller(
                self.reader.span(key),
                "",
                settings,
                self.headers(mapping, "addHeaders"),
                self.headers(mapping, "proxySetHeaders"),
            )
        )

    def headers(self, mapping: Mapping | None, name: str) -> dict[str, Text] | None:
        """`addHeaders` or `proxySetHeaders`."""
        found = self.reader.mapping(field(mapping, name), f"controller.{name}")
        return self.settings(found, f"controller.{name}") if found is not None else None

    def settings(self, mapping: Mapping | None, what: str) -> dict[str, Text]:
        """Entries that become a ConfigMap's: the chart makes strings of them."""
        found = {}
        for name, key, node in fields(mapping):
            text = self.rendered(node, key, f"{name} in {what}")
            if text is not None:
                found[name] = text
        return found

    def rendered(self, node: Node, key: Scalar, what: str) -> Text | None:
        """A value as the chart's `quote` writes it."""
        if not isinstance(node, Scalar) or node.kind not in (BOOLEAN, NUMBER):
            if isinstance(node, Scalar) and node.kind == NULL:
                return None
            return self.reader.text(node, what, key)
        shown = node.value
        if node.kind == BOOLEAN:
            shown = "true" if node.value.lower() in _TRUE else "false"
        elif not _PLAIN_NUMBER.fullmatch(node.value):
            self.reader.warn(
                self.reader.span(node),
                "S2W441",
                f"Helm may write this number of {what} in another way",
                "it goes through a floating point number: 10000000 becomes 1e+07",
                f'quote it: "{node.value}"',
            )
        return Text(shown, self.reader.span(node), self.reader.span(key), node)

    # --- charts of applications ---

    def ingress(self, key: Scalar, node: Node) -> None:
        """`ingress` of an application's chart: one, a list of them, or several by name."""
        if isinstance(node, Sequence):
            for each in node.items:
                self.one_ingress(key, each)
        elif _has(node, _INGRESS):
            self.one_ingress(key, node)
        else:
            for _, name, each in fields(node if isinstance(node, Mapping) else None):
                if _has(each, _INGRESS):
                    self.one_ingress(name, each)

    def one_ingress(self, key: Scalar, node: Node) -> None:
        """One Ingress."""
        mapping = self.reader.mapping(node, "ingress")
        if mapping is None:
            return
        annotations = self.reader.annotations(field(mapping, "annotations"), "ingress.annotations")
        if value(mapping, "enabled").lower() not in _TRUE | {""}:
            if any(name.endswith("-snippet") for name in annotations):
                self.reader.warn(
                    self.reader.span(key),
                    "S2W442",
                    "this Ingress is not enabled, so its snippets are not compiled",
                    help="write enabled: true, or give the values that say it",
                )
            return
        class_name = self.reader.text(
            field(mapping, "className") or field(mapping, "ingressClassName"), "ingress.className"
        )
        class_name = class_name if class_name is not None and class_name.value else annotations.get(_CLASS)
        self.ingresses.append(
            Ingress(
                "default",
                value(mapping, "name"),
                self.reader.span(key),
                class_name,
                annotations,
                tuple(self.rules(mapping)),
                None,
                tuple(self.tls(mapping)),
                "",
                from_values=True,
            )
        )

    def rules(self, mapping: Mapping) -> list[Rule]:
        """`hosts` in its forms: names, or mappings with a host and its paths; or `host` and `path`."""
        reader = self.reader
        own = self.paths(mapping)
        found = []
        for each in reader.items(field(mapping, "hosts"), "ingress.hosts"):
            if isinstance(each, Mapping) and not reader.is_template(each):
                host = reader.text(field(each, "host") or field(each, "name"), "host")
                found.append(Rule(host, tuple(self.paths(each) or own), reader.span(each)))
            else:
                host = reader.text(each, "a host")
                found.append(Rule(host, tuple(own), reader.span(each)))
        single = field(mapping, "host") or field(mapping, "hostname")
        if single is not None and (host := reader.text(single, "host")) is not None:
            found.append(Rule(host, tuple(own), reader.span(single)))
        return found

    def paths(self, mapping: Mapping) -> list[Path]:
        """`paths`: texts, or mappings with a path and its type; or `path` alone."""
        reader = self.reader
        several = field(mapping, "paths")
        nodes = reader.items(several, "paths") if several is not None else []
        kind = value(mapping, "pathType") or "ImplementationSpecific"
        single = field(mapping, "path")
        found = []
        for each in nodes or ([single] if single is not None else []):
            if isinstance(each, Mapping) and not reader.is_template(each):
                path = reader.text(field(each, "path"), "path")
                own = value(each, "pathType") or kind
            else:
                path, own = reader.text(each, "path"), kind
            found.append(Path(path, own, None, reader.span(each)))
        return found

    def tls(self, mapping: Mapping) -> list[Tls]:
        """`tls`, where it is a list; some charts have a boolean there."""
        reader = self.reader
        node = field(mapping, "tls")
        found = []
        for each in node.items if isinstance(node, Sequence) else []:
            entry = reader.mapping(each, "an entry of tls")
            hosts = (reader.text(host, "a host") for host in reader.items(field(entry, "hosts"), "hosts"))
            secret = reader.text(field(entry, "secretName"), "secretName")
            found.append(Tls(tuple(host for host in hosts if host is not None), secret))
        return found


def _has(node: Node, names: tuple[str, ...]) -> bool:
    """Whether a node is a mapping with one of these keys."""
    return isinstance(node, Mapping) and any(name in node.entries for name in names)
