"""Send a built plugin to a registry, and read an image back as a gateway does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from snippet2wasm.build.builder import replace_file
from snippet2wasm.build.errors import ImageError, ImageNameError, ManifestError, ProjectError
from snippet2wasm.build.image import (
    DOCKER_LIST,
    OCI_INDEX,
    Blob,
    child_for_default_platform,
    digest_of,
    extract_module,
    pack,
    parse_manifest,
)
from snippet2wasm.build.pin import pin_image
from snippet2wasm.build.project import load_project
from snippet2wasm.build.reference import parse_image_name
from snippet2wasm.build.registry import Registry

MANIFEST = "wasmplugin.yaml"


@dataclass(frozen=True)
class PushResult:
    """An image in a registry.

    Attributes:
        url: `oci://REGISTRY/REPOSITORY:TAG`.
        digest: `sha256:…` of the image's manifest.
        size: bytes of the image, the manifest included.
        manifest: the wasmplugin.yaml that now names the image; None when the project has none.
    """

    url: str
    digest: str
    size: int
    manifest: Path | None


def push(
    folder: Path, name: str, *, plain_http: bool | None = None, documents: Sequence[Blob] = ()
) -> PushResult:
    """Send the project's plugin.wasm as an image, and write its name and digest into wasmplugin.yaml.

    The same module and documents give the same digest. Nothing is sent when wasmplugin.yaml can't be edited,
    and wasmplugin.yaml is left alone when the push fails.

    Args:
        folder: a project that was built.
        name: REGISTRY/REPOSITORY:TAG, `oci://` before it or not; the tag is "latest" if there is none.
        plain_http: HTTP without TLS; None: only for a registry on this machine.
        documents: layers before the module's; gateways skip them, but docker can't pull an image with them.

    Raises:
        BuildError: one of its subclasses says why not.
    """
    project = load_project(folder)
    image_name = parse_image_name(name)
    if image_name.digest:
        raise ImageNameError(
            f"{name} names an image by its digest, and the digest is what a push finds out",
            "give a tag instead",
        )
    try:
        module = project.module.read_bytes()
    except FileNotFoundError:
        raise ProjectError(
            f"{folder} has no {project.module.name}", f"build it: snippet2wasm build {folder}"
        ) from None
    except OSError as error:
        raise ProjectError(f"can't read {project.module}: {error.strerror}") from error
    image = pack(module, documents)
    manifest = project.root / MANIFEST
    pinned = _pinned(manifest, image_name.url, image.manifest.digest)
    with Registry(image_name, plain_http=plain_http) as registry:
        for blob in image.blobs:
            registry.put_blob(blob)
        registry.put_manifest(image.manifest, image_name.tag)
    if pinned is not None:
        replace_file(manifest, pinned)
    return PushResult(
        url=image_name.url,
        digest=image.manifest.digest,
        size=sum(len(blob.data) for blob in (*image.blobs, image.manifest)),
        manifest=manifest if pinned is not None else None,
    )


def _pinned(manifest: Path, url: str, digest: str) -> bytes | None:
    """The new content of wasmplugin.yaml, None when there is no such file."""
    try:
        text = manifest.read_bytes().decode()
        return pin_image(text, url, digest.removeprefix("sha256:")).encode()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ManifestError(f"can't read {manifest}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{manifest} is not UTF-8: {error.reason} at byte {error.start}") from error
    except ManifestError as error:
        raise ManifestError(f"{manifest}: {error}", error.hint) from error


def verify_image(name: str, *, plain_http: bool | None = None, sha256: str = "") -> bytes:
    """Read an image from its registry by the gateways' rules and return its module.

    Args:
        name: REGISTRY/REPOSITORY:TAG or …@sha256:DIGEST, `oci://` before it or not.
        plain_http: HTTP without TLS; None: only for a registry on this machine.
        sha256: what a WasmPlugin's `sha256` says, checked as a gateway does: the digest of the image's
            manifest, not of an index around it; "" for none.

    Raises:
        ImageError: a gateway would refuse the image.
        BuildError: another of its subclasses says what else went wrong.
    """
    image_name = parse_image_name(name)
    with Registry(image_name, plain_http=plain_http) as registry:
        found = registry.get_manifest(image_name.reference)
        if found.media_type in (OCI_INDEX, DOCKER_LIST):
            found = registry.get_manifest(child_for_default_platform(parse_manifest(found.data)))
        if sha256 and digest_of(found.data) != f"sha256:{sha256}":
            raise ImageError(
                f"the image's manifest has the digest {digest_of(found.data)}, not sha256:{sha256}"
            )
        return extract_module(found.media_type, parse_manifest(found.data), registry.get_blob)
