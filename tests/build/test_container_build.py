"""The container builder with a real engine: the local builder's bytes, and nothing left behind."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import docker
import jinja2
import pytest

from snippet2wasm import resources
from snippet2wasm.build import BuildResult, build
from snippet2wasm.build.errors import BuildTimeoutError, CompileError, EngineError, ImageUnavailableError
from snippet2wasm.build.image import pack
from snippet2wasm.build.project import load_project
from support.dockerd import GO_IMAGE, Dockerd


@pytest.fixture
def client(engine: Dockerd) -> Iterator[docker.DockerClient]:
    with contextlib.closing(engine.client()) as connected:
        yield connected


def assert_nothing_left(client: docker.DockerClient) -> None:
    assert client.containers.list(all=True) == []
    assert client.volumes.list() == []


@pytest.fixture
def local(project: Path) -> BuildResult:
    """What the local builder made of the project; plugin.wasm itself is gone again."""
    result = build(project, "local")
    result.path.unlink()
    return result


def test_same_bytes_as_the_local_builder(
    project: Path, local: BuildResult, client: docker.DockerClient, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("no_go")  # after the local build: "auto" now has only the engine
    (project / ".git").mkdir()
    made = build(project, "auto", image=GO_IMAGE)
    assert made.builder == "docker"
    assert (made.sha256, made.size, made.go_version) == (local.sha256, local.size, local.go_version)
    assert sha256(made.path.read_bytes()).hexdigest() == local.sha256
    assert_nothing_left(client)


def test_same_bytes_from_the_projects_dockerfile(
    project: Path, local: BuildResult, client: docker.DockerClient
) -> None:
    description = load_project(project)
    template = (resources.templates() / "Dockerfile.j2").read_text()
    text = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(template)
    dockerfile = text.render(name=description.name, exports=description.exports, go_image=GO_IMAGE)
    (project / "Dockerfile").write_text(dockerfile)
    # `rm`: the engine's own build leaves its last container otherwise.
    image, _ = client.images.build(path=str(project), network_mode="none", rm=True, forcerm=True)
    assert dockerfile.rstrip().splitlines()[-1].startswith("COPY ")
    assert len(image.attrs["RootFS"]["Layers"]) == 1
    container = client.containers.create(image, ["/plugin.wasm"])
    try:
        stream, _ = container.get_archive("/plugin.wasm")
        content = b"".join(stream)
    finally:
        container.remove()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        file = archive.extractfile("plugin.wasm")
        assert file is not None
        assert sha256(file.read()).hexdigest() == local.sha256


def test_auto_takes_go_without_the_engine(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    assert build(project).builder == "local"


def test_compile_error_names_file_and_line(project: Path, client: docker.DockerClient) -> None:
    (project / "main.go").write_text("package main\n\nfunc main() {\n\tundefined()\n}\n")
    with pytest.raises(CompileError) as caught:
        build(project, "docker", image=GO_IMAGE)
    (message,) = caught.value.messages
    assert (message.file, message.line, message.column) == ("main.go", 4, 2)
    assert message.message == "undefined: undefined"
    assert not (project / "plugin.wasm").exists()
    assert_nothing_left(client)


def test_timeout_stops_the_build(project: Path, client: docker.DockerClient) -> None:
    with pytest.raises(BuildTimeoutError):
        build(project, "docker", image=GO_IMAGE, timeout=0.1)
    assert_nothing_left(client)


def test_no_engine(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(EngineError, match="no container engine can be reached") as caught:
        build(project, "docker")
    assert "DOCKER_HOST" in caught.value.hint


def test_image_that_can_not_be_pulled(project: Path, client: docker.DockerClient) -> None:
    with pytest.raises(ImageUnavailableError, match=r"does not have the image 127\.0\.0\.1:1/golang:none"):
        build(project, "docker", image="127.0.0.1:1/golang:none")
    assert_nothing_left(client)


def test_image_without_go(project: Path, client: docker.DockerClient) -> None:
    image = pack(b"\0asm\1\0\0\0")
    client.api.import_image_from_data(image.blobs[-1].data, repository="empty", tag="latest")
    with pytest.raises(EngineError, match="executable file not found") as caught:
        build(project, "docker", image="empty:latest")
    assert "Go on its PATH" in caught.value.hint
    assert_nothing_left(client)
