"""Build a plugin in a container, without network, bind mounts or a shell in the image.

Two containers share an anonymous volume: the first links the module, the second strips it. The project goes
in as an archive and the module comes out as one, so a remote engine works, too. The containers and the volume
are removed, whatever happens.
"""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import docker.errors
import requests
from docker.models.containers import Container
from docker.types import LogConfig

from snippet2wasm.build.commands import ENVIRONMENT, TARGET, compile_error, link, strip
from snippet2wasm.build.errors import BuildTimeoutError, EngineError, ImageUnavailableError
from snippet2wasm.build.project import MODULE, Project

DEFAULT_IMAGE = "golang:1.26"

# Everything is below one folder, the volume's: an image needs nothing but Go.
_HOME = "/snippet2wasm"
_SOURCE = f"{_HOME}/src"
_OUTPUT = f"{_HOME}/out/{MODULE}"
_FOLDERS = ("out", "tmp", "cache", "gopath")
_PLACES = {"HOME": _HOME, "TMPDIR": f"{_HOME}/tmp", "GOCACHE": f"{_HOME}/cache", "GOPATH": f"{_HOME}/gopath"}
_START_HINT = "start Docker, or name another engine in DOCKER_HOST"


def connect() -> docker.DockerClient:
    """A client of the engine that DOCKER_HOST names, or of the default one. Close it after use.

    Raises:
        EngineError: no engine answers.
    """
    try:
        return docker.from_env()
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise EngineError(f"no container engine can be reached: {error}", _START_HINT) from error


def build_in_container(project: Project, client: docker.DockerClient, image: str, *, timeout: float) -> bytes:
    """Build the project with the Go of an image and return the module; nothing in the project is touched.

    Args:
        project: what to build.
        client: the engine.
        image: an image with `go` on its PATH; pulled when the engine does not have it.
        timeout: seconds for the build, not counting the pull.

    Raises:
        ImageUnavailableError: the image is not there and can't be pulled.
        EngineError: the engine refused something, or the image holds no Go.
        CompileError: Go refused the project.
        BuildTimeoutError: it took too long.
    """
    with _engine_errors("the container engine refused the build"):
        _ensure_image(client, image)
        deadline = time.monotonic() + timeout
        linking = link("go", _OUTPUT)
        stripping = strip("go", project, _OUTPUT)
        with _container(client, image, linking, {**ENVIRONMENT, **TARGET}, volume=_HOME) as linker:
            linker.put_archive(_HOME, _pack(project))
            _run(linker, deadline)
            with _container(client, image, stripping, ENVIRONMENT, volumes_of=linker) as stripper:
                _run(stripper, deadline)
                return _unpack(stripper)


def _ensure_image(client: docker.DockerClient, image: str) -> None:
    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            client.images.pull(image)
        except (docker.errors.APIError, requests.RequestException) as error:
            raise ImageUnavailableError(
                f"the engine does not have the image {image} and can't pull it: {_reason(error)}",
                "pull or import an image with Go 1.24 or newer, and name it",
            ) from error


@contextmanager
def _container(
    client: docker.DockerClient,
    image: str,
    command: list[str],
    environment: Mapping[str, str],
    *,
    volume: str | None = None,
    volumes_of: Container | None = None,
) -> Iterator[Container]:
    """A container that is not started yet, with a new volume or another's; it is removed at the end."""
    container = client.containers.create(
        image,
        command,
        entrypoint=[],
        environment={**_PLACES, **environment},
        working_dir=_SOURCE,
        user="0:0",  # the owner of what the archive brings
        network_mode="none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        log_config=LogConfig(type="json-file"),  # one that can be read back, whatever the engine's default
        volumes=[volume] if volume else [],
        volumes_from=[str(volumes_of.id)] if volumes_of else [],
    )
    try:
        yield container
    except BaseException:
        # What went wrong counts, not that an engine which is gone removes nothing.
        with suppress(docker.errors.DockerException, requests.RequestException):
            container.remove(force=True, v=True)
        raise
    container.remove(force=True, v=True)


def _run(container: Container, deadline: float) -> None:
    """Run the container's command to its end."""
    container.start()
    try:
        status = container.wait(timeout=max(1.0, deadline - time.monotonic()))["StatusCode"]
    except requests.RequestException:
        # The SDK raises different errors for a timeout, by where it was reading.
        if time.monotonic() < deadline:
            raise
        raise BuildTimeoutError("the build took too long and was stopped") from None
    if status != 0:
        raise compile_error(container.logs().decode(errors="replace"))


def _pack(project: Project) -> bytes:
    """The project and the empty folders of the volume, as a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in _FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        archive.add(project.root, arcname=Path(_SOURCE).name, filter=_of_root)
    return buffer.getvalue()


def _of_root(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """The entry as root's; None for what no build reads."""
    parts = Path(entry.name).parts
    if parts[1:2] == (".git",) or parts[1:] == (MODULE,):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _unpack(container: Container) -> bytes:
    """The built module."""
    stream, _ = container.get_archive(_OUTPUT)
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        member = archive.extractfile(MODULE)
        if member is None:
            raise EngineError(f"the container's {_OUTPUT} is not a file")
        return member.read()


@contextmanager
def _engine_errors(what: str) -> Iterator[None]:
    """Turn the docker SDK's errors into EngineError."""
    try:
        yield
    except docker.errors.APIError as error:
        reason = _reason(error)
        hint = "the image must have Go on its PATH" if "executable file not found" in reason else ""
        raise EngineError(f"{what}: {reason}", hint) from error
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise EngineError(f"{what}: {error}", _START_HINT) from error


def _reason(error: Exception) -> str:
    """What the engine said, without the client's wrapping."""
    said = getattr(error, "explanation", None)
    return str(said or error).strip()
