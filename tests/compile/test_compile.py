"""What the compiler makes of a snippet: the cases in data/."""

from __future__ import annotations

from pathlib import Path

import pytest

from compile.cases import DATA, Case, load, run, save

FILES = sorted(DATA.glob("*.test"))
CASES = [(path, case) for path in FILES for case in load(path)]


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{path.stem}:{case.name}" for path, case in CASES])
def test_case(path: Path, case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    found = run(case, tmp_path)
    assert found, "the case expects nothing"
    if request.config.getoption("--update"):
        cases = load(path)
        for other in cases:
            if other.name == case.name:
                other.sections.update(found)
        save(path, cases)
        return
    for name, text in found.items():
        assert text == case.sections[name]


def test_case_names_are_unique() -> None:
    names = [(path, case.name) for path, case in CASES]
    assert len(names) == len(set(names))
