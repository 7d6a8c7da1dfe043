"""The distributions, and an environment in which nothing but the wheel is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
COMMAND_SECONDS = 300  # installing fetches the dependencies, building may fill Go's cache


def run(command: Sequence[str | Path], cwd: Path) -> str:
    """Runs a command, which has to succeed, and returns what it says.

    Nothing in its environment leads it to the checkout or to the environment of these tests.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "PYTEST"))
    }
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def distribute(source: Path, folder: Path, *kinds: str) -> None:
    """Builds distributions of the project in `source`, with the build backend that is installed."""
    run([sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", folder, source], folder)


@dataclass(frozen=True)
class Distributions:
    """What would be published."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """Both distributions, each made from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    distribute(CHECKOUT, folder, "--sdist", "--wheel")
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Distributions(wheel, sdist)


@pytest.fixture(scope="session")
def wheel_of_sdist(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the source distribution makes, far from the checkout."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(distributions.sdist) as archive:
        archive.extractall(folder)  # our own; Python 3.11.2 knows no filters
    (source,) = folder.iterdir()
    distribute(source, folder, "--wheel")
    (wheel,) = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Installed:
    """A virtual environment that holds the wheel and what it depends on."""

    folder: Path

    def program(self, name: str) -> Path:
        """A program of the environment."""
        return self.folder / "bin" / name


@pytest.fixture(scope="session")
def installed(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed in an environment that was empty, with its own Go for machines that have none."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder / "venv", with_pip=True)
    environment = Installed(folder / "venv")
    wanted = f"{distributions.wheel}[toolchain]"
    run([environment.program("pip"), "install", "-q", "--disable-pip-version-check", wanted], folder)
    return environment
