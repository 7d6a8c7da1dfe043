"""Kubernetes files: Ingresses, ConfigMaps, Secrets' names and Helm values, from YAML and JSON, each text with
its place in the file.

`read` reads one file, `merge` makes one cluster of several; `is_manifest` says whether a file is for `read`.
"""

from snippet2wasm.frontend.kubernetes.manifests import MAX_BYTES, is_manifest, merge, read
from snippet2wasm.frontend.kubernetes.model import (
    PREFIX,
    Backend,
    ConfigMap,
    Controller,
    Ingress,
    Manifests,
    Path,
    Rule,
    Secret,
    Text,
    Tls,
    by_age,
)

__all__ = [
    "MAX_BYTES",
    "PREFIX",
    "Backend",
    "ConfigMap",
    "Controller",
    "Ingress",
    "Manifests",
    "Path",
    "Rule",
    "Secret",
    "Text",
    "Tls",
    "by_age",
    "is_manifest",
    "merge",
    "read",
]
