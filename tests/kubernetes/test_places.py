"""Which snippets of a cluster act on which requests: Kubernetes objects in; units, matches and messages out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import kubernetes
from snippet2wasm.frontend.kubernetes import Manifests
from snippet2wasm.frontend.matches import Match
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ingress.places import Composed, compose
from snippet2wasm.source import Source

DATA = Path(__file__).parent / "data"
CASES: dict[str, Any] = yaml.safe_load((DATA / "places.yaml").read_text())
Json = dict[str, Any]


def cluster(case: Json) -> Manifests:
    """The objects of a case: Ingresses in the short form of `ingress`, and a ConfigMap's data."""
    texts = [
        yaml.safe_dump(ingress(name, given), sort_keys=False) for name, given in case["ingresses"].items()
    ]
    if "config" in case:
        data = {key: str(value) for key, value in case["config"].items()}
        meta = {"name": "ingress-nginx-controller", "namespace": "ingress-nginx"}
        texts.append(
            yaml.safe_dump(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}, sort_keys=False
            )
        )
    return kubernetes.read(Source("cluster.yaml", "---\n".join(texts).encode()))


def ingress(key: str, given: Json) -> Json:
    """An Ingress: `NAMESPACE/NAME`, annotations without their prefix, and rules as `HOST PATH TYPE SERVICE`."""
    namespace, _, name = key.rpartition("/")
    rules: dict[str, list[Json]] = {}
    for rule in given.get("rules", []):
        host, path, type_, service = rule.split()
        backend = {"service": {"name": service, "port": {"number": 80}}}
        rules.setdefault(host, []).append({"path": path, "pathType": type_, "backend": backend})
    spec: Json = {
        "rules": [
            {**({} if host == "*" else {"host": host}), "http": {"paths": paths}}
            for host, paths in rules.items()
        ]
    }
    if "default" in given:
        spec["defaultBackend"] = {"service": {"name": given["default"], "port": {"number": 80}}}
    if "tls" in given:
        spec["tls"] = [{"hosts": given["tls"], "secretName": "certificate"}]
    if "class" in given:
        spec["ingressClassName"] = given["class"]
    annotations = {
        f"nginx.ingress.kubernetes.io/{name}": str(value)
        for name, value in given.get("annotations", {}).items()
    }
    meta: Json = {"name": name, "namespace": namespace, "annotations": annotations}
    if "created" in given:
        meta["creationTimestamp"] = given["created"]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec}


def shown(match: Match) -> str:
    """A match as the cases write it: `@ROUTE HOST LOCATION`, of which some are absent."""
    parts = match.parts()
    return " ".join(
        [
            *([f"@{match.route}"] if match.route else []),
            *(parts[key] for key in ("host", "location") if key in parts),
        ]
    )


def unit(composed: Composed) -> Json:
    """What a case says of a unit."""
    found: Json = {}
    for level in ("http", "server", "location"):
        directives = getattr(composed.layers, level)
        if directives:
            found[level] = [written(each) for each in directives]
    if composed.layers.sites:
        found["sites"] = {
            f"{at.modifier} {at.path}".strip(): [written(each) for each in directives]
            for at, directives in composed.layers.sites
        }
    places = []
    for place in composed.places:
        row: Json = {"match": [shown(match) for match in place.match]}
        if place.values:
            row["values"] = dict(place.values)
        places.append(row)
    found["places"] = places
    return found


def written(directive: Directive) -> str:
    """A directive as a text; of blocks only a location's."""
    text = " ".join([directive.name, *(argument.value for argument in directive.args)])
    if directive.name != "location" or directive.block is None:
        return text
    return f"{text} {{ {'; '.join(map(written, directive.block))} }}"


def told(diagnostic: Diagnostic) -> str:
    """The code and what the message is about."""
    text = diagnostic.span.text.split("\n")[0] if diagnostic.span else ""
    return f"{diagnostic.code} {text}".strip()


@pytest.mark.parametrize("name", CASES)
def test_units_and_their_places(name: str) -> None:
    case = CASES[name]
    if "refused" in case:
        with pytest.raises(Refusal) as refusal:
            compose(cluster(case), case.get("target", "higress"))
        assert [told(each) for each in refusal.value.diagnostics] == case["refused"]
        return
    found = compose(cluster(case), case.get("target", "higress"))
    assert {each.name: unit(each) for each in found.units} == case.get("units", {})
    assert [shown(match) for match in found.others] == case.get("others", [])
    assert [told(each) for each in found.warnings] == case.get("warnings", [])
