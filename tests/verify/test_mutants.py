"""The comparison can be trusted: it finds every one of many deliberately wrong outputs of the compiler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.frontend import files
from snippet2wasm.verify.cases import Case
from snippet2wasm.verify.compare import Difference, differences
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.sides import Sides, running_sides
from snippet2wasm.verify.verification import Prepared, prepare, requests_for

DATA = Path(__file__).parent / "data"
SOURCE = DATA / "shop.conf"
BUILDERS = 2
REQUESTS = 600
TOGETHER = 5  # in one Envoy, which compiles each module for a while
RIGHT = "right"


@dataclass(frozen=True)
class Mutant:
    """A wrong output: a text of a file of the project, and what stands there instead."""

    name: str
    file: str
    old: str
    new: str

    def files(self, right: Mapping[str, bytes]) -> dict[str, bytes]:
        """The wrong project."""
        text = right[self.file].decode()
        assert text.count(self.old) == 1, f"{self.name}: {self.file} no longer has its text once"
        return {**right, self.file: text.replace(self.old, self.new).encode()}


MUTANTS = [Mutant(**entry) for entry in yaml.safe_load((DATA / "mutants.yaml").read_text("utf-8"))]


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    compilation = compile_text(files.read(SOURCE, SOURCE.name), DATA, Options("shop", target="envoy"))
    return prepare(compilation, DATA)


@pytest.fixture(scope="module")
def modules(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """plugin.wasm of the right project and of every wrong one."""
    folder = tmp_path_factory.mktemp("mutants")
    right = prepared.compilation.files()
    projects = {RIGHT: right} | {name_of(mutant): mutant.files(right) for mutant in MUTANTS}

    def built(item: tuple[str, dict[str, bytes]]) -> tuple[str, Path]:
        name, project = item
        write(project, folder / name, force=False)
        return name, build(folder / name, "local").path

    with ThreadPoolExecutor(BUILDERS) as pool:
        return dict(pool.map(built, projects.items()))


def name_of(mutant: Mutant) -> str:
    """Its name as a listener's."""
    return mutant.name.replace(" ", "-").lower()


@pytest.fixture(scope="module")
def verdicts(prepared: Prepared, modules: Mapping[str, Path]) -> Mapping[str, list[Difference]]:
    """By module, the differences of the first request that shows some."""
    found: dict[str, list[Difference]] = {}
    names = list(modules)
    with Surroundings() as surroundings:
        requests = requests_for(prepared, surroundings, (), count=REQUESTS, seed=1)
        cases = [case for case, _ in requests.cases]
        for start in range(0, len(names), TOGETHER):
            some = {name: modules[name] for name in names[start : start + TOGETHER]}
            slow = any(case.redis == "slow" for case in cases)
            with running_sides(surroundings, prepared.site(), some, prepared.settings, slow=slow) as sides:
                found |= judged(sides, cases, some)
    return found


def judged(sides: Sides, cases: Sequence[Case], names: Iterable[str]) -> dict[str, list[Difference]]:
    """The differences of some modules that run together."""
    found: dict[str, list[Difference]] = {name: [] for name in names}
    for case in cases:
        pending = [name for name in found if not found[name]]
        if not pending:
            break
        reference = sides.nginx(case)
        for name in pending:
            found[name] = differences(reference, sides.plugin(case, name))
    return found


def test_the_right_output_does_not_differ(verdicts: Mapping[str, list[Difference]]) -> None:
    assert [str(each) for each in verdicts[RIGHT]] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_the_wrong_output_is_found(mutant: Mutant, verdicts: Mapping[str, list[Difference]]) -> None:
    assert verdicts[name_of(mutant)]


def test_there_are_enough() -> None:
    assert len({mutant.name for mutant in MUTANTS}) >= 12
