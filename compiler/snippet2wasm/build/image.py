"""Plugin images: how one is made, and how a gateway reads one.

Istio's, Higress's and Envoy Gateway's fetchers share their logic. They take three variants:

- docker: manifest schema 2; the last layer is a gzipped tar with a file whose base name is plugin.wasm;
- OCI "compat": the same with OCI media types;
- OCI artifact: exactly two layers, one of them the bare module.

They try an OCI manifest as "compat" first. All of them, and docker and mirrors besides, take it, so `pack`
makes it: one layer unless there are documents, which go first, as in Higress's own images.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from snippet2wasm.build.errors import ImageError
from snippet2wasm.build.module import LARGEST, check_module

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
README_LAYER = "application/vnd.module.wasm.doc.v1+markdown"

_OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
_OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_WASM_LAYER = "application/vnd.module.wasm.content.layer.v1+wasm"
_MODULE_NAME = "plugin.wasm"
_ARTIFACT_LAYERS = 2


def digest_of(data: bytes) -> str:
    """The digest by which a registry knows data."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True)
class Blob:
    """A part of an image."""

    media_type: str
    data: bytes

    @property
    def digest(self) -> str:
        """The digest of the data."""
        return digest_of(self.data)

    def descriptor(self) -> dict[str, object]:
        """What a manifest says of the part."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.data)}


@dataclass(frozen=True)
class Image:
    """An image ready to be sent: its parts, and the manifest that binds them."""

    blobs: tuple[Blob, ...]
    manifest: Blob


def pack(module: bytes, documents: Sequence[Blob] = ()) -> Image:
    """The "compat" image of a module: a pure function, up to the version of zlib.

    Raises:
        ImageError: the module is not one that a gateway takes.
    """
    check_module(module)
    archive = _tar(module)
    layer = Blob(_OCI_LAYER, _gzip(archive))
    # The platform of a two-line Dockerfile's image: docker refuses to pull one that it does not know.
    config = Blob(
        _OCI_CONFIG,
        _json(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {},
                "rootfs": {"type": "layers", "diff_ids": [digest_of(archive)]},
            }
        ),
    )
    layers = (*documents, layer)
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor(),
        "layers": [part.descriptor() for part in layers],
        "annotations": {"module.wasm.image/variant": "compat"},
    }
    return Image(blobs=(config, *layers), manifest=Blob(OCI_MANIFEST, _json(manifest)))


def _tar(module: bytes) -> bytes:
    buffer = io.BytesIO()
    entry = tarfile.TarInfo(_MODULE_NAME)  # owner 0:0, time 0
    entry.size, entry.mode = len(module), 0o644
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(module))
    return buffer.getvalue()


def _gzip(data: bytes) -> bytes:
    # GzipFile writes the header itself; gzip.compress leaves it to zlib, whose header names the system.
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


# A manifest is a stranger's JSON: what is used of it is checked where it is used.
Manifest = dict[str, Any]
Fetch = Callable[[str, int], bytes]  # digest, largest size accepted -> content


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest or an index.

    Raises:
        ImageError: it is not a JSON object.
    """
    try:
        manifest = json.loads(data)
    except ValueError as error:
        raise ImageError(f"the image's manifest is not JSON: {error}") from error
    if not isinstance(manifest, dict):
        raise ImageError("the image's manifest is not an object")
    return manifest


def child_for_default_platform(index: Manifest) -> str:
    """The digest of the image that a fetcher takes from an index: linux/amd64, or one without platform.

    Raises:
        ImageError: the index has none.
    """
    for entry in _descriptors(index, "manifests"):
        platform = entry.get("platform") or {"os": "linux", "architecture": "amd64"}
        if isinstance(platform, dict) and (platform.get("os"), platform.get("architecture")) == (
            "linux",
            "amd64",
        ):
            return _digest(entry)
    raise ImageError("the index has no image for linux/amd64, which is what a gateway takes")


def extract_module(media_type: str, manifest: Manifest, fetch: Fetch) -> bytes:
    """The module that a gateway finds in an image.

    Args:
        media_type: of the manifest.
        manifest: of the image, not an index.
        fetch: gets a part of the image.

    Raises:
        ImageError: a gateway would refuse the image; the message says which rule it breaks.
    """
    layers = _descriptors(manifest, "layers")
    if media_type == DOCKER_MANIFEST:
        module = _from_last_layer(layers, _DOCKER_LAYER, fetch)
    elif media_type == OCI_MANIFEST:
        try:
            module = _from_last_layer(layers, _OCI_LAYER, fetch)
        except ImageError as not_compat:
            try:
                module = _from_artifact(layers, fetch)
            except ImageError as not_artifact:
                raise ImageError(
                    f"not a plugin's image: as one with a tar layer, {not_compat}; "
                    f"as an artifact, {not_artifact}"
                ) from not_artifact
    else:
        raise ImageError(f"the manifest has the type {media_type!r}, which no gateway reads")
    check_module(module)
    return module


def _from_last_layer(layers: list[Manifest], media_type: str, fetch: Fetch) -> bytes:
    if not layers:
        raise ImageError("it has no layers")
    last = layers[-1]
    if last.get("mediaType") != media_type:
        raise ImageError(f"the last layer must be {media_type} and is {last.get('mediaType')}")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(fetch(_digest(last), LARGEST))) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ImageError(f"the layer unpacks to more than {LARGEST} bytes")
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for entry in archive:
                if posixpath.basename(entry.name) == _MODULE_NAME and (file_in := archive.extractfile(entry)):
                    return file_in.read()
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise ImageError(f"the last layer is not a gzipped tar: {error}") from error
    raise ImageError(f"the last layer has no file {_MODULE_NAME}")


def _from_artifact(layers: list[Manifest], fetch: Fetch) -> bytes:
    if len(layers) != _ARTIFACT_LAYERS:
        raise ImageError(f"it must have {_ARTIFACT_LAYERS} layers and has {len(layers)}")
    for layer in layers:
        if layer.get("mediaType") == _WASM_LAYER:
            return fetch(_digest(layer), LARGEST)
    raise ImageError(f"no layer is {_WASM_LAYER}")


def _descriptors(manifest: Manifest, key: str) -> list[Manifest]:
    entries = manifest.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ImageError(f"the image's manifest has no list `{key}`")
    return entries


def _digest(descriptor: Manifest) -> str:
    digest = descriptor.get("digest")
    if not isinstance(digest, str) or not digest.startswith("sha256:"):
        raise ImageError(f"the image's manifest names a part by {digest!r}, not by its sha256")
    return digest
