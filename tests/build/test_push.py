"""Push to a real registry, and read back by the gateways' rules."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from snippet2wasm.build import push, verify_image
from snippet2wasm.build.errors import (
    BuildError,
    ImageError,
    ImageNameError,
    ManifestError,
    NotFoundError,
    ProjectError,
    RegistryDeniedError,
    RegistryUnavailableError,
)
from snippet2wasm.build.image import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    README_LAYER,
    Blob,
    pack,
)
from snippet2wasm.build.reference import parse_image_name
from snippet2wasm.build.registry import Registry as Client
from snippet2wasm.verify.process import LOOPBACK, free_port
from support.dockerd import Dockerd
from support.registry import PASSWORD, USER, Registry
from support.tokens import IDENTITY_TOKEN

MODULE = b"\0asm\1\0\0\0" + bytes([0, 6, 4]) + b"test!"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
pytestmark = pytest.mark.usefixtures("docker_config")


@pytest.fixture
def built(project: Path) -> Path:
    """A project with a module (pushing takes no interest in who built it)."""
    (project / "plugin.wasm").write_bytes(MODULE)
    return project


def log_in(config: Path, registry: Registry, **entry: str) -> None:
    """What `docker login` leaves in its configuration."""
    config.write_text(json.dumps({"auths": {registry.address: entry}}))


def basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def test_push_and_read_back(built: Path, registry: Registry) -> None:
    before = (built / "wasmplugin.yaml").read_text()
    name = f"{registry.address}/plugins/fixture:1.0.0"
    result = push(built, name)
    assert result.url == f"oci://{name}"
    assert result.manifest == built / "wasmplugin.yaml"
    assert verify_image(name) == MODULE
    assert verify_image(f"oci://{registry.address}/plugins/fixture@{result.digest}") == MODULE
    assert verify_image(name, sha256=result.digest.removeprefix("sha256:")) == MODULE

    response = requests.get(
        f"http://{registry.address}/v2/plugins/fixture/manifests/1.0.0",
        headers={"Accept": OCI_MANIFEST},
        timeout=10,
    )
    assert response.headers["Docker-Content-Digest"] == result.digest
    assert response.headers["Content-Type"] == OCI_MANIFEST
    assert [layer["mediaType"] for layer in response.json()["layers"]] == [
        "application/vnd.oci.image.layer.v1.tar+gzip"
    ]

    after = (built / "wasmplugin.yaml").read_text()
    spec = yaml.safe_load(after)["spec"]
    assert (spec["url"], spec["sha256"]) == (f"oci://{name}", result.digest[7:])
    assert (spec["phase"], spec["failStrategy"]) == ("UNSPECIFIED_PHASE", "FAIL_CLOSE")
    pinned = ("url:", "sha256:")
    kept = [
        [line for line in text.splitlines() if not line.strip().startswith(pinned)]
        for text in (before, after)
    ]
    assert kept[0] == kept[1]
    assert f"  url: oci://{name} # " in after


def test_same_module_has_the_same_digest(built: Path, registry: Registry) -> None:
    first = push(built, f"{registry.address}/plugins/same:1")
    pinned = (built / "wasmplugin.yaml").read_bytes()
    again = push(built, f"{registry.address}/plugins/same:1")
    elsewhere = push(built, f"{registry.address}/other/place:2")
    assert first.digest == again.digest == elsewhere.digest
    push(built, f"{registry.address}/plugins/same:1")
    assert (built / "wasmplugin.yaml").read_bytes() == pinned
    (built / "plugin.wasm").write_bytes(MODULE + b"\0\2\1x")
    assert push(built, f"{registry.address}/plugins/same:1").digest != first.digest


def test_project_without_a_wasmplugin(built: Path, registry: Registry) -> None:
    (built / "wasmplugin.yaml").unlink()
    result = push(built, f"{registry.address}/plugins/plain")
    assert result.manifest is None
    assert result.url.endswith("/plugins/plain:latest")
    assert verify_image(f"{registry.address}/plugins/plain") == MODULE


def test_documents_come_before_the_module(built: Path, registry: Registry) -> None:
    name = f"{registry.address}/plugins/documented:1"
    push(built, name, documents=[Blob(README_LAYER, b"# The plugin\n")])
    assert verify_image(name) == MODULE


def test_docker_pulls_the_image(built: Path, registry: Registry, engine: Dockerd) -> None:
    name = f"{registry.address}/plugins/pulled"
    push(built, f"{name}:1")
    with contextlib.closing(engine.client()) as client:
        image = client.images.pull(name, tag="1")
        container = client.containers.create(image, ["/plugin.wasm"])
        try:
            stream, _ = container.get_archive("/plugin.wasm")
            assert MODULE in b"".join(stream)
        finally:
            container.remove()


def test_image_that_docker_pushed(built: Path, registry: Registry, engine: Dockerd) -> None:
    (built / "Dockerfile").write_text("FROM scratch\nCOPY plugin.wasm plugin.wasm\n")
    name = f"{registry.address}/plugins/by-docker"
    with contextlib.closing(engine.client()) as client:
        client.images.build(path=str(built), tag=f"{name}:1", rm=True)
        pushed = client.images.push(name, tag="1")
        assert "errorDetail" not in str(pushed)
    with Client(parse_image_name(f"{name}:1")) as repository:
        assert repository.get_manifest("1").media_type == DOCKER_MANIFEST
    assert verify_image(f"{name}:1") == MODULE


# --- images that others may have put there ---


def put(registry: Registry, tag: str, manifest: dict[str, Any], *blobs: Blob) -> str:
    """Send an image as it is given; returns its name."""
    name = f"{registry.address}/plugins/odd:{tag}"
    with Client(parse_image_name(name)) as repository:
        for blob in blobs:
            repository.put_blob(blob)
        repository.put_manifest(Blob(manifest["mediaType"], json.dumps(manifest).encode()), tag)
    return name


def put_oci(registry: Registry, tag: str, *layers: Blob) -> str:
    """Send an OCI image with these layers; returns its name."""
    config = Blob("application/vnd.oci.image.config.v1+json", b"{}")
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor(),
        "layers": [layer.descriptor() for layer in layers],
    }
    return put(registry, tag, manifest, config, *layers)


BARE = Blob("application/vnd.module.wasm.content.layer.v1+wasm", MODULE)
SETTINGS = Blob("application/vnd.module.wasm.config.v1+json", b"{}")
TAR = pack(MODULE).blobs[-1]


def test_artifact_of_two_layers_is_read(registry: Registry) -> None:
    assert verify_image(put_oci(registry, "artifact", SETTINGS, BARE)) == MODULE
    assert verify_image(put_oci(registry, "swapped", BARE, SETTINGS)) == MODULE


@pytest.mark.parametrize(
    ("tag", "layers", "message"),
    [
        ("single", [BARE], "must have 2 layers and has 1"),
        ("three", [SETTINGS, SETTINGS, BARE], "must have 2 layers and has 3"),
        ("not-last", [TAR, SETTINGS], "the last layer must be application/vnd.oci.image.layer.v1.tar"),
        ("zstd", [Blob(TAR.media_type.replace("gzip", "zstd"), b"x")], "the last layer must be"),
        ("not-gzip", [Blob(TAR.media_type, b"plain")], "not a gzipped tar"),
        ("cut", [Blob(TAR.media_type, TAR.data[:-20])], "not a gzipped tar"),
        ("no-wasm", [SETTINGS, Blob(BARE.media_type, b"#!/bin/sh\n")], "the module is not WebAssembly"),
        ("none", [], "it has no layers"),
    ],
)
def test_image_that_gateways_refuse(registry: Registry, tag: str, layers: list[Blob], message: str) -> None:
    name = put_oci(registry, tag, *layers)
    with pytest.raises(ImageError, match=message):
        verify_image(name)


def test_tar_without_the_module(registry: Registry) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("main.wasm")
        entry.size = len(MODULE)
        archive.addfile(entry, io.BytesIO(MODULE))
    with pytest.raises(ImageError, match=r"the last layer has no file plugin\.wasm"):
        verify_image(put_oci(registry, "renamed", Blob(TAR.media_type, buffer.getvalue())))


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_index_leads_to_the_default_platform(registry: Registry, media_type: str) -> None:
    tag = "index-" + ("oci" if media_type == OCI_INDEX else "docker")
    image = pack(MODULE)
    put(registry, "child", json.loads(image.manifest.data), *image.blobs)
    other = pack(MODULE + b"\0\2\1y")
    put(registry, "arm", json.loads(other.manifest.data), *other.blobs)
    entries = []
    for architecture, tagged in (("arm64", "arm"), ("amd64", "child")):
        with Client(parse_image_name(f"{registry.address}/plugins/odd:{tagged}")) as repository:
            found = repository.get_manifest(tagged)
        entries.append({**found.descriptor(), "platform": {"os": "linux", "architecture": architecture}})
    index = {"schemaVersion": 2, "mediaType": media_type, "manifests": entries}
    name = put(registry, tag, index)
    assert verify_image(name) == MODULE
    # A gateway compares with the image's digest, not with the index's.
    assert verify_image(name, sha256=str(entries[1]["digest"])[7:]) == MODULE


def test_wrong_sha256(built: Path, registry: Registry) -> None:
    push(built, f"{registry.address}/plugins/pinned:1")
    with pytest.raises(ImageError, match="has the digest sha256:"):
        verify_image(f"{registry.address}/plugins/pinned:1", sha256="0" * 64)


# --- registries that do not help ---


def test_registry_that_is_down(built: Path) -> None:
    before = (built / "wasmplugin.yaml").read_bytes()
    address = f"{LOOPBACK}:{free_port()}"
    with pytest.raises(
        RegistryUnavailableError, match=f"can't reach the registry {address}: .*refused"
    ) as caught:
        push(built, f"{address}/plugins/fixture:1")
    assert caught.value.hint
    assert (built / "wasmplugin.yaml").read_bytes() == before


def test_registry_without_a_name(built: Path) -> None:
    with pytest.raises(RegistryUnavailableError, match=r"can't reach the registry registry\.invalid"):
        push(built, "registry.invalid/plugins/fixture:1")


def test_registry_without_tls(built: Path, registry: Registry) -> None:
    with pytest.raises(RegistryUnavailableError, match="no safe connection") as caught:
        push(built, f"{registry.address}/plugins/fixture:1", plain_http=False)
    assert "--insecure" in caught.value.hint


def test_absent_image(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match=r"has no plugins/absent:1"):
        verify_image(f"{registry.address}/plugins/absent:1")


def test_password(built: Path, password_registry: Registry, docker_config: Path) -> None:
    name = f"{password_registry.address}/plugins/fixture:1"
    with pytest.raises(RegistryDeniedError, match="wants credentials") as caught:
        push(built, name)
    assert f"docker login {password_registry.address}" in caught.value.hint
    log_in(docker_config, password_registry, auth=basic(USER, "wrong"))
    with pytest.raises(RegistryDeniedError, match="refuses access"):
        push(built, name)
    log_in(docker_config, password_registry, auth=basic(USER, PASSWORD))
    push(built, name)
    assert verify_image(name) == MODULE


def test_password_from_a_credential_helper(
    built: Path,
    password_registry: Registry,
    docker_config: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    helper = tmp_path / "docker-credential-tests"
    answer = json.dumps({"ServerURL": "x", "Username": USER, "Secret": PASSWORD})
    helper.write_text(f"#!/bin/sh\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    docker_config.write_text(json.dumps({"credsStore": "tests"}))
    push(built, f"{password_registry.address}/plugins/by-helper:1")


def test_tokens(built: Path, token_registry: Registry, docker_config: Path) -> None:
    name = f"{token_registry.address}/plugins/fixture:1"
    with pytest.raises(RegistryDeniedError):
        push(built, name)  # strangers get a token that only pulls
    log_in(docker_config, token_registry, auth=basic(USER, "wrong"))
    with pytest.raises(RegistryDeniedError, match="token service answers 401"):
        push(built, name)
    log_in(docker_config, token_registry, auth=basic(USER, PASSWORD))
    push(built, name)
    docker_config.unlink()
    assert verify_image(name) == MODULE
    log_in(docker_config, token_registry, auth="", identitytoken=IDENTITY_TOKEN)
    push(built, f"{token_registry.address}/plugins/by-identity:1")


def test_damaged_docker_configuration(built: Path, password_registry: Registry, docker_config: Path) -> None:
    log_in(docker_config, password_registry, auth="!!!")
    with pytest.raises(RegistryDeniedError, match="credentials"):
        push(built, f"{password_registry.address}/plugins/fixture:1")


# --- projects and names ---


def test_project_that_is_not_built(project: Path, registry: Registry) -> None:
    with pytest.raises(ProjectError, match=r"has no plugin\.wasm") as caught:
        push(project, f"{registry.address}/plugins/fixture:1")
    assert "snippet2wasm build" in caught.value.hint


def test_folder_that_is_no_project(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(ProjectError, match="is not a plugin project"):
        push(tmp_path, f"{registry.address}/plugins/fixture:1")


def test_module_that_is_none(project: Path, registry: Registry) -> None:
    (project / "plugin.wasm").write_text("no module")
    with pytest.raises(ImageError, match="the module is not WebAssembly"):
        push(project, f"{registry.address}/plugins/fixture:1")


def test_manifest_that_can_not_be_edited(built: Path, registry: Registry) -> None:
    (built / "wasmplugin.yaml").write_text("kind: WasmPlugin\n")
    with pytest.raises(ManifestError, match=r"wasmplugin\.yaml: the WasmPlugin has no spec"):
        push(built, f"{registry.address}/plugins/unsent:1")
    with pytest.raises(NotFoundError):
        verify_image(f"{registry.address}/plugins/unsent:1")


def test_push_to_a_digest(built: Path, registry: Registry) -> None:
    with pytest.raises(ImageNameError, match="by its digest"):
        push(built, f"{registry.address}/plugins/fixture@sha256:{'0' * 64}")


@pytest.mark.parametrize(
    "name", ["", ":1", "Registry.example/UPPER:1", "registry.example/a b", "registry.example/"]
)
def test_name_that_is_none(built: Path, name: str) -> None:
    with pytest.raises(ImageNameError, match="is not the name of an image"):
        push(built, name)
    assert issubclass(ImageNameError, BuildError)
