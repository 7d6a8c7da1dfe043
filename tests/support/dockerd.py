"""A container engine of our own: Debian's dockerd and containerd, as root, with own sockets and folders.

The engine has no network at all: no bridge, no iptables rules. Debian packages: docker.io (which brings
containerd and runc), util-linux.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import docker
import docker.errors
import requests

from snippet2wasm.verify.process import Process, Server, find_program

GO_IMAGE = "golang:local"
_SBIN = ("/usr/sbin", "/sbin")
_START_TIMEOUT = 30.0
_STOP_GRACE = 20.0
# Parts of a Go tree that no build reads.
_UNUSED = ("api", "doc", "misc", "test")


class Dockerd(Server):
    """An engine; `host` is its DOCKER_HOST.

    dockerd is given a containerd that we started: both then die with their owner, while a containerd of
    dockerd's own would outlive a dockerd that was killed.
    """

    _containerd: Process | None = None
    _dockerd: Process | None = None

    @property
    def host(self) -> str:
        """The engine's address."""
        return f"unix://{self.folder}/docker.sock"

    def client(self) -> docker.DockerClient:
        """A client of the engine; close it after use."""
        return docker.DockerClient(base_url=self.host, timeout=300)

    def import_go(self, goroot: Path) -> None:
        """Make the image GO_IMAGE of a Go tree and /tmp and nothing else: Go's binaries are static."""
        archive = self.folder / "go.tar"
        with tarfile.open(archive, "w", dereference=True) as tar:
            scratch = tarfile.TarInfo("tmp")
            scratch.type, scratch.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(scratch)
            for part in sorted(goroot.iterdir()):
                if part.name not in _UNUSED:
                    tar.add(part, arcname=f"usr/local/go/{part.name}")
        repository, _, tag = GO_IMAGE.partition(":")
        with contextlib.closing(self.client()) as client:
            client.api.import_image(
                src=str(archive), repository=repository, tag=tag, changes="ENV PATH=/usr/local/go/bin"
            )
        archive.unlink()

    def _start(self) -> None:
        containerd_socket = self.folder / "containerd.sock"
        configuration = self.folder / "containerd.toml"
        configuration.write_text(
            "version = 2\n"
            f'root = "{self.folder}/containerd-root"\nstate = "{self.folder}/containerd-state"\n'
            'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
            f'[grpc]\naddress = "{containerd_socket}"\n'
        )
        # Without PATH runc and the shims would not be found by those who keep sbin off it.
        environment = {**os.environ, "PATH": os.pathsep.join([os.environ.get("PATH", ""), *_SBIN])}
        log = self.folder / "engine.log"
        self._containerd = Process(
            [find_program("containerd", *_SBIN), "--config", configuration],
            log=log,
            cwd=self.folder,
            env=environment,
        )
        self._containerd.wait_ready(containerd_socket.exists, _START_TIMEOUT)
        own = self.folder / "daemon.json"  # not the machine's /etc/docker/daemon.json
        own.write_text("{}")
        self._dockerd = Process(
            [
                find_program("dockerd", *_SBIN),
                f"--host={self.host}",
                f"--containerd={containerd_socket}",
                f"--data-root={self.folder}/data",
                f"--exec-root={self.folder}/exec",
                f"--pidfile={self.folder}/docker.pid",
                f"--config-file={own}",
                "--bridge=none",
                "--iptables=false",
                "--ip-forward=false",
                "--ip-masq=false",
            ],
            log=log,
            cwd=self.folder,
            env=environment,
        )
        self._dockerd.wait_ready(self._answers, _START_TIMEOUT)

    def _answers(self) -> bool:
        try:
            with contextlib.closing(self.client()) as client:
                return bool(client.ping())
        except (docker.errors.DockerException, requests.RequestException):
            return False

    def _stop(self) -> None:
        for process in (self._dockerd, self._containerd):
            if process is not None:
                process.stop(_STOP_GRACE)
        self._dockerd = self._containerd = None
        _unmount_below(self.folder)


def _unmount_below(folder: Path) -> None:
    """Unmount what the engine left mounted (a network namespace), or the folder could not be removed."""
    points = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for point in sorted((p for p in points if p.startswith(f"{folder}/")), reverse=True):
        subprocess.run([shutil.which("umount") or "/bin/umount", "--lazy", point], check=False, timeout=10)
