"""What is measured: the way of the device heartbeat from nginx text to an image in a registry.

Everything runs as a user runs it: as processes of the command line.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Ratio, Row, Size, Times, timed
from snippet2wasm.build.commands import ENVIRONMENT, TARGET, link
from snippet2wasm.build.toolchain import find_toolchain
from support.dockerd import GO_IMAGE, Dockerd
from support.longhandler import handler
from support.registry import Registry

SOURCE = Path(__file__).resolve().parents[1] / "examples" / "device-heartbeat" / "nginx.conf"
CLI = (sys.executable, "-m", "snippet2wasm")
TARGETS = ("higress", "envoy")
LINES = (1_500, 3_000)  # of `support.longhandler`


class Workshop:
    """A folder in which projects are compiled and built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def compile(self, target: str = "higress") -> float:
        """Compiles the example into project(target), a new one; seconds."""
        shutil.rmtree(self.project(target), ignore_errors=True)
        command = [*CLI, "compile", str(SOURCE), "--target", target, "-o", str(self.project(target))]
        return timed(command, self.folder)

    def compile_lines(self, lines: int) -> float:
        """Compiles a handler of that many lines to Go on standard output; seconds."""
        source = self.folder / f"lines-{lines}.lua"
        source.write_text(handler(lines), "utf-8")
        return timed([*CLI, "compile", str(source), "--emit", "go"], self.folder)

    def build(self, target: str = "higress", cache: Path | None = None) -> float:
        """Builds project(target) with Go on this machine, in a build cache of its own if one is given."""
        environment = {"GOCACHE": str(cache)} if cache else {}
        command = [*CLI, "build", "--builder", "local", str(self.project(target))]
        return timed(command, self.folder, environment)

    def build_in_container(self, engine: Dockerd, target: str = "higress") -> float:
        """Builds project(target) in a container, whose build cache is empty; seconds."""
        command = [*CLI, "build", "--builder", "docker", "--image", GO_IMAGE, str(self.project(target))]
        return timed(command, self.folder, {"DOCKER_HOST": engine.host})

    def push(self, reference: str, target: str = "higress") -> float:
        """Pushes what was built; seconds."""
        environment = {"DOCKER_CONFIG": str(self.folder)}  # nobody's credentials
        return timed([*CLI, "push", str(self.project(target)), reference], self.folder, environment)

    def change(self, number: int, target: str = "higress") -> None:
        """Changes the handler, as a change of the snippet does."""
        main = self.project(target) / "main.go"
        text = main.read_text("utf-8")
        changed, count = re.subn(r'"device:online:\d*"', f'"device:online:{number}"', text)
        if count != 1:
            raise RuntimeError(f"{main} is not the handler that is to be changed")
        main.write_text(changed, "utf-8")

    def unstripped(self, target: str) -> int:
        """The size of the module with all callbacks that the SDK exports."""
        toolchain = find_toolchain()
        output = self.folder / "unstripped.wasm"
        places = {"GOCACHE": str(toolchain.cache), "GOPATH": str(self.folder / "gopath")}
        environment = {**places, **ENVIRONMENT, **TARGET}
        timed(link(str(toolchain.go), str(output)), self.project(target), environment)
        return output.stat().st_size

    def project(self, target: str) -> Path:
        """The project for a target."""
        return self.folder / target / "device-heartbeat"

    def module(self, target: str) -> Path:
        """The built module of a target."""
        return self.project(target) / "plugin.wasm"


@contextmanager
def workshop() -> Iterator[Workshop]:
    """A workshop in a temporary folder, with a built project for each target, so that Go's cache is warm."""
    with tempfile.TemporaryDirectory(prefix="snippet2wasm-bench-") as folder:
        shop = Workshop(Path(folder))
        for target in TARGETS:
            shop.project(target).parent.mkdir()
            shop.compile(target)
            shop.build(target)
        yield shop


def compiling(shop: Workshop, rounds: int) -> list[Row]:
    """Python's start, the program's, and a whole compilation."""
    bare, version, whole = (
        Times("Python starts and ends (`python -c pass`)"),
        Times("the program starts and ends (`snippet2wasm --version`)"),
        Times("`snippet2wasm compile`, start included"),
    )
    for _ in range(rounds):
        bare.seconds.append(timed([sys.executable, "-c", "pass"], shop.folder))
        version.seconds.append(timed([*CLI, "--version"], shop.folder))
        whole.seconds.append(shop.compile())
    return [bare, version, whole, Ratio("ratio: starting the program to compiling", version, whole)]


def compiling_lines(shop: Workshop, rounds: int) -> list[Row]:
    """A long handler, and one of twice its length."""
    half, whole = (Times(f"`compile --emit go` of a handler of {lines:,} lines") for lines in LINES)
    for _ in range(rounds):
        half.seconds.append(shop.compile_lines(LINES[0]))
        whole.seconds.append(shop.compile_lines(LINES[1]))
    return [half, whole, Ratio("ratio: twice the lines", whole, half)]


def building(shop: Workshop, rounds: int) -> list[Row]:
    """Builds with a warm cache: of the same project again, and of a changed one."""
    again, changed = Times("`build` again, nothing changed"), Times("`build` after a change of the snippet")
    shop.compile()
    shop.build()
    for number in range(rounds):
        again.seconds.append(shop.build())
        shop.change(number)
        changed.seconds.append(shop.build())
    return [again, changed]


def cold_building(shop: Workshop, engine: Dockerd, rounds: int) -> list[Row]:
    """Builds with nothing in the cache: here, and in a container, which begins with nothing every time."""
    cold = Times("`build` with an empty build cache")
    container = Times("`build --builder docker`, container included")
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="snippet2wasm-bench-cache-") as cache:
            cold.seconds.append(shop.build(cache=Path(cache)))
        container.seconds.append(shop.build_in_container(engine))
    return [cold, container, Ratio("ratio: in a container to here", container, cold)]


def publishing(shop: Workshop, registry: Registry, rounds: int) -> list[Row]:
    """All stages from the snippet to a digest in the registry, into a new repository every time."""
    stages = [Times("stage 1: `compile`"), Times("stage 2: `build`"), Times("stage 3: `push`")]
    total = Times("from snippet to pushed digest")
    for number in range(rounds):
        taken = [shop.compile(), shop.build(), shop.push(f"{registry.address}/bench/round-{number}:1")]
        for stage, seconds in zip(stages, taken, strict=True):
            stage.seconds.append(seconds)
        total.seconds.append(sum(taken))
    return [*stages, total]


def sizes(shop: Workshop) -> list[Row]:
    """The modules' sizes, with all callbacks and as they are delivered."""
    found: list[Row] = []
    for target in TARGETS:
        shop.compile(target)
        shop.build(target)
        found.append(Size(f"`plugin.wasm` for {target}, all callbacks exported", shop.unstripped(target)))
        found.append(Size(f"`plugin.wasm` for {target}, as built", shop.module(target).stat().st_size))
    return found
